"""Sphinx extension of the course: small repairs, its own blocks, checks that fail a build.

Every room does one thing:

``digest``
    names the execution cache by the package, the data and the lock (standard library alone)
``settings``
    values that the configuration file cannot express
``assets``
    the scripts that a page needs, and no others
``front_door``
    the page that leads to the first one
``launch``
    a launch button on pages that are not notebooks
``dropdowns``
    hidden solutions as native disclosure elements
``questions``
    quick questions: one open option at a time, each with its verdict in words
``blocks``
    finds the course's blocks in a parsed page
``reading``
    minutes that the main path of a page takes
``chapters``
    checks the frame of a chapter and its quick questions
``pictures``
    checks that every picture can be read without seeing it
``citations``
    the bibliography, by author and year
``computed``
    numbers in sentences, the same words for the site and for a notebook
``repairs``
    small repairs of what other extensions write
``icons``
    the few icons in use, as one small style sheet

A finding is a Sphinx warning, so it carries the place in the source, and ``-W`` fails the build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Register every room with Sphinx."""
    from course_site import (
        assets,
        chapters,
        citations,
        computed,
        dropdowns,
        front_door,
        icons,
        launch,
        pictures,
        questions,
        repairs,
        settings,
    )

    rooms = (
        *(settings, assets, front_door, launch, icons, citations),
        *(repairs, computed, dropdowns, questions),
        *(chapters, pictures),
    )
    for room in rooms:
        room.register(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
