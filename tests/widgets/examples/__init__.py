"""The widgets that the tests of every widget show.

A widget that can be made without arguments needs nothing here.
One that cannot has a module of its own name with a function ``example``.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from ccmc_teach import widgets
from ccmc_teach.widgets.base import CourseWidget

#: The module of each widget that has both its files.
NAMES = sorted(widgets._WIDGETS.values())


def class_of(name: str) -> type[CourseWidget]:
    """Return the class of a widget by the name of its module."""
    homes = {module: kind for kind, module in widgets._WIDGETS.items()}
    return cast("type[CourseWidget]", getattr(widgets, homes[name]))


def example(name: str) -> CourseWidget:
    """Return a widget to show, by the name of its module."""
    if (Path(__file__).parent / f"{name}.py").is_file():
        made = import_module(f"widgets.examples.{name}").example()
        return cast("CourseWidget", made)
    return class_of(name)()
