"""Multipliers and shares: what holds of every member of a family, put into what is given of their sum."""

import pytest
from check.checking import under, verdicts

SHARES = under(
    r"$$Q = \sum_{i=1}^n \sum_{k=1}^K r_{ik} \log \pi_k, \quad \sum_{k=1}^K r_{ik} = 1, \quad \sum_{k=1}^K \pi_k = 1$$"
) + (
    r"$$\mathcal{L} = Q + \lambda \left( 1 - \sum_{k=1}^K \pi_k \right)$$" "\n\n"
    r"$$\frac{\partial \mathcal{L}}{\partial \pi_k} = \frac{1}{\pi_k} \sum_{i=1}^n r_{ik} - \lambda = 0$$" "\n\n"
    r"$$\lambda \pi_k = \sum_{i=1}^n r_{ik}$$" "\n\n"
)  # fmt: skip
SPREAD = under(r"$$H = -\sum_{i=1}^n p_i \log p_i, \qquad \sum_{i=1}^n p_i = 1$$") + (
    r"$$\mathcal{L}(p, \lambda) = H + \lambda \left( \sum_{i=1}^n p_i - 1 \right)$$"
    "\n\n"
    r"$$\frac{\partial \mathcal{L}}{\partial p_i} = -\log p_i - 1 + \lambda = 0$$"
    "\n\n"
    r"$$p_i = e^{\lambda - 1}$$"
    "\n\n"
)


@pytest.mark.parametrize(
    ("head", "proof", "last"),
    [
        pytest.param(SHARES, r"$$\lambda = n$$", "proved", id="summed over all classes"),
        pytest.param(SHARES, r"$$\lambda = K$$", "undecided", id="summed to something else"),
        pytest.param(
            SHARES,
            r"$$\lambda = n$$" "\n\n" r"$$\pi_k = \frac{1}{n} \sum_{i=1}^n r_{ik}$$",
            "proved",
            id="the mean share",
        ),
        pytest.param(
            SHARES,
            r"$$\lambda = n$$" "\n\n" r"$$\pi_k = \frac{1}{K} \sum_{i=1}^n r_{ik}$$",
            "undecided",
            id="another mean",
        ),
        pytest.param(SHARES, r"$$\pi_k = \frac{1}{n} \sum_{i=1}^n r_{ik}$$", "proved", id="without a line on lambda"),
        pytest.param(SPREAD, r"$$p_i = \frac{1}{n}$$", "proved", id="all alike"),
        pytest.param(SPREAD, r"$$p_i = \frac{2}{n}$$", "wrong", id="all alike, and too large"),
        pytest.param(SPREAD, r"$$p_i = \frac{1}{n}$$" "\n\n" r"$$H = \log n$$", "proved", id="the largest entropy"),
        pytest.param(
            SPREAD, r"$$p_i = \frac{1}{n}$$" "\n\n" r"$$H = 2 \log n$$", "undecided", id="twice the largest entropy"
        ),
    ],
)
def test_what_is_given_of_a_sum_is_used_with_what_its_terms_are(head: str, proof: str, last: str) -> None:
    assert verdicts(head, proof)[-1] == last
