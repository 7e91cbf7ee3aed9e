"""Measure how the risk of the fit and the error of its parameters fall with the number of prompts.

The designs of the prompts, the vocabularies and the numbers of prompts are those of the widget
`HowManyPrompts`; so are the teachers.
For each of them, `REPLICATES` data sets are drawn, and each is fitted by maximum likelihood.
The next tokens of one kind of prompt are all that its prompts tell, so a data set is a table of
tallies, and all replicates are fitted side by side by Newton's method.

A second experiment asks how often confidence regions hold the truth, for `K` = 4.

Run ``python chapters/data/sample_complexity.py`` to write ``sample_complexity.json`` anew, and the
table that the widget draws; it takes about half a minute on one processor.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import ccmc_teach.widgets.twins.how_many_prompts as design_room
from ccmc_teach.widgets.twins.how_many_prompts import (
    DESIGNS,
    GRID,
    SIZES,
    degrees,
    row_kinds,
    row_odds,
    row_places,
)

Array = NDArray[np.float64]

FILE = Path(__file__).with_suffix(".json")
TABLE = Path(design_room.__file__).parents[1] / "js" / "how_many_prompts_replicates.mjs"
SEED, REPLICATES = 7, 2000
# Of fits that exist in fewer than half of the replicates nothing is reported.
LEAST_SHARE = 0.5

# Regions.
REGION_SIZE, REGION_GRID, REGION_REPLICATES = 4, (30, 60, 125, 250, 1000, 4000), 2000
NORMAL_95 = 1.959963984540054
CHI_SQUARE_12_95 = 21.02606981748307


def tallies(odds: Array, prompts: NDArray[np.int64], rng: np.random.Generator) -> Array:
    """Draw the next tokens of one row: an array (replicates, kinds, places of a kind).

    ``prompts`` of shape (replicates,) says how many prompts have this query.
    """
    kinds = np.array(row_kinds(len(odds)))
    laws = odds[kinds] / odds[kinds].sum(axis=1, keepdims=True)
    per_kind = rng.multinomial(prompts, np.full(len(kinds), 1 / len(kinds)))
    return rng.multinomial(per_kind, laws).astype(float)


def are_finite(tally: Array) -> NDArray[np.bool_]:
    """Return for every replicate whether the row has a maximum at positive odds."""
    kinds = np.array(row_kinds(row_places(tally[0].tolist())))
    size = int(kinds.max()) + 1
    edges = np.zeros((len(tally), size, size), dtype=bool)
    for kind, chosen in zip(kinds, (tally > 0).swapaxes(0, 1), strict=True):
        edges[np.ix_(np.arange(len(tally)), kind, kind)] |= chosen[:, np.newaxis, :]
    paths: NDArray[np.bool_] = np.array(edges)
    paths[:, np.arange(size), np.arange(size)] = True
    for _ in range(size.bit_length()):
        steps = paths.astype(np.float32)
        np.greater(np.matmul(steps, steps), 0, out=paths)
    finite: NDArray[np.bool_] = np.array(paths.all(axis=(1, 2)), dtype=bool)
    return finite


def fitted(tally: Array) -> Array:
    """Return logits (replicates, places) at the maximum, the query's being 0."""
    kinds = np.array(row_kinds(row_places(tally[0].tolist())))
    size = int(kinds.max()) + 1
    chosen = np.zeros((len(tally), size))
    np.add.at(chosen, (np.arange(len(tally))[:, None, None], kinds), tally)
    times = tally.sum(axis=2)
    theta = np.zeros((len(tally), size))
    for _ in range(200 if size > 1 else 0):
        laws = np.exp(theta[:, kinds])
        laws /= laws.sum(axis=2, keepdims=True)
        score, information = chosen.copy(), np.zeros((len(tally), size, size))
        for k, kind in enumerate(kinds):
            expected = times[:, k, np.newaxis] * laws[:, k]
            score[:, kind] -= expected
            # The diagonal and the products p_i p_j of the Fisher information.
            information[:, kind, kind] += expected
            products = expected[:, :, np.newaxis] * laws[:, k, np.newaxis]
            information[np.ix_(np.arange(len(tally)), kind, kind)] -= products
        step = np.linalg.solve(information[:, 1:, 1:], score[:, 1:, np.newaxis])[..., 0]
        width = np.abs(step).max(axis=1, keepdims=True)
        theta[:, 1:] += step * np.log1p(width) / np.maximum(width, 1e-300)
        if width.max() < 1e-9:
            return theta
    if size > 1:
        raise RuntimeError("Newton's method did not settle.")
    return theta


def divergence(odds: Array, theta: Array) -> Array:
    """Return the excess risk of one row for every replicate."""
    kinds = np.array(row_kinds(len(odds)))
    truth = odds[kinds] / odds[kinds].sum(axis=1, keepdims=True)
    laws = np.exp(theta[:, kinds])
    laws /= laws.sum(axis=2, keepdims=True)
    risk: Array = (truth * np.log(truth / laws)).sum(axis=2).mean(axis=1)
    return risk


def squared_error(odds: Array, theta: Array) -> Array:
    """Return the squared error of the logits of one row, their mean taken out."""
    gap = theta - np.log(odds)
    gap -= gap.mean(axis=1, keepdims=True)
    error: Array = (gap**2).sum(axis=1)
    return error


def inverse_trace(design: str, size: int) -> float:
    """Return the sum over the queries of the trace of the pseudo-inverse of the Hessian."""
    total = 0.0
    for query in range(size):
        odds = np.array(row_odds(design, size, query), dtype=float)
        kinds = row_kinds(len(odds))
        laplacian = np.zeros((len(odds), len(odds)))
        for kind in kinds:
            law = odds[kind] / odds[kind].sum()
            part = (np.diag(law) - np.outer(law, law)) / (size * len(kinds))
            laplacian[np.ix_(kind, kind)] += part
        total += float(np.trace(np.linalg.pinv(laplacian)))
    return total


def replicates(
    design: str, size: int, n: int, number: int = REPLICATES
) -> tuple[list[Array], list[Array]]:
    """Return the odds of every row, and the tallies of all replicates."""
    seeds = [SEED, DESIGNS.index(design), size, n]
    rng = np.random.default_rng(seeds)
    queries = rng.multinomial(n, np.full(size, 1 / size), size=number)
    odds = [np.array(row_odds(design, size, q), dtype=float) for q in range(size)]
    return odds, [tallies(odds[q], queries[:, q], rng) for q in range(size)]


def measured(design: str, size: int, n: int) -> dict[str, Any]:
    """Return what the replicates of one setting show, with Monte Carlo errors."""
    odds, data = replicates(design, size, n)
    exists = np.all([are_finite(tally) for tally in data], axis=0)
    result: dict[str, Any] = {"n": n, "finite": float(exists.mean())}
    if exists.mean() < LEAST_SHARE:
        return result
    thetas = [fitted(tally[exists]) for tally in data]
    pairs = list(zip(odds, thetas, strict=True))
    risk = n * np.sum([divergence(*pair) for pair in pairs], axis=0) / size
    error = n * np.sum([squared_error(*pair) for pair in pairs], axis=0)
    root = np.sqrt(len(risk))
    low, middle, high = np.quantile(risk, [0.25, 0.5, 0.75])
    numbers = {
        "low": low, "median": middle, "high": high,
        "mean": risk.mean(), "mean_error": risk.std(ddof=1) / root,
        "parameters": error.mean(), "parameters_error": error.std(ddof=1) / root,
    }  # fmt: skip
    return result | {name: float(f"{value:.5g}") for name, value in numbers.items()}


def region_hits(n: int) -> dict[str, float]:
    """Return how often regions at 95 % hold the truth, among the fits that exist."""
    odds, data = replicates("even", REGION_SIZE, n, REGION_REPLICATES)
    exists = np.all([are_finite(tally) for tally in data], axis=0)
    statistic = np.zeros(int(exists.sum()))
    inside = []
    for row, tally in zip(odds, data, strict=True):
        theta = fitted(tally[exists])
        statistic += 2 * (log_likelihood(theta, tally[exists]) - log_likelihood(
            np.broadcast_to(np.log(row), theta.shape), tally[exists]))  # fmt: skip
        inside.append(wald_holds(row, theta, tally[exists]))
    return {
        "n": n,
        "finite": float(exists.mean()),
        "ratio": float((statistic <= CHI_SQUARE_12_95).mean()),
        "wald": float(np.mean(inside)),
        "wald_worst": float(np.mean(inside, axis=1).min()),
    }


def log_likelihood(theta: Array, tally: Array) -> Array:
    """Return the log-likelihood of one row for every replicate."""
    kinds = np.array(row_kinds(theta.shape[1]))
    logits = theta[:, kinds]
    logs = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    total: Array = (tally * logs).sum(axis=(1, 2))
    return total


def wald_holds(odds: Array, theta: Array, tally: Array) -> Array:
    """Return for every replicate and place whether estimate +- 1.96 errors holds the truth."""
    kinds = np.array(row_kinds(len(odds)))
    P = np.exp(theta)
    P /= P.sum(axis=1, keepdims=True)
    information = np.zeros((len(theta), len(odds), len(odds)))
    every = np.arange(len(theta))
    for k, kind in enumerate(kinds):
        laws = P[:, kind] / P[:, kind].sum(axis=1, keepdims=True)
        weights = tally[:, k].sum(axis=1)[:, np.newaxis, np.newaxis]
        part = laws[:, :, np.newaxis] * (np.eye(len(kind)) - laws[:, np.newaxis, :])
        information[np.ix_(every, kind, kind)] += weights * part
    moves = P[:, :, np.newaxis] * (np.eye(len(odds)) - P[:, np.newaxis, :])
    variance = np.einsum("rij,rjk,rik->ri", moves, np.linalg.pinv(information), moves)
    holds: Array = np.abs(P - odds / odds.sum()) <= NORMAL_95 * np.sqrt(variance)
    return holds


def results() -> dict[str, Any]:
    """Return all that the file holds."""
    settings = [(design, size) for design in DESIGNS for size in SIZES]
    return {
        "seed": SEED,
        "replicates": REPLICATES,
        "risks": [
            {
                "design": design,
                "K": size,
                "degrees": degrees(design, size),
                "inverse_trace": float(f"{inverse_trace(design, size):.6g}"),
                "measured": [measured(design, size, n) for n in GRID],
            }
            for design, size in settings
        ],
        "regions": {
            "K": REGION_SIZE,
            "replicates": REGION_REPLICATES,
            "measured": [region_hits(n) for n in REGION_GRID],
        },
    }


def widget_table(data: dict[str, Any]) -> str:
    """Return the module with what the widget draws, in thousandths of half the degrees.

    For each design, vocabulary and number of prompts: the share of fits that exist, and the lower
    quartile, the mean and the upper quartile of n times the excess risk.
    """
    table: dict[str, dict[str, Any]] = {design: {} for design in DESIGNS}
    for entry in data["risks"]:
        rows = [
            [round(1000 * row["finite"])]
            + [round(2000 * row[name] / entry["degrees"]) for name in ("low", "mean", "high")
               if name in row]
            for row in entry["measured"]
        ]  # fmt: skip
        table[entry["design"]][str(entry["K"])] = rows
    about = {"replicates": data["replicates"], "seed": data["seed"], **table}
    text = json.dumps(about, separators=(",", ":")).replace("],[", "],\n[")
    return (
        f"// Written by chapters/data/sample_complexity.py.\nexport const REPLICATES =\n{text};\n"
    )


if __name__ == "__main__":
    found = results()
    FILE.write_text(json.dumps(found, indent=0) + "\n", "utf-8")
    TABLE.write_text(widget_table(found), "utf-8")
