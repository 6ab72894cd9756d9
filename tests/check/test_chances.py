"""Probabilities of which others are given are no new names: the rules of chances say what they are."""

import pytest
from check.checking import checked, under, verdicts
from sympy import Symbol

from symdl.check.chances import chance_of

TEST = r"$$P(D) = 0.01, P(T \mid D) = 0.95, P(T \mid \bar{D}) = 0.05$$"
SPAM = r"$$P(S) = 0.4, \quad P(H) = 0.6, \quad P(w \mid S) = 0.25, \quad P(w \mid H) = 0.05$$"
WORDS = r"$$P(spam) = 0.4, \quad P(ham) = 0.6, \quad P(free | spam) = 0.5, \quad P(free | ham) = 0.1$$"
BOTH = r"$$P(A, B) = 0.12, P(A) = 0.3, P(B) = 0.4$$"
TABLE = r"$$P(X=0,Y=0) = \frac{1}{2}, P(X=0,Y=1) = \frac{1}{4}, P(X=1,Y=0) = 0, P(X=1,Y=1) = \frac{1}{4}$$"

SCREEN = r"$$P(D) = 0.01, \quad P(+ \mid D) = 0.95, \quad P(- \mid \bar{D}) = 0.90$$"
EVENTS = r"$$P(G) = 0.6, P(C) = 0.7, P(G \cap C) = 0.4$$"
ENTROPY = TABLE + r"$$H(X) = -\sum_{x=0}^{1} P(X=x) \log_2 P(X=x)$$"


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        (SCREEN, r"P(+ \mid \bar{D}) = 0.10", "holds"),
        (SCREEN, r"P(+) = 0.1085", "holds"),
        (SCREEN, r"P(D \mid +) \approx 0.0876", "holds"),
        (SCREEN, r"P(D \mid -) \approx 0.0876", "refuted"),
        (EVENTS, r"P(G \cup C) = P(G) + P(C) - P(G \cap C) = 0.9", "holds"),
        (EVENTS, r"P(G \cup C) = 1.3", "refuted"),
        (EVENTS, r"P(G \cup C) = P(G) + P(C) + P(G \cap C)", "refuted"),
        (EVENTS, r"P(G^c \cap C^c) = 1 - P(G \cup C) = 0.1", "holds"),
        (EVENTS, r"P(\bar{G} \cup \bar{C}) = 0.6", "holds"),
        (EVENTS, r"P(G \cap C^c) = 0.3", "refuted"),
        (EVENTS, r"P(G \cup D) = 0.9", "undecided"),
        (ENTROPY, r"H(X) = -\frac34 \log_2 \frac34 - \frac14 \log_2 \frac14 \approx 0.811", "holds"),
        (ENTROPY, r"H(X) = -\frac34 \log_2 \frac34 - \frac12 \log_2 \frac14", "refuted"),
        (TEST, r"P(T) = 0.95 \cdot 0.01 + 0.05 \cdot 0.99 = 0.059", "holds"),
        (TEST, r"P(T) = 0.95 \cdot 0.01 + 0.05 = 0.0595", "refuted"),
        (TEST, r"P(D \mid T) = \frac{P(T \mid D) P(D)}{P(T)}", "holds"),
        (TEST, r"P(D \mid T) = \frac{P(T \mid D) P(T)}{P(D)}", "refuted"),
        (TEST, r"P(\bar{D}) = 0.99", "holds"),
        (TEST, r"P(\bar{D}) = 0.9", "refuted"),
        (SPAM, r"P(w) = 0.25 \cdot 0.4 + 0.05 \cdot 0.6 = 0.13", "holds"),
        (SPAM, r"P(w) = 0.05 \cdot 0.4 + 0.25 \cdot 0.6 = 0.17", "refuted"),
        (SPAM, r"P(S \mid w) = \frac{0.10}{0.13} = 0.769", "holds"),
        (WORDS, r"P(free) = 0.5 \cdot 0.4 + 0.1 \cdot 0.6 = 0.26", "holds"),
        (WORDS, r"P(free) = 0.5 \cdot 0.6 + 0.1 \cdot 0.4 = 0.34", "refuted"),
        (WORDS, r"P(\text{spam} | free) = \frac{0.2}{0.26} \approx 0.769", "holds"),
        (WORDS, r"P(\text{ham} | free) = \frac{0.2}{0.26} \approx 0.769", "refuted"),
        (BOTH, r"P(B \mid A) = \frac{P(A, B)}{P(A)} = 0.4", "holds"),
        (BOTH, r"P(A \mid B) = \frac{P(A, B)}{P(A)}", "refuted"),
        (TABLE, r"P(X=0) = \frac{3}{4}", "holds"),
        (TABLE, r"P(Y=0) = \frac{3}{4}", "refuted"),
        (BOTH, r"P(C) = 0.5", "undecided"),
        ("$$u = 1$$", "P(C) = 0.3 + 0.2 = 0.5", "holds"),
    ],
)
def test_a_probability_is_what_the_given_ones_make_it(given: str, line: str, verdict: str) -> None:
    assert checked(under(given), f"$${line}$$").verdict == verdict


@pytest.mark.parametrize(("words", "verdict"), [("We update $P(A)$ in each step. ", "undecided"), ("", "wrong")])
def test_an_event_has_another_probability_only_after_a_step(words: str, verdict: str) -> None:
    assert verdicts(under(f"{words}$P(A) = 0.5$, $P(B) = 0.4$."), r"$$P(A) = 2 \cdot 0.4 = 0.8$$")[0] == verdict


ANY = "$A$, $B$ and $C$ are events."


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([r"P(A \cap B^c) = P(A) - P(A \cap B)", r"P(A \cup B) = P(A) + P(B) - P(A \cap B)"], ["proved", "proved"]),
        ([r"P(A \cap B^c) = P(A) - P(A \cap B)", r"P(A \cup B) = P(A) + P(B)"], ["proved", "wrong"]),
        ([r"P(A \cap B^c) + P(A^c \cap B) = P(A) + P(B) - 2 P(A \cap B)"], ["proved"]),
        ([r"P(A \cap B^c) + P(A^c \cap B) = P(A) + P(B) - P(A \cap B)"], ["wrong"]),
        ([r"P((A \cup B)^c) = P(A^c \cap B^c)"], ["proved"]),
        ([r"P(A \cup B) = P(A) + P(B) - P(A \cap B)", r"P(A \cup B) \leq P(A) + P(B)"], ["proved", "proved"]),
        ([r"P(A \cup B) = P(A) + P(B) - P(A \cap B)", r"P(A \cup B) \geq P(A)"], ["proved", "proved"]),
        ([r"P(A \cup B) = P(A) + P(B) - P(A \cap B)", r"P(A \cup B) \leq P(A)"], ["proved", "wrong"]),
    ],
)
def test_outcomes_are_counted_once_each(lines: list[str], expected: list[str]) -> None:
    assert verdicts(under(ANY), "\n\n".join(f"$${line}$$" for line in lines)) == expected


def test_what_is_given_under_each_other_is_no_partition() -> None:
    given = r"$$P(A) = 0.5, P(B) = 0.5, P(A \mid B) = 0.2, P(C \mid A) = 0.1, P(C \mid B) = 0.3$$"
    assert verdicts(under(given), "$$P(C) = 0.2$$") == ["undecided"]


@pytest.mark.parametrize(
    ("name", "chance"),
    [
        (r"P(A\mid \bar{B})", ({("A", True)}, {("B", False)})),
        (r"p(x,A^c)", ({("x", True), ("A", False)}, set())),
        (r"P(\neg A)", ({("A", False)}, set())),
        (r"P(T^-\mid +)", ({("T+", False)}, {("+", True)})),
        ("H(X)", None),
        ("P", None),
    ],
)
def test_a_name_says_of_which_events_it_is_the_probability(name: str, chance: tuple[set, set] | None) -> None:
    assert chance_of(Symbol(name)) == chance
