"""Speed as ratios within one run: `python tests/benchmarks` in the checkout.  No part of the timed tests.

`--page FILE` writes the page of figures; names of sections run only these.  Peers are those of the environment.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
SECTIONS = ("startup", "kernels", "functions", "recurrences", "equality", "checking", "engine", "accelerator")
XLA = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def main() -> None:
    """Run the sections, print their goals, write the page."""
    parser = argparse.ArgumentParser(prog="python tests/benchmarks")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; all by default")
    parser.add_argument("--page", type=Path, help="file to write the page of figures to")
    arguments = parser.parse_args()
    if unknown := set(arguments.sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    # Libraries read these when they load.
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"), XLA_FLAGS=XLA, JAX_PLATFORMS="cpu")
    with tempfile.TemporaryDirectory(prefix="symdl-benchmarks-") as folder:
        os.environ["SYMDL_CACHE"] = f"{folder}/kept"
        made = []
        for name in arguments.sections or SECTIONS:
            begin = time.perf_counter()
            print(f"{name} ...", flush=True)
            made.append(importlib.import_module(name).section())
            for goal in made[-1].goals:
                state = {True: "met", False: "missed", None: "not run"}[goal.met]
                print(f"  {state:8} {goal.text}: {goal.figure}", flush=True)
            print(f"  {time.perf_counter() - begin:.0f} s", flush=True)
    if arguments.page:
        from page import page

        command = " ".join(["python tests/benchmarks", *arguments.sections, "--page", str(arguments.page)])
        arguments.page.write_text(page(made, _machine(), command), encoding="utf-8")


def _machine() -> str:
    """What the figures were measured on."""
    import importlib.metadata as metadata

    found = []
    for name in ("numpy", "scipy", "numba", "jax", "torch", "autograd", "sympy"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; {', '.join(found)}."


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main()
