"""Whole pages: what each format holds, that it is safe, and that it is the same every time."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sympy import Expr, Identity, Integer, MatMul, MatrixSymbol, OneMatrix, Transpose
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.hadamard import HadamardProduct
from write.samples import CROSS_ENTROPY, K, L, all_samples, display, softmax_cross_entropy, words

from symdl.language import scalar
from symdl.problem import Derivation, MatrixForm
from symdl.write import NoPdfError, Options, Page, formats, notebook_latex, render, text
from symdl.write.formats.pdf import source
from symdl.write.latex import latex
from symdl.write.matrix import layout_of_matrix_form
from symdl.write.order import manner_of

SAMPLES = all_samples()
HOSTILE = (
    '<script>alert(1)</script> \\input{/etc/passwd} #read("/etc/passwd") {{ 7*7 }} << 7*7 >> $x$ % & ~ ^ '
    "\\end{document}"
)


def page_of(derivation: Derivation) -> Page:
    return Page(derivation.problem, (derivation,))


def hostile_page() -> Page:
    derivation = softmax_cross_entropy()
    problem = replace(
        derivation.problem,
        title=HOSTILE,
        matter={"title": HOSTILE, "marks": HOSTILE},
        given_blocks=(
            words(HOSTILE),
            display(HOSTILE),
            display(r"\write18{id} + x"),
            words("\u202e\x00 $\\href{x}{y}$"),
        ),
        intro=(words(HOSTILE),),
    )
    said = replace(derivation, problem=problem, plan=(HOSTILE,), remarks=((HOSTILE,),))
    return Page(problem, (said,), ((derivation.task, HOSTILE),))


class Balance(HTMLParser):
    """Checks that every element is closed and collects their names."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_module_of_the_folder_is_a_format() -> None:
    assert {f.name: f.suffix for f in formats().values()} == {
        "html": ".html",
        "md": ".md",
        "pdf": ".pdf",
        "tex": ".tex",
    }


@pytest.mark.parametrize("name", ["md", "tex", "html"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_page_is_the_same_every_time(name: str, sample: str) -> None:
    page = page_of(SAMPLES[sample])
    assert render(name, page) == render(name, page)


def test_markdown_keeps_what_is_given_and_asked() -> None:
    derivation = SAMPLES["softmax"]
    made = render("md", page_of(derivation)).decode()
    assert made.startswith(
        "---\ntitle: Softmax cross-entropy\nmarks: '6'\n---\n\n# Softmax cross-entropy\n\n## Given\n"
    )
    for block in derivation.problem.given_blocks:
        assert block.text in made
    assert "## Find\n\n$$\n\\frac{\\partial L}{\\partial z_i}\n$$\n\n## Proof\n\n**Plan.** $L$ depends" in made
    assert "**Lemma 1** (derivative of $p$). For $i, k = 1, \\dots, K$:" in made
    assert "&= p_i - y_i && \\text{since } \\sum_{j=1}^{K} y_j = 1\n\\end{aligned}$$" in made
    assert "$$\\boxed{\\frac{\\partial L}{\\partial z_i} = p_i - y_i}$$" in made
    assert "In matrix notation, $\\nabla_z L = p - y \\in \\mathbb{R}^K$" in made


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_display_of_a_markdown_proof_holds_a_relation(sample: str) -> None:
    proof = render("md", page_of(SAMPLES[sample])).decode().split("## Proof")[1]
    displays = re.findall(r"\$\$(.*?)\$\$", proof, re.DOTALL)
    assert displays
    assert all("=" in d for d in displays)


def test_a_condition_stands_in_the_sentence_before_its_chain() -> None:
    proof = render("md", page_of(SAMPLES["rectifier"])).decode()
    assert "For $w > 0$:\n\n$$\\begin{aligned}" in proof


def test_a_lemma_with_several_displays_states_its_claim_in_words() -> None:
    proof = render("md", page_of(SAMPLES["recurrence"])).decode()
    assert "(unrolling). For $n = 1, \\dots, T$:\n\nThe claim is $\\displaystyle \\frac{\\partial h_n}" in proof
    assert "Both sides satisfy the same recurrence" in proof


@pytest.mark.parametrize("sample", SAMPLES)
def test_html_is_well_formed_and_needs_nothing(sample: str) -> None:
    made = render("html", page_of(SAMPLES[sample])).decode()
    reader = Balance()
    reader.feed(made)
    assert reader.open == []
    assert reader.seen.isdisjoint({"script", "img", "link", "iframe", "object"})
    assert "default-src 'none'" in made
    assert "http" not in re.sub(r'http-equiv="', "", made)


def test_hostile_text_is_inert_in_html() -> None:
    made = render("html", hostile_page()).decode()
    assert "<script" not in made
    assert "{{ 7*7 }}" in made
    assert "&lt;script&gt;" in made


def test_hostile_text_is_inert_in_latex() -> None:
    made = render("tex", hostile_page()).decode()
    assert r"\input{/etc" not in made
    assert r"\write18" not in made
    assert made.count(r"\end{document}") == 1


def test_several_pages_make_one_file() -> None:
    pages = [page_of(d) for d in SAMPLES.values()]
    made = render("html", pages).decode()
    assert made.count("<article>") == len(pages)
    assert render("md", pages).decode().count("## Proof") == len(pages)


def test_a_task_without_a_proof_says_so() -> None:
    derivation = SAMPLES["softmax"]
    page = Page(derivation.problem, (), ((derivation.task, "no law for *this*"),))
    assert "**Not derived.** $\\frac{\\partial L}{\\partial z_i}$: no law for \\*this\\*" in render("md", page).decode()
    assert "Not derived." in render("html", page).decode()


def test_a_pdf_is_made_without_tex_and_is_the_same_every_time() -> None:
    page = page_of(SAMPLES["softmax"])
    made = render("pdf", page)
    assert made.startswith(b"%PDF")
    assert made == render("pdf", page)


def test_in_a_pdf_a_sentence_that_leads_to_a_display_stays_with_it() -> None:
    problem = replace(softmax_cross_entropy().problem, given_blocks=(words("First."), words("Let"), display("x = 1")))
    lines = source(Page(problem, ())).split("\n\n")
    assert '#"First.";' in lines
    assert '#above[#"Let";]' in lines


def test_in_a_pdf_the_bars_of_a_formula_take_no_room() -> None:
    problem = replace(softmax_cross_entropy().problem, given_blocks=(display(r"f = \alpha |\theta_i|"),))
    assert source(Page(problem, ())).count('class("normal", \\|)') == 2


def test_a_pdf_of_hostile_text_is_made() -> None:
    assert render("pdf", hostile_page()).startswith(b"%PDF")


def test_a_pdf_that_takes_too_long_is_an_error() -> None:
    with pytest.raises(NoPdfError, match="longer than"):
        render("pdf", page_of(SAMPLES["softmax"]), Options(seconds=0.001))


def test_an_unknown_pdf_engine_is_an_error() -> None:
    with pytest.raises(NoPdfError, match="typst and tex"):
        render("pdf", page_of(SAMPLES["softmax"]), Options(pdf_engine="word"))


def test_a_missing_pdflatex_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoPdfError, match="not installed"):
        render("pdf", page_of(SAMPLES["softmax"]), Options(pdf_engine="tex"))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("sample", [*SAMPLES, "hostile"])
def test_latex_compiles_without_a_warning(sample: str, tmp_path: Path) -> None:
    page = hostile_page() if sample == "hostile" else page_of(SAMPLES[sample])
    (tmp_path / "page.tex").write_bytes(render("tex", page))
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert not re.search(r"Overfull|Warning", done.stdout)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_a_pdf_by_tex_is_the_same_every_time() -> None:
    page, options = page_of(SAMPLES["gaussian"]), Options(pdf_engine="tex")
    assert render("pdf", page, options) == render("pdf", page, options)


def test_the_terminal_shows_two_dimensional_formulas() -> None:
    said = text(SAMPLES["softmax"])
    assert "pᵢ − yᵢ" in said
    assert "─────" in said
    assert "Lemma 1 (derivative of p)." in said


def test_a_notebook_shows_displayed_chains() -> None:
    assert notebook_latex(SAMPLES["softmax"]).count(r"\begin{aligned}") == 2


P, Y, Z = (MatrixSymbol(n, K, 1) for n in "pyz")
W = MatrixSymbol("W", K, K)


@pytest.mark.parametrize(
    ("of", "wrt", "value", "shape", "expected"),
    [
        (L, scalar("z"), P - Y, (K,), r"\nabla_z L = p - y \in \mathbb{R}^K"),
        (scalar("p"), scalar("z"), DiagMatrix(P) - MatMul(P, Transpose(P)), (K, K),
         r"\frac{\partial p}{\partial z} = \operatorname{diag}(p) - p p^{\top} \in \mathbb{R}^{K \times K}"),
        (L, scalar("z"), DiagMatrix(P), (K, K), r"\nabla_z^2 L = \operatorname{diag}(p) \in \mathbb{R}^{K \times K}"),
        (L, scalar("z"), MatMul(Transpose(W), P - Y), (K,), r"\nabla_z L = W^{\top}(p - y) \in \mathbb{R}^K"),
        (L, scalar("z"), MatMul(2, P), (), r"\nabla_z L = 2 p"),
        (L, scalar("z"), HadamardProduct(P, Y), (K,), r"\nabla_z L = p \odot y \in \mathbb{R}^K"),
        (L, scalar("z"), OneMatrix(K, 1) - P, (K,), r"\nabla_z L = \mathbf{1} - p \in \mathbb{R}^K"),
        (L, scalar("z"), Identity(K), (K, K), r"\nabla_z^2 L = I \in \mathbb{R}^{K \times K}"),
        (L, scalar("z"), Integer(0), (), r"\nabla_z L = 0"),
    ],
)  # fmt: skip
def test_a_result_prints_in_matrix_notation(
    of: Expr, wrt: Expr, value: Expr, shape: tuple[Expr, ...], expected: str
) -> None:
    form = MatrixForm(of, wrt, value, shape)
    assert latex(layout_of_matrix_form(form, manner_of(CROSS_ENTROPY))) == expected
