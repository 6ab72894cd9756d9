"""Proofs: displays to chains, with the place of every side; and documents to their blocks."""

from __future__ import annotations

import pytest
from check.checking import under, verdicts
from sympy import Integer

from symdl.errors import Place, ReadError
from symdl.language import D, Delta, Sigma, family, index, scalar, size
from symdl.problem import Block, Range
from symdl.read import problem_from, read, read_all, read_chains, read_text

GIVENS = problem_from(
    [r"p = \operatorname{softmax}(z)", r"z \in \mathbb{R}^K", r"L = -\sum_k y_k \log p_k"], [r"\nabla_z L"]
).givens
i, j, k = map(index, "ijk")
K = size("K")
p, y = family("p", i), family("y", i)


def chains(text: str) -> list[tuple[tuple[object, ...], tuple[str, ...]]]:
    found = read_chains(Block("display", text, Place("f.md", 10, 3)), GIVENS)
    return [(tuple(s.expr if s.error is None else s.error.message for s in c.sides), c.signs) for c in found]


LEFT = D(scalar("L"), family("z", i))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\frac{\partial L}{\partial z_i} = p_i - y_i", [((LEFT, p - y), ("=",))]),
        (r"\boxed{\frac{\partial L}{\partial z_i} = p_i - y_i}", [((LEFT, p - y), ("=",))]),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", [(tuple(map(scalar, "abc")), ("=", "="))]),
        (
            r"\begin{aligned} a &= b \\ &\quad + c \\ &= q \end{aligned}",
            [((scalar("a"), scalar("b") + scalar("c"), scalar("q")), ("=", "="))],
        ),
        (
            r"\begin{aligned} a &= b && \text{since $x = 2$, so} \\ &= c && \text{by } (1) \end{aligned}",
            [(tuple(map(scalar, "abc")), ("=", "="))],
        ),
        ("a = b \\\\ c = q", [((scalar("a"), scalar("b")), ("=",)), ((scalar("c"), scalar("q")), ("=",))]),
        ("a = b\nc = q", [((scalar("a"), scalar("b")), ("=",)), ((scalar("c"), scalar("q")), ("=",))]),
        ("a\n= b\n+ c", [((scalar("a"), scalar("b") + scalar("c")), ("=",))]),
        (r"a = b, \qquad c = q.", [((scalar("a"), scalar("b")), ("=",)), ((scalar("c"), scalar("q")), ("=",))]),
        (r"a = b \Rightarrow c = q", [((scalar("a"), scalar("b")), ("=",)), ((scalar("c"), scalar("q")), ("=",))]),
        (r"a \approx 0.5 \le b", [((scalar("a"), Integer(1) / 2, scalar("b")), ("~", "<="))]),
        (r"a = \foo{b} = c", [((scalar("a"), r"the command \foo is not known here", scalar("c")), ("=", "="))]),
    ],
)
def test_a_display_becomes_chains(text: str, expected: list[object]) -> None:
    assert chains(text) == expected


def test_matrix_notation_is_lowered_to_the_same_letters_on_all_sides() -> None:
    (chain,) = read_chains(
        Block("display", r"\nabla_z^2 L = \operatorname{diag}(p) - p p^\top", Place("f.md", 1, 1)), GIVENS
    )
    letters = list(chain.ranges)
    assert all(r == Range(Integer(1), K) for r in chain.ranges.values())
    a, b = letters
    left, right = (s.expr for s in chain.sides)
    assert left == D(D(scalar("L"), family("z", a)), family("z", b))
    assert right == Delta(a, b) * family("p", a) - family("p", a) * family("p", b)


def test_a_name_made_in_the_proof_is_read() -> None:
    ((sides, _), (more, _)) = chains(r"\delta_i = p_i - y_i, \quad S = \sum_j e^{z_j}")
    assert sides == (family(r"\delta", i), p - y)
    assert more[0] == scalar("S")
    assert isinstance(more[1], Sigma)


def test_places_count_lines_and_code_points_of_the_file() -> None:
    text = "# P\n\n## Given\n$a = b^2$\n\n## Find\n$$\\frac{da}{db}$$\n\n## Proof\n"
    text += "Naïve: $$a\n  = b^2,\\quad \\frac{da}{db} = 2 b$$\n"
    (problem,) = read_text(text, "f.md")
    assert problem.proof is not None
    display = next(b for b in problem.proof if b.kind == "display")
    assert display.place == Place("f.md", 10, 10)
    first, second = read_chains(display, problem.givens)
    assert [s.place for s in first.sides] == [Place("f.md", 10, 10), Place("f.md", 11, 5)]
    assert second.sides[1].place == Place("f.md", 11, 31)


DOCUMENT = """---
title: Sheet
marks: 5
---

Some words.

# One

**Given.** $a = b^2$ and

$$c = a + b$$

**Find:** $\\frac{dc}{db}$

### Proof

Differentiate.

\\[ \\frac{dc}{db} = 2 b + 1 \\]

## Two

### Given

\\begin{align}
q &= r^2
\\end{align}

### Show
$$q = r \\cdot r$$
"""


def test_a_document_holds_several_problems() -> None:
    first, second = read_all(DOCUMENT)
    assert [t.kind for t in first.tasks] == ["find"]
    assert first.proof is not None
    assert [b.kind for b in first.proof] == ["words", "display"]
    assert second.proof is None
    assert (second.tasks[0].kind, second.tasks[0].relation is not None) == ("show", True)
    assert [p.name for p in (first, second)] == ["text-1", "text-2"]
    with pytest.raises(ReadError, match="2 problems"):
        read(DOCUMENT)


def test_the_same_text_is_read_the_same_way() -> None:
    assert repr(read_all(DOCUMENT)) == repr(read_all(DOCUMENT))


def test_a_latex_file_follows_the_same_model() -> None:
    text = "\\begin{document}\n\\section*{Given}\n\\[ a = b^2 \\]\n\\section*{Find}\n"
    text += "\\[ \\frac{da}{db} \\]\n\\end{document}\n"
    (problem,) = read_text(text, "f.tex")
    assert problem.tasks[0].goal == D(scalar("a"), scalar("b"))


def test_a_display_that_is_never_closed_is_refused() -> None:
    with pytest.raises(ReadError, match="never closed"):
        read_text("## Given\n$$a = b\n", "f.md")


def test_a_relation_in_brackets_is_a_condition_but_where_it_touches_a_probability() -> None:
    given = "$p(y = 1) = 0.3$, $p(y = 0) = 0.7$, $p(x | y = 1) = 0.8$, $p(x | y = 0) = 0.3$."
    assert verdicts(under(given), "$$p(x) = p(x|y=1) p(y=1) + p(x|y=0) p(y=0)$$") == ["proved"]
    assert verdicts(under(given), "$$p(x) = p(x|y=1) p(y=1) + p(x|y=0) p(y=1)$$") == ["wrong"]
