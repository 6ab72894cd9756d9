"""Settings shared by the tests of functions."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of its own for what is kept from run to run."""
    folder = tmp_path_factory.mktemp("store") / "symdl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYMDL_CACHE", str(folder))
        yield folder
