"""What the tests of the checker ask it: a proof below its givens, and the verdicts on its lines."""

from symdl.check import DocumentReport, LineReport, check


def under(given: str) -> str:
    """The document up to its proof, with these givens."""
    return f"# A\n\n## Given\n\n{given}\n\n## Proof\n\n"


def checked(head: str, proof: str) -> DocumentReport:
    """The report on a document that goes on with a proof."""
    return check(head + proof + "\n").documents[0]


def verdicts(head: str, proof: str) -> list[str]:
    """The verdict on every line."""
    return [r.verdict for r in checked(head, proof).relations]


def lines(given: str, proof: str) -> tuple[LineReport, ...]:
    """The lines of a proof below these givens."""
    return checked(under(given), proof).relations
