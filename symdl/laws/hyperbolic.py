"""Hyperbolic functions by exponentials."""

from sympy import cosh, exp, sinh, tanh

from symdl.laws import Hole, Law

u = Hole("u")

LAWS = [
    Law("tanh-exponential", tanh(u), (exp(u) - exp(-u)) / (exp(u) + exp(-u)), "tanh by exponentials"),
    Law("sinh-exponential", sinh(u), (exp(u) - exp(-u)) / 2, "sinh by exponentials"),
    Law("cosh-exponential", cosh(u), (exp(u) + exp(-u)) / 2, "cosh by exponentials"),
]
