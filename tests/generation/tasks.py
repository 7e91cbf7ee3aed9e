"""Tasks for sweeps that other processes import, so nothing heavy stands here."""

from __future__ import annotations

import numpy as np


def mean_of_draws(number: int, rng: np.random.Generator) -> float:
    """Return a number that depends on the generator."""
    return float(rng.random(number).mean())


def fail_on_two(number: int, rng: np.random.Generator) -> int:
    if number == 2:
        raise ArithmeticError("two is no number")
    return number
