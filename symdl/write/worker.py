"""Compiles one Typst source from standard input to a PDF on standard output; run by path, in a process of its own.

Typst can abort the process it runs in, so it never runs in the caller's.  Nothing but the source is within its reach:
the root is a folder of its own, and packages are looked up in an empty one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path


def main() -> int:
    """The exit status: 0 with the PDF on standard output, 1 with a message on standard error."""
    import typst

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
        source = Path(folder) / "page.typ"
        source.write_bytes(sys.stdin.buffer.read())
        try:
            made = typst.compile(
                str(source),
                root=folder,
                ignore_system_fonts=True,
                format="pdf",
                package_path=empty,
                package_cache_path=empty,
                timestamp=0,
            )
        except typst.TypstError as error:
            print(error, file=sys.stderr)
            return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
