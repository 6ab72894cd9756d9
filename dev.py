"""The two commands of a checkout, each from a bare Python.

    python3 dev.py answers    write the missing proofs of derivations/ into answers/
    python3 dev.py test       run every check a change has to pass

Both keep a virtual environment in .venv, installed anew whenever pyproject.toml changes or the checkout moves.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "symdl-stamp"

STAGES = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy", "symdl"],
    "import contracts": ["-c", "from importlinter.cli import lint_imports_command as lint; lint(['--no-logo'])"],
    "pytest": ["-m", "pytest"],
}
"""Stage -> arguments of the environment's Python; all run, pytest last so that its summary closes the output."""


def run(*command, quiet=False):
    """The exit status of a command run in the checkout, without standard input.

    Fails   where quiet and the command fails: ends the program with what the command printed.
    """
    sys.stdout.flush()
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} if quiet else {}
    done = subprocess.run([str(part) for part in command], cwd=ROOT, stdin=subprocess.DEVNULL, check=False, **output)
    if quiet and done.returncode:
        sys.exit(f"{done.stdout}\ndev.py: failed: {' '.join(map(str, command))}")
    return done.returncode


def install(extra=""):
    """Make .venv hold symdl and the extra ("" or "dev"); does nothing where it already does."""
    key = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + os.fsencode(ROOT)).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() in (f"{key} {extra}", f"{key} dev"):
        return
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit("dev.py: this Python lacks venv or ensurepip (on Debian and Ubuntu: apt install python3-venv)")
    print("installing into .venv ...")
    if not PYTHON.exists():
        run(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV, quiet=True)
    run(PYTHON, "-m", "ensurepip", quiet=True)
    target = f".[{extra}]" if extra else "."
    run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", target, quiet=True)
    STAMP.write_text(f"{key} {extra}")


def answers():
    """Write answers/ from derivations/; the exit status is that of `symdl solve`."""
    install()
    status = run(BIN / "symdl", "solve", "derivations", "-o", "answers", "--to", "md,tex,html,pdf")
    index = ROOT / "answers" / "index.html"
    if (ROOT / "answers").is_dir():
        print("open", index.relative_to(ROOT) if index.exists() else "the files in answers/")
    return status


def test():
    """Run all stages; 1 if any of them fails."""
    install("dev")
    failed = False
    for name, arguments in STAGES.items():
        print(f"== {name}")
        failed |= run(PYTHON, *arguments) != 0
    return int(failed)


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit("dev.py: symdl needs Python 3.11 or later; this is " + sys.version.split()[0])
    commands = {"answers": answers, "test": test}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    sys.exit(commands[sys.argv[1]]())
