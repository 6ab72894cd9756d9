"""Statements that hold under a condition: joined to case splits, or not to be read."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

from symdl.errors import ReadError
from symdl.read.items import COMPARISONS, is_dots, node_of
from symdl.read.layout import is_quantified
from symdl.read.nodes import CaseRows, Group, Name, Node, Number, Product, Relation, Statement
from symdl.read.scopes import script_letters
from symdl.read.scripts import spell
from symdl.read.source import Source

_UNDER = re.compile(r"\b(for|if|when|whenever)$", re.IGNORECASE)

_OTHERWISE = re.compile(r"\W*(?:and\s+)?(?:otherwise|else)\W*", re.IGNORECASE)

_SPLIT = 2


def conditional(statements: list[Statement]) -> Statement | None:
    r"""The first statement that holds under a condition only: f(x) = 0 \text{ for } x \leq 0."""
    for first, second in itertools.pairwise(statements):
        compares = second.signs and second.signs[0] in COMPARISONS
        if first.signs and _UNDER.search(first.words) and compares and not _starts_range(first, second):
            return first
    return None


def readable(statements: list[Statement], source: Source) -> tuple[list[Statement], list[ReadError]]:
    """What can be read of some statements, and the errors of the rest.

    A chain of equations keeps its readable sides: L = KL(q || p) = … still defines L.
    """
    kept: list[Statement] = []
    errors: list[ReadError] = []
    while (held := conditional(statements)) is not None:
        at = statements.index(held)
        errors.append(source.error("a condition at a given is not read here", held.ats[0]))
        statements = statements[:at] + statements[at + 2 :]
    for n, s in enumerate(statements):
        bad = [side for side in s.sides if isinstance(side, ReadError)]
        errors += bad if s.signs else []
        if bad and n and kept[-1:] == [statements[n - 1]] and is_quantified(source.text, s.ats[0]):
            # What is said of every x of which the set cannot be read is not said of all.
            kept.pop()
        if not bad:
            kept.append(s)
        elif set(s.signs) == {"="} and len(s.sides) == len(s.signs) + 1 and len(s.sides) - len(bad) > 1:
            rows = [x for x in zip(s.sides, s.ats, s.ends, strict=True) if not isinstance(x[0], ReadError)]
            sides, ats, ends = zip(*rows, strict=True)
            kept.append(Statement(sides, ("=",) * (len(sides) - 1), ats, ends, s.words, s.comma))
    return kept, errors


def with_cases(statements: list[Statement]) -> list[Statement]:
    r"""The statements with f(x) = a \text{ for } x > 0, f(x) = b \text{ for } x \leq 0 as one case split."""
    out: list[Statement] = []
    k = 0
    while k < len(statements):
        first = statements[k]
        rows: list[tuple[Node, tuple[Node, ...] | None]] = []
        n = k
        while (row := _case(statements, n, first)) is not None and (not rows or rows[-1][1] is not None):
            rows.append(row)
            n += 1 if row[1] is None else 2
        if len(rows) < _SPLIT:
            out.append(first)
            k += 1
            continue
        split = CaseRows(first.ats[1], statements[n - 1].ends[-1], tuple(rows))
        sides, ends = (first.sides[0], split), (first.ends[0], split.end)
        out.append(replace(first, sides=sides, ends=ends, words=statements[n - 1].words if rows[-1][1] else ""))
        k = n
    return out


def _case(statements: list[Statement], n: int, first: Statement) -> tuple[Node, tuple[Node, ...] | None] | None:
    """The value and the condition that begin here, where they are said of the left side of the first."""
    if n >= len(statements):
        return None
    s = statements[n]
    value, heads = s.sides[-1], (s.sides[0], first.sides[0])
    is_bare = s is not first and not s.signs and len(s.sides) == 1 and not is_dots(value)
    if not is_bare and (s.signs != ("=",) or len(s.sides) != _SPLIT or any(isinstance(h, ReadError) for h in heads)):
        return None
    is_same = is_bare or s is first or spell(node_of(heads[0])) == spell(node_of(heads[1]))
    if isinstance(value, ReadError) or not is_same:
        return None
    is_rest = _OTHERWISE.fullmatch(s.words) or (is_bare and n and _OTHERWISE.fullmatch(statements[n - 1].words))
    if is_rest:
        return value, None
    following = statements[n + 1] if n + 1 < len(statements) else None
    if following is None or not _UNDER.search(s.words) or not following.signs or _starts_range(s, following):
        return None
    sides = [side for side in following.sides if not isinstance(side, ReadError)]
    compares = set(following.signs) <= {"<", ">", "<=", ">="}
    matches = following.signs in (("=",), ("!=",)) and all(isinstance(side, Name) for side in sides)
    if len(sides) != len(following.signs) + 1 or not (compares or matches):
        return None
    return value, (Relation(following.ats[0], following.ends[-1], tuple(sides), following.signs),)


def with_domains(statements: list[Statement]) -> tuple[list[Statement], list[str]]:
    r"""The statements with H(q) = -q \log q \text{ for } 0 < q < 1 as a case split, of which the rest is H^{?}(q).

    With the names of what is known of nothing but its argument.
    """
    out, names = list(statements), list[str]()
    for n in range(len(out) - 2, -1, -1):
        head, condition = out[n], out[n + 1]
        name = _over_domain(head, condition) if _UNDER.search(head.words) else ""
        pair_, value = head.sides[:2] if name else (None, None)
        if not name or not isinstance(pair_, Product) or not isinstance(value, Node):
            continue
        group = pair_.parts[1][1]
        rest = Product(value.end, value.end, (("", Name(value.end, value.end, name)), ("", group)))
        sides = tuple(s for s in condition.sides if isinstance(s, Node))
        met = Relation(condition.ats[0], condition.ends[-1], sides, condition.signs)
        split = CaseRows(value.at, value.end, ((value, (met,)), (rest, None)))
        out[n : n + 2] = [replace(head, sides=(pair_, split), words=""), replace(condition, comma=True)]
        names.append(name)
    return out, names


def _over_domain(head: Statement, condition: Statement) -> str:
    """A name for a function where a condition does not hold that says between which numbers its argument lies."""
    pair_ = head.sides[0] if head.signs == ("=",) else None
    group = pair_.parts[1][1] if isinstance(pair_, Product) and len(pair_.parts) == _SPLIT else None
    if not isinstance(group, Group) or len(group.items) != 1 or not isinstance(group.items[0], Name):
        return ""
    numbers = [s for s in condition.sides if not (isinstance(s, Name) and s.text == group.items[0].text)]
    is_between = len(condition.sides) == _SPLIT + 1 and set(condition.signs) <= {"<", "<="}
    core = pair_.parts[0][1] if isinstance(pair_, Product) else None
    if not is_between or len(numbers) != _SPLIT or not all(isinstance(n, Number) for n in numbers):
        return ""
    return rf"{core.text}^{{?}}" if isinstance(core, Name) else ""


def _starts_range(first: Statement, second: Statement) -> bool:
    r"""Whether a condition says where an index of the left side begins: h_t = … \text{ for } t \geq 1."""
    head, letter = first.sides[0], second.sides[0]
    if not isinstance(head, Node) or not isinstance(letter, Name) or second.signs not in ((">",), (">=",)):
        return False
    return letter.text in script_letters(head, frozenset())
