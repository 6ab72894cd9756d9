r"""What words say of every quantity: "for every variable $v$ we write $\overline{v} = \partial L/\partial v$"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import partial

from symdl.read.document import sentences_of
from symdl.read.nodes import Group, Name, Node, Scripted
from symdl.read.scripts import brace, inside_of, script_items, spell

_FORMULA = re.compile(r"\$([^$]+)\$")
_HEAD = re.compile(
    r"\s*(?:\\(?P<accent>overline|bar|hat|tilde|dot)\s*(?:\{\s*(?P<under>[a-z])\s*\}|\s(?P<bare>[a-z]))"
    r"|(?P<core>\\?[A-Za-z]+)_\s*\{?\s*(?P<below>[a-z])\s*\}?)\s*"
)
_SLOPE = r"(?:\\partial|(?<![A-Za-z])d|\\mathrm\{{d\}})\s*{}\s*+\}}?\s*"
_FOR = re.compile(
    r"\{(?P<head>\d+)\}\s+(?:(?:is|be|as)\s+)?(?:\w+\s+){0,2}?(?:for|denotes?|means?)\s+\{(?P<body>\d+)\}"
)
_EVERY = re.compile(
    r"\b(?:any|every|each|all|generic|an?)\s+(?:\w+\s+){0,2}?(?:variable|quantit|node|value|name)", re.IGNORECASE
)
_BAR = re.compile(
    r"\bbar\s+(?:of|over|on)\s+(?:a|any|every|each)\s+\w+\s+(?:is|denotes?|stands\s+for|means)\s+(?:\w+\s+)?"
    r"(?:derivative|gradient)\s+of\s+(?:the\s+\w+\s+)?\{(?P<of>\d+)\}\s+(?:with\s+respect\s+to|by)\s+it",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Rule:
    r"""What is said of any name: `text` is the equation \overline{v} = \partial L/\partial v with its letter v.

    The left side has an `accent` over the letter, or is the name `core` with the letter below it.  Where words do
    not say that it `is_general`, it may be said of the quantity v alone.
    """

    text: str
    letter: str
    accent: str
    core: str
    is_general: bool

    def at(self, name: str) -> str:
        """What the rule says of this name."""
        letter = rf"(?P<below>_\s*)?(?<![\\A-Za-z]){self.letter}(?![A-Za-z])"
        return re.sub(letter, lambda m: f"_{brace(name)}" if m["below"] else name, self.text)


def spoken_rules(text: str) -> Iterator[tuple[int, Rule]]:
    """The rules for every quantity that a paragraph states, with their places."""
    for sentence in sentences_of(text):
        formulas = list(_FORMULA.finditer(sentence[0]))
        starts = {m.start(): n for n, m in enumerate(formulas)}
        plain = _FORMULA.sub(partial(_numbered, starts), sentence[0])
        equations = [(m.start(), *m[1].split("=", 1)) for m in formulas if m[1].count("=") == 1]
        equations += [
            (formulas[int(m["head"])].start(), formulas[int(m["head"])][1], formulas[int(m["body"])][1])
            for m in _FOR.finditer(plain)
        ]
        if (bar := _BAR.search(plain)) is not None:
            of = formulas[int(bar["of"])]
            equations.append((of.start(), r"\overline{v}", rf"\frac{{\partial {of[1]}}}{{\partial v}}"))
        for at, left, right in equations:
            head = _HEAD.fullmatch(left.replace(":", ""))
            letter = next((x for x in head.group("under", "bare", "below") if x), "") if head is not None else ""
            if head is not None and letter and re.search(_SLOPE.format(letter) + r"\Z", right):
                accent = {"overline": "bar"}.get(head["accent"], head["accent"] or "")
                yield (
                    sentence.start() + at,
                    Rule(f"{left} = {right}", letter, accent, head["core"] or "", bool(_EVERY.search(plain))),
                )


def _numbered(starts: Mapping[int, int], formula: re.Match[str]) -> str:
    return f"{{{starts[formula.start()]}}}"


def names_under(nodes: Iterable[Node], rule: Rule, known: Set[str]) -> frozenset[str]:
    """The names of which these formulas hold what a rule says: those under its accent, or `known` ones below."""
    inside = [n for node in nodes for n in inside_of(node)]
    scripted = [n for n in inside if isinstance(n, Scripted)]
    if rule.core:
        return frozenset(spell(s) for n in scripted if spell(n.core) == rule.core for s in script_items(n.subs)) & known
    members = {id(n.core): m for n in scripted if (m := _member(n, rule.accent)) is not None}
    alone = {name[1] for n in inside if id(n) not in members and (name := _accented(n, rule.accent)) is not None}
    # Of a vector what is said of all of it is said of its entries.
    return frozenset(alone | {text for core, text in members.values() if core not in alone})


def _accented(node: Node, accent: str) -> re.Match[str] | None:
    return re.fullmatch(rf"\\{accent}\{{(.*)\}}", node.text) if isinstance(node, Name) else None


def _member(node: Scripted, accent: str) -> tuple[str, str] | None:
    """The name under the accent of one with indices, alone and with these."""
    found = _accented(node.core, accent)
    above = tuple(s for s in node.sups if isinstance(s, Group))
    if found is None or not (node.subs or above):
        return None
    return found[1], spell(replace(node, core=Name(node.at, node.at, found[1]), sups=above))
