"""The mathematics of the widgets: Python and JavaScript answer alike, and both answer right."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from ccmc_teach import attention, chain
from ccmc_teach.widgets import twins
from widgets import golden
from widgets.conftest import Pages

CONSTANTS = ("MAX_COUNT", "MAX_LABEL", "TASTE_FLOOR")
FUNCTIONS = sorted(
    name
    for name, value in vars(twins).items()
    if inspect.isfunction(value) and value.__module__ == twins.__name__ and name[0] != "_"
)

# Shrinking would ask the browser thousands of times; the batch that fails tells enough.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)

Ask = Callable[[list[tuple[str, list[Any]]]], list[dict[str, Any]]]


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


@pytest.fixture(scope="module")
def ask(browser: Browser, pages: Pages) -> Iterator[Ask]:
    """Return a function that sends a batch of calls to the twins in the browser."""
    page = browser.new_page()
    page.goto(pages.url + "empty.html")
    page.evaluate("async () => { window.twins = await import('./js/twins.mjs'); }")
    script = """calls => calls.map(([name, args]) => {
      try { return { answer: window.twins[name](...args) }; }
      catch (error) { return { refusal: error.message }; }
    })"""
    yield lambda calls: page.evaluate(script, [[camel(name), args] for name, args in calls])
    page.close()


def python(calls: list[tuple[str, list[Any]]]) -> list[dict[str, Any]]:
    def one(name: str, arguments: list[Any]) -> dict[str, Any]:
        try:
            return {"answer": getattr(twins, name)(*arguments)}
        except ValueError as refusal:
            return {"refusal": str(refusal)}

    return [one(*call) for call in calls]


def close(got: Any, wanted: Any) -> bool:
    """Compare exactly, but for the last bits of floats."""
    if isinstance(wanted, dict):
        return got.keys() == wanted.keys() and all(close(got[k], wanted[k]) for k in wanted)
    if isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(close, got, wanted))
    if isinstance(wanted, float):
        return math.isclose(got, wanted, rel_tol=1e-13, abs_tol=0.0)
    return type(got) is type(wanted) and bool(got == wanted)


# ---- golden vectors


def test_golden_file_is_what_python_answers() -> None:
    assert golden.FILE.read_text("utf-8") == golden.text()


def test_golden_vectors_in_the_browser(ask: Ask) -> None:
    cases = json.loads(golden.FILE.read_text("utf-8"))
    answers = ask([(case["function"], case["arguments"]) for case in cases])
    for case, got in zip(cases, answers, strict=True):
        assert close(got, {"answer": case["answer"]}), (case, got)


def test_every_function_stands_in_both_languages_and_has_a_golden_case(
    browser: Browser, pages: Pages
) -> None:
    page = browser.new_page()
    page.goto(pages.url + "empty.html")
    exports = page.evaluate("async () => Object.keys(await import('./js/twins.mjs'))")
    constants = page.evaluate(
        "async names => { const t = await import('./js/twins.mjs'); return names.map(n => t[n]); }",
        list(CONSTANTS),
    )
    page.close()
    assert sorted(exports) == sorted([*map(camel, FUNCTIONS), *CONSTANTS])
    assert {function for function, _, _ in golden.CASES} == set(FUNCTIONS)
    assert constants == [getattr(twins, name) for name in CONSTANTS]


# ---- the same answers on inputs that nobody chose by hand


@st.composite
def rows(draw: st.DrawFn, size: int) -> list[float]:
    """A row of tastes that sums to 1; now and then with zeros."""
    parts = draw(st.lists(st.integers(0, 50), min_size=size, max_size=size).filter(any))
    return [part / sum(parts) for part in parts]


@st.composite
def states(draw: st.DrawFn) -> tuple[int, list[float], list[int]]:
    """A vocabulary size, a row of tastes and a prompt."""
    size = draw(st.integers(2, 5))
    length = draw(st.integers(1, 40))
    prompt = draw(st.lists(st.integers(0, size - 1), min_size=length, max_size=length))
    return size, draw(rows(size)), prompt


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """A call of one of the twins."""
    size, tastes, prompt = draw(states())
    token, number = draw(st.integers(0, size - 1)), draw(st.integers(-3, 16))
    arguments: dict[str, list[Any]] = {
        "decimal": [draw(st.floats() | st.floats(-1e4, 1e4)), draw(st.integers(-1, 5))],
        "percent": [draw(st.floats(0, 1)), draw(st.integers(0, 3))],
        "counts": [prompt, size],
        "next_token_law": [tastes, twins.counts(prompt, draw(st.sampled_from([size, size, 5])))],
        "attention_weights": [draw(st.just(prompt) | st.just([])), tastes],
        "with_taste": [tastes, token, draw(st.floats(-0.5, 1.5))],
        "with_count": [prompt, token, number],
        "with_query": [prompt, token],
        "doubled": [prompt],
        "equal_counts": [size, token, draw(st.integers(0, 4))],
    }
    name = draw(st.sampled_from(sorted(arguments)))
    return name, arguments[name]


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(calls(), min_size=10, max_size=40))
def test_twins_answer_and_refuse_alike(ask: Ask, batch: list[tuple[str, list[Any]]]) -> None:
    for call, got, wanted in zip(batch, ask(batch), python(batch), strict=True):
        assert close(got, wanted), (call, got, wanted)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=12,
)


@st.composite
def nearly_inputs(draw: st.DrawFn) -> list[Any]:
    """Labels, table and prompt that are right but for one piece of junk."""
    size, _, prompt = draw(states())
    labels: list[Any] = ["cat", "dog", "owl", "fox", "bat"][:size]
    table: list[Any] = [draw(rows(size)) for _ in range(size)]
    inputs: list[Any] = [labels, table, list(prompt)]
    spoiled = draw(st.sampled_from(["nothing", "whole", "entry", "deep"]))
    which = draw(st.integers(0, 2))
    if spoiled == "whole":
        inputs[which] = draw(JUNK)
    elif spoiled == "entry":
        inputs[which][draw(st.integers(0, len(inputs[which]) - 1))] = draw(JUNK)
    elif spoiled == "deep":
        table[0][draw(st.integers(0, size - 1))] = draw(JUNK)
    return inputs


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(nearly_inputs(), min_size=5, max_size=20))
def test_the_same_inputs_are_refused_in_the_same_words(ask: Ask, batch: list[list[Any]]) -> None:
    sent: list[tuple[str, list[Any]]] = [("problem", inputs) for inputs in batch]
    assert ask(sent) == python(sent)


# ---- right answers: against the rooms of the package, and by what they promise


@given(states())
def test_twins_agree_with_chain_and_attention(state: tuple[int, list[float], list[int]]) -> None:
    size, tastes, prompt = state
    tastes = [(taste + 0.01) / (1 + 0.01 * size) for taste in tastes]
    P = np.tile(tastes, (size, 1))
    M = chain.counts([prompt], size)
    law = chain.next_token_law(P, M, [prompt[-1]])[0]
    weights = twins.attention_weights(prompt, tastes)
    E = np.eye(size)
    layer = attention.attention_weights(prompt, attention.key_query_matrix(P, E), E)
    np.testing.assert_array_equal(twins.counts(prompt, size), M[0])
    np.testing.assert_allclose(twins.next_token_law(tastes, M[0].tolist()), law, rtol=1e-13)
    np.testing.assert_allclose(weights, layer, rtol=1e-12)
    np.testing.assert_allclose(np.bincount(prompt, weights, minlength=size), law, atol=1e-13)


@given(states(), st.lists(st.tuples(st.integers(0, 4), st.floats(-1, 2)), max_size=20))
def test_with_taste_keeps_a_law(
    state: tuple[int, list[float], list[int]], moves: list[tuple[int, float]]
) -> None:
    size, tastes, _ = state
    for token, value in moves:
        token %= size
        before, tastes = tastes, twins.with_taste(tastes, token, value)
        assert math.isclose(sum(tastes), 1, abs_tol=1e-12)
        others = [j for j in range(size) if j != token]
        alone = not any(before[j] > 0 for j in others)
        for j in others:
            assert (
                tastes[j] >= twins.TASTE_FLOOR - 1e-12 if before[j] > 0 or alone else tastes[j] == 0
            )
        most = 1 - twins.TASTE_FLOOR * sum(before[j] > 0 or alone for j in others)
        assert tastes[token] == min(max(value, twins.TASTE_FLOOR), most)


def test_with_taste_keeps_the_order_of_the_others() -> None:
    row = twins.with_taste([0.1, 0.2, 0.3, 0.4], 0, 0.5)
    assert row[1] < row[2] < row[3]
    # Above the floor the others keep their proportions.
    assert (row[2] - 0.01) / (row[1] - 0.01) == pytest.approx(0.29 / 0.19, rel=1e-12)


@given(states(), st.integers(0, 4), st.integers(-3, 16))
def test_with_count_changes_one_count_and_keeps_the_last_word(
    state: tuple[int, list[float], list[int]], token: int, count: int
) -> None:
    size, _, prompt = state
    token %= size
    changed = twins.with_count(prompt, token, count)
    wanted = twins.counts(prompt, size)
    wanted[token] = min(max(count, int(token == prompt[-1])), twins.MAX_COUNT)
    assert twins.counts(changed, size) == wanted
    assert changed[-1] == prompt[-1]
    assert [x for x in changed if x != token] == [x for x in prompt if x != token]


def test_with_count_spreads_and_undoes() -> None:
    prompt = [1, 0, 2, 1, 3, 2, 1, 2, 0]
    more = twins.with_count(prompt, 3, 6)
    assert all(not (a == b == 3) for a, b in pairwise(more[:5]))
    assert prompt == [1, 0, 2, 1, 3, 2, 1, 2, 0]


@given(states(), st.integers(0, 4))
def test_with_query_keeps_the_counts(state: tuple[int, list[float], list[int]], token: int) -> None:
    size, _, prompt = state
    token %= size
    changed = twins.with_query(prompt, token)
    wanted = twins.counts(prompt, size)
    wanted[token] = max(wanted[token], 1)
    assert changed[-1] == token
    assert twins.counts(changed, size) == wanted


@given(st.integers(2, 5), st.integers(0, 4), st.integers(1, 4))
def test_equal_counts(size: int, query: int, copies: int) -> None:
    prompt = twins.equal_counts(size, query % size, copies)
    assert twins.counts(prompt, size) == [copies] * size
    assert prompt[-1] == query % size


def test_doubled_keeps_the_law() -> None:
    prompt, tastes = [1, 0, 2, 0], [0.2, 0.3, 0.5]
    law = twins.next_token_law(tastes, twins.counts(prompt, 3))
    again = twins.next_token_law(tastes, twins.counts(twins.doubled(prompt), 3))
    assert twins.doubled(prompt) == [1, 0, 2, 0, 1, 0, 2, 0]
    np.testing.assert_allclose(again, law, rtol=1e-15)


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_decimal_is_the_nearest_number_with_so_many_digits(value: float, digits: int) -> None:
    written = twins.decimal(value, digits)
    assert abs(float(written) - value) <= 0.5 * 10**-digits * (1 + 1e-6) + abs(value) * 1e-15
    assert len(written.partition(".")[2]) == digits
    assert written.lstrip("-0.") or not written.startswith("-")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e9])
def test_decimal_never_writes_nonsense(value: float) -> None:
    with pytest.raises(ValueError, match="must be below 1e9"):
        twins.decimal(value, 1)
