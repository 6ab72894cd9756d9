"""Finding the derivation of a task: which intermediate quantities to go through, which lemmas to prove first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sympy import Add, Expr, Mul, Symbol

from symdl.engine import logarithms
from symdl.engine.differentiate import push
from symdl.engine.folding import Name, names
from symdl.engine.matching import rewrite
from symdl.engine.page import present
from symdl.engine.proof import Proof, finish
from symdl.engine.recurrences import state_derivative, state_of, unrolled_value
from symdl.engine.session import Session
from symdl.engine.unify import unify
from symdl.errors import UnsolvedError
from symdl.language import (
    DERIVATIVES,
    Applied,
    D,
    Step,
    family,
    free_symbols,
    holds_derivative,
    indices_of,
    is_quantity,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.language.functions import by_head
from symdl.laws import Law
from symdl.problem import Derivation, Display, Lemma, Problem, Range, Relation, Task, summed

_LETTER = re.compile(r"(?<![\\A-Za-z])[A-Za-z](?![A-Za-z])")


def session_for(problem: Problem, task: Task, table: Sequence[Law], earlier: Sequence[Derivation] = ()) -> Session:
    """A session for one task, which cites what earlier ones proved."""
    ranges = {**problem.givens.positions, **dict(task.indices)}
    session = Session(problem, task, ranges, table, prove_function)
    for derivation in earlier:
        session.remember(derivation)
    return session


def find(session: Session) -> Derivation:
    """The derivation of a `Find`: every derivative in the goal worked out, the rest tidied and folded."""
    problem, task = session.problem, session.task
    _require_told(task.goal, session)
    displays, result, general = closed(task.goal, session)
    derivation = Derivation(
        problem=problem,
        task=task,
        result=result,
        displays=tuple(displays),
        lemmas=session.new_lemmas,
        general=general,
        assumes=tuple((r,) for r in session.obligations),
    )
    return present(derivation, session)


def _require_told(goal: Expr, session: Session) -> None:
    """Refuse a derivative by a quantity that no definition holds: words alone say what rests on it.

    Fails  with `UnsolvedError`.
    """
    while isinstance(goal, D):
        label = label_of(goal.wrt) if is_quantity(goal.wrt) else None
        is_free = label is not None and label not in map(label_of, quantities(goal.of))
        if is_free and not session.is_told(label):
            raise UnsolvedError("no formula among the givens says how ", goal.of, " rests on ", goal.wrt)
        goal = goal.of


def closed(goal: Expr, session: Session) -> tuple[list[Display], Expr, Expr | None]:
    """The displays that bring `goal` into closed form, its end, and the form before any fact was used."""
    if isinstance(goal, D):
        if isinstance(goal.of, D):
            return _again(goal, session)
        return derivative(goal, session)
    proof = Proof(goal, session)
    inner = [t for t in subterms(goal) if isinstance(t, D)]
    displays: list[Display] = []
    if inner:
        outermost: dict[Expr, Expr] = {}

        def visit(term: Expr) -> Expr | None:
            if isinstance(term, D):
                if term not in outermost:
                    found, end, _ = closed(term, session)
                    displays.extend(found)
                    outermost[term] = end
                return outermost[term]
            return None

        proof.step("result", rewrite(goal, visit, session), "insert the derivatives")
    else:
        unrolled = unrolled_value(goal, session) if is_quantity(goal) else None
        if unrolled is not None:
            return unrolled[0], unrolled[1], None
        body = session.body(goal) if is_quantity(goal) else None
        if body is not None:
            proof.step(f"definition:{goal}", body, "definition")
            proof.line("definition")
        proof.step("unfold", unfolded(proof.now, session), "put the definitions in")
    proof.line()
    general = finish(proof, _names_for(goal, session))
    displays.append(proof.display())
    return displays, proof.now, general


def _names_for(goal: Expr, session: Session) -> list[Name]:
    """The names that may be folded back into a result.

    A quantity is not its own answer, and a sum of terms does not explain its own derivative.
    """
    own = goal.of if isinstance(goal, D) else goal
    if not is_quantity(own):
        return names(session)
    is_own = {n: label_of(n.head) == label_of(own) for n in names(session)}
    is_sum = {n: any(isinstance(f, Add) for f in Mul.make_args(n.body)) for n in is_own}
    return [n for n, same in is_own.items() if not same or (own is not goal and not is_sum[n])]


def unfolded(expr: Expr, session: Session) -> Expr:
    """Every defined, not recurrent quantity replaced by its body, down to the free ones."""
    for _ in range(40):

        def visit(term: Expr) -> Expr | None:
            if is_quantity(term) and not session.is_recurrent(label_of(term)):
                return session.body(term)
            return None

        new = rewrite(expr, visit, session)
        if new == expr:
            return expr
        expr = new
    raise UnsolvedError("the definitions nest more than 40 deep")


def _again(goal: D, session: Session) -> tuple[list[Display], Expr, Expr | None]:
    """A second derivative: the first one in closed form, then differentiated once more."""
    first, value, _ = closed(goal.of, session)
    if isinstance(goal.of, D) and session.known(goal.of) is not None:
        first = []
    proof = Proof(goal, session)
    proof.step("result", D(value, goal.wrt), "the first derivative")
    proof.line("insert the first derivative")
    general = differentiate(proof, session)
    return [*first, proof.display()], proof.now, general


def derivative(goal: D, session: Session) -> tuple[list[Display], Expr, Expr | None]:
    """The derivative of a quantity or expression by a quantity, in closed form."""
    known = session.known(goal)
    if known is not None:
        return [], known, None
    of, x = goal.of, goal.wrt
    proof = Proof(goal, session)
    if is_quantity(of):
        if state_of(label_of(of), session) is not None and session.depends(of, x):
            return state_derivative(goal, session, lemma_for)
        body = session.body(of)
        if body is not None and label_of(of) != label_of(x) and session.depends(of, x):
            through = _gate(of, x, session)
            if through is not None:
                return _through(goal, through, session)
            proof.step(f"definition:{of}", D(body, x), "definition")
            proof.line("definition of ", of)
    general = differentiate(proof, session)
    return [proof.display()], proof.now, general


def differentiate(proof: Proof, session: Session) -> Expr | None:
    """Carry the derivatives in the chain's end inward, insert the lemmas for the named quantities, and tidy."""
    opened = logarithms.likelihoods_opened(proof.now, session)
    if opened != proof.now:
        proof.step("unfold", opened, "the definition under the logarithm")
        for move in logarithms.split(proof.now, session):
            proof.step(move.law, move.after)
        proof.line("logarithm of the product")
    for _ in range(10):
        for move in push(proof.now, session):
            proof.step(move.law, move.after)
        proof.line()
        if not holds_derivative(proof.now):
            break
        inserted, cited = _insert(proof.now, session)
        if inserted == proof.now:
            break
        proof.step("lemma", inserted, "chain rule")
        proof.line(*_cited(cited))
    slopes = (t for t in subterms(proof.now) if isinstance(t, D) and not is_quantity(t.of))
    # The derivative of a function of which nothing is known by what it is taken at is one of its own.
    stuck = next((t for t in slopes if not (isinstance(t.of, Applied) and t.of.argument == t.wrt)), None)
    if stuck is not None and session.depends(stuck.of, stuck.wrt):
        raise UnsolvedError("no law differentiates ", stuck.of, " by ", stuck.wrt)
    return finish(proof, _names_for(proof.lhs, session))


def _insert(expr: Expr, session: Session) -> tuple[Expr, list[int | Relation]]:
    """Every derivative of a named quantity replaced by its closed form; the lemmas' numbers, or what is known else."""
    cited: list[int | Relation] = []

    def visit(term: Expr) -> Expr | None:
        if not isinstance(term, D) or not is_quantity(term.of):
            return None
        opaque = session.opaque(term.of)
        if opaque is not None:
            return _opaque_chain(term, opaque.arguments, session)
        if session.known(term) is None:
            lemma_for(term, session)
        known = session.known(term)
        if known is not None:
            number = _number(term, session)
            cited.append(Relation(term, "=", known) if number is None else number)
        return known

    return rewrite(expr, visit, session, DERIVATIVES), list(dict.fromkeys(cited))


def _cited(cited: list[int | Relation]) -> list[str | Relation]:
    """What a line says of the lemmas and earlier results that it uses."""
    numbers = sorted(c for c in cited if isinstance(c, int))
    words: list[str | Relation] = []
    if numbers:
        words.append(f"Lemma{'s' if len(numbers) > 1 else ''} " + ", ".join(map(str, numbers)))
    for relation in [c for c in cited if not isinstance(c, int)][:1]:
        words += ["since " if not words else ", ", relation]
    return words


def _opaque_chain(term: D, arguments: tuple[Expr, ...], session: Session) -> Expr | None:
    """The chain rule through what an undefined quantity depends on; None where it is a partial derivative itself."""
    parts: list[Expr] = []
    for a in arguments:
        families = session.givens.families.get(label_of(a), ()) if is_quantity(a) else ()
        missing = families[len(indices_of(a)) :]
        if a == term.wrt or (missing and label_of(a) == label_of(term.wrt)):
            return None
        if not session.depends(a, term.wrt):
            continue
        letters: list[Symbol] = []
        for _ in missing:
            letters.append(session.index("kmlnij", {*free_symbols(term), *letters}))
        member = family(label_of(a), *indices_of(a), *letters) if missing else a
        part = D(term.of, member) * D(member, term.wrt)
        parts.append(summed(part, list(zip(letters, missing, strict=True))))
    return Add(*parts)


def _number(term: D, session: Session) -> int | None:
    for lemma in session.lemmas:
        if unify(lemma.lhs, term, frozenset(lemma.ranges)) is not None:
            return lemma.number
    return None


def lemma_for(term: D, session: Session) -> None:
    """Prove the derivative of a named quantity in general, as a numbered lemma."""
    of, x = term.of, term.wrt
    key = (label_of(of), label_of(x))
    if key in session.open_lemmas:
        raise UnsolvedError("the derivative of ", key[0], " by ", key[1], " leads back to itself")
    session.open_lemmas.append(key)
    outer_ranges = dict(session.ranges)
    x_letters = {s: session.ranges[s] for s in sorted(free_symbols(x), key=str) if s in session.ranges}
    session.ranges.clear()
    session.ranges.update(x_letters)
    generic, new = session.generic(label_of(of), set(free_symbols(x)))
    session.ranges.update(new)
    goal = D(generic, x)
    displays, end, _ = derivative(goal, session)
    ranges = dict(session.ranges)
    session.ranges.clear()
    session.ranges.update(outer_ranges)
    session.open_lemmas.pop()
    if session.known(goal) is not None:
        return
    number = len(session.lemmas) + 1
    session.lemmas.append(Lemma(number, ("derivative of ", label_of(of)), goal, end, ranges, tuple(displays)))


def _gate(of: Expr, x: Expr, session: Session) -> Symbol | None:
    """A family through which all dependence on `x` goes and which `of` does not mention itself, closest to `x`."""
    target, start = label_of(x), label_of(of)
    body = session.body(of)
    if body is None:
        return None
    direct = {label_of(q) for q in subterms(body) if is_quantity(q)}
    between = [
        m
        for m in session.reach(start, target)
        if m not in (start, target)
        and not session.is_recurrent(m)
        and session.givens.is_defined(m)
        and target in session.reach(m, target)
    ]
    gates = [
        m for m in between if target not in session.reach(start, m) and (m not in direct or _is_result(of, m, session))
    ]
    if not gates:
        return None
    return max(gates, key=lambda m: (sum(m in session.reach(o) for o in gates), str(m)))


def _is_result(of: Expr, gate: Symbol, session: Session) -> bool:
    """Whether the derivative by the gate is the result of an earlier task."""
    return any(lhs.of == of and label_of(lhs.wrt) == gate for lhs, _, _ in session.results)


def _through(goal: D, gate: Symbol, session: Session) -> tuple[list[Display], Expr, Expr | None]:
    """The chain rule through a whole family: the derivative by the family first, then the family's own."""
    member, new = session.generic(gate, free_symbols(goal) | set(session.ranges))
    lemma_for(D(goal.of, member), _with(session, new))
    lemma_for(D(member, goal.wrt), _with(session, new))
    for letter in new:
        session.ranges.pop(letter, None)
    summand = summed(D(goal.of, member) * D(member, goal.wrt), list(new.items()))
    proof = Proof(goal, session)
    proof.step("chain", summand, "chain rule")
    proof.line("chain rule through ", family(gate))
    general = differentiate(proof, session)
    return [proof.display()], proof.now, general


def _with(session: Session, new: dict[Symbol, Range]) -> Session:
    session.ranges.update(new)
    return session


def prove_function(application: Expr, position: int, session: Session) -> tuple[tuple[Expr, ...], Expr]:
    """The derivative of a named function by one argument, from its definition, as a numbered lemma."""
    record = by_head()[type(application)]
    assert record.definition is not None
    letters = _unused_letters(record.arity, session)
    head = record.head(*letters)
    body = _by_convention(record.definition(*letters), record.head, letters[0], session)
    outer = dict(session.ranges)
    session.ranges.clear()
    goal = D(head, letters[position])
    proof = Proof(goal, session)
    proof.step(f"definition:{record.name}", D(body, letters[position]), "definition")
    proof.line("definition")
    before = list(session.obligations)
    for move in push(proof.now, session):
        proof.step(move.law, move.after)
    session.obligations[:] = before
    proof.line()
    name = Name(head, body, frozenset(letters))
    finish(proof, [name])
    display = proof.display()
    session.ranges.update(outer)
    number = len(session.lemmas) + 1
    session.lemmas.append(Lemma(number, ("derivative of ", head), goal, proof.now, {}, (display,)))
    return letters, proof.now


def _unused_letters(count: int, session: Session) -> tuple[Symbol, ...]:
    """Scalar letters that the problem does not use, in whatever type: beside a bold x, no x."""
    taken = {s.name for s in session.givens.families}
    for definition in session.givens.definitions:
        taken |= {s.name for s in free_symbols(definition.body)} | {definition.label.name}
    taken |= {letter for name in taken for letter in _LETTER.findall(name)}
    return tuple(scalar(x) for x in (*"xuvsabcq", "x'", "u'", "v'") if x not in taken)[:count]


def _by_convention(expr: Expr, head: object, letter: Symbol, session: Session) -> Expr:
    """The case split of a function with each kink put on the side that the stated convention names.

    The function itself is the same on both sides of a kink, so that this is only another way to write it.
    """
    for convention in session.givens.conventions:
        if convention.head is head and convention.value in (0, 1):
            kinks = (s for s in expr.atoms(Step) if put(s.u, {letter: convention.at}) == 0)
            expr = expr.xreplace({s: Step(s.u, convention.value) for s in kinks})
    return expr
