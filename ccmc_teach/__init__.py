"""The helper package of the course *From Self-Attention to Markov Models*.

Each room of the package is a module of its own and loads when it is first named:
``ccmc_teach.chain`` needs numpy alone, ``ccmc_teach.figures`` also matplotlib, and so on.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import (
        attention,
        chain,
        checks,
        coverage,
        decoding,
        dynamics,
        estimation,
        figures,
        generation,
        positions,
        symbolic,
        variants,
        widgets,
    )

    __version__: str

__all__ = [
    "__version__",
    "attention",
    "chain",
    "checks",
    "coverage",
    "decoding",
    "dynamics",
    "estimation",
    "figures",
    "generation",
    "positions",
    "symbolic",
    "variants",
    "widgets",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        # importlib.metadata costs more than all of this file, so it waits until somebody asks.
        from importlib.metadata import version

        return version("ccmc-teach")
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
