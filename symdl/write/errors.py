"""What goes wrong when a page is written."""

from symdl.errors import SymdlError


class NoPdfError(SymdlError):
    """A PDF that cannot be made: the engine is missing, takes too long, or refuses the page."""
