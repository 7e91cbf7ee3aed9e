"""The data file of the chapter on sample complexity: samples of it are computed anew."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

from ccmc_teach import coverage, estimation
from ccmc_teach.widgets.twins import how_many_prompts as twins

SCRIPT = Path(__file__).parents[1] / "chapters" / "data" / "sample_complexity.py"


@pytest.fixture(scope="module")
def task() -> Any:
    spec = importlib.util.spec_from_file_location("sample_complexity", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def data(task: Any) -> Any:
    return json.loads(task.FILE.read_text("utf-8"))


def entry(data: Any, design: str, size: int) -> Any:
    return next(e for e in data["risks"] if (e["design"], e["K"]) == (design, size))


def test_the_file_says_how_it_was_made(task: Any, data: Any) -> None:
    assert (data["seed"], data["replicates"]) == (task.SEED, task.REPLICATES)
    settings = [(e["design"], e["K"]) for e in data["risks"]]
    assert settings == [(design, size) for design in twins.DESIGNS for size in twins.SIZES]
    for e in data["risks"]:
        assert [row["n"] for row in e["measured"]] == list(twins.GRID)
    assert [row["n"] for row in data["regions"]["measured"]] == list(task.REGION_GRID)


@pytest.mark.parametrize(
    ("design", "size", "n"),
    [("even", 3, 50), ("even", 5, 1000), ("skewed", 3, 100), ("skewed", 5, 200), ("split", 5, 50)],
)
def test_a_sample_of_the_file_is_computed_anew(
    task: Any, data: Any, design: str, size: int, n: int
) -> None:
    stored = entry(data, design, size)["measured"][twins.GRID.index(n)]
    assert task.measured(design, size, n) == pytest.approx(stored, rel=1e-4)


def test_regions_are_computed_anew(task: Any, data: Any) -> None:
    for row in data["regions"]["measured"][1:3]:
        assert task.region_hits(row["n"]) == pytest.approx(row)


def test_the_widget_draws_the_same_numbers(task: Any, data: Any) -> None:
    assert task.TABLE.read_text("utf-8") == task.widget_table(data)
    assert task.FILE.stat().st_size < 25_000
    assert task.TABLE.stat().st_size < 15_000


# ---- against the rooms


def expanded(
    design: str, size: int, rows: list[Any]
) -> tuple[np.ndarray[Any, Any], list[int], list[int]]:
    """Return one data set prompt by prompt."""
    M, q, y = [], [], []
    for query, tally in enumerate(rows):
        tokens = twins.row_tokens(design, size, query)
        for kind, chosen in zip(twins.row_kinds(len(tokens)), tally, strict=True):
            m = np.zeros(size)
            m[[tokens[place] for place in kind]] = 1
            m[query] = twins.LOUD if design == "skewed" else 1
            for place, times in zip(kind, chosen, strict=True):
                M += [m] * int(times)
                q += [query] * int(times)
                y += [tokens[place]] * int(times)
    return np.array(M), q, y


@pytest.mark.parametrize("design", twins.DESIGNS)
def test_fits_are_those_of_the_room(task: Any, design: str) -> None:
    size, n = 5, 600
    odds, data = task.replicates(design, size, n, 6)
    exists = np.array([task.are_finite(tally) for tally in data])
    thetas = [task.fitted(tally) for tally in (t[exists.all(axis=0)] for t in data)]
    for place, r in enumerate(np.flatnonzero(exists.all(axis=0))):
        M, q, y = expanded(design, size, [tally[r] for tally in data])
        assert len(q) == n
        P = estimation.fit_seen(M, q, y)
        for query in range(size):
            tokens = twins.row_tokens(design, size, query)
            ratio = np.log(P[query, tokens] / P[query, query])
            if design == "skewed":
                ratio[1:] -= np.log(twins.LOUD)
            np.testing.assert_allclose(thetas[query][place], ratio, atol=1e-6)
    for query, odd in enumerate(odds):
        assert odd.tolist() == twins.row_odds(design, size, query)
    for number in range(6):
        M, q, y = expanded(design, size, [tally[number] for tally in data])
        together = coverage.seen(M, q)
        all_seen = all(together[k, twins.row_tokens(design, size, k)].all() for k in range(size))
        assert exists[:, number].all() == (all_seen and coverage.has_finite_mle(M, q, y).all())


def test_regions_are_those_of_the_room(task: Any) -> None:
    size, n, number = task.REGION_SIZE, 250, 20
    odds, data = task.replicates("even", size, n, number)
    P = np.array(twins.taste_weights(size), dtype=float)
    P /= P.sum(axis=1, keepdims=True)
    exists = np.all([task.are_finite(tally) for tally in data], axis=0)
    assert exists.sum() > 15
    for r in np.flatnonzero(exists)[:8]:
        M, q, y = expanded("even", size, [tally[r] for tally in data])
        found = estimation.likelihood_ratio(P, M, q, y)
        fit = estimation.fit(M, q, y)
        errors = estimation.standard_errors(fit, M, q)
        statistic, inside = 0.0, np.zeros((size, size), dtype=bool)
        for query, (row, tally) in enumerate(zip(odds, data, strict=True)):
            one = tally[[r]]
            theta = task.fitted(one)
            truth = np.log(row)[np.newaxis]
            gain = task.log_likelihood(theta, one) - task.log_likelihood(truth, one)
            statistic += 2 * float(gain[0])
            tokens = twins.row_tokens("even", size, query)
            inside[query, tokens] = task.wald_holds(row, theta, one)[0]
        assert found.statistic == pytest.approx(statistic, rel=1e-6)
        assert found.degrees == 12
        assert (inside == (np.abs(fit - P) <= task.NORMAL_95 * errors)).all()
    assert pytest.approx(chi2.ppf(0.95, 12), rel=1e-9) == task.CHI_SQUARE_12_95


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("design", ["even", "skewed"])
def test_traces_are_sums_of_resistances(task: Any, data: Any, design: str, size: int) -> None:
    rows = [[[1] * len(kind) for kind in twins.row_kinds(size)] for _ in range(size)]
    P = np.array(twins.taste_weights(size), dtype=float)
    M, q, _ = expanded(design, size, rows)
    hessian = estimation.hessian(P / P.sum(axis=1, keepdims=True), M, q)
    total = coverage.effective_resistance(hessian).sum() / 2 / size
    assert entry(data, design, size)["inverse_trace"] == pytest.approx(total, rel=1e-5)


def test_limits_are_reached(data: Any) -> None:
    # Five standard errors, and 4 % for what is left of the limit at n = 100 000.
    for e in data["risks"]:
        row = e["measured"][-1]
        assert abs(row["mean"] - e["degrees"] / 2) < 5 * row["mean_error"] + 0.04 * row["mean"]
        gap = abs(row["parameters"] - e["inverse_trace"])
        assert gap < 5 * row["parameters_error"] + 0.1 * row["parameters"]


# ---- the solutions of the practice exercises


def test_prompts_for_a_risk_of_one_hundredth() -> None:
    assert 8 * 7 / (2 * 2800) == 0.01
    assert 8 * 3 / (2 * 1200) == 0.01


def test_three_words_are_better_than_pairs() -> None:
    P, q = np.full((3, 3), 1 / 3), [0, 0]

    def trace(M: list[list[int]]) -> float:
        laplacian = estimation.hessian(P, M, q)[0]
        return float(np.trace(np.linalg.pinv(laplacian)))

    assert trace([[1, 1, 1], [1, 1, 1]]) == pytest.approx(6)
    assert trace([[1, 1, 0], [1, 0, 1]]) == pytest.approx(32 / 3)
