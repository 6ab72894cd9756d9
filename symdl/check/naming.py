"""The names that a document knows: those of its givens, and those of which its proof says what they are."""

from __future__ import annotations

import re
from dataclasses import replace

from sympy import E, Expr, Rational, Symbol

from symdl.check.chances import chance_of, derived
from symdl.check.context import HERE, Context, told_once, with_equal_inputs
from symdl.check.counted import with_counts
from symdl.check.dependence import settled
from symdl.check.doubts import is_member_of_unread
from symdl.check.events import bounds, counted
from symdl.check.letters import is_spoken_of, letters_of, spoken_of, statements_in
from symdl.check.words import formulas, inline_formulas, sentences
from symdl.language import free_symbols, indices_of, is_index, is_quantity, label_of, quantities, scalar
from symdl.problem import Definition, Fact, Givens, Problem, Range, Relation
from symdl.read import Chain
from symdl.read.arguments import head_of
from symdl.read.moments import is_moment

_CHANCE = re.compile(r"(?:\\(?:mathrm|mathbb|operatorname|text)\{)?\\?(?:Pr|P|p)\}?\s*(?:\\left)?[(\[]")
"""How the name of a probability begins."""

_FUNCTIONAL = re.compile(
    r"\s*(?:\\(?:mathrm|text|operatorname|mathbb)\{)?(?:D|H|I|h|KL|JS|JSD|MI|IG)\}?(?:_\{?(?:\\\w+\{)?\w+\}*)?\s*"
    r"(?:\\left)?[(\[](?P<inside>.*?)(?:\\right)?[)\]]"
)
"""A measure of distributions: an entropy, a divergence, an information."""

_PARTS = re.compile(r"\\?[,;|]|\\(?:mid|parallel|Vert|middle)(?![A-Za-z])")

_DEPENDS = re.compile(r"\bdepends?\b|\b(?:is|are) (?:an? )?(?:\w+ ){0,2}functions? of\b", re.IGNORECASE)

_HEAD = re.compile(r"\s*(\\?[A-Za-z]+)")

_APPLIED = re.compile(r"(?<!\^\{)[\[(|]|\\(?:mid|max|min)(?![A-Za-z])")
"""In a name that stands for a function at something; a bracket in a superscript holds a number."""

_SHIFTED = re.compile(r"(?P<name>.+_)\{(?P<letter>[A-Za-z])[+-]\d+\}")

_POWER = re.compile(r"\^.*")

_CALLS_E = re.compile(r"\$\s*e\s*\$|(?<![A-Za-z\\{^])e\s*=|\b(?:error|residual|deviation)\s+(?:is\s+)?e\b")


class Naming:
    """What names stand for, and whether a relation may say so of a new one.

    `known` are all names, `bare` those that only the proof uses; `worded` are plain words and `renewable` the names of
    cases, which may be said to be something else; `unread` and `statements` are what of the givens could not be read.
    """

    def __init__(self, problem: Problem) -> None:
        givens = with_equal_inputs(told_once(problem.givens), (block.text for block in problem.proof or ()))
        givens = with_counts(givens, (block.text for block in problem.given_blocks))
        self.context = settled(Context(givens))
        used = _used(problem.givens)
        # Where something may be called e, it is no constant.
        self.known = _names(problem, used) | ({scalar("e")} if speaks_of(_CALLS_E, problem) else set())
        self.bare = self.known - used
        self.unread = spoken_of(block.text for block, _ in problem.unread)
        self.statements = tuple(statements_in(block.text for block, _ in problem.unread))
        self.functionals = _functionals(problem.givens)
        self.worded: frozenset[Symbol] = frozenset()
        self.renewable: frozenset[Symbol] = frozenset()
        self.told: list[Relation] = []

    @property
    def givens(self) -> Givens:
        return self.context.givens

    def lose(self, name: Expr | None) -> None:
        """Keep that what is said of a name could not be read: it is no free input then."""
        if (
            name is not None
            and is_quantity(name)
            and not self.givens.is_defined(name)
            and name not in self.givens.stated
        ):
            self.unread |= {letters_of(label_of(name).name)}

    def defines(self, chain: Chain) -> bool:
        """Whether a chain begins by saying what a new name means."""
        if not chain.signs or chain.signs[0] != "=":
            return False
        name, body = chain.sides[0].expr, chain.sides[1].expr
        if name is None or body is None or not is_quantity(name):
            return False
        if label_of(name) in self.known - self.bare - self.renewable:
            return False
        word = label_of(name).name
        if is_moment(word) or self._is_instance(label_of(name)) or self._is_shifted(word):
            return False
        if self._is_functional(word, chain.sides[1].source, body):
            return False
        if is_spoken_of(word, self.unread) or is_member_of_unread(word, self.unread):
            return False
        if any(label_of(name) in free_symbols(side) for r in self.told for side in r.sides):
            return False
        letters = [i for i in indices_of(name) if is_index(i)]
        inside = {label_of(q) for q in quantities(body)}
        return label_of(name) not in inside and len(set(letters)) == len(letters) and set(letters) <= set(chain.ranges)

    def _is_shifted(self, word: str) -> bool:
        """Whether a name is a given one a step further on, as S_{n+1} beside S_n."""
        found = _SHIFTED.fullmatch(word)
        return found is not None and scalar(found["name"] + found["letter"]) in self.known

    def _is_instance(self, name: Symbol) -> bool:
        """Whether a name stands for what others that are given do at something else, as P(B) does beside P(A)."""
        if not is_applied(name):
            return False
        others = [s.name for s in self.known - self.context.own if is_applied(s)]
        others += [statement for statement in self.statements if _APPLIED.search(statement)]
        heads = [letters_of(_APPLIED.split(other)[0]) for other in others]
        is_chance = _CHANCE.match(name.name) and any(map(_CHANCE.match, others))
        return bool(is_chance) or letters_of(_APPLIED.split(name.name)[0]) in heads

    def _is_functional(self, word: str, source: str, body: Expr) -> bool:
        """Whether a name is a measure of distributions that are given, as KL(p | q), and no formula in these.

        What is given of the distributions says what it is.
        """
        found = _FUNCTIONAL.fullmatch(word)
        if found is None:
            return False
        given = self.known - self.context.own
        inside = {scalar(name.strip()) for name in _PARTS.split(found["inside"])}
        said = {d.label for d in self.givens.definitions} | self.givens.valued
        is_by_them = any(s.name in letters_of(source) for s in inside)
        is_of_chances = any(_CHANCE.match(s.name) for s in given) and not quantities(body)
        return (inside <= given & said and not is_by_them) or is_of_chances

    def fixes(self, chain: Chain) -> bool:
        """Whether a formula, and no number or recurrence, says what the first side of a chain is."""
        name, body = chain.sides[0].expr, chain.sides[1].expr
        if name is None or body is None or not is_quantity(name) or name in quantities(body):
            return False
        known = self.givens.body_of(name, chain.ranges)
        is_number = known is None or known.is_number or name in self.givens.stated
        return not is_number and not self.context.recurs(label_of(name))

    def name(self, chain: Chain) -> None:
        """Take a plain word for what a chain says it is, until the same word is said to be something else."""
        name = chain.sides[0].expr
        if name is None or not is_quantity(name):
            return
        label = label_of(name)
        self._forget(label, among=self.worded)
        self.known -= {label}
        if self.defines(chain):
            self.define(chain)
            self.worded |= {label}

    def _forget(self, label: Symbol, among: frozenset[Symbol]) -> None:
        """Take back what a name was said to be, where it is one of those that may be said to be something else."""
        if label in among:
            kept = tuple(d for d in self.givens.definitions if d.label != label)
            self.context = Context(replace(self.givens, definitions=kept), self.context.own)

    def infer(self, *terms: Expr) -> None:
        """Take names of which nothing is said for what others that are given make them."""
        named = {label_of(q) for t in terms for q in quantities(t)}
        values = {label_of(v.quantity): v.number for v in self.givens.values if isinstance(v.number, Rational)}
        # What definitions speak of is known by its name alone.
        below = {s for s in self.context.names(*terms) - named if s not in values and self._is_bare(s)}
        known = self.known - below
        # What others rest on rests on none of these.
        beside = [
            s for d in self.givens.definitions if chance_of(d.label) for s in sorted(free_symbols(d.body), key=str)
        ]
        open_ = filter(chance_of, (named - known | below).difference(beside))
        for label in sorted(open_, key=lambda s: (len(s.name), s.name)):
            others = [*sorted(known, key=str), *beside]
            by_rule = derived(label, {s: values.get(s) for s in known})
            body = counted(label, others) if by_rule is None else by_rule
            beside.append(label)
            if body is not None:
                definition = Definition(label, (), body, {}, "", HERE)
                told = () if by_rule is not None else bounds(sorted(free_symbols(body), key=str))
                facts = (*self.givens.facts, *(Fact(r, {}, "", HERE) for r in told))
                givens = replace(self.givens, definitions=(*self.givens.definitions, definition), facts=facts)
                self.context = Context(givens, self.context.own)
                self.known |= {label}

    def _is_bare(self, label: Symbol) -> bool:
        """Whether nothing that is given says what a name is, or how it is tied to others."""
        said = (s for f in self.givens.facts for side in f.relation.sides for s in free_symbols(side))
        return not self.givens.definitions_of(label) and label not in said

    def define_in_a_case(self, chain: Chain) -> None:
        """Take a new name for what a chain says it is, until the same name is said to be something else."""
        self.define(chain)
        name = chain.sides[0].expr
        assert name is not None
        self.renewable |= {label_of(name)}

    def define(self, chain: Chain) -> None:
        name, body = chain.sides[0].expr, chain.sides[1].expr
        assert name is not None and body is not None
        label, pattern = label_of(name), indices_of(name)
        self._forget(label, among=self.renewable)
        self.renewable -= {label}
        ranges = {i: chain.ranges[i] for i in pattern if is_index(i)}
        source = f"{chain.sides[0].source.strip()} = {chain.sides[1].source.strip()}"
        definition = Definition(label, pattern, body, ranges, source, chain.sides[0].place)
        families = {**chain.families, **self.givens.families}
        if pattern:
            families[label] = tuple(ranges[i] if is_index(i) else Range(i, i) for i in pattern)
        givens = replace(self.givens, definitions=(*self.givens.definitions, definition), families=families)
        self.context = Context(givens, self.context.own | {label})
        self.known |= {label} | {s for s in free_symbols(body) if not is_applied(s)}
        self.bare -= self.known
        self._define_head(definition)

    def _define_head(self, definition: Definition) -> None:
        r"""Keep that L is L(x, \lambda), a formula in x and \lambda, until L is said to be something else."""
        label = definition.label
        head = scalar(head_of(label.name) or label.name)
        is_taken = head in self.known - self.renewable or is_spoken_of(head.name, self.unread)
        if head == label or definition.pattern or is_taken:
            return
        arguments = label.name[len(head.name) + 1 : -1].split(",")
        inside = {s.name for s in self.context.names(definition.body)}
        if not {_POWER.sub("", a) for a in arguments} <= inside:
            return
        self._forget(head, among=self.renewable)
        named = replace(definition, label=head, body=label)
        givens = replace(self.givens, definitions=(*self.givens.definitions, named))
        self.context = Context(givens, self.context.own | {head})
        self.known |= {head}
        self.renewable |= {head}


def is_applied(name: Symbol) -> bool:
    """Whether a name stands for a function at something, as P(A) does."""
    return bool(_APPLIED.search(name.name))


def with_own_e(chain: Chain) -> Chain:
    """The chain with a name of its own for an e of which it says what it is, and that is not Euler's number then."""
    left, right = chain.sides[0], chain.sides[1].expr if len(chain.sides) > 1 else None
    if left.expr != E or right is None or chain.signs[0] != "=" or not quantities(right):
        return chain
    return replace(chain, sides=(replace(left, expr=scalar("e")), *chain.sides[1:]))


def _names(problem: Problem, used: frozenset[Symbol]) -> frozenset[Symbol]:
    """Every name that the givens use; one such as E[m] has a meaning of its own, which a use does not give.

    P(a | b) is one of its own that a law binds to others: what it is equal to is a claim.

    What has only a shape is a name of the givens where these speak of it, and not where it was seen in the proof.
    """
    givens = problem.givens
    shaped = givens.families.keys() | givens.vectors.keys()
    blocks = (*problem.intro, *problem.given_blocks)
    texts = [f.text for b in blocks if b.kind == "words" for f, _ in formulas(b)]
    spoken = letters_of(" ".join((*texts, *(b.text for b in blocks if b.kind != "words"))))
    if problem.given_blocks:
        shaped = {s for s in shaped if letters_of(s.name) <= spoken}
    defined = {d.label for d in givens.definitions}
    given = defined | givens.valued
    given |= {s for f in givens.facts for s in free_symbols(f.relation.lhs)}
    given |= {s for s in used if r"\mid" in s.name}
    dependent = _dependent(problem)
    told = {s for s in used if s not in defined and s.name.partition("_")[0] in dependent}
    return frozenset(s for s in used.union(shaped) if s in given or not is_applied(s)) - told


def _dependent(problem: Problem) -> frozenset[str]:
    """The letters of what the givens say to depend on something: where they do not say how, it is not constant."""
    said = ((s.text, _DEPENDS.search(s.text)) for b in problem.given_blocks if b.kind == "words" for s in sentences(b))
    heads = (_HEAD.match(f) for text, verb in said if verb for f in inline_formulas(text[: verb.start()]))
    return frozenset(head[1] for head in heads if head)


def speaks_of(pattern: re.Pattern[str], problem: Problem) -> bool:
    """Whether the givens or the proof hold something of this form."""
    blocks = (*problem.intro, *problem.given_blocks, *(problem.proof or ()))
    return any(pattern.search(block.text) for block in blocks)


def _used(givens: Givens) -> frozenset[Symbol]:
    """The names of which the givens say more than that they exist."""
    expressions: list[Expr] = [x for d in givens.definitions for x in (d.head, d.body)]
    expressions += [x for f in givens.facts for x in f.relation.sides]
    expressions += [x for v in givens.values for x in (v.quantity, v.number)]
    expressions += [x for r in givens.letters for x in (r.lo, r.hi)]
    expressions += sorted(givens.constants, key=str)
    return frozenset().union(*(free_symbols(e) for e in expressions))


def _functionals(givens: Givens) -> dict[str, str]:
    """What is given by a formula that holds its argument only as a part of names, H(X) by p_X, with this argument."""
    found: dict[str, str] = {}
    for d in givens.definitions:
        for formal in map(str, givens.arguments.get(d.label, ())):
            shown = d.source.partition("=")[2]
            is_part = re.search(rf"_\{{?{re.escape(formal)}(?![A-Za-z])", shown)
            if is_part and formal not in map(str, free_symbols(d.body)):
                found[d.label.name] = formal
    return found
