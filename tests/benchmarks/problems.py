"""The worked problems whose functions are timed."""

from __future__ import annotations

from functools import cache

from symdl.problem import Derivation
from symdl.read import read_all

CROSS_ENTROPY = r"""
# Cross-entropy of a class label

## Given

$$p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}, \qquad i = 1, \dots, K$$

$$L = -\log p_y$$

## Find

$$\frac{\partial L}{\partial z_i}, \qquad \frac{\partial^2 L}{\partial z_i \partial z_j}$$
"""

LOGISTIC = r"""
# Binary cross-entropy with logits

## Given

$$a = \frac{1}{1 + e^{-z}}$$

$$L = -y \log a - (1 - y) \log(1 - a)$$

## Find

$$\frac{\partial L}{\partial z}$$
"""

DIVERGENCE = r"""
# Gaussian KL to the standard normal

## Given

$$L = \frac{1}{2} (\mu^2 + e^{z} - 1 - z)$$

## Find

$$\frac{\partial L}{\partial z}$$
"""

RECURRENCE = r"""
# Scalar recurrence

## Given

$$h_t = \tanh(w h_{t-1} + u x_t + b), \qquad t = 1, \dots, T$$

$$L = \frac{1}{2} (h_T - y)^2$$

## Find

$$\frac{\partial L}{\partial w}$$
"""

VECTORS = r"""
# Vector recurrence

## Given

$$h_t = \tanh(W h_{t-1} + x_t), \qquad t = 1, \dots, T, \qquad h_t \in \mathbb{R}^{d}, \quad W \in \mathbb{R}^{d \times d}, \quad x_t \in \mathbb{R}^{d}$$

$$L = \frac{1}{2} \sum_{i=1}^{d} (h_{T,i} - y_i)^2$$

## Find

$$\frac{\partial L}{\partial W_{ij}}$$
"""  # noqa: E501


@cache
def derivations(text: str) -> tuple[Derivation, ...]:
    """What a document asks for, derived and judged."""
    return tuple(d for problem in read_all(text) for d in problem.solve())
