"""Plain TeX as older keys have it, and the names of functions in other schools."""

import pytest

from symdl.check import check
from symdl.read.old import renewed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"{1 \over 2}", r"{\frac{1}{2}}"),
        (r"{{a \over b} + c \over d}", r"{\frac{{\frac{a}{b}} + c}{d}}"),
        (r"\sqrt{x \over y}", r"\sqrt{\frac{x}{y}}"),
        (r"${\bf Xw} = {\rm net}$", r"$\mathbf{X}\mathbf{w} = \mathrm{net}$"),
        (r"\mathop{\rm max}(0, x)", r"\mathop{\rm max}(0, x)"),
        (r"a \over b", r"a \over b"),
        (r"{\bf Proof} of {\it some words} and {\bf x}", r"{\bf Proof} of {\it some words} and \mathbf{x}"),
        (r"{a \over b}" * 50, r"{\frac{a}{b}}" * 50),
        (r"{{a} \over {b}} {c", r"{\frac{{a}}{{b}}} {c"),
        (r"$a \over b$ }", r"$a \over b$ }"),
        (r"\overline{x} \{a\}", r"\overline{x} \{a\}"),
    ],
)
def test_old_forms_are_those_of_today(old: str, new: str) -> None:
    assert renewed(old) == new


GIVEN = r"""$$E = {1 \over 2} ({\bf w}^T {\bf x} - y)^2, \qquad {\bf w}, {\bf x} \in {\bf R}^n$$

$$g(x) = \mathop{\rm max}(0, x), \qquad a = \operatorname{th} z, \qquad b = \operatorname{sh} z$$"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (
            r"{\partial E \over \partial {\bf w}} = ({\bf w}^T {\bf x} - y) {\bf x}",
            r"{\partial E \over \partial {\bf w}} = ({\bf w}^T {\bf x} + y) {\bf x}",
        ),
        ("g(2) = 2", "g(-1) = -1"),
        (r"{da \over dz} = 1 - a^2", r"{da \over dz} = 1 - a"),
        (r"{db \over dz} = \operatorname{ch} z", r"{db \over dz} = -\operatorname{ch} z"),
    ],
)
def test_a_proof_in_plain_tex_is_judged(right: str, wrong: str) -> None:
    (document,) = check(f"## Given\n\n{GIVEN}\n\n## Proof\n\n$${right}$$\n\n$${wrong}$$\n").documents
    assert [r.verdict for r in document.relations] == ["proved", "wrong"]


def test_spaces_in_a_font_take_no_time_that_grows_with_their_square() -> None:
    text = r"{\bf " + " " * 100_000 + "$"
    assert renewed(text) == text
