"""Figures of derivations, as vectors: curves, contours with critical points, gradients through time, graphs.

Everything is readable in grey: kinds differ by mark and dash, not by colour alone.
"""

from symdl.plot.figures import figures, save
from symdl.plot.graph import Graph, graph_of

__all__ = ["Graph", "figures", "graph_of", "save"]
