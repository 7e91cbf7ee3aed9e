"""Texts written token by token, against the laws of all texts and the attention layer."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ccmc_teach import attention, decoding
from ccmc_teach.generation import Interrupted, exact_law, simulate
from ccmc_teach.generation.memory import memory_of
from ccmc_teach.generation.path import Writer
from ccmc_teach.generation.start import start_of
from generation.oracle import (
    EVERY_KIND,
    HOLES,
    SMALL,
    SMALLEST_P_VALUE,
    TABLE,
    Array,
    Text,
    cells_of,
    law_by_attention,
    law_by_definition,
    p_value_of_cells,
    p_value_of_texts,
)

pytestmark = pytest.mark.filterwarnings("error")

RULE = decoding.rules(frequency_penalty=0.2, temperature=1.4, nucleus=0.9)
LONG_PROMPT = [0, 1, 2, 1, 1, 0, 2, 2, 2, 0, 1, 0, 0, 1, 2, 0, 1, 2, 2, 1] * 2
# Token 1 looks for another 1 and nearly all of the text is 0: one proposal in sixty is accepted.
LONELY: tuple[Array, list[int]] = (np.array([[0.4, 0.6], [0.001, 0.999]]), [0] * 60 + [1])


def texts_of(
    P: Any, prompt: Sequence[int], T: int, number: int, seed: int, **options: Any
) -> list[Text]:
    rng = np.random.default_rng(seed)
    texts = [simulate(P, prompt, T, rng, **options) for _ in range(number)]
    return [tuple(text[len(prompt) :].tolist()) for text in texts]


def spy_on(monkeypatch: pytest.MonkeyPatch, name: str) -> list[int]:
    """Return a list that gets the number of tokens each time a method of the writer has run."""
    method, calls = getattr(Writer, name), []

    def spied(self: Writer, *arguments: Any) -> None:
        before = len(self.history)
        method(self, *arguments)
        calls.append(len(self.history) - before)

    monkeypatch.setattr(Writer, name, spied)
    return calls


# The law of texts.


@pytest.mark.parametrize("P", [SMALL, HOLES])
def test_short_texts_follow_the_law_of_all_texts(P: Array) -> None:
    texts = texts_of(P, [0, 2, 1], 4, 5000, seed=40)
    assert p_value_of_texts(texts, law_by_definition(P, [0, 2, 1], 4)) > SMALLEST_P_VALUE


def test_texts_follow_the_attention_layer_step_by_step() -> None:
    rng = np.random.default_rng(41)
    E, W = np.eye(3) + rng.uniform(-0.3, 0.3, size=(3, 3)), rng.normal(size=(3, 3))
    texts = texts_of(attention.transition_matrix(W, E), [1, 0, 2, 1], 4, 5000, seed=42)
    law = law_by_attention(W, E, [1, 0, 2, 1], 4)
    assert p_value_of_texts(texts, law) > SMALLEST_P_VALUE


def test_texts_follow_an_attention_layer_with_position_vectors() -> None:
    """u_i = (log a_i, 1), and W reads off log a_i when the query stands last."""
    rng = np.random.default_rng(43)
    a = np.array([4.0, 0.5, 1.0, 2.0, 0.25, 3.0, 1.5, 1.0])
    E = np.hstack([np.eye(3) + rng.uniform(-0.3, 0.3, size=(3, 3)), np.zeros((3, 2))])
    U = np.column_stack([np.zeros((8, 3)), np.log(a), np.ones(8)])
    W = np.zeros((5, 5))
    W[:3, :3], W[3, 4] = rng.normal(size=(3, 3)), 1
    law = law_by_attention(W, E, [1, 0, 2, 1], 4, U)
    P = attention.transition_matrix(W, E)
    texts = texts_of(P, [1, 0, 2, 1], 4, 5000, seed=44, positions="absolute", table=a)
    assert p_value_of_texts(texts, law) > SMALLEST_P_VALUE
    uniform = texts_of(P, [1, 0, 2, 1], 4, 5000, seed=45)
    assert p_value_of_texts(uniform, law) < SMALLEST_P_VALUE


@pytest.mark.parametrize(("kind", "parameters"), EVERY_KIND)
@pytest.mark.parametrize("prompt", [[0, 2, 1], LONG_PROMPT])
def test_texts_follow_the_position_weights(
    kind: str, parameters: dict[str, Any], prompt: list[int]
) -> None:
    texts = texts_of(SMALL, prompt, 4, 5000, seed=46, positions=kind, **parameters)
    law = law_by_definition(SMALL, prompt, 4, kind, parameters)
    assert p_value_of_texts(texts, law) > SMALLEST_P_VALUE


@pytest.mark.parametrize(("kind", "parameters"), EVERY_KIND)
def test_texts_drawn_from_the_law_follow_the_position_weights(
    kind: str, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where every proposal is refused the law itself takes over, from the first token on."""
    for name in ("_look_back", "_look_back_evenly"):
        monkeypatch.setattr(Writer, name, lambda *arguments: None)
    texts = texts_of(SMALL, [0, 2, 1], 4, 5000, seed=47, positions=kind, **parameters)
    law = law_by_definition(SMALL, [0, 2, 1], 4, kind, parameters)
    assert p_value_of_texts(texts, law) > SMALLEST_P_VALUE


@pytest.mark.parametrize(("kind", "parameters"), [EVERY_KIND[i] for i in (0, 1, 5)])
def test_texts_follow_the_law_where_most_proposals_are_refused(
    kind: str, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    P, prompt = LONELY
    by_law = spy_on(monkeypatch, "_draw_from_the_law")
    if kind == "absolute":
        parameters = {"table": np.ones(len(prompt) + 5)}
    texts = texts_of(P, prompt, 5, 4000, seed=48, positions=kind, **parameters)
    law = law_by_definition(P, prompt, 5, kind, parameters)
    assert p_value_of_texts(texts, law) > SMALLEST_P_VALUE
    assert sum(by_law) > 200
    assert len(by_law) < 4000


@pytest.mark.parametrize(("kind", "parameters"), EVERY_KIND)
def test_texts_follow_decoding_rules(kind: str, parameters: dict[str, Any]) -> None:
    texts = texts_of(SMALL, [0, 2, 1], 4, 2500, seed=49, positions=kind, rules=RULE, **parameters)
    law = law_by_definition(SMALL, [0, 2, 1], 4, kind, parameters, RULE)
    assert p_value_of_texts(texts, law) > SMALLEST_P_VALUE


@pytest.mark.parametrize(
    ("P", "prompt"),
    [
        ([[0.3, 0.7], [0.6, 0.4]], [0, 1]),
        ([[0.9, 0.1], [0.02, 0.98]], [0, 1, 1]),
        ([[0.5, 0.5], [0.9, 0.1]], [0, 1] * 400),
    ],
)
def test_longer_texts_follow_the_exact_law(P: Any, prompt: list[int]) -> None:
    rng = np.random.default_rng(50)
    T = 150
    texts = np.array([simulate(P, prompt, T, rng)[len(prompt) :] for _ in range(3000)])
    law = exact_law(P, prompt, T)
    assert p_value_of_cells(cells_of(texts, 2), law) > SMALLEST_P_VALUE


def test_a_token_written_within_a_block_can_be_copied_at_once() -> None:
    """From one of each token the first block writes nearly all of the text."""
    rng = np.random.default_rng(51)
    texts = np.array([simulate(SMALL, [0, 1, 2], 30, rng)[3:] for _ in range(4000)])
    assert p_value_of_cells(cells_of(texts, 3), exact_law(SMALL, [0, 1, 2], 30)) > SMALLEST_P_VALUE


def test_even_counts_give_the_base_chain_back() -> None:
    """With 300 of each token three more of them move the law by less than the test can see."""
    prompt = [0, 1, 2] * 300
    texts = texts_of(SMALL, prompt, 3, 4000, seed=52)
    base_chain: dict[Text, float] = {
        (i, j, k): SMALL[2, i] * SMALL[i, j] * SMALL[j, k]
        for i in range(3)
        for j in range(3)
        for k in range(3)
    }
    assert p_value_of_texts(texts, base_chain) > SMALLEST_P_VALUE


# Limits in which the text is known.


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [("window", {"size": 1}), ("exponential", {"rate": 1e4}), ("power", {"exponent": 1e4})],
)
def test_a_memory_of_one_token_repeats_it_for_ever(kind: str, parameters: dict[str, Any]) -> None:
    text = simulate(SMALL, [0, 2, 1], 200, np.random.default_rng(1), positions=kind, **parameters)
    assert (text[3:] == 1).all()


def test_a_heavy_sink_copies_the_first_position() -> None:
    rng = np.random.default_rng(2)
    text = simulate(np.full((2, 2), 0.5), [0, 1, 1], 500, rng, positions="sink", mass=1 - 1e-12)
    assert (text[3:] == 0).all()


def test_zeros_of_the_matrix_are_never_taken() -> None:
    swap = [[0.0, 1.0], [1.0, 0.0]]
    text = simulate(swap, [0] * 200 + [1], 1001, np.random.default_rng(3))
    assert (text[200:] == np.arange(1, 1003) % 2).all()


def test_a_prompt_of_one_kind_repeats_it() -> None:
    assert simulate(SMALL, [2], 50, np.random.default_rng(4)).tolist() == [2] * 51


def test_no_tokens_give_the_prompt_back() -> None:
    assert simulate(SMALL, [2, 0], 0, np.random.default_rng(5)).tolist() == [2, 0]


@pytest.mark.parametrize(("kind", "parameters"), EVERY_KIND)
@pytest.mark.parametrize("T", [1, 5, 24])
def test_the_text_has_the_length_asked_for(kind: str, parameters: dict[str, Any], T: int) -> None:
    text = simulate(SMALL, LONG_PROMPT, T, np.random.default_rng(6), positions=kind, **parameters)
    assert text.dtype == np.int64
    assert text.shape == (len(LONG_PROMPT) + T,)
    assert text[: len(LONG_PROMPT)].tolist() == LONG_PROMPT


def test_a_table_serves_a_text_of_just_its_length() -> None:
    rng = np.random.default_rng(7)
    assert len(simulate(SMALL, LONG_PROMPT, 24, rng, positions="absolute", table=TABLE)) == 64


# Large vocabularies with short prompts.


def test_rows_and_columns_that_the_prompt_lacks_are_not_read() -> None:
    P = np.full((6, 6), np.nan)
    P[1], P[4] = [0.1, 0.2, 0.1, 0.1, 0.3, 0.2], [0.1, 0.6, 0.1, 0.1, 0.1, 0.0]
    text = simulate(P, [1, 4, 4], 500, np.random.default_rng(8))
    reduced = simulate([[0.4, 0.6], [6 / 7, 1 / 7]], [0, 1, 1], 500, np.random.default_rng(8))
    assert (text == np.array([1, 4])[reduced]).all()


def test_fifty_thousand_tokens_are_cheap_for_a_short_prompt() -> None:
    K = 50_000
    P = np.broadcast_to(np.float64(1 / K), (K, K))
    prompt = np.random.default_rng(9).integers(K, size=300)
    tracemalloc.start()
    text = simulate(P, prompt, 2000, np.random.default_rng(10))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.isin(text, prompt).all()
    assert peak < 300e6


def test_a_callable_gives_the_block_of_the_matrix_that_is_needed() -> None:
    rng = np.random.default_rng(11)
    K = 50_000
    E, W = rng.normal(size=(K, 8)), rng.normal(size=(8, 8))
    asked: list[NDArray[np.int64]] = []

    def P(tokens: NDArray[np.int64]) -> Array:
        asked.append(tokens)
        return attention.transition_matrix(W, E[tokens])

    prompt = [49_999, 7, 7, 1234, 7]
    text = simulate(P, prompt, 400, np.random.default_rng(12))
    assert [tokens.tolist() for tokens in asked] == [[7, 1234, 49_999]]
    same = simulate(
        attention.transition_matrix(W, E[[7, 1234, 49_999]]),
        [2, 0, 0, 1, 0],
        400,
        np.random.default_rng(12),
    )
    assert (text == np.array([7, 1234, 49_999])[same]).all()


def test_factors_of_rows_change_nothing() -> None:
    def scaled(tokens: NDArray[np.int64]) -> Array:
        return SMALL[np.ix_(tokens, tokens)] * [[1e-300], [1e300], [4.0]]

    text = simulate(scaled, [0, 1, 2], 300, np.random.default_rng(13))
    assert (text == simulate(SMALL, [0, 1, 2], 300, np.random.default_rng(13))).all()


@pytest.mark.parametrize(("K", "size"), [(2, 1), (256, 1), (300, 2)])
def test_the_history_is_compact(K: int, size: int) -> None:
    start = start_of(np.full((K, K), 1 / K), np.arange(K))
    writer = Writer(start, memory_of("uniform", K, 9, {}))
    writer.write(9, np.random.default_rng(14))
    assert writer.history.itemsize == size
    assert writer.text().max() < K


# Randomness and the caller's arrays.


@pytest.mark.parametrize(("kind", "parameters"), EVERY_KIND)
def test_a_seed_fixes_the_text(kind: str, parameters: dict[str, Any]) -> None:
    def text(seed: int) -> list[int]:
        rng = np.random.default_rng(seed)
        return [*map(int, simulate(SMALL, LONG_PROMPT, 24, rng, positions=kind, **parameters))]

    assert [text(seed) for seed in range(9)] == [text(seed) for seed in range(9)]
    assert len({tuple(text(seed)) for seed in range(9)}) > 3


def test_only_the_generator_that_is_passed_in_moves() -> None:
    rng = np.random.default_rng(17)
    before, world = rng.bit_generator.state, str(np.random.get_state())  # noqa: NPY002
    simulate(SMALL, [0, 1, 2], 100, rng)
    assert rng.bit_generator.state != before
    assert str(np.random.get_state()) == world  # noqa: NPY002


def test_the_arrays_of_the_caller_stay_as_they_are() -> None:
    P, prompt, table = SMALL.copy(), np.array([0, 1, 2]), TABLE.copy()
    for rules in (None, RULE):
        rng = np.random.default_rng(18)
        text = simulate(P, prompt, 40, rng, positions="absolute", table=table, rules=rules)
        assert not np.shares_memory(text, prompt)
    assert (SMALL == P).all()
    assert prompt.tolist() == [0, 1, 2]
    assert (table == TABLE).all()


def test_progress_does_not_change_the_text() -> None:
    calls: list[tuple[int, int]] = []
    rng = np.random.default_rng(19)
    text = simulate(SMALL, [0, 1, 2], 5000, rng, progress=lambda *call: calls.append(call))
    assert (text == simulate(SMALL, [0, 1, 2], 5000, np.random.default_rng(19))).all()
    done = [call[0] for call in calls]
    assert done == sorted(done)
    assert calls[-1] == (5000, 5000)
    assert len(calls) > 10


@pytest.mark.parametrize("options", [{}, {"positions": "power", "exponent": 1}, {"rules": RULE}])
def test_a_text_stopped_by_hand_is_kept(options: dict[str, Any]) -> None:
    def stop(done: int, total: int) -> None:
        if done > 1500:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"Stopped by hand; .* of 5000 tokens are kept") as caught:
        simulate(SMALL, [0, 1, 2], 5000, np.random.default_rng(20), progress=stop, **options)
    kept = caught.value.partial
    whole = simulate(SMALL, [0, 1, 2], 5000, np.random.default_rng(20), **options)
    assert 1503 < len(kept) < 5003
    assert (kept == whole[: len(kept)]).all()


# Bad input.

NAN = float("nan")
BAD: list[tuple[Any, Any, Any, dict[str, Any], str]] = [
    ([[0.5, 0.5]], [0], 3, {}, "P must be square with a row for every token, got"),
    (np.zeros((0, 0)), [0], 3, {}, "P must be square with a row for every token, got"),
    (np.array([[0.5, 0.6], [0.5, 0.5]]), [0], 3, {}, "got row 0 with the sum 1.1"),
    (np.array([[0.5, 0.5], [0.5, 0.6]]), [1], 3, {}, "got row 1 with the sum 1.1"),
    (np.array([[0.5, 0.5], [0.5, 0.6]]), [0, 1], 3, {}, "got row 1 with the sum 1.1"),
    (np.array([[1.5, -0.5], [0, 1]]), [0], 3, {}, "none of them negative, got P[0, 1] = -0.5"),
    (np.array([[0.5, 0.5], [NAN, 1]]), [1], 3, {}, "P must hold finite numbers, none of them"),
    (np.array([[True]]), [0], 3, {}, "P must hold real numbers"),
    ("P", [0], 3, {}, "P must hold real numbers, got 'P'"),
    (SMALL, [3], 3, {}, "prompt must hold tokens from 0 to 2, got prompt[0] = 3"),
    (SMALL, [], 3, {}, "prompt must hold at least one token"),
    (SMALL, [0.0], 3, {}, "prompt must hold tokens, which are whole numbers"),
    (SMALL, [0], -1, {}, "T must be a whole number from 0 to 2147483647, got -1"),
    (SMALL, [0], 1.0, {}, "T must be a whole number"),
    (SMALL, [0], 3, {"positions": "alibi"}, "kind must be one of uniform"),
    (SMALL, [0], 3, {"rate": 1}, "parameters of the kind uniform must be none, got rate"),
    (SMALL, [0], 3, {"positions": "window", "size": 0}, "size must be a whole number from 1"),
    (SMALL, [0], 3, {"positions": "sink", "mass": 0.1, "first": 2}, "from 1 to 1, got 2"),
    (SMALL, [0], 3, {"positions": "absolute", "table": [1, 1, 1]}, "each of the 4 positions"),
    (
        SMALL,
        [0],
        3,
        {"positions": "absolute", "table": [1, 1, 0, 1]},
        "table must be positive wherever the text may end, got 0 at position 2 for a prompt of "
        "length 1 and 3 more tokens",
    ),
    (SMALL, [0], 3, {"rules": {"temperature": 1}}, "rules must be None or made by"),
    (SMALL, [0], 3, {"progress": 3}, "progress must be None, True or a callable, got 3"),
    (lambda tokens: [[1.0]], [0, 1], 3, {}, "a row and a column for each of the 2 tokens"),
    (lambda tokens: [[-1.0]], [3], 3, {}, "none of them negative, got P[3, 3] = -1.0"),
    (lambda tokens: [1.0], [3], 3, {}, "what P returns must be 2-dimensional"),
    (lambda tokens: [[1.0]], [-1], 3, {}, "prompt must hold tokens from 0"),
]


@pytest.mark.parametrize(("P", "prompt", "T", "options", "words"), BAD)
def test_bad_input_is_refused(
    P: Any, prompt: Any, T: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        simulate(P, prompt, T, np.random.default_rng(1), **options)
    assert words in str(refusal.value)


@pytest.mark.parametrize("rng", [None, 1, np.random, np.random.PCG64(1)])
def test_anything_but_a_generator_is_refused(rng: Any) -> None:
    with pytest.raises(ValueError, match=r"rng must be a numpy\.random\.Generator, such as"):
        simulate(SMALL, [0], 3, rng)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rules": RULE},
        {"positions": "window", "size": 2},
        {"positions": "power", "exponent": 1},
    ],
)
def test_a_query_with_nothing_to_attend_to_stops_with_a_sentence(options: dict[str, Any]) -> None:
    """Token 1 leads to token 2 alone, and no token leads from 0 to 0."""
    P = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    words = r"at length 3, prompt included: row 1 of P gives a positive probability to no token"
    with pytest.raises(ValueError, match=words):
        simulate(P, [1, 0], 10, np.random.default_rng(1), **options)


def test_a_window_can_run_into_a_dead_end_later() -> None:
    P = [[0.0, 1.0], [0.5, 0.5]]
    rng = np.random.default_rng(21)
    with pytest.raises(ValueError, match=r"stops at length \d+, prompt included: row 0 of P"):
        simulate([[0.0, 1.0], [1.0, 0.0]], [1, 0, 0], 10, rng, positions="window", size=2)
    assert len(simulate(P, [1, 0], 500, rng, positions="window", size=2)) == 502
