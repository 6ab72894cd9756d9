r"""Quantities of which only the dependence is known, where they stand within another formula: the \ell_t(h_t) of a sum.

A name with letters below it is one where it stands nowhere but before a member with the same letters in brackets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from symdl.read.document import sentences_of
from symdl.read.nodes import Derivative, Group, Nabla, Name, Node, Product, Scripted
from symdl.read.scripts import brackets_in, head_text, inside_of, spell, unscripted, with_pairs

_FONT = r"\\(?:mathbf|boldsymbol|bm|vec|mathcal|mathrm|hat|bar|tilde|dot)\s*\{\s*\\?[A-Za-z]+\s*\}"
_NAME = rf"(?:{_FONT}|\\?[A-Za-z]+)(?:_(?:\w|\{{[^{{}}$]{{1,9}}\}}))?(?:\^\{{?\((?:\w|\d+)\)\}}?)?"
_BOUND = r"(?:\s*(?:[<>]|\\[lg](?:eq?|t)(?![A-Za-z]))\s*-?\d+(?:\.\d+)?)?\s*"
_ONE = rf"\$\s*{_NAME}{_BOUND}\$"
_LIST = rf"{_ONE}(?:\s*(?:,|and|,\s*and)\s*{_ONE})*+"
_KIND = r"(?:(?:scalar|smooth|differentiable|arbitrary|general|unknown|given|real|loss)\s*,?\s+)*functions?\s+of"
_SAID = re.compile(
    rf"\$\s*(?P<head>{_NAME}){_BOUND}\$\s+(?:(?:only|itself|all|both)\s+)?"
    rf"(?:depends?\s+(?:\w+ly\s+)?on|(?:is|are)\s+(?:computed|calculated|obtained)\s+from"
    rf"|(?:is\s+(?:an?|some)|are)\s+{_KIND})\s+"
    rf"(?:(?:only|all|the|its)\s+)*+(?P<noun>(?:(?!and\b)[a-z]+\s+){{0,2}}+)(?P<by>{_LIST})"
    rf"(?:\s+only\s+through\s+(?:the\s+)?(?:[a-z]+\s+){{0,2}}+(?P<through>{_LIST})|\s+through\s+(?P<way>{_LIST})\s+only\b)?+"
    r"(?:\s+for\s+(?:every|each|all|any)\s+\$\s*(?P<every>[a-z])\s*\$)?+"
    r"(?!\s*,?\s*(?:and|or)\s+(?:the|their|its|all|other|earlier)\b|\s+(?:only\s+)?(?:through|via)\b"
    r"|\s*,?\s*(?:for|if|when|unless)\b"
    r"|\s*,?\s*(?:(?:and|or)\s+)?(?:[a-z]+\s+){0,3}(?!\$\s*(?P=head)\s*(?:[<>]|\\(?:l|g|n)eq?\b|\\in\b))\$[^$=]*\$)"
)
"""How words say of what something is a function; what is said of itself next, $q$ depends on $x$, $q > 0$, is apart."""
_MANY = re.compile(r"\b[a-z]{3,}s\s+\Z")
_DENIED = re.compile(r"\b(?:if|when|whenever|unless|whether|how|suppose|not|nor|neither|never|no)\b", re.IGNORECASE)


def spoken_dependences(text: str) -> Iterator[tuple[int, str, str]]:
    """What a paragraph says to depend on what, "$L$ depends on $h_T$ only", with its place: the name and L = L(h_T)."""
    for sentence in sentences_of(text):
        for m in _SAID.finditer(sentence[0]):
            head = m["head"].strip()
            listed = m["through"] or m["way"] or m["by"]
            # What is said of itself next, $q$ depends on $x$, and $q > 0$, is none of these.
            by = [x for x, sign in re.findall(rf"\$\s*({_NAME})({_BOUND})\$", listed) if x != head or not sign.strip()]
            own = _letters(head)
            if m["every"] and m["every"] not in own:
                continue
            if _MANY.search(m["noun"]) and not (m["through"] or m["way"]):
                # A function of the weights $w_j$ is one of all of them.
                by = [x if _letters(x) <= own else x.partition("_")[0] for x in by]
            by, letters = list(dict.fromkeys(by)), {x for b in by for x in _letters(b)}
            if letters <= own and head not in by and not _DENIED.search(sentence[0][: m.start()]):
                yield sentence.start() + m.start(), head, f"{head} = {head}({', '.join(by)})"


_SLOPE = re.compile(
    rf"\$\s*(?P<head>{_NAME})\s*\$\s*+,?\s*+(?:is|be|denotes|stands\s+for|means)\s+the\s+(?:(?:partial|total|upstream|usual)\s+)?"
    rf"(?:derivative|gradient|slope)\s+of\s+(?:the\s+)?(?:[a-z]+\s+){{0,2}}+\$\s*(?P<of>{_NAME})\s*\$\s+"
    rf"(?:with\s+respect\s+to|w\.\s?r\.\s?t\.|by)\s+(?:the\s+)?(?:[a-z]+\s+){{0,2}}+\$\s*(?P<by>{_NAME})\s*\$(?!\s*(?:at|when|where|if)\b)"
)


def spoken_slopes(text: str) -> Iterator[tuple[int, str, str]]:
    r"""What a paragraph says to be which derivative: its place, the name and g = \frac{\partial L}{\partial w}."""
    for sentence in sentences_of(text):
        for m in _SLOPE.finditer(sentence[0]):
            if not _DENIED.search(sentence[0][: m.start()]):
                said = rf"{m['head']} = \frac{{\partial {m['of']}}}{{\partial {m['by']}}}"
                yield sentence.start() + m.start(), m["head"], said


def _letters(name: str) -> set[str]:
    """The small letters below a name: the t of h_t, and none of h_T."""
    below = name.partition("_")[2]
    return set(re.findall(r"[a-z]", below)) if "mathrm" not in below and "text" not in below else set()


def is_sloped(sides: Iterable[Node], head: str) -> bool:
    """Whether a derivative of a name stands in an equation."""
    inside = (n for s in sides for n in inside_of(s) if isinstance(n, (Derivative, Nabla)))
    return any(spell(n.of) == head for n in inside)


def says_what_it_is(side: Node, head: str) -> bool:
    """Whether the left side of an equation is a name, or a member, or the name at arguments."""
    core = side.parts[0][1] if isinstance(side, Product) else side
    name = head_text(unscripted(core))
    is_member = isinstance(core, Scripted) and bool(core.subs)
    # In L = \sum_t L_t the L_t is another one.
    return name == head.partition("_")[0].partition("^")[0] and is_member == ("_" in head)


def dependent(sides: Iterable[Node]) -> dict[str, Product]:
    r"""What these names stand for, by the name with its letters: \ell_t(h_t) of \ell_t.

    A name that is applied to different members, or stands without brackets anywhere, is none.
    """
    found: dict[str, Product] = {}
    applied: Counter[str] = Counter()
    used: Counter[str] = Counter()
    refused: set[str] = set()
    for side in sides:
        used.update(n.text for n in (side, *inside_of(side)) if isinstance(n, Name))
        for head, group in brackets_in(side):
            if isinstance(head, Scripted) and isinstance(head.core, Name) and _is_own(head, group):
                whole = Product(head.at, group.end, (("", head), ("", group)))
                refused |= {spell(head)} if spell(found.setdefault(spell(head), whole)) != spell(whole) else set()
                applied[head.core.text] += 1
    names = {key: key.partition("_")[0] for key in found.keys() - refused}
    return {key: found[key] for key, name in names.items() if used[name] == applied[name]}


def without_brackets(node: Node, names: Collection[str]) -> Node:
    r"""The node with \ell_t for \ell_t(h_t) for each of these names."""
    return with_pairs(node, lambda head, group: (head,) if spell(head) in names and isinstance(group, Group) else None)


def _is_own(head: Scripted, group: Group) -> bool:
    """Whether a name with letters stands before one member with the same letters in brackets."""
    inside = group.items[0] if len(group.items) == 1 else None
    if group.bracket != "(" or group.bars or head.sups or head.primes or not head.subs:
        return False
    if not isinstance(inside, Scripted) or inside.sups or inside.primes or not isinstance(inside.core, Name):
        return False
    return all(isinstance(n, Name) for n in head.subs) and list(map(spell, inside.subs)) == list(map(spell, head.subs))
