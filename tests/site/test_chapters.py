"""The frame of a chapter and its quick questions: what is missing is said in one sentence."""

from __future__ import annotations

import pytest
from course_site import blocks, chapters
from course_site.reading import MainPath
from docutils import nodes
from docutils.core import publish_doctree
from sphinx_design.shared import create_component

HEAD = """
.. admonition:: At a glance
   :class: at-a-glance

   **Time:** 10 minutes

   **You need:** softmax

   **Afterwards you can:**

   - compute the law,
   - derive it, line by line.
"""
MINUTE = """
.. admonition:: In one minute
   :class: in-one-minute

   The layer counts.
"""
TEN_MINUTES = MainPath(words=2200)


def head(text: str = HEAD) -> nodes.admonition:
    return next(publish_doctree(text).findall(nodes.admonition))


def sentences(text: str, path: MainPath = TEN_MINUTES) -> list[str]:
    return [sentence for _, sentence in chapters.glance_findings(head(text), path)]


def option(text: str, feedback: str, *classes: str) -> nodes.container:
    node: nodes.container = create_component("dropdown", container_classes=["option", *classes])
    node += nodes.rubric("", text)
    if feedback:
        node += nodes.paragraph("", feedback)
    return node


def question_sentences(*options: nodes.container) -> list[str]:
    document = publish_doctree("Text.")
    document += nodes.admonition("", nodes.title("", "Q"), *options, classes=["quick-question"])
    return [sentence for _, sentence in chapters.question_findings(document)]


RIGHT = ("Nothing", "It cancels.", "right")
WRONG = ("It doubles", "They would sum to 2.", "wrong")


def test_head_is_read() -> None:
    assert blocks.glance(head()) == blocks.Glance(
        10, "softmax", ("compute the law,", "derive it, line by line.")
    )


def test_whole_head_has_no_finding() -> None:
    assert sentences(HEAD) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("**Time:** 10 minutes", "**Time:** soon", 'a line such as "Time: 10 minutes"'),
        ("**Time:** 10 minutes", "", 'a line such as "Time: 10 minutes"'),
        ("**You need:** softmax", "", '"You need: ..."'),
        ("**You need:** softmax", "**You need:**", '"You need: ..."'),
        ("   - derive it, line by line.\n", "", "at least 2 objectives, got 1"),
        ("- compute the law", "- understand the law", "must start with a verb"),
        ("- compute the law", "- the law", "must start with a verb"),
    ],
)
def test_each_missing_part_of_the_head_is_one_sentence(old: str, new: str, words: str) -> None:
    assert old in HEAD
    found = sentences(HEAD.replace(old, new))
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    ("promised", "counted", "agree"),
    [
        (10, 10, True),
        (10, 12.4, True),
        (10, 12.6, False),
        (10, 8.0, True),
        (10, 7.9, False),
        (3, 5.0, True),
        (3, 5.1, False),
    ],
)
def test_minutes_agree_within_the_stated_tolerance(
    promised: int, counted: float, agree: bool
) -> None:
    assert chapters.minutes_agree(promised, counted) is agree


def test_wrong_minutes_name_both_and_what_was_counted() -> None:
    found = sentences(HEAD, MainPath(words=4400, code_lines=30))
    assert len(found) == 1
    assert "promises 10 minutes, but the main path takes about 21 (4400 words" in found[0]


@pytest.mark.parametrize("text", [HEAD, MINUTE, "Text.", HEAD + MINUTE + MINUTE])
def test_a_chapter_needs_both_blocks_exactly_once(text: str) -> None:
    document = publish_doctree(text)
    found = [s for _, s in chapters.chapter_findings(document) if "A chapter needs one" in s]
    assert found


def test_whole_frame_has_no_finding() -> None:
    prose = "\n".join(["word"] * 2200)
    assert list(chapters.chapter_findings(publish_doctree(HEAD + MINUTE + "\n\n" + prose))) == []


def test_whole_question_has_no_finding() -> None:
    assert question_sentences(option(*RIGHT), option(*WRONG)) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([RIGHT], "at least 2 options, got 1"),
        ([WRONG, WRONG], "needs an option of the class right"),
        ([RIGHT, ("It doubles", "", "wrong")], 'The option "It doubles" needs feedback'),
        ([RIGHT, ("It doubles", "No.")], 'The option "It doubles" must be either right or wrong'),
        ([RIGHT, ("Both", "No.", "right", "wrong")], 'The option "Both" must be either right'),
    ],
)
def test_each_flaw_of_a_question_is_one_sentence(
    options: list[tuple[str, ...]], words: str
) -> None:
    found = question_sentences(*(option(*parts) for parts in options))
    assert len(found) == 1
    assert words in found[0]


def test_every_verb_is_one_lower_case_word() -> None:
    assert all(verb.isalpha() and verb.islower() for verb in chapters.VERBS)
    assert not {"know", "understand", "learn", "appreciate", "see"} & chapters.VERBS
