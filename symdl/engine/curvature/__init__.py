"""Critical points, curvature and kinks: what is asked by `Classify`."""

from symdl.engine.curvature.classify import classify

__all__ = ["classify"]
