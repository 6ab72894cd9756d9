"""The command `grade`: a folder of submissions against one key, a row and a page for each."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symdl.check.report import DocumentReport, Report
from symdl.cli.console import fault, progress, say
from symdl.cli.files import place
from symdl.cli.pool import Outcome, run
from symdl.cli.results import GradeRequest
from symdl.cli.sources import MAX_BYTES, SUFFIXES, SourceError, gather
from symdl.cli.statuses import FAULT, HOLDS, OPEN, UNREADABLE, worst

ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")

COLUMNS = ("submission", "status", "low", "high", "total", "verdict", "page", "message")

VERSION = 2
"""Of what stands in the journal; what an earlier version graded is graded again."""


@dataclass(frozen=True)
class _Submission:
    """One file: `name` is its path below the folder, `refusal` says why it is not graded."""

    name: str
    data: bytes = b""
    refusal: str = ""


def grade_all(
    key: str,
    folder: str,
    output: Path,
    *,
    gradescope: bool,
    penalty: str,
    hide_expected: bool,
    force: bool,
    jobs: int | None,
    limit: float,
) -> int:
    """Grade all submissions and write the results; the exit status."""
    [source, *_] = gather([key])
    text = source.text()
    if not Path(folder).is_dir():
        raise SourceError(f"{folder}: no such folder")
    submissions = _submissions(Path(folder), output)
    setting = f"{VERSION}\0{penalty}\0{hide_expected}\0{gradescope}\0{text}"
    digests = [_digest(setting, s) for s in submissions]
    journal = output / "results.jsonl"
    rows: dict[str, dict[str, Any]] = {} if force else _journal(journal)
    todo = [n for n, s in enumerate(submissions) if rows.get(s.name, {}).get("digest") != digests[n]]
    rows = {s.name: rows[s.name] for n, s in enumerate(submissions) if n not in set(todo)}
    (output / "pages").mkdir(parents=True, exist_ok=True)
    requests: list[GradeRequest] = []
    asked: list[int] = []
    for n in todo:
        s = submissions[n]
        if s.refusal:
            row = rows[s.name] = _row(s.name, digests[n], {"error": s.refusal}, "refused")
            _write_page(output, row, "", gradescope)
        else:
            requests.append(GradeRequest(source.path, text, s.name, s.data, penalty, hide_expected))
            asked.append(n)
    _write_lines(journal, rows)
    faults: list[str] = []
    workers = jobs or min(max(len(requests), 1), os.cpu_count() or 1)
    with progress("grading", len(requests)) as advance:
        for at, outcome in run("symdl.cli.jobs:grade_submission", requests, workers=workers, limit=limit):
            n = asked[at]
            row = _graded(submissions[n].name, digests[n], outcome, limit, faults)
            _write_page(output, row, row.pop("_page", ""), gradescope)
            row.pop("text", None)
            rows[row["submission"]] = row
            with journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=True) + "\n")
            advance()
    _write_lines(journal, rows)
    _write(output / "results.csv", _table(rows))
    for details in dict.fromkeys(faults):
        fault(details)
    say(f"{_counts(rows)} ({len(todo)} new or changed): {output / 'results.csv'}")
    return worst([*map(_status, rows.values()), *(FAULT for _ in faults)])


def _counts(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """How many submissions there are of each status, in words."""
    said = {"graded": "graded", "person": "for a person to look at"}
    found = Counter(said.get(row["status"], row["status"]) for row in rows.values())
    return ", ".join(f"{count} {status}" for status, count in sorted(found.items())) or "no submissions"


def _write_page(output: Path, row: Mapping[str, Any], page: str, gradescope: bool) -> None:
    """The page of a submission, and its results for Gradescope; one that was not graded gets the reason as its page."""
    if not page:
        document = DocumentReport(row["submission"], "unreadable", error=f"{row['submission']}: {row['message']}")
        page = Report((document,)).html()
    _write(output / row["page"], page)
    if gradescope:
        _write(output / "gradescope" / Path(row["page"]).stem / "results.json", _gradescope(row))


def _submissions(folder: Path, output: Path) -> list[_Submission]:
    found: list[_Submission] = []
    excluded = output.resolve()
    for here, folders, names in os.walk(folder):
        at = Path(here)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and (at / f).resolve() != excluded)
        shown = [n for n in sorted(names) if not n.startswith(".")]
        found += [_submission(at / n, str((at / n).relative_to(folder))) for n in shown]
    return found


def _submission(path: Path, name: str) -> _Submission:
    if path.is_symlink():
        return _Submission(name, refusal="a link: links are not followed")
    if path.suffix.lower() in ARCHIVES:
        return _Submission(name, refusal="an archive: archives are not opened, unpack it first")
    if path.suffix not in SUFFIXES:
        return _Submission(name, refusal=f"neither {' nor '.join(SUFFIXES)}")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return _Submission(name, refusal=error.strerror or "cannot be read")
    if len(data) > MAX_BYTES:
        return _Submission(name, refusal=f"larger than {MAX_BYTES >> 20} MiB")
    return _Submission(name, data)


def _digest(setting: str, submission: _Submission) -> str:
    content = setting.encode(errors="surrogatepass") + b"\0" + submission.data + submission.refusal.encode()
    return hashlib.sha256(content).hexdigest()[:32]


def _graded(name: str, digest: str, outcome: Outcome, limit: float, faults: list[str]) -> dict[str, Any]:
    if outcome.status == "done":
        found: Mapping[str, Any] = outcome.value
        status = "error" if "total" not in found else "person" if found["needs_a_person"] else "graded"
        return {**_row(name, digest, found, status), "_page": found.get("page", ""), "text": found.get("text", "")}
    if outcome.status == "fault":
        faults.append(outcome.value)
        return _row(name, "", {"error": "not graded: internal fault"}, "person")
    why = f"took more than {limit:g} seconds" if outcome.status == "late" else "its process was ended"
    return _row(name, digest, {"error": f"not finished: {why}"}, "person")


def _row(name: str, digest: str, found: Mapping[str, Any], status: str) -> dict[str, Any]:
    return {
        "submission": _plain(name), "status": status, "low": found.get("low"), "high": found.get("high"),
        "total": found.get("total"), "verdict": found.get("verdict"), "page": f"pages/{_slug(name)}.html",
        "message": _plain(found.get("error", "")), "awards": found.get("awards", []), "digest": digest,
    }  # fmt: skip


def _slug(name: str) -> str:
    """A file name made from any name: letters and digits of it, and a hash that tells it from all others."""
    letters = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40] or "submission"
    return f"{letters}-{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}"


def _plain(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _journal(path: Path) -> dict[str, dict[str, Any]]:
    """The rows written before; a line that was cut off by an interruption is left out."""
    rows: dict[str, dict[str, Any]] = {}
    if not path.is_file():
        return rows
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        with suppress(json.JSONDecodeError, KeyError, TypeError):
            row = json.loads(line)
            rows[row["submission"]] = {**row, "digest": row["digest"]}
    return rows


def _gradescope(row: Mapping[str, Any]) -> str:
    tests = [
        {
            "name": f"{n} (line {a['line']})" if a["line"] is not None else f"{n} (not found)",
            "score": a["score"],
            "max_score": a["points"],
            "status": "passed" if a["score"] >= a["points"] else "failed",
            "output": a["status"],
        }
        for n, a in enumerate(row["awards"], start=1)
    ]
    content = {
        "score": row["low"] or 0.0,
        "output": row["message"] or row.get("text", ""),
        "output_format": "text",
        "visibility": "visible" if row["status"] == "graded" else "hidden",
        "tests": tests,
    }
    return json.dumps(content, indent=2, ensure_ascii=True) + "\n"


def _table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name in sorted(rows):
        writer.writerow([_cell(rows[name][c]) for c in COLUMNS])
    return made.getvalue()


def _cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else " ".join(str(value).split())
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@") else text


def _write_lines(path: Path, rows: Mapping[str, Mapping[str, Any]]) -> None:
    _write(path, "".join(json.dumps(rows[name], ensure_ascii=True) + "\n" for name in sorted(rows)))


def _write(path: Path, content: str) -> None:
    place(path, content.encode("utf-8", "backslashreplace"))


def _status(row: Mapping[str, Any]) -> int:
    if row["status"] == "graded":
        return HOLDS
    return OPEN if row["status"] == "person" else UNREADABLE
