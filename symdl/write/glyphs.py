r"""The closed tables of letters, signs, accents and function words: LaTeX spelling to Unicode."""

from __future__ import annotations

from types import MappingProxyType

GREEK = MappingProxyType(
    {
        "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ",
        "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
        "xi": "ξ", "pi": "π", "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ",
        "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
        "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ",
        "Omega": "Ω",
    }
)  # fmt: skip

LETTERS = MappingProxyType(
    {"\\" + name: glyph for name, glyph in GREEK.items()}
    | {r"\ell": "ℓ", r"\partial": "∂", r"\nabla": "∇", r"\infty": "∞", r"\hbar": "ℏ", r"\imath": "ı", r"\jmath": "ȷ"}
)
"""Commands that stand for one letter, with their glyph."""

SIGNS = MappingProxyType(
    {
        "+": "+", "-": "−", r"\pm": "±", r"\mp": "∓", r"\cdot": "⋅", r"\times": "×", r"\odot": "⊙", r"\circ": "∘",
        r"\otimes": "⊗", r"\oplus": "⊕", r"\ast": "∗", "*": "∗", "/": "/", r"\div": "÷", "=": "=", r"\neq": "≠",
        r"\ne": "≠", ">": ">", "<": "<", r"\geq": "≥", r"\ge": "≥", r"\leq": "≤", r"\le": "≤", r"\approx": "≈",
        r"\equiv": "≡", r"\sim": "∼", r"\simeq": "≃", r"\propto": "∝", r"\in": "∈", r"\notin": "∉", r"\to": "→",
        r"\rightarrow": "→", r"\leftarrow": "←", r"\Rightarrow": "⇒", r"\Leftrightarrow": "⇔", r"\iff": "⟺",
        r"\implies": "⟹", r"\mapsto": "↦", r"\coloneqq": "≔", ":=": "≔", r"\subset": "⊂", r"\subseteq": "⊆",
        r"\cup": "∪", r"\cap": "∩", r"\forall": "∀", r"\exists": "∃", ",": ",", ";": ";", ":": ":", ".": ".",
        "!": "!", "'": "′", r"\mid": "∣", r"\parallel": "∥", "|": "|", r"\|": "‖", r"\top": "⊤", r"\dagger": "†",
        r"\dots": "…", r"\ldots": "…", r"\cdots": "⋯", r"\vdots": "⋮", r"\ddots": "⋱", r"\ll": "≪", r"\gg": "≫",
        r"\succ": "≻", r"\succeq": "⪰", r"\prec": "≺", r"\preceq": "⪯", r"\setminus": "∖", r"\emptyset": "∅",
        r"\lvert": "|", r"\rvert": "|", r"\lVert": "‖", r"\rVert": "‖", r"\prime": "′", r"\%": "%", r"\star": "⋆",
        r"\land": "∧", r"\wedge": "∧", r"\lor": "∨", r"\neg": "¬", r"\colon": ":", r"\bullet": "•", r"\perp": "⊥",
    }
)  # fmt: skip
"""Operators, relations and punctuation, with their glyph."""

RELATIONS = frozenset(
    {
        "=", r"\neq", r"\ne", ">", "<", r"\geq", r"\ge", r"\leq", r"\le", r"\approx", r"\equiv", r"\sim", r"\simeq",
        r"\propto", r"\in", r"\notin", r"\to", r"\rightarrow", r"\leftarrow", r"\Rightarrow", r"\Leftrightarrow",
        r"\iff", r"\implies", r"\mapsto", r"\coloneqq", ":=", r"\subset", r"\subseteq", r"\mid", r"\parallel", r"\ll",
        r"\gg", r"\succ", r"\succeq", r"\prec", r"\preceq", ":", r"\perp",
    }
)  # fmt: skip

PUNCTUATION = frozenset({",", ";", r"\colon"})

ORDINARY = frozenset(
    {"!", "'", ".", r"\top", r"\dagger", r"\dots", r"\ldots", r"\cdots", r"\vdots", r"\ddots", "|", r"\|", r"\forall",
     r"\exists", r"\emptyset", r"\lvert", r"\rvert", r"\lVert", r"\rVert", r"\prime", r"\%", r"\neg", "/", r"\star"}
)  # fmt: skip

BIG = MappingProxyType({r"\sum": "∑", r"\prod": "∏", r"\int": "∫", r"\bigcup": "⋃", r"\bigcap": "⋂"})

LIMIT_WORDS = frozenset({r"\max", r"\min", r"\lim", r"\sup", r"\inf", r"\argmax", r"\argmin", r"\det", r"\Pr"})

FUNCTION_WORDS = frozenset(
    {r"\log", r"\ln", r"\exp", r"\sin", r"\cos", r"\tan", r"\sinh", r"\cosh", r"\tanh", r"\arcsin", r"\arccos",
     r"\arctan", r"\coth", r"\cot", r"\sec", r"\csc", r"\lg", r"\deg", r"\dim", r"\ker", r"\arg", r"\gcd"}
) | LIMIT_WORDS  # fmt: skip
"""Functions that have a LaTeX command of their own."""

ACCENTS = MappingProxyType(
    {"hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
     "overline": "\u0305", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c", "breve": "\u0306",
     "acute": "\u0301", "grave": "\u0300", "underline": "\u0332"}
)  # fmt: skip
"""Accents, with the combining character."""

STYLES = MappingProxyType(
    {"mathbf": "bold", "bm": "bolditalic", "boldsymbol": "bolditalic", "mathcal": "calligraphic",
     "mathfrak": "fraktur", "mathbb": "blackboard", "mathrm": "upright", "mathsf": "sans", "mathtt": "typewriter",
     "mathscr": "calligraphic", "mathit": "upright", "pmb": "bolditalic"}
)  # fmt: skip

FENCES = MappingProxyType(
    {"(": "(", ")": ")", "[": "[", "]": "]", r"\{": "{", r"\}": "}", "|": "|", r"\|": "‖", r"\langle": "⟨",
     r"\rangle": "⟩", r"\lvert": "|", r"\rvert": "|", r"\lVert": "‖", r"\rVert": "‖", r"\lfloor": "⌊",
     r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉", "": "", ".": "", "/": "/", r"\lbrace": "{", r"\rbrace": "}",
     r"\lbrack": "[", r"\rbrack": "]", r"\vert": "|", r"\Vert": "‖"}
)  # fmt: skip

CLOSING = MappingProxyType(
    {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle", r"\lvert": r"\rvert", r"\lVert": r"\rVert",
     r"\lfloor": r"\rfloor", r"\lceil": r"\rceil", r"\lbrace": r"\rbrace", r"\lbrack": r"\rbrack"}
)  # fmt: skip

SPACES = MappingProxyType(
    {r"\,": 0.167, r"\:": 0.222, r"\>": 0.222, r"\;": 0.278, r"\quad": 1.0, r"\qquad": 2.0, r"\ ": 0.25, "~": 0.25,
     r"\!": 0.0, r"\enspace": 0.5, r"\thinspace": 0.167}
)  # fmt: skip


def alphabet(style: str, char: str) -> str:
    """The character of the mathematical alphabet, or the plain one where Unicode has none."""
    if style == "calligraphic" and char in _SCRIPT_EXCEPTIONS:
        return _SCRIPT_EXCEPTIONS[char]
    if style == "blackboard" and char in _BLACKBOARD_EXCEPTIONS:
        return _BLACKBOARD_EXCEPTIONS[char]
    if style == "fraktur" and char in _FRAKTUR_EXCEPTIONS:
        return _FRAKTUR_EXCEPTIONS[char]
    starts = _STARTS.get(style)
    if starts is None:
        return char
    upper, lower, digit, greek_upper, greek_lower = starts
    if "A" <= char <= "Z" and upper:
        return chr(upper + ord(char) - ord("A"))
    if "a" <= char <= "z" and lower:
        return chr(lower + ord(char) - ord("a"))
    if "0" <= char <= "9" and digit:
        return chr(digit + ord(char) - ord("0"))
    if "Α" <= char <= "Ω" and greek_upper:
        return chr(greek_upper + ord(char) - ord("Α"))
    if "α" <= char <= "ω" and greek_lower:
        return chr(greek_lower + ord(char) - ord("α"))
    return char


_STARTS = MappingProxyType(
    {
        "bold": (0x1D400, 0x1D41A, 0x1D7CE, 0x1D6A8, 0x1D6C2),
        "bolditalic": (0x1D468, 0x1D482, 0, 0x1D71C, 0x1D736),
        "calligraphic": (0x1D49C, 0x1D4B6, 0, 0, 0),
        "fraktur": (0x1D504, 0x1D51E, 0, 0, 0),
        "blackboard": (0x1D538, 0x1D552, 0x1D7D8, 0, 0),
        "sans": (0x1D5A0, 0x1D5BA, 0x1D7E2, 0, 0),
        "typewriter": (0x1D670, 0x1D68A, 0x1D7F6, 0, 0),
    }
)
_SCRIPT_EXCEPTIONS = MappingProxyType(
    {"B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ", "e": "ℯ", "g": "ℊ", "o": "ℴ"}
)
_BLACKBOARD_EXCEPTIONS = MappingProxyType({"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"})
_FRAKTUR_EXCEPTIONS = MappingProxyType({"C": "ℭ", "H": "ℌ", "I": "ℑ", "R": "ℜ", "Z": "ℨ"})
