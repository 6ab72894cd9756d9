"""Cases that stand in a display of their own, `for i = j:`, as the sentences that they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from symdl.problem import Block

_WORDS = re.compile(r"\\(?:text|textrm|textbf|textit|mbox|mathrm|operatorname)\s*\{([^{}$]*)\}")
_NAME = r"\|?\\?[A-Za-z]+'*(?:_(?:\w|\{[\w, +-]+\}))?\|?"
_SIGN = r"=|\\neq?(?![A-Za-z])|≠|\\not\s*=|<|>|≤|≥|\\[lg](?:eq?|eqslant|t)(?![A-Za-z])"
_NUMBER = r"-?\d+(?:\.\d+)?"
_SIMPLE = re.compile(rf"(?P<left>{_NAME})\s*(?P<sign>{_SIGN})\s*(?P<right>{_NAME}|{_NUMBER})")
_ANY = re.compile(rf"(?P<left>[^=<>≤≥≠:,;]+?)\s*(?P<sign>{_SIGN})\s*(?P<right>[^=<>≤≥≠:,;]+?)")
_BETWEEN = re.compile(
    rf"{_NUMBER}\s*(?:<|≤|\\l(?:eq?|t))\s*(?P<left>{_NAME})\s*(?P<sign><|≤|\\l(?:eq?|t))\s*(?P<right>{_NUMBER})"
)
_BARS = re.compile(
    r"\|(?:[^|\s$](?:[^|$]*[^|\s$])?\|(?P<any>)|[^|$]+\|)[^$]*?(?:=|<|>|≈|≤|≥|\\(?:leq?|geq?|approx)(?![a-z]))"
    r"[^$]*(?(any)|(?<!\|))"
)
"""A line that begins with a bar: in Markdown it stands as it is, and is no row of a table.

With blanks inside its bars a line that ends with a bar is such a row.
"""
_CASE = re.compile(
    r"\s*(?P<label>(?:[IVX]{1,4}|\d{1,2}|[a-d])[.)]\s+|\((?:[ivx]{1,4}|\d{1,2}|[a-d])\)\s*)?"
    r"(?P<name>(?:[Cc]ase|[Ss]ample|[Ee]xample|[Pp]oint|[Ss]tep|[Ii]teration|[Tt]ime)\b\s*"
    r"(?:(?:\d{1,2}|[IVX]{1,4}|[A-Da-d])\b)?\s*[.:,(]*\s*)?"
    r"(?P<word>(?:[Ff]or|[Ii]f|[Ww]hen|[Ww]here|[Ww]ith|[Aa]t|[Ll]et|[Ss]et|[Ss]uppose|[Aa]ssume|[Ii]n case)\b"
    r"\s*(?:that\b|all\b)?\s*)?"
    r"(?P<relations>[^:]+?)"
    r"\)?\s*,?\s*(?:(?:we|one) (?:get|have|obtain|find)s?|then|this gives|it follows(?: that)?|gives)?\s*"
    r"(?:(?P<end>:)\s*(?P<rest>.*)|[.,]?\s*)",
    re.DOTALL,
)
_OTHERWISE = re.compile(r"\W*(?:\d[.)]\s*)?(?:[Ee]lse|[Oo]therwise|[Ii]n (?:all|the) other cases?|[Ee]lsewhere)\W*")
_COMMA = re.compile(
    rf"(?P<word>[Ff]or|[Ii]f|[Ww]hen|[Ii]n case)\s+(?P<relation>{_SIMPLE.pattern})\s*,\s*(?:then\b)?\s*(?P<rest>.*)",
    re.DOTALL,
)
_INDEX = re.compile(r"[i-nrst]'*")
_ASSIGNS = re.compile(r"\\(?:leftarrow|gets)(?![A-Za-z])|←|:=")
_SUBSCRIPT = re.compile(r"_(?:\w|\{[^{}]*\})")
_SET = re.compile(rf"(?:^|[,;]|quad)\s*({_NAME}\s*=\s*{_NUMBER}\s*:)")
_GIVES = re.compile(rf"(?P<setting>\s*{_NAME}\s*=\s*{_NUMBER})\s+(?:gives|yields)\s")
_SPOKEN = re.compile(
    r"[^.;=]*?(?<![A-Za-z])(?P<name>[a-z])\s*(?:=|is|equals|equal to|is equal to)\s*(?P<value>\d+)\s*\)?\s*:"
)
"""A case in words alone: For y equal to 1, Positive class (y = 1)."""
_WORDY = re.compile(
    r"(?:(?:[Ff]or|[Ii]f|[Ii]n|[Ww]hen|[Ww]here|[Tt]he|[Cc]ases?|that|of|with|[Ff]irst|[Ss]econd|[Tt]hird|[Nn]ow|[Nn]ext"
    r"|[Cc]onsider|[Aa]ssume|[Ss]uppose|we|have|take|and|then)\b[\s,:]*)+"
    rf"(?P<relation>{_SIMPLE.pattern})[\s,.:]*(?:we (?:get|have))?[\s,.:]*"
)
"""A sentence without dollars that names a case: for the case i = j."""
_PLAIN_SETTING = re.compile(
    rf"(?:For|If|With|When|Suppose|Assume|At|In)\b[^$=<>:]{{0,80}}?(?<![A-Za-z\\])(?P<left>{_NAME})\s*(?P<sign>{_SIGN})"
    r"\s*(?P<right>[^$=<>:,]{1,40}?)\s*:"
)
"""A sentence without dollars that sets something: For the uniform distribution p_i = 1/n:"""
_IF_ELSE = re.compile(
    r"(?:[Ii]f|[Ff]or|[Ww]hen)\s*\$(?P<case>[^$]+)\$\s*,?\s*(?:then\b)?\s*:?\s*\$(?P<then>[^$]+)\$\s*[,;.]?\s*(?:and\s+)?"
    r"(?:[Ee]lse|[Oo]therwise)\s*[,:]?\s*(?:it is\s*)?\$(?P<other>[^$]+)\$\W*"
)
_LABEL = re.compile(
    rf"\s*(?:(?:[Ff]or|[Ii]f|[Aa]t|[Ww]hen)\s+)?(?P<case>{_NAME}\s*(?:{_SIGN})\s*(?:{_NUMBER}|{_NAME}))\s*:\s*"
    r"\$(?P<formula>[^$=]+=[^$]+)\$\s*[;,.]?"
)
_LABELLED = re.compile(rf"(?:{re.sub(r'[?]P<[a-z]+>', '?:', _LABEL.pattern)})+\s*")
"""A line of cases without dollars, each before what holds there: z = 0: $h = 2$; z = 1: $h = -1$."""
_NUMERIC = re.compile(_NUMBER)
_LETTERS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")
EQUATES = re.compile(r"=|≈|\\approx")
_NOT = {"=": r"\neq", "<": r"\geq", ">": r"\leq", r"\neq": "=", r"\ne": "=", "≠": "=", r"\leq": ">", r"\le": ">"}
_NOT |= {r"\geq": "<", r"\ge": "<", "≤": ">", "≥": "<"}
_TELLS = ("let", "set", "suppose", "assume")
"""Words after which a relation goes on holding."""
_MOST = 80
"""How many signs a case has at most."""
_LONGEST = 400
"""How many signs a display has at most in which a case is looked for."""


def with_cases_apart(blocks: Iterable[Block], given: Iterable[Block]) -> Iterator[Block]:
    """The blocks of a proof, in which a display that only says where the next one holds is a sentence.

    `otherwise` says the opposite of the case before it.  `given` are the blocks that tell what is an index and what has
    a value: a bare `t = 0` counts, and where x is free, `x = 1` is a setting if `x = 2` follows later.
    """
    parts = [part for block in blocks for part in _parts(_displayed(block))]
    letters, free = _letters(parts, " ".join(b.text for b in given))
    last: re.Match[str] | None = None
    for n, block in enumerate(parts):
        text = _plain(block.text) if len(block.text) <= _LONGEST else ""
        if last is not None and _OTHERWISE.fullmatch(text) and last["sign"] in _NOT:
            yield _sentence(block, [f"{last['left']} {_NOT[last['sign']]} {last['right']}"], "For")
            continue
        if block.kind == "words":
            spoken = _SPOKEN.fullmatch(text) if "$" not in text else None
            wordy = _WORDY.fullmatch(text) if "$" not in text else None
            plain = _PLAIN_SETTING.fullmatch(text) if "$" not in text and spoken is None else None
            if plain is not None and not _is_run(plain["left"]) and not _LETTERS.search(_FONTS.sub("", plain["right"])):
                yield _sentence(block, [f"{plain['left']} {plain['sign']} {plain['right']}"], "For")
            elif wordy is not None and not _is_run(wordy["left"]) and not _is_run(wordy["right"]):
                last = wordy
                yield _sentence(block, [wordy["relation"]], "For")
            else:
                yield block if spoken is None else _sentence(block, [f"{spoken['name']} = {spoken['value']}"], "For")
            continue
        comma = _COMMA.fullmatch(text) if "&" not in text else None
        if comma is not None and _is_claim(comma, block):
            last = comma
            yield _sentence(block, [comma["relation"]], "For")
            at = block.text.index(comma["rest"])
            yield Block("display", block.text[at:], block.place.behind(block.text[:at]))
            continue
        found = _CASE.fullmatch(text) if text and "&" not in text else None
        relations = _relations(found, block, letters, free) if found is not None else []
        if found is None or not relations or not _has_line(found, relations, parts[n + 1 : n + 2], free):
            yield block
            continue
        last = relations[0] if len(relations) == 1 else None
        word = (found["word"] or "").strip()
        tells = word.lower().startswith(_TELLS)
        yield _sentence(block, [r[0] for r in relations], word.capitalize() if tells else "For")
        if found["rest"]:
            at = _behind_colon(found, block)
            yield Block("display", block.text[at:], block.place.behind(block.text[:at]))


def _has_line(
    found: re.Match[str], relations: list[re.Match[str]], following: list[Block], free: frozenset[str]
) -> bool:
    """Whether something stands below a bare `x = 1`; two settings in a row, and the last of a proof, are claims."""
    if found["word"] or found["name"] or found["end"] or relations[0]["left"] not in free:
        return True
    after = _SIMPLE.fullmatch(_plain(following[0].text)) if following else None
    return bool(following) and (after is None or after["left"] not in free)


def _is_claim(found: re.Match[str], block: Block) -> bool:
    """Whether what stands after a case and a comma is a claim, and no second case."""
    rest = found["rest"]
    is_case = any(_SIMPLE.fullmatch(t.strip()) for t in rest.split(","))
    names = not _is_run(found["left"]) and not _is_run(found["right"])
    return names and not is_case and bool(EQUATES.search(rest)) and rest in block.text


def _displayed(block: Block) -> Block:
    """A line that begins with a bar as the formula that it is, and x = 0 gives y = 1 as x = 0: y = 1."""
    leads = _GIVES.match(block.text) if block.kind == "display" else None
    if leads is not None:
        gap = " " * (leads.end() - leads.end("setting") - 1)
        return Block("display", f"{leads['setting']}:{gap}{block.text[leads.end() :]}", block.place)
    text = block.text.strip()
    is_short = block.kind == "words" and text.startswith("|") and len(text) <= _LONGEST and "\n" not in text
    return Block("display", block.text, block.place) if is_short and _is_formula(text) else block


def _is_formula(text: str) -> bool:
    return bool(_BARS.fullmatch(text)) and not _LETTERS.search(_FONTS.sub("", text))


def _parts(block: Block) -> Iterator[Block]:
    """The block, cut where `x = 1: y = 3, x = 2: y = 5` sets its letter anew, and before `else`."""
    text = block.text
    cuts = [0]
    if block.kind == "display" and len(text) <= _LONGEST and "&" not in text:
        found = [m.start(1) for m in _SET.finditer(text)]
        cuts += found[1:] if len(found) > 1 else []
    elif block.kind == "words" and len(text) <= _LONGEST and (split := _IF_ELSE.fullmatch(text.strip())):
        case = _SIMPLE.fullmatch(split["case"].strip())
        if case is not None and case["sign"] in _NOT:
            opposite = f"{case['left']} {_NOT[case['sign']]} {case['right']}"
            for relation, name in ((case[0], "then"), (opposite, "other")):
                place = block.place.behind(text[: text.index(split[name])])
                yield _sentence(block, [relation], "For")
                yield Block("display", split[name], place)
            return
    elif block.kind == "words" and len(text) <= _LONGEST and _LABELLED.fullmatch(text):
        for m in _LABEL.finditer(text):
            yield _sentence(replace(block, place=block.place.behind(text[: m.start("case")])), [m["case"]], "For")
            yield Block("display", m["formula"], block.place.behind(text[: m.start("formula")]))
        return
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        piece = text[start:end]
        yield Block(block.kind, piece.rstrip(" ,;") if end < len(text) else piece, block.place.behind(text[:start]))


def _letters(blocks: Iterable[Block], given: str) -> tuple[frozenset[str], frozenset[str]]:
    """The index letters, and the free names that are set more than once, each time to another number."""
    blocks = list(blocks)
    whole = " ".join([given, *(b.text for b in blocks)])
    letters = {x for m in _SUBSCRIPT.finditer(whole) for x in re.findall(r"(?<![\\A-Za-z])[a-z](?![A-Za-z])", m[0])}
    values: dict[str, set[str]] = {}
    for block in blocks:
        m = _SIMPLE.fullmatch(_plain(block.text)) if block.kind == "display" and len(block.text) <= _LONGEST else None
        if m is not None and m["sign"] == "=" and _NUMERIC.fullmatch(m["right"]):
            values.setdefault(m["left"], set()).add(m["right"])
    several = {name for name, numbers in values.items() if len(numbers) > 1 and "_" not in name}
    if _ASSIGNS.search(whole):
        several = set()
    used = {name for name in several if re.search(rf"(?<![\\A-Za-z]){re.escape(name)}(?![A-Za-z])", given)}
    told = {name for name in used if re.search(rf"(?<![\\\w]){re.escape(name)}\s*=", given)}
    return frozenset(letters), frozenset(used - told)


def _relations(
    found: re.Match[str], block: Block, letters: frozenset[str], free: frozenset[str]
) -> list[re.Match[str]]:
    """What holds in the case that a display begins with; none where what stands there may be a claim."""
    rest = (found["rest"] or "").strip()
    texts = [t.strip() for t in found["relations"].split(",")]
    if len(found["relations"]) > _MOST or (rest and not EQUATES.search(rest)):
        return []
    simple = [m for t in texts if (m := _SIMPLE.fullmatch(t)) and not _is_run(m["left"]) and not _is_run(m["right"])]
    is_said, is_apart = bool(found["word"] or found["name"]), bool(found["end"])
    if len(texts) == 1 and (run := _BETWEEN.fullmatch(texts[0])) is not None and (is_said or is_apart):
        return [run]
    if len(simple) < len(texts):
        whole = _ANY.fullmatch(texts[0]) if is_said and len(texts) == 1 else None
        is_formula = whole is not None and not any(_LETTERS.search(_FONTS.sub("", whole[x])) for x in ("left", "right"))
        return [whole] if whole is not None and is_formula else []
    if is_said:
        return simple
    indices = [all(_INDEX.fullmatch(m[x]) or m[x] in letters for x in ("left", "right")) for m in simple]
    # A claim after `x = 1:` is judged beside it; after `x = 1: 2` the colon would divide.  What stands after `t = 0:`
    # with an index t is a row of a table.
    beside = bool(rest) and not rest[0].isdigit() and is_apart
    settings = [
        bool(_NUMERIC.fullmatch(m["right"])) and not (beside and m["sign"] == "=" and m["left"] not in letters)
        for m in simple
    ]
    if is_apart and all(a or b for a, b in zip(indices, settings, strict=True)):
        return simple
    if rest or len(simple) != 1:
        return []
    (alone,), sets = simple, bool(_NUMERIC.fullmatch(simple[0]["right"])) and simple[0]["sign"] == "="
    return simple if indices[0] or (sets and (alone["left"] in letters or alone["left"] in free)) else []


def _behind_colon(found: re.Match[str], block: Block) -> int:
    """Where in a display the claim begins that stands after a case and its colon."""
    colons = [m.end() for m in _COLON.finditer(block.text)]
    return colons[found.string.count(":", 0, found.start("end"))]


_COLON = re.compile(r":(?:\\(?:q?quad(?![A-Za-z])|[,;:! ])|[\s~}])*")
_FONTS = re.compile(r"\\[A-Za-z]+")


def _is_run(name: str) -> bool:
    """Whether letters stand side by side that are no command, such as a product or a word."""
    return bool(re.search(r"(?<![\\A-Za-z])[A-Za-z]{2,}", name.split("_")[0]))


def _plain(text: str) -> str:
    r"""A formula with the words in it as they stand in a sentence."""
    spaced = re.sub(r"\\(?:quad|qquad|[,;! ])(?![A-Za-z])|~|\s+", " ", text)
    return re.sub(" +", " ", _WORDS.sub(lambda m: m[1], spaced)).strip()


def _sentence(block: Block, relations: list[str], word: str) -> Block:
    return Block("words", f"{word} {', '.join(f'${r}$' for r in relations)}:", block.place)
