"""Widgets: pictures that the reader moves, the same on a static page and in a live notebook.

Each widget is a small Python class whose traits are its inputs and whose properties are its
results, and an ES module of the same name in ``js`` that draws it: ``counts_times_tastes.py`` and
``js/counts_times_tastes.mjs`` make the widget ``CountsTimesTastes``.
A widget stands on this list as soon as both files are there.
The classes load on first use, so that ``static_scripts`` needs neither ipywidgets nor a kernel.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccmc_teach.widgets.link import SOURCES
from ccmc_teach.widgets.link import static_script as static_script
from ccmc_teach.widgets.link import static_scripts as static_scripts

if TYPE_CHECKING:
    from ccmc_teach.widgets.assumption_switches import Assumption as Assumption
    from ccmc_teach.widgets.assumption_switches import AssumptionSwitches as AssumptionSwitches
    from ccmc_teach.widgets.attention_row import AttentionRow as AttentionRow
    from ccmc_teach.widgets.base import CourseWidget as CourseWidget
    from ccmc_teach.widgets.base import NumberTable as NumberTable
    from ccmc_teach.widgets.co_occurrence import CoOccurrence as CoOccurrence
    from ccmc_teach.widgets.counts_times_tastes import CountsTimesTastes as CountsTimesTastes
    from ccmc_teach.widgets.how_many_prompts import HowManyPrompts as HowManyPrompts
    from ccmc_teach.widgets.likelihood_triangle import LikelihoodTriangle as LikelihoodTriangle
    from ccmc_teach.widgets.plain_chain import PlainChain as PlainChain
    from ccmc_teach.widgets.position_weights import PositionWeights as PositionWeights


def _found() -> dict[str, str]:
    """Return the class of each widget and the module that it stands in."""
    modules = sorted(file.stem for file in Path(__file__).parent.glob("*.py"))
    widgets = [module for module in modules if (SOURCES / f"{module}.mjs").is_file()]
    return {"".join(map(str.capitalize, module.split("_"))): module for module in widgets}


_WIDGETS = _found()
_HOMES = {
    **_WIDGETS,
    "Assumption": "assumption_switches",
    "CourseWidget": "base",
    "NumberTable": "base",
}

__all__: list[str] = sorted([*_HOMES, "static_script", "static_scripts"])


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *globals()])
