"""The data file of the chapter on coverage: a sample of it is computed anew."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from ccmc_teach import coverage

SCRIPT = Path(__file__).parents[1] / "chapters" / "data" / "coverage_existence.py"


@pytest.fixture(scope="module")
def task() -> Any:
    spec = importlib.util.spec_from_file_location("coverage_existence", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def data(task: Any) -> Any:
    return json.loads(task.FILE.read_text("utf-8"))


def test_the_file_says_how_it_was_made(task: Any, data: Any) -> None:
    about = {"seed": task.SEED, "K": task.K, "length": task.LENGTH, "grid": task.GRID}
    assert {key: data[key] for key in about} == about
    assert list(data["first"]) == [str(spread) for spread in task.SPREADS]
    assert {len(first) for first in data["first"].values()} == {task.DRAWS}


@pytest.mark.parametrize("draw", [0, 1, 57, 199])
def test_a_sample_of_the_file_is_computed_anew(task: Any, data: Any, draw: int) -> None:
    for spread in task.SPREADS:
        assert task.first_with_maximum(spread, draw) == data["first"][str(spread)][draw]


def test_a_maximum_exists_from_the_first_number_on_and_not_before(task: Any) -> None:
    for spread, draw in [(1.0, 3), (1.0, 4), (2.0, 5)]:
        first = task.first_with_maximum(spread, draw)
        rng = np.random.default_rng([task.SEED, round(10 * spread), draw])
        P = task.transition_matrix(spread, rng)
        done, blocks = 0, []
        for n in task.GRID:
            blocks.append(task.pairs(P, n - done, rng))
            done = n
            M, q, y = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
            exists = coverage.has_finite_mle(M, q, y) & coverage.is_identified(M, q)
            assert exists.all() == (n >= first)
            if n == first:
                break


def test_prompts_and_next_tokens_follow_the_chain(task: Any) -> None:
    # Two frequencies within five standard errors of their laws: a false alarm in a million runs.
    rng = np.random.default_rng(1)
    P = task.transition_matrix(2.0, rng)
    M, q, y = task.pairs(P, 200_000, rng)
    assert (M.sum(axis=1) == task.LENGTH).all()
    assert (M[np.arange(len(q)), q] > 0).all()
    assert (M[np.arange(len(y)), y] > 0).all()
    weights = M * P[q]
    expected = (weights / weights.sum(axis=1, keepdims=True)).mean(axis=0)
    error = 5 * np.sqrt(expected / len(y))
    assert (np.abs(np.bincount(y, minlength=task.K) / len(y) - expected) < error).all()
    assert (np.abs(np.bincount(q) / len(q) - 1 / task.K) < 5 * np.sqrt(1 / task.K / len(q))).all()
    assert np.log(P).std(axis=1).mean() == pytest.approx(2.0, abs=0.6)


def test_strong_connection_is_that_of_scipy(task: Any) -> None:
    rng = np.random.default_rng(2)
    answers = set()
    for _ in range(300):
        graph = rng.random((task.K, task.K)) < rng.uniform(0.1, 0.5)
        parts, _ = connected_components(graph, connection="strong")
        assert task.strongly_connected(graph) == (parts == 1)
        answers.add(parts == 1)
    assert answers == {True, False}
