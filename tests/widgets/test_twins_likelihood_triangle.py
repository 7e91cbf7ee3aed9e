"""The mathematics of the likelihood on the triangle: alike in both languages, and right."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from ccmc_teach import estimation
from ccmc_teach.widgets.twins import likelihood_triangle as twins
from widgets.drawn import JUNK
from widgets.languages import UNSHRUNK, Ask, Call, agree

Array = NDArray[np.float64]
WORDS = ["cat", "dog", "owl"]
FAMILIES = sorted(twins.FAMILIES)
SEEDS = st.integers(0, 2**32 - 1)
#: Reaches of 120 rays; a few numbers over and over.
PARTS = st.lists(st.floats(0, 1), min_size=8, max_size=8).map(lambda few: few * 15)


@st.composite
def laws(draw: st.DrawFn) -> list[float]:
    """A law over three words, none below a hundredth."""
    parts = draw(st.lists(st.integers(0, 40), min_size=3, max_size=3).filter(any))
    return [0.01 + 0.97 * part / sum(parts) for part in parts]


@st.composite
def tables(draw: st.DrawFn, family: str, most: int = 40) -> list[list[int]]:
    """Choices that the prompts of a family allow, not all zero."""
    kinds = twins.FAMILIES[family]
    number = st.integers(0, most)
    table = [[draw(number) if count else 0 for count in kind] for kind in kinds]
    if not any(map(any, table)):
        table[0][0] = 1
    return table


@st.composite
def data(draw: st.DrawFn) -> tuple[str, list[list[int]]]:
    """A family and choices."""
    family = draw(st.sampled_from(FAMILIES))
    return family, draw(tables(family))


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call of one of the twins."""
    family, table = draw(data())
    truth, n, seed = draw(laws()), draw(st.integers(1, 300)), draw(SEEDS)
    best = twins.estimate(family, table)
    now = twins.cloud(truth, family, n, seed)
    fall = draw(st.sampled_from([*twins.FALLS, *twins.FALLS_OF_ONE_RATIO]))
    corner = [0.0, 0.0, 0.0]
    corner[draw(st.integers(0, 1))] = 1.0
    parts = draw(PARTS)
    arguments: dict[str, list[Any]] = {
        "choices": [truth, family, n, seed],
        "estimate": [family, table],
        "reach": [family, table, best, corner if family == "missing" else truth, fall],
        "area": [best, parts if draw(st.booleans()) else parts[:2]],
        "cloud": [truth, family, n, seed],
        "divergence": [truth, best],
        "summary": [WORDS, truth, family, now],
        "caution": [WORDS, family, now],
    }
    name = draw(st.sampled_from(sorted(arguments)))
    return name, arguments[name]


@settings(max_examples=50, phases=UNSHRUNK, deadline=None)
@given(st.lists(calls(), min_size=3, max_size=10))
def test_twins_answer_and_refuse_alike(ask: Ask, batch: list[Call]) -> None:
    agree(ask, "likelihood_triangle", batch)


@st.composite
def nearly_inputs(draw: st.DrawFn) -> list[Any]:
    """Inputs that are right but for one piece of junk."""
    family, n = draw(st.sampled_from(FAMILIES)), draw(st.integers(1, 2000))
    inputs: list[Any] = [list(WORDS), draw(laws()), family, n, draw(SEEDS)]
    spoiled = draw(st.sampled_from(["nothing", "whole", "entry"]))
    which = draw(st.integers(0, 4))
    if spoiled == "whole":
        inputs[which] = draw(JUNK)
    elif spoiled == "entry" and isinstance(inputs[which], list):
        inputs[which][draw(st.integers(0, 2))] = draw(JUNK)
    return inputs


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(nearly_inputs(), min_size=5, max_size=20))
def test_the_same_inputs_are_refused_in_the_same_words(ask: Ask, batch: list[list[Any]]) -> None:
    agree(ask, "likelihood_triangle", [("problem", inputs) for inputs in batch])


# ---- right answers: against the estimation room, against the definition, in closed form


def as_data(family: str, table: list[list[int]]) -> tuple[Array, list[int], list[int]]:
    """Return choices as the estimation room takes them: a prompt for each."""
    pairs = [
        (kind, token)
        for kind, row in zip(twins.FAMILIES[family], table, strict=True)
        for token, number in enumerate(row)
        for _ in range(number)
    ]
    M = np.array([kind for kind, _ in pairs], dtype=float)
    return M, [0] * len(pairs), [token for _, token in pairs]


def law(kinds: Array, w: Array) -> Array:
    products = kinds * w
    return np.asarray(products / products.sum(axis=1, keepdims=True))


def log_likelihood(family: str, table: list[list[int]], w: Array) -> float:
    """Return the definition: the sum of the logarithms of what was chosen."""
    chosen = np.array(table)
    seen = chosen > 0
    with np.errstate(divide="ignore"):
        logs = np.log(law(np.array(twins.FAMILIES[family], dtype=float), w))
    return float(chosen[seen] @ logs[seen])


@given(data())
def test_observed_and_expected_choices_agree(drawn: tuple[str, list[list[int]]]) -> None:
    family, table = drawn
    best = np.array(twins.estimate(family, table))
    assert best.min() >= 0
    assert best.sum() == pytest.approx(1, abs=1e-14)
    sizes = np.sum(table, axis=1)
    expected = sizes @ law(np.array(twins.FAMILIES[family], dtype=float), best)
    np.testing.assert_allclose(expected, np.sum(table, axis=0), atol=1e-10 * sizes.sum())


@given(data())
def test_the_estimate_is_that_of_the_package(drawn: tuple[str, list[list[int]]]) -> None:
    family, table = drawn
    # The package wants a positive maximum: every word that is in a prompt chosen at least once.
    kinds = twins.FAMILIES[family]
    table = [
        [n + (count > 0) for n, count in zip(row, kind, strict=True)]
        for row, kind in zip(table, kinds, strict=True)
    ]
    fitted = estimation.fit_seen(*as_data(family, table))
    np.testing.assert_allclose(twins.estimate(family, table), fitted[0], atol=1e-9)
    if family != "missing":
        M, q, y = as_data(family, table)
        others = [[1.0, 1.0, 1.0]] * 6
        queries, nexts = [1, 1, 1, 2, 2, 2], [0, 1, 2, 0, 1, 2]
        whole = estimation.fit(np.vstack([M, others]), [*q, *queries], [*y, *nexts])
        np.testing.assert_allclose(twins.estimate(family, table), whole[0], atol=1e-9)


@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 200))
def test_with_one_kind_of_prompt_shares_are_corrected_for_copies(a: int, b: int, c: int) -> None:
    table = [[a, b, c], [0, 0, 0], [0, 0, 0]]
    for family in ("balanced", "skewed"):
        wanted = np.array([a, b, c]) / twins.FAMILIES[family][0]
        np.testing.assert_allclose(twins.estimate(family, table), wanted / wanted.sum(), rtol=1e-12)


@given(data(), st.integers(0, 119) | laws(), st.sampled_from([0, 1]))
def test_regions_end_where_the_likelihood_has_fallen(
    drawn: tuple[str, list[list[int]]], at: int | list[float], level: int
) -> None:
    family, table = drawn
    best = np.array(twins.estimate(family, table))
    if isinstance(at, int):
        aim = np.eye(3)[at % 2] if family == "missing" else np.array(twins.targets()[at])
    else:
        aim = np.array(at)
    fall = (twins.FALLS_OF_ONE_RATIO if family == "missing" else twins.FALLS)[level]
    part = twins.reach(family, table, best.tolist(), aim.tolist(), fall)
    assert 0 < part <= 1
    top = log_likelihood(family, table, best)
    there = log_likelihood(family, table, best + part * (aim - best))
    if part == 1:
        assert top - there <= fall + 1e-9
    else:
        assert top - there == pytest.approx(fall, rel=1e-6, abs=1e-7)
        beyond = best + np.linspace(part, 1, 20)[1:, np.newaxis] * (aim - best)
        values = [log_likelihood(family, table, w) for w in beyond]
        assert max(values) < there, "a region has no holes and no islands"


def test_falls_are_half_quantiles_of_chi_square() -> None:
    np.testing.assert_allclose(twins.FALLS, stats.chi2.ppf([0.5, 0.95], 2) / 2, rtol=1e-12)
    one = stats.chi2.ppf([0.5, 0.95], 1) / 2
    np.testing.assert_allclose(twins.FALLS_OF_ONE_RATIO, one, rtol=1e-12)
    np.testing.assert_allclose(np.exp(-np.array(twins.FALLS)), [0.5, 0.05], rtol=1e-14)


@settings(max_examples=40, deadline=None)
@given(laws(), st.sampled_from(FAMILIES), st.integers(30, 400), SEEDS, st.integers(0, 119))
def test_the_regions_are_those_of_the_package(
    truth: list[float], family: str, n: int, seed: int, at: int
) -> None:
    now = twins.cloud(truth, family, n, seed)
    if now["never"]:
        return
    best, data_ = np.array(now["best"]), as_data(family, now["choices"])
    is_open = family == "missing"
    at = at % 2 if is_open else at
    aim = np.eye(3)[at] if is_open else np.array(twins.targets()[at])
    for factor, inside in ((0.999, True), (1.001, False)):
        row = best + factor * now["outer"][at] * (aim - best)
        P = np.array([row, [1 / 3] * 3, [1 / 3] * 3])
        assert estimation.in_confidence_region(P, *data_, row=0) is inside
    degrees = estimation.likelihood_ratio(np.tile(best, (3, 1)), *data_, row=0).degrees
    assert degrees == (1 if is_open else 2)


def area_of(best: Array, parts: list[float]) -> float:
    """Return the area by the shoelace formula, as a share of the triangle."""
    if len(parts) == 2:
        aims, parts = np.eye(3), [*parts, 1.0]
    else:
        aims = np.array(twins.targets())
    laws_ = best + np.array(parts)[:, np.newaxis] * (aims - best)
    x, y = laws_[:, 0], laws_[:, 2]
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))


@given(data(), PARTS)
def test_the_area_is_that_of_the_outline(
    drawn: tuple[str, list[list[int]]], parts: list[float]
) -> None:
    family, table = drawn
    best = twins.estimate(family, table)
    parts = parts[:2] if family == "missing" else parts
    assert twins.area(best, parts) == pytest.approx(area_of(np.array(best), parts), abs=1e-12)


@given(data())
def test_the_ellipse_belongs_to_the_fisher_information(
    drawn: tuple[str, list[list[int]]],
) -> None:
    family, table = drawn
    if family == "missing":
        return
    table = [[n + 1 for n in row] for row in table]
    best = np.array(twins.estimate(family, table))
    u, v = np.array(twins._axes(family, table, best.tolist()))
    # The package gives standard errors: half widths at 95 % along each word are 2.448 of them.
    M, q, _ = as_data(family, table)
    P = np.array([best, [1 / 3] * 3, [1 / 3] * 3])
    others = np.vstack([M, np.ones((2, 3))])
    errors = estimation.standard_errors(P, others, [*q, 1, 2])[0]
    np.testing.assert_allclose(np.sqrt((u**2 + v**2) / (2 * twins.FALLS[1])), errors, rtol=1e-8)
    np.testing.assert_allclose([u.sum(), v.sum()], 0, atol=1e-12)


def test_cloud_and_ellipse_meet_when_prompts_are_many() -> None:
    for family in ("balanced", "skewed"):
        now = twins.cloud([0.3, 0.3, 0.4], family, 2000, 3)
        ellipse = 2 * math.pi * now["axes"][0][0] * now["axes"][1][2]
        assert now["area"] == pytest.approx(ellipse, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(laws(), st.sampled_from(FAMILIES), st.integers(1, 500), SEEDS)
def test_more_prompts_keep_the_earlier_ones(
    truth: list[float], family: str, n: int, seed: int
) -> None:
    few = np.array(twins.choices(truth, family, n, seed))
    many = np.array(twins.choices(truth, family, n + 7, seed))
    assert few.sum() == n
    assert (many >= few).all()
    assert (many - few).sum() == 7
    assert not few[np.array(twins.FAMILIES[family]) == 0].any()


def test_choices_follow_the_law_of_counts_times_the_truth() -> None:
    # Seed fixed; a right law fails at this level once in a thousand seeds.
    truth = np.array([0.2, 0.5, 0.3])
    for family in ("balanced", "skewed"):
        table = np.array(twins.choices(truth.tolist(), family, 2000, 11))
        expected = law(np.array(twins.FAMILIES[family], dtype=float), truth) * 2000 / 3
        assert stats.chisquare(table.ravel(), expected.ravel()).pvalue > 0.001


def test_regions_hold_the_truth_as_often_as_they_say() -> None:
    # 400 data sets with fixed seeds; the bands are 3.3 standard deviations wide.
    truth, K = np.array([0.3, 0.3, 0.4]), 400
    held = np.zeros(2)
    for seed in range(K):
        table = twins.choices(truth.tolist(), "balanced", 120, seed)
        best = np.array(twins.estimate("balanced", table))
        gap = log_likelihood("balanced", table, best) - log_likelihood("balanced", table, truth)
        held += np.array(twins.FALLS) >= gap
    assert abs(held[0] / K - 0.5) <= 0.083
    assert abs(held[1] / K - 0.95) <= 0.036


def test_divergence_by_hand() -> None:
    assert twins.divergence([0.5, 0.25, 0.25], [0.25, 0.25, 0.5]) == f"{0.25 * math.log(2):.4f}"
    assert twins.divergence([0.5, 0.25, 0.25], [1.0, 0.0, 0.0]) == "infinite"
