"""Pictures of derivations, as vectors: curves, contours with critical points, gradients through time, graphs.

Everything is readable in grey: kinds differ by mark and dash, not by colour alone.
"""

from symdl.plot.graph import Graph, graph_of
from symdl.plot.pictures import Picture, figures, pictures
from symdl.plot.style import save
from symdl.plot.values import NoPictureError

__all__ = ["Graph", "NoPictureError", "Picture", "figures", "graph_of", "pictures", "save"]
