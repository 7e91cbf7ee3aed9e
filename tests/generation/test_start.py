"""The part of P that a prompt uses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ccmc_teach import chain
from ccmc_teach.generation import start as room
from ccmc_teach.generation.start import Start, as_generator, nothing_to_attend_to, start_of
from generation.oracle import HOLES, SMALL

pytestmark = pytest.mark.filterwarnings("error")


@given(st.lists(st.integers(0, 2), min_size=1, max_size=8))
def test_the_reduced_problem_has_the_same_next_token_law(prompt: list[int]) -> None:
    start = start_of(SMALL, prompt)
    assert start.tokens[start.prompt].tolist() == prompt
    assert start.tokens.tolist() == sorted(set(prompt))
    weights = start.base[start.prompt[-1]] * start.counts()
    expected = chain.next_token_law(SMALL, chain.counts([prompt], 3), prompt[-1:])[0]
    np.testing.assert_allclose(weights / weights.sum(), expected[start.tokens], rtol=1e-14)
    assert start.widened(start.counts(), axis=0).tolist() == [prompt.count(j) for j in range(3)]


def test_the_largest_entry_of_every_row_is_one() -> None:
    base = start_of(SMALL, [0, 2]).base
    assert base.max(axis=1).tolist() == [1, 1]
    np.testing.assert_allclose(base, [[2 / 3, 1], [0.5, 1]], rtol=1e-15)


def test_a_row_of_zeros_stays_one() -> None:
    assert start_of(HOLES, [0]).base.tolist() == [[0]]


def test_counts_are_widened_along_the_axis_named() -> None:
    start = start_of(np.full((4, 4), 0.25), [3, 1, 3])
    table = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    wide = start.widened(table, axis=1)
    assert wide.shape == (1, 4, 2)
    assert wide[0].tolist() == [[0, 0], [1, 2], [0, 0], [3, 4]]
    assert start.k == 2


def test_rows_are_checked_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "ENTRIES_AT_ONCE", 7)
    P = np.array([[0.1, 0.2, 0.3, 0.4]] * 4)
    blocked = start_of(P, [0, 1, 2, 3])
    monkeypatch.undo()
    assert (blocked.base == start_of(P, [0, 1, 2, 3]).base).all()
    P[3, 3] = 0.5
    monkeypatch.setattr(room, "ENTRIES_AT_ONCE", 7)
    with pytest.raises(ValueError, match=r"got row 3 with the sum 1\.1"):
        start_of(P, [0, 1, 2, 3])


def test_a_matrix_on_disk_is_read(tmp_path: object) -> None:
    path = f"{tmp_path}/P.npy"
    np.save(path, SMALL)
    on_disk = np.load(path, mmap_mode="r")
    start = start_of(on_disk, [0, 2])
    assert type(start.base) is np.ndarray
    assert (start.base == start_of(SMALL, [0, 2]).base).all()


def test_a_callable_cannot_change_the_tokens() -> None:
    def greedy(tokens: NDArray[np.int64]) -> NDArray[np.float64]:
        block = np.ones((len(tokens), len(tokens)))
        tokens[:] = 0
        return block

    start = start_of(greedy, [5, 2])
    assert start.tokens.tolist() == [2, 5]
    assert start.K == 6


def test_the_sentence_names_the_token_as_the_caller_knows_it() -> None:
    start = Start(9, np.array([4, 7]), np.zeros((2, 2)), np.array([0, 1]))
    words = str(nothing_to_attend_to(start, query=1, length=12))
    assert "at length 12, prompt included: row 7 of P" in words


def test_a_generator_is_passed_on_and_not_copied() -> None:
    rng = np.random.default_rng(1)
    assert as_generator(rng) is rng
