r"""What the words of a proof say about the display after them: its case, its range, the names they define.

A sentence counts only by its inline formulas and the word that introduces it: `For $i \neq k$:`, `If $u > 0$,`,
`For $i = 1, \dots, K$`, `where $u = w x + b$`.  Everything else in words is for people.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import pairwise
from typing import cast

from sympy import Expr, Integer, Symbol

from symdl.errors import Place, SymdlError
from symdl.language import (
    Sigma,
    free_symbols,
    index,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    scalar,
)
from symdl.problem import Block, Givens, Problem, Range, Ranges, Relation, Symbolic
from symdl.read import Chain, has_relation, read_chains, read_expression
from symdl.read.commands import GREEK, UNICODE
from symdl.read.inline import LONGEST, delimited, inline

_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z*_])|\n\s*\n")
CASE = re.compile(r"\b(for|if|when|whenever|case|suppose|assume|assuming|provided|on)\b", re.IGNORECASE)
_SAID_CASE = re.compile(
    r"\b(?:in|for|under)\s+(?:this|that|any|each|either|every|both|all|such)\s+(?:an?\s+)?cases?\b", re.IGNORECASE
)
"""The case or the cases of which words before have spoken: no formula behind it says which one is meant."""
DIFFER = re.compile(r"\\n?eq?(?![A-Za-z])|[≠<>]|\\[lg]eq?(?![A-Za-z])|^\s*[a-z]'*\s*=\s*[a-z]'*\s*$")
_NAMING = re.compile(
    r"\b(let|where|with|define|write|set|put|denote(?:\s+(?:\w+\s+){0,5}by)?|call|abbreviate|introduce)\s*(?:,|and|\s)*$",
    re.IGNORECASE,
)
_STANDS_FOR = re.compile(
    r"\s*(?:denotes?|stands? for|(?:is|be) (?:short|shorthand|an abbreviation) for|for)\s+"
    r"(?:the (?:partial |total )?(?:derivative|gradient)(?P<slope> of)?\s+)?"
)
_BY = re.compile(r"\s*(?:with respect to|w\.?\s?r\.?\s?t\.?|by)\s*")
_TH = re.compile(r"-|th\b")
_RUN = re.compile(
    r"(?P<letters>[^=]+?)(?:=|\\in\s*\\\{)\s*(?P<lo>[^,=]+?)\s*,\s*(?:[^,]+,\s*)?"
    r"(?:\\[lc]?dots[bcm]?|\.\.\.|…)\s*,\s*(?P<hi>[^,=]+?)(?:\\\})?",
    re.DOTALL,
)


_DEMANDS = re.compile(
    r"\b(sett?(?:ing)?|equat(?:e|es|ed|ing)|requir\w*|demand\w*|solv\w*|suppose|assum\w*|vanish\w*|stationar\w*"
    r"|at the optimum|(?:needs?|wants?)(?! to (?:show|prove|verify|check))|to (?:ensure|guarantee))\b"
    r"|\b(?:obtains?|gets?|finds?|gives?|yields?|leads? to|has|have|solves?|satisf\w+) (?:the|an?|this|its)"
    r" (?:[\w-]+ ){0,2}?equations?\W*$",
    re.IGNORECASE,
)
HENCE = r"so|hence|thus|therefore"
"""Before what follows."""
DENIES = re.compile(
    r"\b(?:not|n't|never|if|when|would|could|suppos\w*|assum\w*|let|wrong\w*|false|incorrect\w*|instead|unless)\b|\?",
    re.IGNORECASE,
)
"""In a sentence that need not say of what it speaks that it is so."""
_SO = re.compile(rf"\b(?:{HENCE})(?:\s+(?:that|for|we (?:get|have|obtain|find)))?\W*$", re.IGNORECASE)
"""At the end of a sentence, before what follows from it."""
_SOLVED = re.compile(
    r"\b(?:solv|rearrang|isolat)\w+\b[^.;:]{0,150}?\bfor\b[^.;:]{0,150}"
    r"\b(?:gives|yields|leads to|results in|(?:get|obtain|find)s?)\W*$",
    re.IGNORECASE,
)
"""At the end of a sentence, before the solution of an equation."""
_SOLVES = re.compile(rf"\A\W*(?:and |from which |whence )*(?:{HENCE})\b|\b(?:solv|rearrang|isolat)\w*\b", re.IGNORECASE)
_THAT_IS_ZERO = re.compile(
    r"\b(?:this|it|that|which|the (?:difference|expression|numerator|exponent|bracket|right side))\s+(?:\w+\s+){0,2}?"
    r"(?:vanish\w*|(?:is|be|equals?|becomes?)(?: equal to)? (?:zero|0))"
    r"|\b(?:sett?(?:ing)?|equat\w+) (?:this|it|that|the (?:difference|expression|numerator))"
    r" (?:equal )?(?:to|with) (?:zero|0)",
    re.IGNORECASE,
)
_FOR_ALL = re.compile(
    r"(?:\\forall(?![A-Za-z])|∀|\b[Ff]or (?:all|any|every|each)(?: (?:real|fixed))?"
    r"(?: (?:numbers?|values? of|inputs?))?\s*\}?)"
    r"\s*\$?\s*(?P<names>\\?[A-Za-z]+(?:\s*,\s*\\?[A-Za-z]+)*)\s*(?=[$,.}]|\\in\b|\\q?quad\b|\Z)"
)
_TAKES_SLOPE = re.compile(r"\b(?:derivatives?|gradients?|differentiat\w*|partials?)\b", re.IGNORECASE)
_ASKS = re.compile(r"\b(sett?(?:ing)?|equat(?:e|ing)|require|demand(?:ing)?|suppose|assum(?:e|ing))\b", re.IGNORECASE)
_ZERO = re.compile(
    r"\b(?:(?:to|is|be) 0|zero|vanish\w*|stationar\w*|critical|optim\w+|maxim\w+|minim\w+|extrem\w+|first[- ]order"
    r"|null\w*|nul(?:le)?|normal equations?|likelihood equations?)\b",
    re.IGNORECASE,
)
_PLACED = re.compile(r"((?:[^\s,;$]+\s*,\s*)*[^\s,;$]+)\s*\\in\s*\\(?:mathbb|mathbf|R\b|Re\b)")
_SUMS = re.compile(
    r"\$(?P<member>[^$=]+)\$\s+(?:\w+\s+){0,2}?(?:sums?|adds?)(?:\s+up)?\s+to\s+(?:one\b|1\b|\$1\$|unity)",
    re.IGNORECASE,
)
_BEST = re.compile(r"\b(?:best|optim\w+|minimi\w+|maximi\w+|(?:minimum|maximum|extremum)\b.*\bat)\b", re.IGNORECASE)
_SLOPE_IS_ZERO = re.compile(
    r"(?:\\nabla|\\partial|'|\\[dt]?frac\s*\{\s*(?:\\mathrm\{d\}|d(?![A-Za-z])))[^=]*="
    r"\s*(?:\\(?:mathbf|vec|boldsymbol)\s*)?\{?0\}?$"
)
_SUPPOSES = re.compile(
    r"\b(?:let|suppos\w*|assum\w*|if|when|case|start\w*|initial\w*|choos\w*|chose|take|pick|instead|example|e\.g|guess"
    r"|begin\w*|consider|another|unless|updat\w*|iterat\w*|steps?|epochs?|learning rate|where)\b"
    r"|\b(?:with|for|at|from)\s*\0",
    re.IGNORECASE,
)
_JOINS = re.compile(r"\W*(?:and|as well as|und|sowie|et)\W*", re.IGNORECASE)
_BASE = re.compile(
    r"natural log|\\ln\b|log(?:arithm)?s? (?:is |are )?(?:to |with |of )?(?:the )?base|\\log_|base[- ]?(?:2|10|e)\b"
    r"|log(?:arithm)?s (?:are|is) (?:all )?natural|natürliche\w* logarithm|logarithmes? (?:naturel|népérien)"
    r"|logaritmos? (?:natural|neperiano)|自然对数",
    re.IGNORECASE,
)
_PIECES = re.compile(
    r",|;|\\q?quad\b|\\text\{(?:\s[^{}]*|[^{}]*\s|\s*(?:and|or|for|if|where|with|when|so|then)\b[^{}]*)\}|\n"
)
_GROUP = r"\{(?:[^{}]|\{[^{}]*\})*\}"
_CASE_LINE = re.compile(
    r"\s*(?:\\text\{\s*)?(?:case|if|when|for)\b(?:\s*\d\b)?\s*[:.(]?\s*\}?(?P<formula>[^:$]*(?:[<>≠≤≥]|\\[lgn]eq?\b)[^:$]*?)\)?\s*:\s*",
    re.IGNORECASE,
)
LONE = re.compile(
    rf"\s*(?P<name>\\?[A-Za-z]+(?:{_GROUP})?'*(?:[_^](?:{_GROUP}|\\?[A-Za-z0-9]))*'*)\s*(?:\([^()]*\))?\s*"
)
_FUNCTION = re.compile(r"^\s*\\(?:log|ln|exp)(?![A-Za-z_])\s*(?=[A-Za-z\\])")
"""What is said of the logarithm of something is said of this."""

_BLANK = re.compile(r"\s|\\(?:[,;:! ]|left(?![A-Za-z])|right(?![A-Za-z]))")
_BRACES = re.compile(r"[{}\s]")
_INDICES = re.compile(r"_(?:[i-nst]|\{[\di-nst+\-, ]*\})(?![A-Za-z])")
"""The indices at the name of a family: what is said of a member concerns all of it."""
_ANY_INDEX = re.compile(r"_(?:[a-z]|\{[\da-z+\-, ]*\})(?![A-Za-z])|\^\{?[(\[][\da-zL+\- ]*[)\]]\}?")
"""What may be such an index, or a label: what is said may concern the family as well."""

_SINGULAR = re.compile(r"[=≈]\s*[-+]?\s*\\infty|^(?:[\d\s()]|\\(?:log|ln|infty|left|right))*$")
_CONDITIONED = re.compile(
    r"[^\w\0]*\0+\s*,?\s*(?:if|when|whenever|for(?P<all>\s+(?:all|every|each|any))?)\s+\0+[\s.;]*(?:\[[^\]]*\])?\s*"
)
"""Two formulas and nothing else, of which the second one says where the first one holds."""
_RELATION = re.compile(r"=|≈|\\(?:approx|sim|equiv|coloneqq|leftarrow|propto)\b|:=")
_TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z]+")
_GREEK_SIGNS = str.maketrans({c: written for c, written in UNICODE.items() if written[1:].rstrip() in GREEK})
_GREEK_COMMAND = re.compile(rf"\\(?:{'|'.join(sorted(GREEK))})(?![A-Za-z])")
_LAYOUT = re.compile(
    r"\\(?:begin|end)\{[a-z*]+\}|\\(?:mathbf|boldsymbol|bm|mathrm|mathcal|mathbb|operatorname|text|hat|bar|tilde|vec|dot"
    r"|left|right|big|Big|frac|dfrac|tfrac|sqrt|sum|prod|times|cdot|partial|dots|ldots|cdots|top|infty)(?![A-Za-z])"
)
_CONSTANT = r"\s*[-+]?(?:[\d.]+|\\[dt]?frac\s*\{?\d+\}?\s*\{?\d+\}?)\s*"
_ENTRIES = (
    rf"\s*(?:\\left)?[(\[]{_CONSTANT}(?:[,;]{_CONSTANT})+(?:\\right)?[)\]](?:\^\{{?(?:\\top|T)\}}?)?"
    rf"|\s*\\begin\{{[bp]matrix\}}{_CONSTANT}(?:(?:&|\\\\){_CONSTANT})*\\end\{{[bp]matrix\}}"
)
_POINT = re.compile(rf"[^=<>≈]{{1,40}}=(?:{_CONSTANT}|{_ENTRIES})")
_DATA = re.compile(r"[(\[{]\s*-?[\d.]+\s*[,;&]\s*-?[\d.]+")
_SPOKEN = re.compile(r"[^\W\d_]{2,}")
MAX_MEMBERS = 64
"""Up to how many entries of a vector are taken one by one."""
_STEP = re.compile(
    r"\s*(?:(?:now|next|then|first|finally|so|we|can|let us|and)\b,?\s+)*(?:expand|simplif|factor|collect|combin|cancel"
    r"|multipl|distribut|rearrang|regroup|group|rewrit|reorder|using|use|apply|by|since|because)\w*\b",
    re.IGNORECASE,
)
"""How a sentence begins that says by what a formula is changed."""
_ABOUT = re.compile(
    r"\b(?:at|for|if|when|where|case|side|evaluat\w*|substitut\w*|put\w*|plug\w*|approximat\w*|neglect\w*|drop\w*"
    r"|ignor\w*|assum\w*|set\w*)\b|\b(?:is|are|becomes?|equals?|reads?)\s*:?\s*\Z|[.;!?:]\s*\S",
    re.IGNORECASE,
)
"""What says of a line where it holds, or names its left side."""

MANY_WORDS = 3
"""How many words a paragraph has that may say where a line holds."""

_EQUATES = re.compile(
    r"\b(?:agree|coincid\w*|(?:are|is|be|become) (?:the )?(?:equal|same)|indifferent|break[- ]?even|threshold|boundary"
    r"|intersect\w*|balance\w*)\b|\b(?:where|if|when|whenever)[^\w\0]*$",
    re.IGNORECASE,
)
_CONSTRAINT = re.compile(
    r"\b(?:constraints?|subject to|s\.\s?t\.|Nebenbedingung|contrainte)(?: that)?[\s:,]*$", re.IGNORECASE
)

_LETTER = re.compile(r"(?<![\\A-Za-z])[a-z](?![A-Za-z])")


Spoken = frozenset[frozenset[str]]
"""The names that formulas speak of, each by its letters and commands."""


@lru_cache(maxsize=64)
def formulas(block: Block) -> tuple[tuple[Block, str], ...]:
    """Each inline formula of a paragraph as a display block with its place, and the words before it in its sentence."""
    starts = [0, *(m.end() for m in _SENTENCE.finditer(block.text))]
    blank = without_formulas(block.text)
    found: list[tuple[Block, str]] = []
    place, end = block.place, 0
    for formula in inline(block.text):
        at = formula.span[0]
        place, end = place.behind(block.text[end : formula.start]), formula.start
        start = max(starts[bisect_right(starts, at) - 1], at - LONGEST)
        found.append((Block("display", formula.text, place), blank[start:at]))
    return tuple(found)


def introduced(block: Block) -> Iterator[tuple[Block, str]]:
    """The inline formulas of a paragraph before which words stand in their sentence, with these."""
    return ((formula, words) for formula, words in formulas(block) if not words.isspace())


def without_formulas(text: str, sign: str = " ") -> str:
    """The words, with a sign for every character of their formulas."""
    pieces, at = [], 0
    for found in inline(text):
        start, end = found.span
        pieces += [text[at:start], sign * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def sole_formula(block: Block) -> Block | None:
    """The formula of a paragraph that holds nothing else but punctuation and a remark behind it, as a display block."""
    found = formulas(block)
    is_whole = len(found) == 1 and _REMARKED.fullmatch(without_formulas(block.text)) is not None
    return found[0][0] if is_whole else None


_REMARKED = re.compile(r"[\s.,;:*_]*(?:\([^()$=]*\)[\s.,;:*_]*)?")


def opens_a_case(block: Block) -> bool:
    """Whether a paragraph is nothing but a condition for what stands below it, as in `$i \\neq k$:`."""
    formula = sole_formula(block)
    return formula is not None and block.text.rstrip().endswith(":") and bool(DIFFER.search(formula.text))


def spoken_of(texts: Iterable[str]) -> Spoken:
    """What formulas define or bound: the name before the sign of a relation, else every letter there.

    What holds by convention at a singular point, such as `0 \\log 0 = 0`, speaks of nothing else.
    """
    found: set[frozenset[str]] = set()
    for piece in statements_in(texts):
        head = _FUNCTION.sub("", _RELATION.split(piece)[0]) if _RELATION.search(piece) else piece
        lone = LONE.fullmatch(head)
        if lone is None and (_SINGULAR.search(head) or _SINGULAR.search(piece)):
            continue
        own = {letters_of(letter.sub("", lone["name"])) for letter in (_INDICES, _ANY_INDEX)} if lone else set()
        found |= own or {frozenset((x,)) for x in letters_of(head)}
    return frozenset(found - {frozenset()})


def statements_in(texts: Iterable[str]) -> Iterator[str]:
    """The statements of the formulas of texts; a text without any is one formula."""
    for text in texts:
        for formula in [found.text for found in delimited(text)] or [text]:
            yield from _pieces(formula)


def squeezed(formula: str) -> str:
    """A formula without blanks, and the stop of the sentence behind it."""
    return _BLANK.sub("", formula).rstrip(".,;:")


def rests_on(statement: str, name: str) -> bool:
    """Whether a statement says by this name what something is, or holds the name and says of nothing what it is."""
    sides = _RELATION.split(statement)
    text, plain = " ".join(sides[1:] if len(sides) > 1 else sides), _BRACES.sub("", name)
    if re.fullmatch(r"\\?[A-Za-z]+", name):
        return bool(re.search(rf"(?<![A-Za-z\\]){re.escape(name)}(?![A-Za-z])", text))
    return plain in _BRACES.sub("", text)


def says_what(statement: str, name: str) -> bool:
    """Whether a statement begins with a name and its sign, and so says what it is."""
    first, *others = _RELATION.split(statement)
    return bool(others) and _BRACES.sub("", first) == _BRACES.sub("", name)


def is_spoken_of(name: str, spoken: Spoken) -> bool:
    """Whether what is spoken of bears this name, or is a part of it."""
    letters = letters_of(name)
    return any(s <= letters for s in spoken)


def _pieces(formula: str) -> Iterator[str]:
    """The statements of a formula: what stands between commas, quads and words outside brackets."""
    start = 0
    for m in _PIECES.finditer(formula):
        before = formula[start : m.start()]
        if all(before.count(a) <= before.count(b) for a, b in ("()", "[]", "{}")):
            yield before
            start = m.end()
    yield formula[start:]


def letters_of(latex: str) -> frozenset[str]:
    """The letters and Greek or function commands of a formula; accents, fonts and layout left out."""
    tokens = _TOKEN.findall(_LAYOUT.sub(" ", latex.translate(_GREEK_SIGNS)))
    return frozenset(x for t in tokens for x in ((t,) if t.startswith("\\") else t))


def greek_in(words: str) -> list[str]:
    """The Greek letters that stand among words without being marked as formulas."""
    return _GREEK_COMMAND.findall(without_formulas(words).translate(_GREEK_SIGNS))


def placed(block: Block) -> frozenset[str]:
    r"""The names of which a paragraph or display says where they lie, as in `x, y \\in \\mathbb{R}^n`."""
    return frozenset(name for found in _PLACED.finditer(block.text) for name in letters_of(found[1]))


def without_said_cases(words: str) -> str:
    """Words without those that lead back to a case, `in this case`, and are followed by what holds there."""
    return _SAID_CASE.sub(" ", words)


def under_a_condition(block: Block) -> Block | None:
    """The relation of a paragraph that holds no more than one and where it holds, as a display; None for any other.

    So do `$f = 0$ if $x < 0$` and `$f < 0$ for all $x$`.
    """
    found = [formula for formula, _ in formulas(block)]
    said = _CONDITIONED.fullmatch(without_formulas(block.text, "\0"))
    if said is None or len(found) != 2:
        return None
    first, second = found
    relates = _RELATION.search(first.text) or DIFFER.search(first.text)
    if said["all"] and LONE.fullmatch(second.text.strip()) and relates:
        return first
    if "=" not in first.text or not DIFFER.search(second.text):
        return None
    return Block("display", rf"{first.text} \text{{ if }} {second.text}", first.place)


EITHER = re.compile(r"\$(?P<name>[^$=<>]+?)\s{0,3}=[^$=]*\$ or \$(?P=name)\s{0,3}=[^$=]*\$")
"""Two values of one name, of which the sentence says one or the other."""


def alternatives(block: Block) -> set[Place]:
    """Where the formulas of a paragraph stand of which one or the other holds."""
    spans = [m.span() for m in EITHER.finditer(block.text)]
    offsets = ((f.place, f.place.offset_in(block.text, block.place)) for f, _ in formulas(block)) if spans else ()
    return {place for place, at in offsets if any(start < at < end for start, end in spans)}


def points(block: Block, givens: Givens) -> Iterator[Relation]:
    """The equations of a paragraph that give a free quantity a number, as in `At $x = 0$ we get`, or its entries.

    What is one or the other is no point.
    """
    several = alternatives(block)
    for formula, _ in formulas(block):
        if formula.place in several:
            continue
        if all(_POINT.fullmatch(piece.strip().rstrip(".,:")) for piece in _pieces(formula.text)):
            for chain in read_formula(formula, givens, {}):
                for relation in (r for whole in relations(chain, {}) for r in members(whole, chain.ranges)):
                    inside = quantities(relation.lhs)
                    if inside == {relation.lhs} and relation.rhs.is_number and not givens.is_defined(relation.lhs):
                        yield relation


def as_case(block: Block) -> Block | None:
    """The words of a display that is no more than a case, as `Case x > 0:`; None for any other."""
    found = _CASE_LINE.fullmatch(block.text)
    return Block("words", f"Case ${found['formula'].strip()}$:", block.place) if found else None


def equates(block: Block) -> bool:
    """Whether the last sentence of a paragraph says that what stands below holds somewhere, as `They agree where`."""
    return bool(_EQUATES.search(without_formulas(leading(block).text, "\0")))


def ends_with_place(block: Block) -> bool:
    """Whether a paragraph ends with the word that says where, if or when what stands below it holds."""
    return bool(re.search(r"\b(?:where|if|when|whenever)\W*$", block.text, re.IGNORECASE))


def constraints(block: Block, givens: Givens) -> tuple[Relation, ...]:
    """The equations that a paragraph names as a constraint."""
    found = [f for f, before in introduced(block) if _CONSTRAINT.search(before)]
    said = [r for f in found for chain in read_formula(f, givens, {}) for r in relations(chain, {}) if r.sign == "="]
    said += list(_sums_to_one(block, givens))
    return tuple(r for r in said if not any(is_index(s) for side in r.sides for s in free_symbols(side)))


def _sums_to_one(block: Block, givens: Givens) -> Iterator[Relation]:
    """That the members of a family sum to 1, where a paragraph says so of them."""
    for found in _SUMS.finditer(block.text):
        with suppress(SymdlError):
            member = read_expression(found["member"], givens)
            at, runs = indices_of(member), givens.families.get(label_of(member), ())
            if is_quantity(member) and len(at) == len(runs) == 1 and is_index(at[0]):
                yield Relation(Sigma.over(at[0], runs[0].lo, runs[0].hi, member), "=", Integer(1))


def inline_formulas(text: str) -> list[str]:
    """The formulas within words."""
    return [found.text for found in inline(text)]


def is_telling(block: Block) -> bool:
    """Whether a paragraph says more than a connecting word does, so that it may say where a line holds."""
    return len(_SPOKEN.findall(without_formulas(block.text))) + len(inline(block.text)) >= MANY_WORDS


def announces_step(block: Block) -> bool:
    """Whether one sentence without a formula says by what the formula before it is changed, and nothing else."""
    text = block.text.strip()
    return bool(_STEP.match(text)) and not (inline(block.text) or _ABOUT.search(text) or any(map(str.isdigit, text)))


def has_data(block: Block) -> bool:
    """Whether a paragraph holds numbers side by side, such as the points of a data set."""
    return block.kind == "words" and bool(_DATA.search(block.text))


def is_range(formula: Block) -> bool:
    """Whether a formula says where index letters run."""
    return _RUN.fullmatch(formula.text.strip().rstrip(".,")) is not None


def declared(block: Block, givens: Givens) -> dict[Symbol, Range]:
    """Every range that a paragraph gives, wherever in it."""
    ranges: dict[Symbol, Range] = {}
    for formula, before in introduced(block):
        if CASE.search(before):
            ranges.update(range_in(formula.text, givens) or {})
    return ranges


def is_heading(block: Block) -> bool:
    """Whether a paragraph begins something new, so that ranges given before it no longer hold."""
    return block.text.lstrip().startswith("**")


def named(block: Block, givens: Givens) -> Iterator[Chain]:
    """The relations in a paragraph that stand right after a word such as `let` or `where`, or after another such."""
    for formula, before in introduced(block):
        if _NAMING.search(before) and not is_range(formula):
            yield from read_formula(formula, givens, {})
    for meaning in _abbreviations(block):
        yield from read_formula(meaning, givens, {})


def _abbreviations(block: Block) -> Iterator[Block]:
    r"""What `write $\delta$ for $\frac{\partial L}{\partial z}$` says, or the same in words, as equations."""
    found = formulas(block)
    spans = [found.span for found in inline(block.text)]
    words = [block.text[end:start] for (_, end), (start, _) in pairwise([*spans, (len(block.text), 0)])]
    for n, (name, before) in enumerate(found[:-1]):
        said = _STANDS_FOR.fullmatch(words[n])
        if said is None or "=" in name.text or (words[n].strip() == "for" and not _NAMING.search(before)):
            continue
        meant = found[n + 1][0].text
        if said["slope"] is not None:
            if n + 2 == len(found) or not _BY.fullmatch(words[n + 1]):
                continue
            meant = rf"\frac{{\partial {meant}}}{{\partial {found[n + 2][0].text}}}"
        elif _TH.match(words[n + 1]):
            continue
        # A bare name or number says what kind of thing the first one is.
        if re.search(r"\\|[-+*/]", meant) and not re.search(r"[=<>]|\\(?:in|leq?|geq?)\b|\.\.|dots", meant):
            yield Block("display", f"{name.text} = {meant}", name.place)


def stated(block: Block, givens: Givens) -> Iterator[tuple[Chain, Ranges]]:
    """The relations in a paragraph with the ranges that it gives, whatever introduces them."""
    ranges = declared(block, givens)
    for formula, _ in formulas(block):
        if not is_range(formula):
            for chain in read_formula(formula, givens, ranges):
                yield chain, {**chain.ranges, **ranges}


def relations(chain: Chain, ranges: Ranges) -> list[Relation]:
    """The relations of a chain whose sides could all be read; none otherwise.

    What has the name of an index letter of `ranges` is that letter: `i` alone does not show what it is.
    """
    letters = _names_of(ranges)
    sides = [put(s.expr, letters) if s.expr is not None else None for s in chain.sides]
    found = []
    for lhs, sign, rhs in zip(sides, chain.signs, sides[1:], strict=False):
        if lhs is None or rhs is None or sign == "in":
            return []
        found.append(Relation(lhs, cast(Symbolic, sign), rhs))
    return found


def members(equation: Relation, ranges: Ranges) -> list[Relation]:
    """What an equation of a vector says of its entries one by one; the equation where it is of anything else."""
    letters = [i for i in ranges if i in free_symbols(equation.lhs) | free_symbols(equation.rhs)]
    runs = [ranges[i] for i in letters]
    if len(runs) != 1 or not (runs[0].lo.is_Integer and runs[0].hi.is_Integer) or runs[0].hi - runs[0].lo > MAX_MEMBERS:
        return [equation]
    at = [{letters[0]: Integer(k)} for k in range(int(runs[0].lo), int(runs[0].hi) + 1)]
    return [equation.at(k) for k in at]


def joins(block: Block) -> bool:
    """Whether a paragraph does no more than join two displays."""
    return bool(_JOINS.fullmatch(block.text))


def sets_a_condition(block: Block) -> bool:
    """Whether a paragraph says that what follows is demanded, as in `setting the derivative to zero`.

    What is supposed in the words themselves is no demand on what follows.
    """
    last = leading(block).text
    if _SO.search(without_formulas(last)) or _SOLVED.search(without_formulas(last)):
        return False
    found = _DEMANDS.findall(last)
    supposes = all(word.lower().startswith(("suppos", "assum")) for word in found)
    return bool(found) and not (supposes and any(DIFFER.search(f) for f in inline_formulas(last)))


def asks(block: Block) -> bool:
    """Whether the last sentence of a paragraph asks for something, and does not only say what has been asked."""
    return bool(_ASKS.search(leading(block).text))


def sentences(block: Block) -> Iterator[Block]:
    """The sentences of a paragraph, with their places."""
    starts = [0, *(m.end() for m in _SENTENCE.finditer(block.text.rstrip()))]
    for start, end in pairwise([*starts, len(block.text)]):
        yield Block(block.kind, block.text[start:end], block.place.behind(block.text[:start]))


def leading(block: Block) -> Block:
    """The last sentence of a paragraph, which leads to the display below it."""
    end = max((m.end() for m in _SENTENCE.finditer(block.text.rstrip())), default=0)
    return Block(block.kind, block.text[end:], block.place.behind(block.text[:end]))


def said_for_all(*texts: str) -> frozenset[str]:
    r"""The letters for all of which something is said to hold: `for all $x$`, `\forall x`."""
    return frozenset(letter for text in texts for m in _FOR_ALL.finditer(text) for letter in letters_of(m["names"]))


def demands_a_zero(block: Block) -> bool:
    """Whether a paragraph says, in words or by a formula, that a derivative is to be 0, as it is at an extremum."""
    said = any(is_slope_zero(f) or f.strip() == "0" for f in inline_formulas(block.text))
    return said or bool(_ZERO.search(without_formulas(block.text)))


def says_that_vanishes(block: Block) -> bool:
    """Whether the last sentence of a paragraph says that what was shown before it is 0, and not its derivative."""
    words = without_formulas(leading(block).text, "0")
    found = _THAT_IS_ZERO.search(words)
    return found is not None and not _TAKES_SLOPE.search(words[: found.start()])


def says_best(block: Block) -> bool:
    """Whether the last sentence of a paragraph says that what follows is the best, or where something is extreme."""
    return bool(_BEST.search(without_formulas(leading(block).text)))


def is_slope_zero(formula: str) -> bool:
    """Whether a formula says that a derivative is 0."""
    return bool(_SLOPE_IS_ZERO.search(formula.strip().rstrip(".,;:").rstrip()))


def may_suppose(block: Block) -> bool:
    """Whether the last sentence of a paragraph may begin something else than what follows from the lines before."""
    last = leading(block)
    return bool(_SUPPOSES.search(without_formulas(last.text, "\0"))) and not demands_a_zero(last)


def solves(block: Block) -> bool:
    """Whether the last sentence of a paragraph says that what follows is got from the lines before."""
    return bool(_SOLVES.search(without_formulas(leading(block).text)))


def states_base(problem: Problem) -> bool:
    """Whether the document says which logarithm it means."""
    words = " ".join(b.text for b in (*problem.intro, *problem.given_blocks))
    return bool(_BASE.search(words))


def range_in(latex: str, givens: Givens) -> dict[Symbol, Range] | None:
    found = _RUN.fullmatch(latex.strip().rstrip(".,"))
    if not found:
        return None
    # A single letter that nothing given has is an index: ranges may depend on one another.
    named = givens.symbols.union(*(free_symbols(d.body) | free_symbols(d.head) for d in givens.definitions))
    known = {symbol.name for symbol in named}
    strange = set(_LETTER.findall(found["lo"] + " " + found["hi"])) - known
    letters = {index(letter): Range(Integer(1), Integer(1)) for letter in sorted(strange)}
    try:
        ends = [read_expression(found[end], givens, letters) for end in ("lo", "hi")]
    except SymdlError:
        return None
    run = Range(*(put(end, _names_of(letters)) for end in ends))
    return {index(letter.strip()): run for letter in found["letters"].split(",")}


def _names_of(ranges: Ranges) -> dict[Expr, Expr]:
    """The letters by the scalars of their names, which are what a letter alone is read as."""
    return {scalar(letter.name): letter for letter in ranges}


def read_formula(formula: Block, givens: Givens, ranges: Ranges) -> list[Chain]:
    """The chains of an inline formula; none where it is no relation or cannot be read, since words are no claims."""
    try:
        return [c for c in read_chains(formula, givens, ranges) if c.signs] if has_relation(formula, givens) else []
    except SymdlError:
        return []
