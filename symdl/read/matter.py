"""The front matter of a document: a short list of keys and words, in a part of YAML that can do no harm."""

from __future__ import annotations

from typing import Any

import yaml

from symdl.errors import Place, ReadError

_SCHEMA = frozenset({"title", "marks", "notation"})


def front_matter(lines: tuple[str, ...], path: str) -> tuple[dict[str, Any], int]:
    """What the lines from the first `---` to the second say, and the row after them.

    Raises  `ReadError` where it is never closed, or says anything but that.
    """
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        raise ReadError("the front matter is never closed with ---", Place(path, 1, 1), lines[0])

    def wrong(message: str, event: Any) -> ReadError:
        row = event.start_mark.line + 1
        return ReadError(message, Place(path, row + 1, event.start_mark.column + 1), lines[row])

    try:
        events = list(yaml.parse("\n".join(lines[1:end]), Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else 1
        place = Place(path, row + 1, mark.column + 1 if mark else 1)
        raise ReadError("the front matter is not YAML", place, lines[min(row, len(lines) - 1)]) from None
    events = [e for e in events if not isinstance(
        e, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
    )]  # fmt: skip
    if not events:
        return {}, end + 1
    if len(events) > 200:
        raise ReadError("the front matter is too long", Place(path, 1, 1), lines[0])
    for event in events:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise wrong("anchors and aliases are not read in front matter", event)
        if getattr(event, "tag", None):
            raise wrong("tags are not read in front matter", event)
    if not isinstance(events[0], yaml.MappingStartEvent):
        raise wrong("front matter is a list of keys and values", events[0])
    value, rest = _mapping(events, 1, wrong, _SCHEMA)
    if rest != len(events):
        raise wrong("front matter is one list of keys and values", events[rest])
    return value, end + 1


def _mapping(events: list[Any], n: int, wrong: Any, schema: frozenset[str] | None) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while not isinstance(events[n], yaml.MappingEndEvent):
        key = events[n]
        if not isinstance(key, yaml.ScalarEvent):
            raise wrong("a key in front matter is a word", key)
        if schema is not None and key.value not in schema:
            raise wrong(f"front matter knows {', '.join(sorted(schema))}, not {key.value[:40]!r}", key)
        if key.value in found:
            raise wrong(f"the key {key.value[:40]!r} occurs twice", key)
        n += 1
        if isinstance(events[n], yaml.ScalarEvent):
            found[key.value] = events[n].value
            n += 1
        elif isinstance(events[n], yaml.MappingStartEvent) and schema is not None:
            found[key.value], n = _mapping(events, n + 1, wrong, None)
        else:
            raise wrong("this value is not read in front matter", events[n])
    return found, n + 1
