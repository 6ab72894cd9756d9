"""Units behind numbers, within a formula and behind its end."""

import pytest
from check.checking import under, verdicts

GIVEN = under("$$x = 1$$")


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"$7 \cdot 10^9 \cdot 16 = 112$ GB of memory.", "proved"),
        (r"$7 \cdot 10^9 \cdot 16 = 111$ GB of memory.", "unreadable"),
        (r"This is $\frac{3}{4} = 75$ %.", "proved"),
        (r"This is $\frac{3}{4} = 25$\%.", "wrong"),
        (r"It takes $3 \cdot 20 = 1$ hour.", "unreadable"),
        ("Hence 7*10^9*16 = 112 GB in total.", "proved"),
        (r"$$7 \cdot 10^9 \cdot 2\,\text{bytes} = 14\,\text{GB}$$", "proved"),
        (r"$$2^{30}\,\text{bytes} = 1\,\text{GiB}$$", "proved"),
        (r"$$5\,\text{GB} = 5000\,\text{MB}$$", "proved"),
        (r"$$5\,\text{GB} = 500\,\text{MB}$$", "unreadable"),
        (r"$$3{,}145{,}728 \approx 3.15\text{M}$$", "rounded"),
        (r"$$3{,}145{,}728 \approx 3.25\text{M}$$", "unreadable"),
        (r"$401408 \cdot 640 \approx 256.9 \text{ million FLOPs}$", "rounded"),
        (r"$401408 \cdot 640 \approx 267 \text{ million FLOPs}$", "unreadable"),
        (r"In total $3211264 + 7225344 \approx 10.4$ M FLOPs.", "rounded"),
        (r"In total $3211264 + 7225344 \approx 12.4$ M FLOPs.", "unreadable"),
        (r"The model has $1850 \cdot 10^6 = 1.85$B.", "proved"),
        (r"$$2 \cdot 10^6\,\text{bytes} = 2 \text{ MB per image}$$", "proved"),
        (r"$$4\,\text{bits} = 8\,\text{nats}$$", "unreadable"),
        (r"$$2 + 2 = 5\,\text{bits}$$", "wrong"),
        (r"Here $2 + 2 = 4$ bits.", "proved"),
    ],
)
def test_a_unit_that_scales_a_number_is_multiplied_out_and_refutes_nothing(line: str, verdict: str) -> None:
    assert verdicts(GIVEN, line) == [verdict]
