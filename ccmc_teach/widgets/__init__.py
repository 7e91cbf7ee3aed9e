"""Widgets: pictures that the reader moves, the same on a static page and in a live notebook.

Each widget is a small Python class whose traits are its inputs and whose properties are its
results, and an ES module of the same name in ``js`` that draws it.
The classes load on first use, so that ``static_script`` needs neither ipywidgets nor a kernel.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ccmc_teach.widgets.link import static_script

if TYPE_CHECKING:
    from ccmc_teach.widgets.assumption_switches import Assumption, AssumptionSwitches
    from ccmc_teach.widgets.base import CourseWidget, NumberTable
    from ccmc_teach.widgets.counts_times_tastes import CountsTimesTastes

__all__ = [
    "Assumption",
    "AssumptionSwitches",
    "CountsTimesTastes",
    "CourseWidget",
    "NumberTable",
    "static_script",
]

_HOMES = {
    "Assumption": "assumption_switches",
    "AssumptionSwitches": "assumption_switches",
    "CountsTimesTastes": "counts_times_tastes",
    "CourseWidget": "base",
    "NumberTable": "base",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
