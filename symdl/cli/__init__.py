"""The command line.  Results go to standard output, messages to standard error.

Nothing heavy loads before a command needs it: `symdl --help` costs little more than Python itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symdl.cli.console import fault, printable, say
from symdl.cli.statuses import FAULT, HOLDS, INTERRUPTED, NO_READER, OPEN, UNREADABLE, status_of, worst
from symdl.errors import SymdlError

if TYPE_CHECKING:
    from symdl.problem import Derivation, Problem
    from symdl.solve import Failure

EXITS = """\b
Exit status: 0 all hold or solved; 1 a line is refuted; 2 unreadable input or
wrong usage; 3 undecided or not finished; 4 internal fault. A batch returns
the worst in the order 4, 1, 2, 3, 0."""

TIME_LIMIT = 60.0
"""Seconds for one task, one output file or one document to check, before it counts as not finished."""


def main() -> None:
    """Run the command line and exit."""
    _ready_streams()
    sys.exit(run(sys.argv[1:]))


def _ready_streams() -> None:
    """Make the standard streams take all that is printed: UTF-8 where no terminal asks for less, also where closed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
        elif mode == "w":
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def run(arguments: Sequence[str]) -> int:
    """The exit status of a command line; a traceback is never printed unless asked for."""
    try:
        status = commands.main(list(arguments), prog_name="symdl", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else HOLDS
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return UNREADABLE
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return INTERRUPTED
    except SystemExit as stop:
        # So click ends where the reader of our output is gone; it has no other use for this.
        return NO_READER if stop.code == 1 else UNREADABLE
    except BrokenPipeError:
        # What is still buffered must not be written when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO_READER
    except (SymdlError, OSError) as error:
        if type(error).__name__ == "RefutedLineError":
            fault(str(error))
            return FAULT
        say(str(error))
        return status_of(error)
    except Exception:  # the front door: a traceback is for those who mend symdl, not for those who use it
        from traceback import format_exc

        fault(format_exc())
        return FAULT


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXITS, no_args_is_help=True)
@click.version_option(package_name="symdl", message="%(prog)s %(version)s")
def commands() -> None:
    """Write and check derivations in the mathematics of deep learning."""


@commands.command(short_help="Write the missing proofs of documents.", epilog=EXITS)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the answers (default: answers).",
)
@click.option(
    "--to", "to", default="md", show_default=True, metavar="md,tex,html,pdf", help="Formats, separated by commas."
)
@click.option("--force", is_flag=True, help="Also replace files that symdl did not write.")
@click.option(
    "--pdf-engine", type=click.Choice(["typst", "tex"]), default="typst", show_default=True, help="What makes the PDF."
)
@click.option("-j", "--jobs", type=click.IntRange(min=0), help="Worker processes (default: one per core; 0: none).")
@click.option(
    "--time-limit", type=click.FloatRange(min=1), default=TIME_LIMIT, show_default=True, help="Seconds per task."
)
def solve(
    paths: tuple[str, ...],
    output: Path | None,
    to: str,
    force: bool,
    pdf_engine: str,
    jobs: int | None,
    time_limit: float,
) -> int:
    """Write the missing proofs of documents, folders of documents, or names of the catalogue.

    Answers go below the output folder, in the same tree, with an index.html. '-' reads standard input and prints the
    answer unless an output folder is given.
    """
    from symdl.cli.solving import solve_all

    formats = tuple(dict.fromkeys(name.strip() for name in to.split(",") if name.strip()))
    return solve_all(paths, output, formats, force=force, pdf_engine=pdf_engine, jobs=jobs, limit=time_limit)


@commands.command(short_help="Judge every relation of the proofs.", epilog=EXITS)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("--hide-expected", is_flag=True, help="Do not show what would be right.")
@click.option("--audit", is_flag=True, help="The paths are running text, such as an exam: judge all that it says.")
@click.option("-j", "--jobs", type=click.IntRange(min=0), help="Worker processes (default: one per core; 0: none).")
@click.option(
    "--time-limit", type=click.FloatRange(min=1), default=TIME_LIMIT, show_default=True, help="Seconds per document."
)
def check(
    paths: tuple[str, ...], form: str, hide_expected: bool, audit: bool, jobs: int | None, time_limit: float
) -> int:
    """Judge every relation of the proofs in documents."""
    from symdl.cli.checking import check_all

    return check_all(paths, form, hide_expected=hide_expected, jobs=jobs, limit=time_limit, audit=audit)


@commands.command(short_help="Grade submissions against a key.", epilog=EXITS)
@click.argument("key", metavar="KEY")
@click.argument("folder", metavar="FOLDER")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("grades"),
    show_default=True,
    help="Folder for the results.",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "gradescope"]), default="table", show_default=True,
    help="With gradescope, also one results.json per submission.",
)  # fmt: skip
@click.option(
    "--penalty", type=click.FloatRange(0, 1), default=0.0, show_default=True,
    help="Share of the points that an error carried on correctly costs.",
)  # fmt: skip
@click.option("--hide-expected", is_flag=True, help="Do not show what would be right.")
@click.option("--force", is_flag=True, help="Grade again what is graded already.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Worker processes (default: one per core).")
@click.option(
    "--time-limit", type=click.FloatRange(min=1), default=TIME_LIMIT, show_default=True, help="Seconds per submission."
)
def grade(
    key: str,
    folder: str,
    output: Path,
    form: str,
    penalty: float,
    hide_expected: bool,
    force: bool,
    jobs: int | None,
    time_limit: float,
) -> int:
    """Grade the submissions in FOLDER against KEY, a worked problem with its proof.

    Writes results.csv, results.jsonl and a page for each submission. What is graded already is not graded again, so
    that a run that was interrupted goes on where it stopped. Lines that are undecided are left to a person.
    """
    from symdl.cli.grading import grade_all

    return grade_all(
        key, folder, output, gradescope=form == "gradescope", penalty=str(penalty), hide_expected=hide_expected,
        force=force, jobs=jobs, limit=time_limit,
    )  # fmt: skip


_problem_options = (
    click.argument("name", required=False),
    click.option("--given", "givens", multiple=True, metavar="EQ", help="A given formula in LaTeX; may be repeated."),
    click.option("--find", "finds", multiple=True, metavar="EXPR", help="An expression to find; may be repeated."),
    click.option("--show", "shows", multiple=True, metavar="REL", help="A relation to show; may be repeated."),
)


def _with_problem(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_problem_options):
        command = option(command)
    return command


def _known_target(context: click.Context, option: click.Parameter, target: str) -> str:
    from symdl.numeric import targets

    if target not in targets():
        raise click.UsageError(f"no such target: {target}; there is {', '.join(sorted(targets()))}")
    return target


_target_option = click.option(
    "--target", default="numpy", show_default=True, callback=_known_target, help="What the functions are written for."
)


@commands.command(short_help="Print the proof of one problem.", epilog=EXITS)
@_with_problem
@click.option("--latex", is_flag=True, help="Print LaTeX for the body of a document that loads amsmath.")
def derive(
    name: str | None, givens: tuple[str, ...], finds: tuple[str, ...], shows: tuple[str, ...], latex: bool
) -> int:
    """Print the proof of one problem: a NAME of the catalogue, a file, or what --given and --find say."""
    derivations, failures = _attempted(name, givens, finds, shows)
    for number, derivation in enumerate(derivations):
        if number:
            click.echo()
        click.echo(derivation.latex() if latex else printable(derivation.text()))
    return _failed(failures)


@commands.command(short_help="Print functions as source.", epilog=EXITS)
@_with_problem
@_target_option
@click.option("--along", is_flag=True, help="The product of each derivative with a direction v instead.")
@click.option("--value", is_flag=True, help="With each derivative, the quantity that is differentiated.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write instead.")
@click.option("--force", is_flag=True, help="Also replace a file that symdl did not write.")
def emit(
    name: str | None,
    givens: tuple[str, ...],
    finds: tuple[str, ...],
    shows: tuple[str, ...],
    target: str,
    along: bool,
    value: bool,
    output: Path | None,
    force: bool,
) -> int:
    """Print the source of the functions of one problem: a NAME of the catalogue, a file, or --given and --find.

    The function of the first result is called result, that of the second result_2, and so on.
    """
    from symdl.cli.files import write
    from symdl.numeric import library

    derivations, failures = _attempted(name, givens, finds, shows)
    asked = [d for d in derivations if d.task.kind in ("find", "evaluate")]
    text = library(asked, target, along=along, value=value)
    if output is None:
        click.echo(text, nl=False)
    else:
        write(output, text.encode(), force=force)
        say(f"wrote {output}")
    return _failed(failures)


@commands.command(short_help="Draw the figures of one problem.", epilog=EXITS)
@_with_problem
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("figures"),
              show_default=True, help="Folder for the figures.")  # fmt: skip
@click.option("--to", "form", type=click.Choice(["pdf", "svg", "png"]), default="pdf", show_default=True)
@click.option("--force", is_flag=True, help="Also replace files that symdl did not write.")
def plot(
    name: str | None,
    givens: tuple[str, ...],
    finds: tuple[str, ...],
    shows: tuple[str, ...],
    output: Path,
    form: str,
    force: bool,
) -> int:
    """Draw the figures of one problem: curves, contours with critical points, gradients through time, graphs."""
    from symdl.cli.files import write
    from symdl.plot import pictures, save
    from symdl.solve import attempt

    solved = [attempt(problem) for problem in _problems(name, givens, finds, shows)]
    failures = [failure for found in solved for failure in found.failures]
    derivations = [(derivation, found.problem) for found in solved for derivation in found.derivations]
    drawn = 0
    for number, (derivation, problem) in enumerate(derivations, 1):
        stem = f"{problem.name}-{number}" if len(derivations) > 1 else problem.name
        try:
            found_pictures = pictures(derivation)
        except SymdlError as reason:
            say(f"{stem}: {reason}")
            continue
        for picture in found_pictures:
            file = output / f"{stem}-{picture.name}.{form}"
            write(file, save(picture.figure, form), force=force)
            say(f"wrote {file}")
            drawn += 1
    return worst((_failed(failures), HOLDS if drawn else OPEN))


@commands.command(short_help="Measure how exact the functions are.", epilog=EXITS)
@_with_problem
@click.option("--box", "boxes", multiple=True, metavar="NAME=LOW:HIGH", help="Where an argument lies; may be repeated.")
@click.option("--size", "sizes", multiple=True, metavar="NAME=N", help="How large a size is; may be repeated.")
@click.option("--points", type=click.IntRange(1, 100_000), default=400, show_default=True, help="How many to try.")
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", show_default=True)
@_target_option
def accuracy(
    name: str | None,
    givens: tuple[str, ...],
    finds: tuple[str, ...],
    shows: tuple[str, ...],
    boxes: tuple[str, ...],
    sizes: tuple[str, ...],
    points: int,
    dtype: str,
    target: str,
) -> int:
    """Measure how far the functions of one problem are from the exact values, and report the worst point.

    The points lie in the box that --box states (default: -30 to 30 for each argument): corners, ties, all orders of
    magnitude. The exact values are Arb balls. It is a measurement at these points, no promise about others.
    """
    from symdl.cli.measuring import measure

    derivations, failures = _attempted(name, givens, finds, shows)
    wanted = [d for d in derivations if d.task.kind in ("find", "evaluate")]
    return worst([measure(wanted, boxes, sizes, points, dtype, target), _failed(failures)])


@commands.command(name="list", short_help="List the catalogue.", epilog=EXITS)
def list_() -> int:
    """List the catalogue: the names that solve, derive and emit take, with what each asks."""
    from symdl.cli.sources import catalogue_files
    from symdl.errors import decoded
    from symdl.read import read_text

    statuses: list[int] = []
    for file in catalogue_files():
        click.echo(file.stem)
        try:
            problems = read_text(decoded(file.read_bytes(), str(file)), str(file))
        except SymdlError as error:
            say(str(error))
            statuses.append(UNREADABLE)
            continue
        for problem in problems:
            click.echo(f"    {printable(problem.title)}")
            for task in problem.tasks:
                click.echo(f"        {task.kind:8} {printable(' '.join(task.source.split()))}")
    return worst(statuses)


@commands.command(short_help="Show how a formula is read.", epilog=EXITS)
@click.argument("formula")
@click.option("--given", "givens", multiple=True, metavar="EQ", help="A given formula in LaTeX; may be repeated.")
def read(formula: str, givens: tuple[str, ...]) -> int:
    """Show how FORMULA is read, by symdl and by latex2sympy2."""
    from symdl.cli.reading import readings

    for line in readings(formula, givens):
        click.echo(printable(line))
    return HOLDS


def _attempted(
    name: str | None, givens: Sequence[str], finds: Sequence[str], shows: Sequence[str]
) -> tuple[list[Derivation], list[Failure]]:
    """What comes of the problems that the command line names."""
    from symdl.solve import attempt

    derivations: list[Derivation] = []
    failures: list[Failure] = []
    for problem in _problems(name, givens, finds, shows):
        found = attempt(problem)
        derivations += found.derivations
        failures += found.failures
    return derivations, failures


def _problems(name: str | None, givens: Sequence[str], finds: Sequence[str], shows: Sequence[str]) -> list[Problem]:
    if (name is None) == (not (finds or shows)):
        raise click.UsageError("give either a NAME or --find or --show (with --given)")
    from symdl.cli.sources import gather
    from symdl.read import problem_from, read_text

    if name is not None:
        if givens:
            raise click.UsageError("--given goes with --find or --show, not with a NAME")
        sources = gather([name])
        return [problem for s in sources for problem in read_text(s.text(), s.path)]
    found = [problem_from(list(givens), list(finds))] if finds else []
    if shows:
        document = "\n\n".join(
            ["## Given", *(f"$$\n{g}\n$$" for g in givens), "## Show", *(f"$$\n{s}\n$$" for s in shows)]
        )
        found += read_text(document + "\n", "<command line>")
    return found


def _failed(failures: Sequence[Failure]) -> int:
    for failure in failures:
        say(f"{failure.task.place}: {' '.join(failure.task.source.split())}\n{failure.error}")
    return worst(status_of(f.error) for f in failures)
