"""One bad request costs itself alone."""

import pytest

from symdl.cli.pool import Outcome, run

LIMIT = 1.0
"""Seconds for a request, where one hangs."""

AMPLE = 30.0


def outcomes(requests: list[str], workers: int = 2, limit: float = LIMIT, **options: object) -> dict[int, Outcome]:
    return dict(run("cli.tasks:obey", requests, workers=workers, limit=limit, **options))  # type: ignore[arg-type]


def test_good_requests_survive_those_that_hang_crash_and_raise() -> None:
    requests = ["a", "hang", "b", "exit", "c", "raise", "d", "deep", "e"]
    found = outcomes(requests)
    assert {requests[n]: o.status for n, o in found.items()} == {
        "a": "done", "b": "done", "c": "done", "d": "done", "e": "done",
        "hang": "late", "exit": "died", "raise": "fault", "deep": "fault",
    }  # fmt: skip
    assert [found[n].value for n in (0, 2, 4, 6, 8)] == ["A", "B", "C", "D", "E"]
    assert "ValueError: as asked" in found[5].value
    assert found[1].value == "before the hang"


def test_a_request_that_reports_in_time_may_take_longer_than_the_limit() -> None:
    assert outcomes(["slow"])[0] == Outcome("done", "SLOW")


def test_a_late_request_may_be_changed_and_run_again() -> None:
    seen = []

    def again(request: str, outcome: Outcome) -> str | None:
        seen.append((request, outcome.status, outcome.value))
        return "instead"

    assert outcomes(["hang"], again=again) == {0: Outcome("done", "INSTEAD")}
    assert seen == [("hang", "late", "before the hang")]


def test_without_workers_all_runs_in_this_process() -> None:
    found = outcomes(["a", "raise"], workers=0)
    assert found[0] == Outcome("done", "A")
    assert found[1].status == "fault"


def test_all_workers_hash_alike() -> None:
    first = outcomes(["hash"], 1, AMPLE)[0]
    assert first == outcomes(["hash"], 1, AMPLE)[0]


@pytest.mark.parametrize("workers", [1, 3])
def test_every_request_has_one_outcome(workers: int) -> None:
    requests = [str(n) for n in range(10)]
    assert {n: o.value for n, o in outcomes(requests, workers, AMPLE).items()} == dict(enumerate(requests))


def test_what_the_libraries_hold_is_not_looked_through_in_a_worker() -> None:
    assert outcomes(["frozen"], limit=AMPLE)[0].value > 0


def test_a_broken_installation_is_a_fault_of_every_request() -> None:
    found = [outcome for _, outcome in run("symdl.nowhere:work", [1, 2], workers=2, limit=20)]
    assert [outcome.status for outcome in found] == ["fault", "fault"]
    assert len({outcome.value.strip().splitlines()[-1] for outcome in found}) == 1
