"""A plain chain for the test pages."""

from __future__ import annotations

from ccmc_teach.widgets import PlainChain


def example() -> PlainChain:
    """Return a chain without rare steps: where a share is small, so is the room for a finger."""
    return PlainChain(P=[[0.2, 0.5, 0.3], [0.5, 0.2, 0.3], [0.3, 0.3, 0.4]])
