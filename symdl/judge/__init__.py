"""Proves or refutes one relation under the givens of a problem; independent of the engine and its laws."""

from symdl.judge.decision import decide, decide_relation

__all__ = ["decide", "decide_relation"]
