"""Assumptions for the test pages."""

from __future__ import annotations

from typing import Any

from ccmc_teach.widgets import Assumption, AssumptionSwitches


def example(**options: Any) -> AssumptionSwitches:
    """Return switches with two counter-examples in numbers and one in words."""
    return AssumptionSwitches(
        conclusion="The layer is a Markov chain tilted by the counts of the prompt.",
        assumptions=[
            Assumption(
                "Tied read-out",
                "The read-out turns the embedding of a word back into that word alone.",
                "With an untied read-out the word cat, which is not in the prompt, gets 0.31.",
                columns=("next word", "attention", "chain"),
                rows=[("cat", "0.31", "0.00"), ("dog", "0.69", "1.00")],
            ),
            Assumption(
                "No positions",
                "A word is heard the same wherever it stands.",
                "With positions the prompts dog cat and cat dog give different laws.",
                columns=("prompt", "next is cat", "next is dog"),
                rows=[("dog cat", "0.27", "0.73"), ("cat dog", "0.50", "0.50")],
            ),
            Assumption(
                "Values are the embeddings",
                "What is read at a position is the word that stands there.",
                "With swapped values attention on cat writes dog.",
            ),
        ],
        **options,
    )
