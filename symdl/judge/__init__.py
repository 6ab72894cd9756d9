"""Proves or refutes one relation under the givens of a problem; independent of the engine and its laws."""

from symdl.judge.beyond import Worked
from symdl.judge.decision import decide, decide_relation, worked_out
from symdl.judge.sample import Sample, sample

__all__ = ["Sample", "Worked", "decide", "decide_relation", "sample", "worked_out"]
