"""Words on which the reading of the givens rests, and words that change nothing where they are left out."""

import pytest

from symdl.read import read
from symdl.read.heeding import is_heeded

TOTAL = "# A\n\n## Given\n\n$$s = \\sum_{k=1}^n u_k$$\n\n%s\n\n## Proof\n\n$$s = s$$\n"


@pytest.mark.parametrize(
    ("sentence", "word", "heeded"),
    [
        ("The $u_k$ sum to one.", "sum to one", True),
        ("The $u_k$ sum to one.", "The", False),
        ("All $u_k$ are identical.", "identical", False),
        ("The vector $u$ is one-hot.", "one-hot", True),
    ],
)
def test_a_word_is_heeded_where_the_givens_are_others_without_it(sentence: str, word: str, heeded: bool) -> None:
    problem = read(TOTAL % sentence)
    block = next(b for b in problem.given_blocks if b.kind == "words")
    start = block.text.index(word)
    assert is_heeded(problem, block, (start, start + len(word))) is heeded
