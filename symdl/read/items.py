r"""The statements of a display, sorted by what kind of thing they say, before any name is understood."""

from __future__ import annotations

from dataclasses import dataclass, field

from symdl.errors import ReadError
from symdl.read.syntax import (
    Call,
    Derivative,
    Evaluated,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Scripted,
    Statement,
    Word,
)
from symdl.read.tokens import Source


@dataclass
class Item:
    """One thing said.

    kind "range": names run from lo to hi; "member": names lie in a set; "relation": sides and signs; "mention": bare
    expressions; "convention": a derivative's value at a kink; "constant": names that do not change.
    """

    kind: str
    source: Source
    at: int
    end: int
    sides: tuple[Node, ...] = ()
    signs: tuple[str, ...] = ()
    names: tuple[Node, ...] = ()
    lo: Node | None = None
    hi: Node | None = None
    display: int = 0
    inline: bool = False
    formula: object = None
    reach: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.source.text[self.at : self.end].strip()


def is_dots(node: object) -> bool:
    return isinstance(node, Mark) and node.text == "dots"


def sort_items(statements: list[Statement], source: Source, display: int, inline: bool) -> list[Item]:
    """The items of one display, in order."""
    found: list[Item] = []
    k = 0
    while k < len(statements):
        item, k = _next(statements, k, source)
        _gather(found, item)
        item.display, item.inline = display, inline
        found.append(item)
    return found


def _node(side: Node | ReadError) -> Node:
    if isinstance(side, ReadError):
        raise side
    return side


def _next(statements: list[Statement], k: int, source: Source) -> tuple[Item, int]:
    s = statements[k]
    sides = tuple(map(_node, s.sides))
    at, end = s.ats[0], s.ends[-1]
    if len(s.signs) == len(sides):
        raise source.error("a relation without a left side", at)
    words = s.words.lower()
    if s.signs == ("=",) and isinstance(sides[0], (Name, Scripted)):
        run = k + 1
        while run < len(statements) and statements[run].comma and _single(statements[run], Number):
            run += 1
        if run + 1 < len(statements) and is_dots(statements[run].sides[0]) and statements[run + 1].comma:
            last = statements[run + 1]
            if len(last.sides) == 1 and not last.signs:
                item = Item("range", source, at, last.ends[-1], names=(sides[0],), lo=sides[1], hi=_node(last.sides[0]))
                return item, run + 2
        if run + 1 < len(statements) and is_dots(statements[run].sides[0]):
            last = statements[run + 1]
            if len(last.sides) == 1 and not last.signs:
                item = Item("range", source, at, last.ends[-1], names=(sides[0],), lo=sides[1], hi=_node(last.sides[0]))
                return item, run + 2
        if run > k + 1 and isinstance(sides[1], Number):
            numbers = [sides[1], *(_node(x.sides[0]) for x in statements[k + 1 : run])]
            texts = [n.text for n in numbers if isinstance(n, Number)]
            if all(t.isdigit() and len(t) < 9 for t in texts):
                steps = list(map(int, texts))
                if steps == list(range(steps[0], steps[0] + len(steps))):
                    end = statements[run - 1].ends[-1]
                    return Item("range", source, at, end, names=(sides[0],), lo=numbers[0], hi=numbers[-1]), run
    if ("constant" in words.split() or "const" in words.split() or "fixed" in words.split()) and not s.signs:
        return Item("constant", source, at, end, names=sides), k + 1
    if s.signs == ("in",):
        run_item = _set_range(sides, source, at, end)
        return run_item or Item("member", source, at, end, sides=sides, names=(sides[0],)), k + 1
    if not s.signs:
        return Item("mention", source, at, end, sides=sides), k + 1
    if s.signs == ("=",) and _is_convention(sides[0]):
        return Item("convention", source, at, end, sides=sides, signs=s.signs), k + 1
    return Item("relation", source, at, end, sides=sides, signs=s.signs), k + 1


def _single(statement: Statement, kind: type[Node]) -> bool:
    return len(statement.sides) == 1 and not statement.signs and isinstance(statement.sides[0], kind)


def _set_range(sides: tuple[Node, ...], source: Source, at: int, end: int) -> Item | None:
    """y \\in \\{1, \\dots, K\\}."""
    group = sides[1]
    if not (isinstance(group, Group) and group.bracket == r"\{" and len(group.items) >= 3):
        return None
    if not is_dots(group.items[-2]):
        return None
    return Item("range", source, at, end, names=(sides[0],), lo=group.items[0], hi=group.items[-1])


def _gather(found: list[Item], item: Item) -> None:
    """Takes bare names just before a range, a set or "constant" into it: i, j = 1, \\dots, K."""
    if item.kind not in ("range", "member", "constant"):
        return
    while found and found[-1].kind == "mention" and found[-1].source is item.source:
        last = found[-1]
        gap = item.source.text[last.end : item.at].strip()
        if gap not in (",", r"\text{and}", r",\,", r",\;") or not isinstance(last.sides[0], (Name, Scripted)):
            return
        item.names = (last.sides[0], *item.names)
        item.at = last.at
        found.pop()


def _is_convention(node: Node) -> bool:
    """f'(0), or the derivative of f(x) with a bar x = 0."""
    if isinstance(node, Call):
        return node.primes == 1 and all(isinstance(a, Number) for a in node.arguments)
    if isinstance(node, Product) and len(node.parts) == 2:
        head, group = node.parts[0][1], node.parts[1][1]
        if isinstance(group, Group) and len(group.items) == 1 and isinstance(group.items[0], Number):
            return (
                isinstance(head, Scripted)
                and head.primes == 1
                and not head.subs
                and isinstance(head.core, (Name, Word))
            )
    if isinstance(node, Evaluated) and isinstance(node.body, Derivative) and len(node.settings) == 1:
        setting = node.settings[0]
        of = node.body.of
        while isinstance(of, Group) and len(of.items) == 1:
            of = of.items[0]
        plain = isinstance(of, Call) or (isinstance(of, Product) and len(of.parts) == 2)
        return plain and isinstance(setting, Relation) and isinstance(setting.sides[-1], Number)
    return False


def literal(node: Node) -> list[list[Node]] | None:
    """The rows of a written-out vector or matrix: (1, 2), a matrix environment, perhaps transposed."""
    from symdl.read.syntax import Matrix

    if isinstance(node, Matrix):
        return [list(r) for r in node.rows]
    if isinstance(node, Group) and len(node.items) == 1 and not node.bars and node.bracket != r"\{":
        return literal(node.items[0])
    if isinstance(node, Group) and node.bracket in ("(", "[") and len(node.items) > 1 and not node.bars:
        if any(isinstance(i, Group) and len(i.items) > 1 for i in node.items):
            rows = [literal(i) for i in node.items]
            if all(r is not None for r in rows):
                return [[cell for row in r for cell in row] for r in rows if r is not None]
            return None
        return [[i] for i in node.items]
    if isinstance(node, Scripted) and len(node.sups) == 1 and not node.subs:
        sup = node.sups[0]
        if (isinstance(sup, Mark) and sup.text == "top") or (isinstance(sup, Name) and sup.text == "T"):
            rows_ = literal(node.core)
            if rows_ is None or (isinstance(node.core, Group) and all(len(r) == 1 for r in rows_)):
                return rows_
            return [list(r) for r in zip(*rows_, strict=True)]
    return None
