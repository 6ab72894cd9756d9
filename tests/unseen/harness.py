"""How many of the unseen problems symdl gets right, from the document to the number.

    PYTHONPATH=tests python -m unseen.harness [-j N] [NAME...]

Each problem runs in a process of its own, with a time limit.  A problem is *right* if every expression it asks for has
a generated function that agrees with differences of the independent forward pass at sizes 1 to 7, and is finite at a
large size and at large logits; *wrong* if one of them differs; *unsolved* if no derivation or no function comes out;
*unreadable* if the document is refused.  A problem that asks to show something is right if every line is proved.
"""

from __future__ import annotations

import argparse
import inspect
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .differences import Draw, Find, Inputs, Reference, derivative, difference
from .references import REFERENCES

HERE = Path(__file__).resolve().parent
PROBLEMS = HERE / "problems"
ROOT = HERE.parent.parent
LIMIT = 60
"""Seconds for one problem, all sizes together."""
SIZES = (1, 2, 3, 4, 5, 6, 7)
HUGE = 1e4


@dataclass(frozen=True)
class Outcome:
    """What became of one problem."""

    name: str
    verdict: str
    message: str = ""
    seconds: float = 0.0


class WrongError(Exception):
    """A value that differs from the reference."""


class UnsolvedError(Exception):
    """A task without a derivation, or a result without a function."""


def call(function: Any, inputs: Inputs) -> Any:
    """The generated function at those of the inputs that it asks for.

    Raises  WrongError where it asks for something that is no input of the problem.
    """
    asked = inspect.signature(function).parameters
    unknown = [name for name, p in asked.items() if name not in inputs and p.default is p.empty]
    if unknown:
        raise WrongError(f"the function asks for {', '.join(unknown)}; the inputs are {', '.join(inputs)}")
    return function(**{name: inputs[name] for name in asked if name in inputs})


def check_function(function: Any, find: Find, reference: Reference, sizes: tuple[int, ...] = SIZES) -> None:
    """Compare a generated function with the forward pass.

    Raises  WrongError at the first difference, with the size.
    """
    for size in sizes:
        inputs = reference.inputs(Draw(size), size)
        found = difference(call(function, inputs), derivative(find, inputs))
        if found:
            raise WrongError(f"at size {size}: {found}")
    if reference.logits:
        inputs = reference.inputs(Draw(5), 5)
        for name in reference.logits:
            steep = {**inputs, name: _huge(inputs[name])}
            if not np.all(np.isfinite(np.asarray(call(function, steep), dtype=float))):
                raise WrongError(f"not finite at {name} of size {HUGE:g}")
    if reference.large is not None:
        inputs = reference.inputs(Draw(0), reference.large)
        if not np.all(np.isfinite(np.asarray(call(function, inputs), dtype=float))):
            raise WrongError(f"not finite at size {reference.large}")


def _huge(values: Any) -> Any:
    signs = np.where(np.asarray(values) >= 0, HUGE, -HUGE)
    return signs if signs.ndim else float(signs)


def check_problem(name: str, sizes: tuple[int, ...] = SIZES) -> None:
    """Derive everything that the problem asks and compare it.

    Raises  WrongError or UnsolvedError, or what symdl raises.
    """
    import symdl

    problem = symdl.read(PROBLEMS / f"{name}.md")
    reference = REFERENCES[name]
    try:
        derivations = problem.solve()
    except Exception as error:
        raise UnsolvedError(f"{type(error).__name__}: {error}") from error
    if not reference.finds:
        loose = [line for d in derivations for chain in d.displays for line in chain.lines if not _is_proved(line)]
        if loose or not derivations:
            raise UnsolvedError(f"{len(loose)} lines are not proved")
        return
    if len(derivations) != len(reference.finds):
        raise WrongError(f"{len(derivations)} derivations for {len(reference.finds)} expressions asked")
    for number, (derivation, find) in enumerate(zip(derivations, reference.finds, strict=True), 1):
        try:
            function = derivation.function("numpy")
        except Exception as error:
            raise UnsolvedError(f"expression {number}: no function: {type(error).__name__}: {error}") from error
        try:
            check_function(function, find, reference, sizes)
        except WrongError as error:
            raise WrongError(f"expression {number}: {error}; the result is {derivation.result}") from error
        except Exception as error:
            raise WrongError(f"expression {number}: {type(error).__name__}: {error}") from error


def _is_proved(line: Any) -> bool:
    return line.decision is not None and line.decision.answer == "proved"


def outcome_here(name: str) -> tuple[str, str]:
    """Verdict and message for one problem, in this process."""
    from symdl.errors import ReadError

    try:
        check_problem(name)
    except WrongError as error:
        return "wrong", str(error)
    except ReadError as error:
        return "unreadable", str(error)
    except UnsolvedError as error:
        return "unsolved", str(error)
    except Exception as error:
        return "unreadable", f"{type(error).__name__}: {error}"
    return "right", ""


def outcome(name: str) -> Outcome:
    """The same in a process of its own, within the time limit."""
    command = [sys.executable, "-m", "unseen.harness", "--one", name]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(HERE.parent), str(ROOT))), "OMP_NUM_THREADS": "1"}
    start = time.monotonic()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT, cwd=ROOT, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome(name, "unsolved", f"longer than {LIMIT} s", LIMIT)
    verdict, _, message = done.stdout.partition("\n")
    if done.returncode != 0 or verdict not in ("right", "wrong", "unsolved", "unreadable"):
        verdict, message = "unsolved", "the process ended: " + done.stderr.strip()[-500:]
    return Outcome(name, verdict, message.strip(), time.monotonic() - start)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("--one", metavar="NAME", help="run one problem in this process")
    options = parser.parse_args()
    if options.one:
        verdict, message = outcome_here(options.one)
        print(verdict, message, sep="\n")
        return 0
    names = options.names or sorted(REFERENCES)
    outcomes = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for done in pool.map(outcome, names):
            outcomes.append(done)
            message = " / ".join(done.message.splitlines())
            print(f"{done.verdict:<11} {done.seconds:5.1f} s  {done.name:<26} {message[:400]}", flush=True)
    count = Counter(done.verdict for done in outcomes)
    print(", ".join(f"{count[v]} {v}" for v in ("right", "wrong", "unsolved", "unreadable")), f"of {len(outcomes)}")
    return int(count["right"] != len(outcomes))


if __name__ == "__main__":
    sys.exit(main())
