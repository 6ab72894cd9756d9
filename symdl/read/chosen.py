r"""What is given of one member apart from all others: t_c = 1 and t_k = 0 for k \neq c, or t_c = 1 of a one-hot t."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace

from symdl.problem import Block
from symdl.read.conditional import conditional
from symdl.read.items import Item
from symdl.read.nodes import CaseRows, Indicator, Name, Node, Number, Relation, Scripted, Statement
from symdl.read.scripts import spell
from symdl.read.source import Source

_REST = re.compile(
    r"\s*,?\s*(?:and|while|with)?\s*(?:all\s+)?(?:the\s+)?(?:others?|rest|remaining)"
    r"(?:\s+(?:entries|entry|components?|elements?|values?|labels?|targets?|ones))?\s+"
    r"(?:(?:are|is|being|to)\s+)?(?:all\s+)?(?:zeros?|vanish|0)\b",
    re.IGNORECASE,
)
_PAIR = ("head", "value")


def rest_vanishes(after: str) -> bool:
    """Whether words after t_c = 1 say that all other members are zero."""
    return _REST.match(after) is not None


@dataclass(frozen=True)
class Elsewhere:
    r"""The value of all members but one, t_k = 0 \text{ for } k \neq c."""

    head: Scripted
    letter: Name
    chosen: Name
    value: Node
    source: Source


def with_exceptions(listed: Iterable[tuple[Block, str, str]]) -> Iterator[tuple[Block, str, str]]:
    r"""The formulas of a paragraph with $t_k = 0$ for $k \neq c$ as one; each with the words before and after it."""
    rows = list(listed)
    n = 0
    while n < len(rows):
        block, before, after = rows[n]
        following = rows[n + 1] if n + 1 < len(rows) else None
        if following is not None and _FOR.fullmatch(after) and _DIFFERS.search(following[0].text) and "=" in block.text:
            block = replace(block, text=rf"{block.text} \text{{ for }} {following[0].text}")
            after, n = following[2], n + 1
        yield block, before, after
        n += 1


_FOR = re.compile(r"\s*,?\s*(?:for|if|when|whenever)(?:\s+(?:all|every|any|each))?\s*", re.IGNORECASE)
_DIFFERS = re.compile(r"\\neq?(?![A-Za-z])|\\not\s*=|≠")


def elsewhere(statements: list[Statement], source: Source) -> tuple[list[Statement], list[Elsewhere]]:
    """The statements without those that say what all members but one are, and what these say."""
    kept = list(statements)
    found: list[Elsewhere] = []
    at = 0
    while (first := conditional(kept[at:])) is not None:
        at = next(n for n in range(at, len(kept)) if kept[n] is first)
        rule = _rule(first, kept[at + 1], source)
        if rule is None:
            at += 1
            continue
        found.append(rule)
        del kept[at : at + 2]
    return kept, found


def _rule(said: Statement, condition: Statement, source: Source) -> Elsewhere | None:
    if said.signs != ("=",) or condition.signs != ("!=",) or len(said.sides) != len(_PAIR):
        return None
    head, value = said.sides
    letter = _letter_below(head)
    names = [s for s in condition.sides if isinstance(s, Name)]
    if letter is None or not isinstance(head, Scripted) or not isinstance(value, Node) or len(names) != len(_PAIR):
        return None
    others = [n for n in names if n.text != letter.text]
    return Elsewhere(head, letter, others[0], value, source) if len(others) == 1 else None


def _letter_below(node: object) -> Name | None:
    """The letter of t_c."""
    is_member = isinstance(node, Scripted) and len(node.subs) == 1 and not node.sups and not node.primes
    sub = node.subs[0] if isinstance(node, Scripted) and is_member else None
    return sub if isinstance(sub, Name) and isinstance(node, Scripted) and isinstance(node.core, Name) else None


def with_rules(
    items: Iterable[Item], rules: Iterable[Elsewhere], one_hot: Set[str]
) -> tuple[list[Item], list[Elsewhere]]:
    r"""The items with t_k = \mathbf{1}[k = c] for t_c = 1 where all other members are 0, and the rules that fit none.

    Of a `one_hot` name the others are so without a rule.
    """
    open_rules = list(rules)
    found: list[Item] = []
    for item in items:
        sub = _letter_below(item.sides[0]) if item.kind == "relation" and item.signs == ("=",) else None
        head = item.sides[0] if sub is not None else None
        if sub is None or not isinstance(head, Scripted):
            found.append(item)
            continue
        core, value = spell(head.core), item.sides[1]
        rule = next((r for r in open_rules if spell(r.head.core) == core and r.chosen.text == sub.text), None)
        is_one = isinstance(value, Number) and value.text == "1"
        if rule is not None:
            open_rules.remove(rule)
            is_same = Relation(sub.at, sub.end, (rule.letter, sub), ("=",))
            is_unit = is_one and isinstance(rule.value, Number) and rule.value.text == "0"
            cases = CaseRows(item.at, item.end, ((value, (is_same,)), (rule.value, None)))
            right: Node = Indicator(item.at, item.end, (is_same,)) if is_unit else cases
            found.append(replace(item, sides=(rule.head, right)))
        elif core in one_hot and is_one:
            letter = Name(sub.at, sub.end, next(x for x in "kji" if x != sub.text))
            is_same = Relation(sub.at, sub.end, (letter, sub), ("=",))
            found.append(replace(item, sides=(replace(head, subs=(letter,)), Indicator(item.at, item.end, (is_same,)))))
        else:
            found.append(item)
    return found, open_rules
