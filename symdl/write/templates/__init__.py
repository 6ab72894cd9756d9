"""The shells of whole pages, as Jinja templates; what a user wrote is only ever a value in them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, Template


@cache
def _environment(plain: bool) -> Environment:
    """HTML is escaped by default; in TeX and Typst the marks are ones that do not occur there."""
    # Who only wants a formula in LaTeX need not load what fills pages.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("symdl.write", "templates")
    if not plain:
        return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return Environment(
        loader=loader,
        autoescape=False,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template(name: str) -> Template:
    """The template of this file name."""
    return _environment(not name.endswith(".html")).get_template(name)
