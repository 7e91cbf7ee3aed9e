"""Checks the frame of every numbered chapter, and every quick question of the book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging

from course_site import blocks
from course_site.reading import MainPath, main_path

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

LOGGER = logging.getLogger(__name__)

#: A promised time may miss the counted one by this many minutes or this share of it.
MINUTES_TOLERANCE = 2.0
SHARE_TOLERANCE = 0.2
# What a reader can be asked to do; "know" and "understand" cannot be seen from outside.
_VERBS = """
    add apply argue build calculate change check choose classify compare complete compute confirm
    construct contrast convert count decide define derive describe detect determine distinguish
    draw estimate evaluate explain express find fit give identify implement interpret judge list
    measure name plot point predict prove read recognise reduce rewrite sample say separate show
    simulate sketch solve sort spot state tell test trace translate turn use verify walk write
"""
VERBS = frozenset(_VERBS.split())

Finding = tuple[nodes.Node, str]


def first_word(text: str) -> str:
    """Return the first word of a text in lower case, without marks around it."""
    return (text.split() or [""])[0].strip(",.;:").lower()


def minutes_agree(promised: int, counted: float) -> bool:
    """Tell whether a promised reading time agrees with the counted one, both in minutes."""
    return abs(promised - counted) <= max(MINUTES_TOLERANCE, SHARE_TOLERANCE * counted)


def glance_findings(block: nodes.admonition, path: MainPath) -> Iterator[Finding]:
    """Yield what is wrong with the head of a chapter, given its main path."""
    head = blocks.glance(block)
    if head.minutes is None:
        yield block, '"At a glance" must hold a line such as "Time: 10 minutes".'
    elif not minutes_agree(head.minutes, path.minutes):
        yield (
            block,
            f'"At a glance" promises {head.minutes} minutes, but the main path takes about '
            f"{path.minutes:.0f} ({path}).",
        )
    if not head.prerequisites:
        yield block, '"At a glance" must hold a line "You need: ...".'
    if len(head.objectives) < 2:
        yield block, f'"At a glance" needs at least 2 objectives, got {len(head.objectives)}.'
    for objective in head.objectives:
        if first_word(objective) not in VERBS:
            yield (
                block,
                f'The objective "{objective}" must start with a verb that can be tested, '
                f"such as compute, derive or explain.",
            )


def chapter_findings(document: nodes.document) -> Iterator[Finding]:
    """Yield what is wrong with the frame of a numbered chapter."""
    for name, title in ((blocks.GLANCE, "At a glance"), (blocks.MINUTE, "In one minute")):
        count = len(blocks.admonitions(document, name))
        if count != 1:
            yield document, f'A chapter needs one "{title}" block, this one has {count}.'
    for block in blocks.admonitions(document, blocks.GLANCE)[:1]:
        yield from glance_findings(block, main_path(document))


def question_findings(document: nodes.document) -> Iterator[Finding]:
    """Yield what is wrong with the quick questions of a page."""
    for question in blocks.admonitions(document, blocks.QUESTION):
        options = list(blocks.options(question))
        if len(options) < 2:
            yield question, f"A quick question needs at least 2 options, got {len(options)}."
        if not any("right" in option.verdicts for _, option in options):
            yield question, "A quick question needs an option of the class right."
        for node, option in options:
            if len(option.verdicts) != 1:
                yield node, f'The option "{option.text}" must be either right or wrong.'
            if not option.feedback:
                yield node, f'The option "{option.text}" needs feedback in its body.'


def numbered_chapters(env: BuildEnvironment) -> set[str]:
    """Return the names of the pages whose sections are numbered."""
    return {name for name, sections in env.toc_secnumbers.items() if sections}


def check_chapters(app: Sphinx, env: BuildEnvironment) -> None:
    """Report the findings of every page, each with its place in the source."""
    numbered = numbered_chapters(env)
    for name in sorted(env.found_docs):
        document = env.get_doctree(name)
        findings = list(question_findings(document))
        if name in numbered:
            findings += chapter_findings(document)
        for node, sentence in findings:
            place = name if isinstance(node, nodes.document) else node
            LOGGER.warning("%s", sentence, location=place, type="course", subtype="chapter")


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    app.connect("env-check-consistency", check_chapters)
