"""What differs by a convention only is no error; once the document shows its convention, it is one."""

import pytest
from check.checking import under, verdicts

ENTROPY = r"$$p = \left(\frac12, \frac14, \frac14\right), \qquad H = -\sum_i p_i \log p_i$$"
HALVES = r"H = -\frac12 \log \frac12 - \frac12 \log \frac12"
LOSS = r"$$p = 0.3, \qquad L = -\log p, \qquad M = 2 L$$"


@pytest.mark.parametrize(
    ("given", "proof", "expected"),
    [
        pytest.param(ENTROPY, "$$H = 1.5$$", ["undecided"], id="in bits"),
        pytest.param(ENTROPY, "$$H = 1.04$$", ["rounded"], id="in nats"),
        pytest.param(ENTROPY, "$$H = 1.6$$", ["wrong"], id="in neither"),
        pytest.param(ENTROPY.replace(r"\log", r"\ln"), "$$H = 1.5$$", ["wrong"], id="the base is written"),
        pytest.param(LOSS, "$$M = 3.474$$", ["undecided"], id="through another definition"),
        pytest.param(LOSS, "$$L = 1.204$$\n\n$$M = 3.474$$", ["rounded", "wrong"], id="the proof has shown its base"),
        pytest.param(f"{LOSS}\n\nNatural logarithms are used throughout.", "$$M = 3.474$$", ["wrong"], id="in words"),
        pytest.param(f"{LOSS}\n\nAll logarithms are natural.", "$$M = 3.474$$", ["wrong"], id="in other words"),
        pytest.param(f"$${HALVES}$$", "$$H = 1$$", ["undecided"], id="of numbers alone"),
        pytest.param(f"$${HALVES}$$", "$$H = 0.5$$", ["wrong"], id="of numbers alone, in no base"),
        pytest.param(LOSS, r"$$e^{0.05 \times 20} = 2.781$$", ["wrong"], id="near Euler's number"),
        pytest.param(LOSS, "$$e = 0.3$$", ["undecided"], id="another e"),
        pytest.param(LOSS, r"$$r = \frac{e}{e + e^2} = \frac{1}{1 + e}$$", ["given", "proved"], id="any e"),
        pytest.param(LOSS, r"$$r = \frac{e}{e + e^2} = \frac{e}{1 + e}$$", ["given", "wrong"], id="no e"),
    ],
)
def test_a_number_may_be_in_another_base_where_none_is_shown(given: str, proof: str, expected: list[str]) -> None:
    assert verdicts(under(given), proof) == expected
