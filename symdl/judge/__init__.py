"""Proves or refutes one relation under the givens of a problem; independent of the engine and its laws."""

from symdl.judge.decision import decide, decide_relation
from symdl.judge.sample import Sample, sample

__all__ = ["Sample", "decide", "decide_relation", "sample"]
