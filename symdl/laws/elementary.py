"""Hyperbolic functions by exponentials, and quotients of hyperbolic and trigonometric functions."""

from sympy import cos, cosh, exp, sin, sinh, tan, tanh

from symdl.laws import Hole, Law

u = Hole("u")

LAWS = [
    Law("tanh-quotient", sinh(u) / cosh(u), tanh(u), "sinh over cosh is tanh"),
    Law("tan-quotient", sin(u) / cos(u), tan(u), "sin over cos is tan"),
    Law("tanh-exponential", tanh(u), (exp(u) - exp(-u)) / (exp(u) + exp(-u)), "tanh by exponentials"),
    Law("sinh-exponential", sinh(u), (exp(u) - exp(-u)) / 2, "sinh by exponentials"),
    Law("cosh-exponential", cosh(u), (exp(u) + exp(-u)) / 2, "cosh by exponentials"),
]
