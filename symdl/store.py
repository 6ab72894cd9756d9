"""Text kept on disk from run to run, in a folder that only its user can write.

What lies there under another name, belongs to someone else, can be written by others or is a link is not read.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from contextlib import suppress
from functools import lru_cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType


def key_of(*parts: str, suffix: str) -> str:
    """The name under which what these parts lead to is kept."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return f"{digest.hexdigest()}.{suffix}"


def stamp() -> str:
    """What tells this version of symdl from any other: the names, sizes and times of its files."""
    root = os.path.dirname(__file__)
    parts: list[str] = []
    stack = [root]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack += [entry.path] if entry.name != "__pycache__" else []
                elif entry.name.endswith(".py"):
                    found = entry.stat()
                    parts.append(f"{entry.path[len(root) :]} {found.st_size} {found.st_mtime_ns}")
    return "\n".join(sorted(parts))


def folder() -> str | None:
    """The folder, made where it is missing; None where it cannot be made or someone else could write to it.

    It is `$SYMDL_CACHE`, or `symdl` in the user's cache folder.
    """
    chosen = os.environ.get("SYMDL_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.path.normpath(chosen or os.path.join(base, "symdl"))
    if not os.path.isabs(path):
        return None
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        above, own = os.stat(os.path.dirname(path)), os.lstat(path)
    except OSError:
        return None
    is_held = not above.st_mode & 0o022 or bool(above.st_mode & stat.S_ISVTX)
    return path if is_held and stat.S_ISDIR(own.st_mode) and _is_private(own, 0o077) else None


def read(key: str) -> str | None:
    """What is kept under a key; None where there is nothing that can be trusted."""
    path = _path(key)
    if path is None:
        return None
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    with os.fdopen(number, encoding="utf-8") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or not _is_private(found, 0o022):
            return None
        try:
            return file.read()
        except (OSError, UnicodeDecodeError):
            return None


def write(key: str, text: str) -> None:
    """Keep a text; where there is no folder or no room, do nothing."""
    import tempfile  # Three times as slow to import as what a reader needs.

    path = _path(key)
    if path is None:
        return
    try:
        number, name = tempfile.mkstemp(dir=os.path.dirname(path))
    except OSError:
        return
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(name, path)
    except OSError:
        with suppress(OSError):
            os.unlink(name)


def module(key: str, text: str) -> ModuleType:
    """The module with this source, from its file, so that what is compiled of it is kept beside it.

    Where there is no folder, the file is a temporary one.
    """
    if read(key) != text:
        write(key, text)
    path = _path(key)
    if path is None or read(key) != text:
        path = os.path.join(_temporary(), key)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    name = f"symdl_{key.partition('.')[0]}"
    found = sys.modules.get(name)
    if found is not None and found.__file__ == path:
        return found
    loader = SourceFileLoader(name, path)
    spec = spec_from_loader(name, loader)
    assert spec is not None
    made = module_from_spec(spec)
    sys.modules[name] = made
    try:
        loader.exec_module(made)
    except BaseException:
        # The next call is told the same, and gets no half of a module.
        del sys.modules[name]
        raise
    return made


def _path(key: str) -> str | None:
    base = folder()
    name, _, suffix = key.partition(".")
    is_key = len(name) == 64 and not set(name) - set("0123456789abcdef")
    is_key = is_key and suffix.isascii() and suffix.isalpha() and suffix.islower() and len(suffix) <= 8
    return os.path.join(base, key) if base is not None and is_key else None


def _is_private(found: os.stat_result, others: int) -> bool:
    """Whether something is the user's own and others have none of these rights."""
    if not hasattr(os, "getuid"):
        return True
    return found.st_uid == os.getuid() and not found.st_mode & others


@lru_cache(maxsize=1)
def _temporary() -> str:
    import atexit
    import shutil
    import tempfile

    made = tempfile.mkdtemp(prefix="symdl-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made
