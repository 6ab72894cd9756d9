r"""What sentences among the givens say that formulas do not: the base of \log, a value at a kink, which function a letter is."""

from __future__ import annotations

import re

from symdl.language.functions import FamilyFunction, ScalarFunction, by_spelling

_NUMBERS = {"zero": 0, "one": 1, "two": 2, "ten": 10, "half": None}
_BASE = re.compile(
    r"\blog(?:arithm)?s?\b[^.;]{0,40}?\b(?:to|with|in|of)?\s*(?:the\s+)?(?:base|basis)\s+\$?(?P<after>\d+|two|ten)\b"
    r"|\b(?:base|basis)[-\s]\$?(?P<before>\d+|two|ten)\$?\s+log(?:arithm)?s?\b"
    r"|\b(?P<kind>binary|decimal|common)\s+logarithm",
    re.IGNORECASE,
)
_KINK = re.compile(
    r"\bderivative\s+of\s+(?:the\s+)?(?:\$?\\(?:text|mathrm|operatorname)\{)?(?P<name>[A-Za-z]+)\}?\$?\s+at\s+(?:the\s+)?"
    r"\$?(?:0|zero|origin)\$?\s+(?:is|to\s+be|as)\s+(?:\w+\s+)?(?:(?:to\s+be|as|to)\s+)?\$?(?P<value>0|1|zero|one)\b",
    re.IGNORECASE,
)
_FUNCTION = re.compile(
    r"^\s*(?:is|denotes|stands\s+for|means)\s+(?:here\s+)?(?:the\s+)?(?:standard\s+|usual\s+)?(?P<name>logistic|sigmoid|"
    r"hyperbolic\s+tangent|tanh|ReLU|rectifier|rectified\s+linear\s+unit|softplus|softmax)\b",
    re.IGNORECASE,
)
_SPELLINGS = {
    "logistic": "sigmoid", "hyperbolic tangent": "tanh", "rectifier": "relu", "rectified linear unit": "relu",
}  # fmt: skip


def log_base(text: str) -> int | None:
    r"""The base that a paragraph states for \log; None where it states none, or the natural logarithm."""
    found = _BASE.search(text)
    if found is None:
        return None
    if found["kind"]:
        return 2 if found["kind"].lower() == "binary" else 10
    word = (found["after"] or found["before"]).lower()
    return _NUMBERS.get(word) if word in _NUMBERS else int(word)


def kinks(text: str) -> list[tuple[ScalarFunction, int]]:
    """The functions whose derivative at 0 a paragraph states, with that value."""
    found: list[tuple[ScalarFunction, int]] = []
    for match in _KINK.finditer(text):
        record = _record(match["name"])
        if isinstance(record, ScalarFunction) and 0 in record.kinks:
            value = match["value"].lower()
            found.append((record, int(_NUMBERS.get(value, value) or 0)))
    return found


def named_function(after: str) -> ScalarFunction | FamilyFunction | None:
    r"""The function that words after a formula say it is: "$\phi$ is the sigmoid"."""
    match = _FUNCTION.match(after)
    return _record(" ".join(match["name"].split())) if match else None


def _record(name: str) -> ScalarFunction | FamilyFunction | None:
    known = by_spelling()
    word = _SPELLINGS.get(name.lower(), name)
    return known.get(word) or known.get(word.lower())
