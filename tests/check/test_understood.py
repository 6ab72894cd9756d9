"""A refutation that no slip explains is no verdict in a proof of which other lines on the same names are open."""

import pytest
from check.checking import lines

GIVEN = (
    r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}$$"
    + r" $$L = -\sum_{k=1}^{K} y_k \log p_k, \quad \sum_{k=1}^{K} y_k = 1$$"
)
SLOPE = r"\frac{\partial L}{\partial z_i}"
STRANGE = r"\frac{7}{13} p_i^3 + \sqrt{3} z_i^5"
UNREAD = r"$$p_i \unknowncommand z_i = y_i$$"


@pytest.mark.parametrize(
    ("beside", "right", "verdict"),
    [
        ("", STRANGE, "wrong"),
        (UNREAD, STRANGE, "undecided"),
        (UNREAD, "y_i - p_i", "wrong"),
        (UNREAD, "p_i - y_i", "proved"),
        (r"$$a \unknowncommand b = c$$", STRANGE, "wrong"),
    ],
    ids=["all understood", "something on its names is not", "a slip", "a right line", "other names are not"],
)
def test_a_refutation_without_a_slip_needs_a_proof_that_is_understood(beside: str, right: str, verdict: str) -> None:
    found = lines(GIVEN, f"{beside}\n\n$${SLOPE} = {right}$$")[-1]
    assert found.verdict == verdict
    assert (verdict != "undecided") or ("no slip explains" in found.reason and found.expected)


def test_a_line_that_holds_wherever_it_is_looked_at_was_read_as_it_is_meant() -> None:
    bound = r"$$\left( \sum_{k=1}^{K} p_k v_k \right)^2 \leq \sum_{k=1}^{K} p_k v_k^2$$"
    curved = r"$$v^T \nabla^2 g(z) v = \sum_{k=1}^{K} p_k v_k^2 - \sum_{k=1}^{K} p_k^2 v_k^2$$"
    given = r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}, \quad g(z) = \log \sum_{k=1}^{K} e^{z_k}$$"
    given += r" $v \in \mathbb{R}^K$."
    found = lines(given, f"{curved}\n\n{bound}")
    assert found[0].verdict == "wrong"


def test_what_is_compared_as_numbers_that_are_given_needs_no_slip() -> None:
    given = r"$$W = \begin{pmatrix} 3 & 0 \\ 4 & 5 \end{pmatrix}$$"
    product = r"$$W^T W = \begin{pmatrix} %s & 20 \\ 20 & 25 \end{pmatrix}$$"
    found = [lines(given, f"{product % n}\n\n" + r"$$\|W\|_2 = \unknowncommand$$")[0].verdict for n in (25, 9)]
    assert found == ["proved", "wrong"]


REWARD = r"$$\pi_a = \frac{e^{h_a}}{\sum_{c=1}^n e^{h_c}}, \ J = \sum_{a=1}^n \pi_a r_a$$ The $r_a$ are fixed."


@pytest.mark.parametrize(
    ("between", "verdicts"),
    [
        (r"\pi_b r_b - \pi_b J", ["proved"] * 3),
        (r"\pi_b r_b - \pi_b r_b", ["proved", "wrong", "wrong"]),
        (r"\pi_b r_b - q \pi_b r_b", ["proved", "undecided", "undecided"]),
    ],
    ids=["right", "of the same names", "of another name"],
)
def test_a_wrong_line_of_the_same_names_between_right_ones_was_read(between: str, verdicts: list[str]) -> None:
    slope = r"\frac{\partial J}{\partial h_b} = \pi_b r_b - \pi_b \sum_{a=1}^n \pi_a r_a"
    found = lines(REWARD + " $$q > 0$$", rf"$${slope} = {between} = \pi_b (r_b - J)$$")
    assert [r.verdict for r in found] == verdicts
