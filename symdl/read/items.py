r"""The statements of a display, sorted by what kind of thing they say, before any name is understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from symdl.errors import ReadError
from symdl.read.nodes import (
    PLAIN,
    Big,
    Call,
    CaseRows,
    Derivative,
    Evaluated,
    Group,
    Indicator,
    Mark,
    Matrix,
    Nabla,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Scripted,
    Statement,
    Sum,
    Word,
)
from symdl.read.scripts import names_in, pair, script_items, spell, unscripted
from symdl.read.source import Source

_DOTS = re.compile(r"\\[lc]?dots|…|\.\.\.")

COMPARISONS = frozenset(("<", ">", "<=", ">=", "!="))


@dataclass
class Item:
    """One thing said.

    kind "range": names run from lo to hi; "member": names lie in a set; "relation": sides and signs; "mention": bare
    expressions; "convention": a derivative's value at a kink; "constant": names that do not change.  `variables` and
    `point` are those of f(x, y) and f at (1, 2), or f at x = 1, in what is to be classified.
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
    variables: tuple[Node, ...] = ()
    point: tuple[tuple[Node | None, Node], ...] = ()

    @property
    def text(self) -> str:
        return self.source.text[self.at : self.end].strip()


def is_dots(node: object) -> bool:
    return isinstance(node, Mark) and node.text == "dots"


def sort_items(statements: list[Statement], source: Source, display: int, inline: bool) -> list[Item]:
    """The items of one display, in order."""
    found: list[Item] = []
    statements = [part for s in _for_each(statements) for part in _apart(s)]
    k = 0
    while k < len(statements):
        item, k = _next(statements, k, source)
        _gather(found, item)
        item.display, item.inline = display, inline
        found.append(item)
    return found


def _for_each(statements: list[Statement]) -> list[Statement]:
    """The statements with a comparison that is said of a list, a, b > 0, as one of each name in it."""
    out = list(statements)
    for n in range(len(out) - 1, 0, -1):
        s, before = out[n], out[n - 1]
        compares = bool(s.signs) and s.signs[0] in COMPARISONS and len(s.sides) > len(s.signs)
        if compares and s.comma and not before.words and _single(before, Name, Scripted):
            out[n - 1] = replace(
                before,
                sides=(*before.sides, *s.sides[1:]),
                signs=s.signs,
                ats=(*before.ats, *s.ats[1:]),
                ends=(*before.ends, *s.ends[1:]),
            )
        elif _is_between(before, s):
            out[n - 1] = replace(
                before,
                sides=(*before.sides, s.sides[1]),
                signs=(*before.signs, *s.signs),
                ats=(*before.ats, s.ats[1]),
                ends=(*before.ends, s.ends[1]),
            )
            out[n] = replace(
                s,
                sides=(before.sides[0], *s.sides),
                signs=(*before.signs, *s.signs),
                ats=(s.ats[0], *s.ats),
                ends=(s.ends[0], *s.ends),
            )
    return out


def _is_between(first: Statement, second: Statement) -> bool:
    """Whether 0 < a, b < 1 says of two names that both lie between two numbers."""
    if not second.comma or first.words or len(first.sides) != len(second.sides) or len(first.sides) != 2:
        return False
    signs = {*first.signs, *second.signs}
    numbers, names = (first.sides[0], second.sides[1]), (first.sides[1], second.sides[0])
    is_one_way = signs <= {"<", "<="} or signs <= {">", ">="}
    return (
        is_one_way
        and all(isinstance(x, Number) for x in numbers)
        and all(isinstance(x, (Name, Scripted)) for x in names)
    )


def _apart(s: Statement) -> list[Statement]:
    r"""Q^\top = Q \in S as an equation and a membership, that of z in z = W x + b \in S."""
    n = len(s.signs) - 1
    if n < 1 or s.signs[n] != "in" or len(s.sides) != len(s.signs) + 1:
        return [s]
    first = replace(s, sides=s.sides[:-1], signs=s.signs[:-1], ats=s.ats[:-1], ends=s.ends[:-1], words="")
    first_side, last = s.sides[0], s.sides[n]
    is_value = isinstance(last, Node) and isinstance(unscripted(last), (Group, Sum, Call, Derivative, Nabla))
    member = 0 if is_value and isinstance(first_side, (Name, Scripted)) else n
    sides, ats, ends = ((x[member], *x[n + 1 :]) for x in (s.sides, s.ats, s.ends))
    return [first, replace(s, sides=sides, signs=s.signs[n:], ats=ats, ends=ends, comma=True)]


def total_first(item: Item) -> Item:
    r"""What says that the members of a family add up to the bare name, \sum_k n_k = n, with the name on the left."""
    if item.kind != "relation" or item.signs != ("=",):
        return item
    total, name = item.sides
    summed = total.body if isinstance(total, Big) and total.kind == "sum" else None
    is_member = isinstance(summed, Scripted) and bool(summed.subs) and not summed.sups
    if not is_member or not isinstance(name, Name) or not isinstance(summed, Scripted):
        return item
    return replace(item, sides=(name, total)) if spell(summed.core) == name.text else item


def without_endless(items: list[Item]) -> list[Item]:
    r"""The items without k = 1, 2, \dots beside p_k = q^k: it says no more than that k is an index.

    Beside a recurrence it says where this holds, which may be shown to go on.
    """
    heads = [(i.sides[0], {x for s in i.sides[1:] for x in names_in(s)}) for i in items if i.signs[:1] == ("=",)]
    scripted = [(h, names) for h, names in heads if isinstance(h, Scripted) and isinstance(h.core, Name)]
    indices = {spell(s) for h, names in scripted if spell(h.core) not in names for s in h.subs}
    return [i for i in items if not (_is_endless(i) and spell(i.sides[0]) in indices)]


def says_delta(item: Item) -> bool:
    r"""Whether an item says of \delta_{ij} what it is anyway, 1 where i = j and else 0."""
    head, rule = item.sides if item.kind == "relation" and item.signs == ("=",) else (None, None)
    if not isinstance(head, Scripted) or head.sups or spell(head.core) != r"\delta":
        return False
    letters = [spell(x) for x in script_items(head.subs)]
    conditions = rule.conditions if isinstance(rule, Indicator) else ()
    if isinstance(rule, CaseRows) and [spell(value) for value, _ in rule.rows] == ["1", "0"]:
        (_, met), (_, missed) = rule.rows
        is_rest = missed is None or (len(missed) == 1 and _compares(missed[0], "!=", letters))
        conditions = met if is_rest and met is not None else ()
    return len(letters) == len(("i", "j")) and len(conditions) == 1 and _compares(conditions[0], "=", letters)


def _compares(node: Node, sign: str, letters: list[str]) -> bool:
    return isinstance(node, Relation) and node.signs == (sign,) and sorted(map(spell, node.sides)) == sorted(letters)


def _is_endless(item: Item) -> bool:
    """Whether an item says that a letter runs through all numbers from one on."""
    is_bound = item.kind == "relation" and item.signs == (">=",) and isinstance(item.sides[0], Name)
    return is_bound and bool(_DOTS.search(item.text))


def unread_heads(statements: list[Statement], source: Source) -> list[Item]:
    """What is defined by something that cannot be read, as equations of the left sides with themselves."""
    found: list[Item] = []
    for s in statements:
        if s.signs[:1] != ("=",) or len(s.sides) < 2:
            continue
        head, body = s.sides[:2]
        if isinstance(head, Node) and isinstance(body, ReadError):
            found.append(Item("relation", source, s.ats[0], s.ends[0], sides=(head, head), signs=("=",)))
    return found


def node_of(side: Node | ReadError) -> Node:
    if isinstance(side, ReadError):
        raise side
    return side


def _next(statements: list[Statement], k: int, source: Source) -> tuple[Item, int]:
    s = statements[k]
    sides = tuple(map(node_of, s.sides))
    at, end = s.ats[0], s.ends[-1]
    if len(s.signs) == len(sides):
        raise source.error("a relation without a left side", at)
    words = s.words.lower()
    if s.signs == ("=",) and isinstance(sides[0], (Name, Scripted)):
        run = k + 1
        while run < len(statements) and statements[run].comma and _single(statements[run], Number):
            run += 1
        if run + 1 < len(statements) and is_dots(statements[run].sides[0]):
            last = statements[run + 1]
            if len(last.sides) == 1 and not last.signs:
                item = Item(
                    "range", source, at, last.ends[-1], names=(sides[0],), lo=sides[1], hi=node_of(last.sides[0])
                )
                return item, run + 2
        ends = run + 1 == len(statements) or (run + 1 < len(statements) and not statements[run + 1].comma)
        if ends and isinstance(sides[1], Number) and is_dots(statements[run].sides[0]):
            # t = 1, 2, \dots goes on without an end.
            return Item("relation", source, at, statements[run].ends[-1], sides=sides, signs=(">=",)), run + 1
        if run > k + 1 and isinstance(sides[1], Number):
            numbers = [sides[1], *(node_of(x.sides[0]) for x in statements[k + 1 : run])]
            texts = [n.text for n in numbers if isinstance(n, Number)]
            if all(t.isdigit() and len(t) < 9 for t in texts):
                steps = list(map(int, texts))
                if steps == list(range(steps[0], steps[0] + len(steps))):
                    end = statements[run - 1].ends[-1]
                    return Item("range", source, at, end, names=(sides[0],), lo=numbers[0], hi=numbers[-1]), run
    if ("constant" in words.split() or "const" in words.split() or "fixed" in words.split()) and not s.signs:
        return Item("constant", source, at, end, names=sides), k + 1
    if s.signs == ("in",):
        sides = (*sides[:-1], _without_last_word(sides[-1]))
        run_item = _set_range(sides, source, at, end)
        return run_item or Item("member", source, at, end, sides=sides, names=(sides[0],)), k + 1
    if not s.signs:
        return Item("mention", source, at, end, sides=sides), k + 1
    if s.signs == ("=",) and _is_convention(sides[0]):
        return Item("convention", source, at, end, sides=sides, signs=s.signs), k + 1
    if s.signs == ("=",) and len(sides) == 2 and _is_transposed(sides[1], sides[0]):
        # S = S^\top says of S that it is symmetric, and not what it is.
        sides = sides[::-1]
    return Item("relation", source, at, end, sides=sides, signs=s.signs), k + 1


def _without_last_word(law: Node) -> Node:
    r"""A law without the word behind it, N(0, 1) for N(0, 1) \text{independent}."""
    if not isinstance(law, Product) or len(law.parts) <= len(("N", "brackets")):
        return law
    *parts, (_, last) = law.parts
    is_said = isinstance(last, Word) and len(last.text) > 1
    return replace(law, parts=tuple(parts), end=parts[-1][1].end) if is_said else law


def _is_transposed(node: Node, name: Node) -> bool:
    if not isinstance(node, Scripted) or len(node.sups) != 1 or node.subs or node.primes:
        return False
    return spell(node.sups[0]) in ("T", r"\top") and isinstance(node.core, Name) and spell(node.core) == spell(name)


def _single(statement: Statement, *kinds: type[Node]) -> bool:
    return len(statement.sides) == 1 and not statement.signs and isinstance(statement.sides[0], kinds)


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
    listed = _listed_before(found, item)
    if listed is not None:
        item.names, item.sides = (listed,), (listed, *item.sides[1:])
        return
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


def _listed_before(found: list[Item], item: Item) -> Node | None:
    r"""The member x_i of which x_1, \dots, x_n \sim N(a, b) or x_1, \dots, x_n > 0 says what each is; else None.

    What is listed before the last one is taken out of what was found.
    """
    is_bound = item.kind == "relation" and set(item.signs) <= COMPARISONS
    last = item.sides[0] if is_bound or (item.kind == "member" and _is_law_or_pair(item.sides[1])) else None
    if not isinstance(last, Scripted) or len(last.subs) != 1 or isinstance(last.subs[0], Number):
        return None
    k = len(found)
    while k and found[k - 1].kind == "mention" and found[k - 1].source is item.source:
        k -= 1
    before = [i.sides[0] for i in found[k:]]
    head = spell(replace(last, subs=()))
    members = [x for x in before[:-1] if isinstance(x, Scripted) and spell(replace(x, subs=())) == head]
    numbers = [spell(n) for x in members for n in x.subs]
    if not members or len(members) + 1 < len(before) or not is_dots(before[-1]):
        return None
    if numbers != [str(n + 1) for n in range(len(members))]:
        return None
    del found[k:]
    return replace(last, subs=(Name(last.at, last.end, "i"),))


def _is_law_or_pair(node: Node) -> bool:
    r"""Whether what follows the sign of membership is N(a, b), an interval, or a set \{a, b\}."""
    is_pair = isinstance(node, Group) and node.bracket in ("(", "[", r"\{") and len(node.items) == len(("lo", "hi"))
    return is_pair or pair(node) is not None


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


def simplex_of(node: Node) -> Node | None:
    r"""The number K of the shares in \Delta^{K-1} or \Delta_K; None for another set."""
    if not isinstance(node, Scripted) or spell(node.core) != r"\Delta" or len(node.sups) + len(node.subs) != 1:
        return None
    sup = node.sups[0] if node.sups else node.subs[0]
    if not isinstance(sup, Sum):
        return sup if node.subs else None
    (sign, count), *others = sup.terms
    is_less = [(s, n.text) for s, n in others if isinstance(n, Number)] == [(-1, "1")] and len(others) == 1
    return count if sign > 0 and is_less else None


def dimensions_of(node: Node) -> tuple[Node, ...] | None:
    """The dimensions of \\mathbb{R}^{K \\times d} or of a simplex; None for another set."""
    count = simplex_of(node)
    if count is not None:
        return (count,)
    if isinstance(node, Name) and node.text in _REALS:
        return ()
    if isinstance(node, Scripted) and not node.primes and len(node.sups) <= 1:
        core = node.core
        is_reals = isinstance(core, Name) and core.text in _REALS
        if is_reals or (isinstance(core, Group) and core.bracket in (r"\{", "[", "(")):
            if not node.sups:
                return ()
            sup = node.sups[0]
            if isinstance(sup, Mark):
                return ()
            if isinstance(sup, Product) and all(s in PLAIN for s, _ in sup.parts) and any(s for s, _ in sup.parts):
                return tuple(n for _, n in sup.parts)
            return (sup,)
    return None


_REALS = (r"\mathbb{R}", r"\mathbf{R}")


def literal(node: Node) -> list[list[Node]] | None:
    """The rows of a written-out vector or matrix: (1, 2), a matrix environment, perhaps transposed."""
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


_AT = re.compile(r"\\(?:text|mathrm|textrm|mbox)\s*\{\s*at(?:\s+the\s+point)?\s*\}")


def asked_functions(found: list[Item], defined: frozenset[str]) -> list[Item]:
    r"""What is to be classified: `f(x, y)` as f and its variables, `f \text{ at } (1, 2)` as f and a point.

    `defined` are the names that the givens define; before another name a bracket is a factor.
    """
    kept: list[Item] = []
    pointed: Item | None = None
    before = 0
    for item in found:
        if kept and _AT.search(item.source.text[before : item.at]):
            pointed = kept[-1]
        elif not (pointed is not None and item.kind == "relation" and pointed.point[0][0] is not None):
            pointed = None
        before = item.end
        if pointed is not None:
            pointed.point += _coordinates(item)
            pointed.end = item.end
            continue
        if item.kind == "relation" and item.signs == ("=",) and _head(item) is not None:
            head, item.variables = _head(item) or ("", ())
            item.kind, item.signs = "mention", ()
            item.sides = item.sides[:1] if head in defined else item.sides[1:]
        if item.kind == "mention" and isinstance(item.sides[0], Product):
            head, variables = _head(item) or ("", ())
            if head in defined:
                item.variables, item.sides = variables, (item.sides[0].parts[0][1],)
        kept.append(item)
    return kept


def defined_names(items: list[Item]) -> frozenset[str]:
    """The names, as written, that equations define: of f in f = … and in f(x) = …."""
    found = set()
    for item in items:
        if item.kind == "relation" and item.signs[0] == "=":
            found.add(item.source.text[item.sides[0].at : item.sides[0].end].strip())
            head = _head(item)
            if head is not None:
                found.add(head[0])
    return frozenset(found)


def _head(item: Item) -> tuple[str, tuple[Node, ...]] | None:
    """The name and the variables of f(x, y)."""
    node = item.sides[0]
    if not isinstance(node, Product) or len(node.parts) != 2 or any(sign for sign, _ in node.parts):
        return None
    head, group = node.parts[0][1], node.parts[1][1]
    if not (isinstance(head, (Name, Scripted)) and isinstance(group, Group) and group.bracket == "("):
        return None
    if not all(isinstance(i, (Name, Scripted)) for i in group.items):
        return None
    return item.source.text[head.at : head.end].strip(), group.items


def _coordinates(item: Item) -> tuple[tuple[Node | None, Node], ...]:
    if item.kind == "relation" and item.signs == ("=",):
        rows = literal(item.sides[1])
        if rows is None:
            return ((item.sides[0], item.sides[1]),)
        return tuple((None, cell) for row in rows for cell in row)
    if item.kind == "mention":
        rows = literal(item.sides[0])
        return tuple((None, cell) for row in rows for cell in row) if rows else ((None, item.sides[0]),)
    raise item.source.error("a point was expected after 'at'", item.at)
