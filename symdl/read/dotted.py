r"""Lists with dots in them, \lambda_1 + c, \dots, \lambda_n + c, as a vector given by its entries."""

from __future__ import annotations

from symdl.read.nodes import Group, Mark, Name, Node, Number, Relation, Scripted
from symdl.read.points import with_names
from symdl.read.scripts import names_in, scripted_in, spell

_LETTERS = "ijklmnt"


def by_dots(items: tuple[Node, ...]) -> Scripted | None:
    r"""[e_i]_{i=1}^{m} for e_1, e_2, \dots, e_m; None of any other list, and where it is not clear what runs."""
    if len(items) < len(("first", "dots", "last")) or not isinstance(items[-2], Mark) or items[-2].text != "dots":
        return None
    *first, dots, last = items
    ends = {x for n in scripted_in(last) for sub in (*n.subs, *n.sups) for x in names_in(sub)}
    letter = next((x for x in _LETTERS if x not in set(names_in(last))), None)
    for end in sorted(ends) if letter is not None else ():
        wanted = [spell(with_names(last, {end: Number(dots.at, dots.end, str(k + 1))})) for k in range(len(first))]
        if list(map(spell, first)) != wanted or "?" in "".join(wanted):
            continue
        own = Name(last.at, last.end, letter or "")
        run = Relation(dots.at, dots.end, (own, Number(dots.at, dots.end, "1")), ("=",))
        entries = Group(items[0].at, last.end, "[", (with_names(last, {end: own}),))
        return Scripted(items[0].at, last.end, entries, (run,), (Name(last.at, last.end, end),), 0)
    return None
