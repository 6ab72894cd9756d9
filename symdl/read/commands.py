"""The closed tables of what is read: commands, signs of other alphabets, words that stand in formulas."""

from __future__ import annotations


def word_set(names: str) -> frozenset[str]:
    return frozenset(names.split())


GREEK = word_set(
    r"""alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho
    sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    ell hbar imath jmath"""
)
ACCENTS = word_set("hat bar tilde vec dot ddot check breve widehat widetilde overline underline")
FONTS = word_set("mathbf mathcal mathbb mathfrak mathsf mathscr mathit boldsymbol bm mathds mathtt texttt")
WORDS = word_set("operatorname mathrm mathop textrm")
TEXTS = word_set("text textbf textit mbox textnormal textsf emph")
BETWEEN = word_set("intertext shortintertext")
FUNCTIONS = word_set("log ln lg exp sin cos tan sinh cosh tanh arctan max min det")
MATRIX_FUNCTIONS = ("diag", "tr", "Tr", "trace", "det")
"""The names in words of functions of a matrix, and of the matrix of a diagonal."""
RELATIONS = {
    "=": "=", "<": "<", ">": ">", "leq": "<=", "le": "<=", "leqslant": "<=", "geq": ">=", "ge": ">=",
    "geqslant": ">=", "lt": "<", "gt": ">", "neq": "!=", "ne": "!=", "approx": "~", "simeq": "~", "equiv": "=",
    "coloneqq": "=", "sim": "sim", "triangleq": "=", "in": "in", "Rightarrow": "=>", "implies": "=>", "iff": "=>",
    "Leftrightarrow": "=>", "Longleftrightarrow": "=>", "Longrightarrow": "=>", "propto": "propto",
    "rArr": "=>", "Rarr": "=>", "hArr": "=>", "Harr": "=>",
    "leftarrow": "<-", "gets": "<-", "succ": "succ", "succeq": "succeq", "succcurlyeq": "succeq",
    "prec": "prec", "preceq": "preceq", "preccurlyeq": "preceq",
}  # fmt: skip
DEFINITE = ("succ", "succeq", "prec", "preceq")
"""The signs that say whether a matrix is definite."""
COMPARED = "|".join(k for k, v in RELATIONS.items() if k.isalpha() and v in ("<", ">", "<=", ">=", "!="))
"""The commands of inequalities, as a pattern; no letter may follow one."""
SPACES = word_set(
    r""", ; : ! . \  > space displaystyle textstyle scriptstyle limits nolimits nonumber notag hfill hline qedhere qed
    qedsymbol blacksquare square Box checkmark centering raggedright tiny small normalsize large Large LARGE huge
    Huge"""
) | {" "}
SEPARATORS = word_set("quad qquad hspace newline")
DOTS = word_set("dots ldots cdots hdots dotsc dotsb dotsm dotso vdots ddots")
SIZES = word_set("left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm")
PLAIN = word_set(
    r"""frac dfrac tfrac cfrac binom dbinom tbinom sqrt sum prod partial nabla cdot times div ast odot circ pm mp infty
    top intercal prime star dagger mid parallel land wedge lor neg boxed underbrace overbrace langle rangle lbrace
    rbrace lbrack rbrack lvert rvert lVert rVert vert Vert to rightarrow mapsto colon mathbin mathrel forall
    therefore because tag label phantom textcircled color textcolor substack lnot stackrel overset setminus
    lim int sup inf arg argmin argmax underset cap cup braket"""
)
ENVIRONMENTS = word_set(
    """aligned align align* alignat alignat* split gather gather* gathered equation equation* multline multline*
    eqnarray eqnarray* flalign flalign*
    cases dcases rcases matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix array"""
)
DELIMITERS = {
    "(": "(", "[": "[", r"\{": "{", r"\lbrace": "{", r"\lbrack": "[", r"\langle": "<", r"\lvert": "|", r"\lVert": "||",
    ")": ")", "]": "]", r"\}": "}", r"\rbrace": "}", r"\rbrack": "]", r"\rangle": ">", r"\rvert": "|", r"\rVert": "||",
    r"\lfloor": r"\lfloor", r"\lceil": r"\lceil", r"\rfloor": r"\rfloor", r"\rceil": r"\rceil",
    "|": "|", r"\vert": "|", r"\|": "||", r"\Vert": "||", ".": ".", "/": "/",
}  # fmt: skip
UNICODE = {
    "−": "-", "–": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "∗": "*", "÷": "/", "≤": r"\leq ",
    "≥": r"\geq ", "≠": r"\neq ", "≈": r"\approx ", "∈": r"\in ", "∂": r"\partial ", "∑": r"\sum ", "∏": r"\prod ",
    "∫": r"\int ",
    "∇": r"\nabla ", "∞": r"\infty ", "…": r"\dots ", "⋯": r"\cdots ", "⊙": r"\odot ", "ℓ": r"\ell ", "′": "'",
    "″": "''", "⇒": r"\Rightarrow ", "→": r"\to ", "←": r"\leftarrow ", "⊤": r"\top ", "ᵀ": r"^{\top}",
    "²": "^{2}", "³": "^{3}", "∴": r"\therefore ", "∵": r"\because ", "∎": r"\qed ", "✓": r"\checkmark ",
    "✔": r"\checkmark ", "‖": r"\|", "½": r"\frac{1}{2}", "ℝ": r"\mathbb{R}",
    "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ", "δ": r"\delta ", "ε": r"\varepsilon ", "ζ": r"\zeta ",
    "η": r"\eta ", "θ": r"\theta ", "κ": r"\kappa ", "λ": r"\lambda ", "μ": r"\mu ", "ν": r"\nu ", "ξ": r"\xi ",
    "π": r"\pi ", "ρ": r"\rho ", "σ": r"\sigma ", "τ": r"\tau ", "φ": r"\varphi ", "χ": r"\chi ", "ψ": r"\psi ",
    "ω": r"\omega ", "√": r"\sqrt ",
    "Γ": r"\Gamma ", "Δ": r"\Delta ", "Θ": r"\Theta ", "Λ": r"\Lambda ", "Σ": r"\Sigma ",
    "Φ": r"\Phi ", "Ψ": r"\Psi ", "Ω": r"\Omega ", "ϕ": r"\phi ", "ϵ": r"\epsilon ",
}  # fmt: skip
"""Signs that are read as what LaTeX calls them."""
ACCENT_SIGNS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde"}
"""Signs that stand above the letter before them."""
BELOW = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-()aehijklmnoprstuvx", strict=True))
ABOVE = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁱⁿˡᵏʲᵗᵀ", "0123456789+-()inlkjtT", strict=True))
"""Small signs that make a script."""


LABELS = word_set(
    "in out max min hid hidden new old ref norm test train avg std init pred true pos neg total loss dim data model "
    "var mean sum reg ce mse mid top last first opt input output rec next prev neu alt"
)
"""Words in scripts that are labels where their letters are no indices."""
ACCENT_WORDS = word_set("hat bar tilde")
SCALES = {
    "KB": "10^3", "kB": "10^3", "MB": "10^6", "GB": "10^9", "TB": "10^{12}", "PB": "10^{15}",
    "KiB": "2^{10}", "MiB": "2^{20}", "GiB": "2^{30}", "TiB": "2^{40}",
    "MFLOPs": "10^6", "GFLOPs": "10^9", "TFLOPs": "10^{12}", "PFLOPs": "10^{15}",
    "MFLOPS": "10^6", "GFLOPS": "10^9", "TFLOPS": "10^{12}", "PFLOPS": "10^{15}",
    "K": "10^3", "k": "10^3", "M": "10^6", "B": "10^9", "thousand": "10^3", "million": "10^6", "billion": "10^9",
    "trillion": "10^{12}", "percent": "10^{-2}",
}  # fmt: skip
"""Units that scale the number before them, with the number that they multiply it by."""

INDICATORS = ("1", "I", r"\mathbb{I}", r"\mathbf{I}", r"\mathcal{I}")
"""What makes an indicator of a condition in brackets after it."""
