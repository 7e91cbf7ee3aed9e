"""Data of one's own: the same for one learner everywhere, another one's for everybody else."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccmc_teach import variants

KEY = bytes(range(16))
IDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


# Seeds.


def test_seeds_are_what_they_were() -> None:
    # Written down once: who draws other numbers in a later version grades the wrong notebook.
    assert variants.seed("ada", "mapping") == 47787703706148358685192085508021972190
    assert variants.seed("", "mapping") == 170240018577150456166959489810940636454
    assert variants.secret_seed(KEY, "ada", "mapping") == 194312423713308162505921169817051848899


def test_a_seed_is_the_hash_of_both_names() -> None:
    digest = hashlib.sha256(b"7:mappingada").digest()
    assert variants.seed("ada", "mapping") == int.from_bytes(digest[:16], "big")


def test_a_secret_seed_is_an_hmac_of_both_names() -> None:
    digest = hmac.new(KEY, b"7:mappingada", "sha256").digest()
    assert variants.secret_seed(KEY, "ada", "mapping") == int.from_bytes(digest[:16], "big")


def test_numbers_are_what_they_were() -> None:
    rng = variants.rng("ada", "mapping")
    assert rng.integers(1000, size=5).tolist() == [712, 1, 617, 836, 844]
    assert rng.permutation(6).tolist() == [5, 2, 0, 3, 4, 1]
    assert rng.choice([2, 3, 5]) == 2
    assert rng.random() == pytest.approx(0.7018997, abs=1e-7)


def test_another_process_draws_the_same() -> None:
    code = "from ccmc_teach import variants; print(variants.rng('ada', 'mapping').random())"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(shown.stdout) == variants.rng("ada", "mapping").random()


@given(IDS, st.sampled_from(["", " ", "\t", "\n", "\u00a0"]))
def test_space_around_an_id_does_not_matter(student_id: str, space: str) -> None:
    spaced = f"{space}{student_id}{space}"
    assert variants.seed(spaced, "mapping") == variants.seed(student_id, "mapping")


@pytest.mark.parametrize(
    "written",
    ["Zoë", "ZOË", "zoe\u0308", "ZOE\u0308", " zoë\r\n", "\uff3a\uff4f\u00eb"],
)
def test_case_and_way_of_writing_do_not_matter(written: str) -> None:
    assert variants.seed(written, "mapping") == variants.seed("zoë", "mapping")
    assert variants.secret_seed(KEY, written, "x") == variants.secret_seed(KEY, "zoë", "x")


def test_space_within_an_id_matters() -> None:
    assert variants.seed("a da", "mapping") != variants.seed("ada", "mapping")


def test_no_two_pairs_of_names_share_a_seed() -> None:
    names = ["", "a", "b", "ab", "aa", "1:a", "a1", ":", "2:ab", "11:a"]
    pairs = list(itertools.product(names, [name for name in names if name]))
    assert len({variants.seed(*pair) for pair in pairs}) == len(pairs)
    assert len({variants.secret_seed(KEY, *pair) for pair in pairs}) == len(pairs)


def test_the_exercise_is_taken_to_the_letter() -> None:
    assert variants.seed("ada", "mapping") != variants.seed("ada", "Mapping")


def test_every_key_gives_another_secret_seed() -> None:
    keys = [KEY, KEY + b"\0", KEY[::-1], bytes(16), bytes(17)]
    # HMAC itself pads a key with zeros, so that two of these keys are one.
    assert len({variants.secret_seed(key, "ada", "mapping") for key in keys}) == 3


def test_secret_seeds_cannot_be_had_from_open_ones() -> None:
    assert variants.secret_seed(KEY, "ada", "mapping") != variants.seed("ada", "mapping")


@given(IDS)
def test_seeds_fit_a_generator(student_id: str) -> None:
    assert 0 <= variants.seed(student_id, "x") < 2**128
    assert 0 <= variants.secret_seed(KEY, student_id, "x") < 2**128


def test_a_lone_half_of_a_letter_is_an_id_too() -> None:
    assert variants.seed("\ud800", "mapping") != variants.seed("", "mapping")


# Generators.


def test_every_call_starts_anew() -> None:
    first, second = variants.rng("ada", "mapping"), variants.rng("Ada ", "mapping")
    assert first is not second
    assert first.random(5).tolist() == second.random(5).tolist()


def test_learners_and_exercises_draw_other_numbers() -> None:
    names = itertools.product(["ada", "bob", ""], ["task 1", "task 2"])
    assert len({variants.rng(*pair).random() for pair in names}) == 6


def test_global_seeds_are_left_alone() -> None:
    np.random.seed(3)  # noqa: NPY002
    before = str(np.random.get_state())  # noqa: NPY002
    variants.transition_matrix(variants.rng("ada", "mapping"), 4)
    assert str(np.random.get_state()) == before  # noqa: NPY002


# Matrices.


def compositions(steps: int, K: int) -> set[tuple[int, ...]]:
    """Return all ways to write a number as an ordered sum of K different positive numbers."""
    parts = itertools.product(range(1, steps + 1), repeat=K)
    return {row for row in parts if sum(row) == steps and len(set(row)) == K}


@given(st.integers(1, 6), st.integers(0, 12), st.integers(0, 2**32))
def test_rows_are_positive_different_multiples(K: int, more: int, seed: int) -> None:
    steps = K * (K + 1) // 2 + more
    P = variants.transition_matrix(np.random.default_rng(seed), K, steps)
    parts = P * steps
    assert P.shape == (K, K)
    assert P.dtype == np.float64
    assert np.abs(parts - parts.round()).max() < 1e-9
    assert (parts.round() >= 1).all()
    assert (parts.round().sum(axis=1) == steps).all()
    assert all(len(set(row)) == K for row in parts.round().tolist())


def test_every_row_is_equally_likely() -> None:
    # Chi-squared with 17 degrees of freedom is above 50 in one run of 23 000; the seed is fixed.
    rng = np.random.default_rng(5)
    expected = compositions(9, 3)
    assert len(expected) == 18
    rows = [
        tuple(row)
        for _ in range(1000)
        for row in (variants.transition_matrix(rng, 3, 9) * 9).round().astype(int).tolist()
    ]
    counts = np.array([rows.count(row) for row in expected])
    assert counts.sum() == 3000
    assert ((counts - 3000 / 18) ** 2 / (3000 / 18)).sum() < 50


def test_rows_do_not_depend_on_each_other() -> None:
    rng = np.random.default_rng(1)
    firsts = [variants.transition_matrix(rng, 2, 20)[:, 0] for _ in range(4000)]
    correlations = np.atleast_2d(np.corrcoef(np.array(firsts).T))
    # The standard deviation is 1 / sqrt(4000), so that 0.08 is five of them.
    assert abs(correlations[0, 1]) < 0.08


def test_matrices_are_what_they_were() -> None:
    P = variants.transition_matrix(variants.rng("bob", "mapping"), 4)
    assert (P * 20).round().astype(int).tolist() == [
        [4, 8, 1, 7],
        [5, 6, 2, 7],
        [5, 6, 8, 1],
        [14, 1, 2, 3],
    ]


# Refusals.


@pytest.mark.parametrize("student_id", [12345, None, b"ada", ["ada"], 1.5, True])
def test_an_id_that_is_no_text_is_refused(student_id: object) -> None:
    match = r"student_id must be text in quotes, such as \"ada\", got .* of type \w+\.$"
    with pytest.raises(ValueError, match=match):
        variants.seed(student_id, "mapping")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="student_id"):
        variants.rng(student_id, "mapping")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="student_id"):
        variants.secret_seed(KEY, student_id, "mapping")  # type: ignore[arg-type]


@pytest.mark.parametrize("exercise", ["", "  ", None, 3])
def test_an_exercise_without_a_name_is_refused(exercise: object) -> None:
    with pytest.raises(ValueError, match="exercise must be the name of an exercise, got"):
        variants.seed("ada", exercise)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["0123456789abcdef", None, 16, bytearray(16)])
def test_a_key_that_is_no_bytes_is_refused(key: object) -> None:
    with pytest.raises(ValueError, match="course_key must be bytes, got a"):
        variants.secret_seed(key, "ada", "mapping")  # type: ignore[arg-type]


def test_a_short_key_is_refused_and_never_shown() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes, got 15") as caught:
        variants.secret_seed(b"secretsecretsec", "ada", "mapping")
    assert "secretsecretsec" not in str(caught.value)


@pytest.mark.parametrize("rng", [None, 3, np.random])
def test_a_matrix_needs_a_generator(rng: object) -> None:
    with pytest.raises(ValueError, match="rng must be a numpy random Generator, got a"):
        variants.transition_matrix(rng, 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("K", [0, -1, 2.0, True, "3", 9])
def test_a_matrix_needs_a_size(K: object) -> None:
    with pytest.raises(ValueError, match="K must be a whole number from 1 to 8, got"):
        variants.transition_matrix(np.random.default_rng(0), K)  # type: ignore[arg-type]


@pytest.mark.parametrize("steps", [9, 0, 20.0])
def test_a_matrix_needs_enough_steps(steps: object) -> None:
    with pytest.raises(ValueError, match="steps must be a whole number from 10 to"):
        variants.transition_matrix(np.random.default_rng(0), 4, steps)  # type: ignore[arg-type]
