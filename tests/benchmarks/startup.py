"""How long it takes to start."""

from __future__ import annotations

import os
import tempfile

from page import Goal, Section, ratio
from timing import commands

SLOW = "besides NumPy, Python starts, `symdl` is imported and the times of its files are read, which tell its version"
KEPT = "import symdl; symdl.function('softmax-cross-entropy')"


def section() -> Section:
    """The table of start-up times and goal 6."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("SYMDL_CACHE")
        os.environ["SYMDL_CACHE"] = f"{folder}/kept"
        try:
            seconds = commands({
                "python -c pass": ["-c", "pass"],
                "import symdl": ["-c", "import symdl"],
                "symdl --help": ["-m", "symdl.cli", "--help"],
                "import numpy": ["-c", "import numpy"],
                "a function that is kept": ["-c", KEPT],
            }, rounds=15)  # fmt: skip
        finally:
            os.environ.pop("SYMDL_CACHE")
            if before is not None:
                os.environ["SYMDL_CACHE"] = before
    bare, numpy = seconds["python -c pass"], seconds["import numpy"]
    made = Section("Start-up", "Wall time of a whole process.")
    made.tables.append((("command", "over `python -c pass`", "over `import numpy`"),
                        [(n, ratio(s / bare), ratio(s / numpy)) for n, s in seconds.items()]))  # fmt: skip
    help_, kept = seconds["symdl --help"] / bare, seconds["a function that is kept"] / numpy
    made.goals = [
        Goal(
            "6. `symdl --help` at most 6 times `python -c pass`",
            ratio(help_),
            help_ <= 6,
            "the library of the command line has to be imported",
        ),
        Goal("6. a function that is kept at most 1.2 times `import numpy`", ratio(kept), kept <= 1.2, SLOW),
    ]
    return made
