"""Givens under several proofs: read once where these answer alike what is asked of them, and anew where they do not."""

import pytest

from symdl.check import check_bytes
from symdl.errors import ReadError
from symdl.problem import Problem
from symdl.read import problems, read_text
from symdl.read.hints import Hints, Shown

SOFTMAX = r"$$p_k = \frac{e^{z_k}}{\sum_{j=1}^{K} e^{z_j}}, \qquad L = -\sum_{k=1}^{K} y_k \log p_k$$"


def document(given: str, proof: str) -> str:
    return f"## Given\n\n{given}\n\n## Proof\n\n$${proof}$$\n"


def read_after(given: str, *proofs: str) -> Problem:
    """The problem with the last of these proofs, read after those before it and after nothing else."""
    problems._readings.cache_clear()
    return [read_text(document(given, proof), "proof.md")[0] for proof in proofs][-1]


@pytest.mark.parametrize(
    ("given", "first", "second"),
    [
        (SOFTMAX, r"\frac{\partial L}{\partial z_k} = p_k - y_k", r"\frac{\partial p_k}{\partial z_k} = p_k (1 - p_k)"),
        ("$$f(x) = x^2, \\qquad a = 3$$", "f(a) = 9", "f'(a) = 6"),
        ("The number $a$ is positive. $$b = a^2$$", "b > 0", r"\sqrt{b} = a"),
        ("$$a = 2, \\qquad b = 3$$", "a + b = 5", "c = a b"),
        ("$$s = f(4) - f(3)$$", "s = f(4) - f(3)", "s + f(3) = f(4) + 0 c"),
    ],
)
def test_proofs_that_show_nothing_of_their_givens_share_a_reading(given: str, first: str, second: str) -> None:
    before = read_after(given, first)
    assert read_text(document(given, second), "proof.md")[0].givens is before.givens


@pytest.mark.parametrize(
    ("given", "first", "second"),
    [
        ("$$g(x) = f(x) + x$$", "g(2) = f(2) + 2", "g'(x) = f'(x) + 1"),
        ("$$s = p(1) + p(2)$$", "s = p(1) + p(2)", r"s = \sum_{x=1}^{2} p(x)"),
        ("$$x_t = 2 x_{t-1}, \\qquad x_0 = 1$$", "x_3 = 8", "x_5 = 32"),
        ("$$s = w_1 + w_2$$", "s = w_1 + w_2", r"\sum_{i=0}^{n} w_i = w_0 + s"),
        ("$$v = \\phi^2 v + 1$$", "v = 3", r"v (1 - \phi^2) = 1"),
        ("$$c = \\pi r$$", "c = r \\pi", r"1 - \pi = 1 - \frac{c}{r}"),
        ("$$s = f(4) - f(3)$$", "s = f(4) - f(3)", "s = f"),
    ],
)
def test_a_proof_that_shows_more_has_its_own_reading(given: str, first: str, second: str) -> None:
    """What a proof shows changes the reading, and what was read before it changes nothing."""
    alone = read_after(given, second)
    assert repr(alone.givens) != repr(read_after(given, first).givens)
    assert repr(read_after(given, first, second).givens) == repr(alone.givens)


@pytest.mark.parametrize(("proof", "verdict"), [("p_k - y_k", "wrong"), (r"p_k \sum_{j=1}^{K} y_j - y_k", "proved")])
def test_a_line_is_judged_as_it_is_alone(proof: str, verdict: str) -> None:
    for path in ("first.md", "second.md"):
        text = document(SOFTMAX, rf"\frac{{\partial L}}{{\partial z_k}} = {proof}")
        assert [r.verdict for r in check_bytes(text.encode(), path).relations] == [verdict]


def test_what_is_kept_names_the_file_that_it_is_found_in() -> None:
    text = document("$$a = 2, \\qquad b = )$$", "a = 2")
    first, second = (read_text(text, path)[0] for path in ("first.md", "second.md"))
    assert [d.place.path for d in (*first.givens.values, *second.givens.values)] == ["first.md", "second.md"]
    for problem, path in ((first, "first.md"), (second, "second.md")):
        assert [(block.place.path, str(error).partition(":")[0]) for block, error in problem.unread] == [(path, path)]


def test_lines_of_the_proof_are_no_part_of_what_is_kept() -> None:
    """A message about a given shows its line as it stands, whatever stands in the proof."""
    given = "$$a = 2, \\qquad b = )$$"
    (_, error), *_ = read_after(given, "a = 1 + 1", "a = 2").unread
    assert isinstance(error, ReadError)
    assert error.source_line == given


def test_a_question_that_fails_has_no_answer() -> None:
    hints = Hints(Shown())

    def fails(shown: Shown) -> bool:
        raise ReadError("no answer")

    def holds(shown: Shown) -> bool:
        return not shown.sides

    with pytest.raises(ReadError):
        hints.ask(fails)
    assert hints.ask(holds)
    assert [asked.is_so(Shown()) for asked in hints.asked] == [False, True]
