"""The dynamics room against scipy's solvers, closed forms, exact laws and small simulations."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, minimize, root

from ccmc_teach import chain, dynamics
from ccmc_teach.dynamics import flow as flow_room

pytestmark = pytest.mark.filterwarnings("error")
Array = NDArray[np.float64]

TWO = np.array([[0.7, 0.3], [0.6, 0.4]])
THREE = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.25, 0.25, 0.5]])
# A pair that shares every probability between the two, and a third token.
TIED = np.array([[0.4, 0.4, 0.2], [0.4, 0.4, 0.2], [0.1, 0.2, 0.7]])


def random_chain(rng: np.random.Generator, K: int, evenness: float = 1.0) -> Array:
    P = rng.dirichlet(np.full(K, evenness), size=K) + 1e-9
    return np.asarray(P / P.sum(axis=1, keepdims=True))


def random_reversible_chain(rng: np.random.Generator, K: int) -> Array:
    A = rng.gamma(0.7, size=(K, K)) + 0.01
    A += A.T
    return np.asarray(A / A.sum(axis=1, keepdims=True))


def circulant(stay: float, forward: float, backward: float) -> Array:
    row = np.array([stay, forward, backward])
    return np.array([np.roll(row, k) for k in range(3)])


def coexisting(a: float, b: float) -> Array:
    """Return the interior rest point of two tokens by the ratio of its shares."""
    P = np.array([[a, 1 - a], [1 - b, b]])
    ratio = P[0, 1] * (P[1, 1] - P[1, 0]) / (P[1, 0] * (P[0, 0] - P[0, 1]))
    return np.asarray(np.array([ratio, 1]) / (1 + ratio))


def field(P: Array, v: Array) -> Array:
    return np.asarray(chain.stationary(chain.frozen(P, v)) - v)


def solved(velocity: Callable[[Array], Array], start: Array, s: Array) -> Array:
    """Return the path of an ordinary differential equation by scipy's method of order 8."""
    answer = solve_ivp(
        lambda _, x: velocity(x), (s[0], s[-1]), start, "DOP853", s, rtol=1e-11, atol=1e-14
    )
    return np.asarray(answer.y.T)


@st.composite
def chains(draw: st.DrawFn, reversible: bool = False, most: int = 5) -> Array:
    K = draw(st.integers(2, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return random_reversible_chain(rng, K) if reversible else random_chain(rng, K)


@st.composite
def chains_with_counts(draw: st.DrawFn, reversible: bool = False) -> tuple[Array, Array]:
    P = draw(chains(reversible))
    size = len(P)
    counts = draw(st.lists(st.integers(0, 30), min_size=size, max_size=size).filter(any))
    return P, np.array(counts, dtype=np.float64)


# The mean field.


@pytest.mark.parametrize("evenness", [0.1, 0.3, 1.0, 3.0])
def test_mean_field_agrees_with_another_solver(evenness: float) -> None:
    rng = np.random.default_rng(1)
    s = np.linspace(0, 8, 9)
    for K in (2, 3, 5):
        P, m0 = random_chain(rng, K, evenness), rng.dirichlet(np.full(K, 0.5))

        def velocity(x: Array, P: Array = P) -> Array:
            v = np.exp(x - x.max())
            mu = chain.stationary(chain.frozen(P, v))
            return np.asarray(mu / (P @ v) * v.sum() @ P - 1)

        x = solved(velocity, np.log(m0), s)
        v = np.exp(x)
        v /= v.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(dynamics.mean_field(P, m0, s), v, rtol=1e-6, atol=0)


def test_mean_field_solves_the_equation_in_the_shares() -> None:
    rng = np.random.default_rng(2)
    s = np.array([0, 0.5, 1, 2, 3])
    for K in (2, 4):
        P, m0 = random_chain(rng, K), rng.dirichlet(np.ones(K))
        v = solved(lambda v, P=P: field(P, v), m0, s)  # type: ignore[misc]
        np.testing.assert_allclose(dynamics.mean_field(P, m0, s), v, atol=1e-7)


def test_mean_field_of_equal_rows_is_the_weighted_urn() -> None:
    pi = np.array([0.5, 0.3, 0.15, 0.05])
    v0 = np.array([0.1, 0.2, 0.3, 0.4])
    s = np.array([0, 0.3, 1, 4, 9])
    path = dynamics.mean_field(np.tile(pi, (4, 1)), v0, s)
    for log_length, v in zip(s, path, strict=True):
        # In its own time u token k multiplies by exp(pi_k u), independently of the others.
        u = brentq(lambda u, y=log_length: np.log(v0 @ np.exp(pi * u)) - y, 0, 100, xtol=1e-13)
        np.testing.assert_allclose(v, v0 * np.exp(pi * u - log_length), rtol=1e-7)


def test_mean_field_of_two_tokens_with_equal_rows_is_a_square_root() -> None:
    # Weights 2 : 1 give m_0 = v_0 y**2 and m_1 = v_1 y with m_0 + m_1 = exp(s).
    s = np.linspace(1, 7, 4)
    y = (-0.75 + np.sqrt(0.75**2 + 4 * 0.25 * np.exp(s - 1))) / (2 * 0.25)
    path = dynamics.mean_field(np.tile([2 / 3, 1 / 3], (2, 1)), [1, 3], s)
    np.testing.assert_allclose(path[:, 1], 0.75 * y / np.exp(s - 1), rtol=1e-7)


def test_mean_field_of_a_reversible_chain_is_the_replicator_of_its_form() -> None:
    rng = np.random.default_rng(3)
    s = np.linspace(0, 6, 5)
    cases = [random_reversible_chain(rng, K) for K in (2, 3, 5)]
    # Two tokens that hardly ever follow each other.
    cases.append(np.array([[1 - 1e-9, 1e-9], [3e-9, 1 - 3e-9]]))
    for P in cases:
        varpi = chain.stationary(P)
        A, v0 = varpi[:, np.newaxis] * P, rng.dirichlet(np.ones(len(P)))

        def replicator(v: Array, A: Array = A) -> Array:
            return v * (A @ v) / (v @ A @ v) - v

        path = dynamics.mean_field(P, v0, s)
        np.testing.assert_allclose(path, solved(replicator, v0, s), atol=1e-7)


def test_mean_field_does_not_jump_over_a_sudden_change() -> None:
    P = np.array([[1 - 1e-4, 1e-4], [0.997, 0.003]])
    s = np.array([0, 0.5, 1, 3, 8])
    A = chain.stationary(P)[:, np.newaxis] * P

    def velocity(x: Array) -> Array:
        v = np.exp(x - x.max())
        return np.asarray((A @ v) * v.sum() / (v @ A @ v) - 1)

    x = solved(velocity, np.log([1e-3, 1 - 1e-3]), s)
    v = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(dynamics.mean_field(P, [1e-3, 1 - 1e-3], s), v, rtol=1e-6)


def test_a_rare_token_keeps_all_its_digits() -> None:
    s = np.array([0, 10, 100, 400])
    path = dynamics.mean_field(TWO, [1, 1e-100], s)
    np.testing.assert_allclose(np.log(path[:, 1]), np.log(1e-100) + (0.3 / 0.7 - 1) * s, rtol=1e-12)
    growing = dynamics.mean_field(TWO[::-1, ::-1], [1e-200, 1], [0, 20])
    assert np.log(growing[1, 0]) == pytest.approx(np.log(1e-200) + (0.3 / 0.7 - 1) * 20)
    invading = dynamics.mean_field([[0.3, 0.7], [0.5, 0.5]], [1, 1e-200], [0, 20])
    assert np.log(invading[1, 1]) == pytest.approx(np.log(1e-200) + (0.7 / 0.3 - 1) * 20)


@settings(max_examples=40, deadline=None)
@given(chains_with_counts())
def test_shares_stay_on_the_simplex_and_zero_stays_zero(case: Any) -> None:
    P, m0 = case
    path = dynamics.mean_field(P, m0, [0, 0.5, 3])
    np.testing.assert_allclose(path.sum(axis=1), 1, rtol=1e-14)
    assert ((path > 0) == (m0 > 0)).all()
    assert (path[0] == m0 / m0.max() / (m0 / m0.max()).sum()).all()


@settings(max_examples=25, deadline=None)
@given(chains_with_counts())
def test_absent_tokens_do_not_matter(case: Any) -> None:
    P, m0 = case
    present = np.flatnonzero(m0)
    block = P[np.ix_(present, present)]
    smaller = block / block.sum(axis=1, keepdims=True)
    path = dynamics.mean_field(P, m0, [0, 1, 4])
    alone = dynamics.mean_field(smaller, m0[present], [0, 1, 4])
    np.testing.assert_allclose(path[:, present], alone, rtol=1e-6)


@settings(max_examples=25, deadline=None)
@given(chains_with_counts(), st.randoms(use_true_random=False))
def test_tokens_may_be_renamed(case: Any, random: Any) -> None:
    P, m0 = case
    order = random.sample(range(len(P)), len(P))
    path = dynamics.mean_field(P, m0, [0, 2])
    renamed = dynamics.mean_field(P[np.ix_(order, order)], m0[order], [0, 2])
    np.testing.assert_allclose(renamed, path[:, order], rtol=1e-6, atol=0)


@settings(max_examples=25, deadline=None)
@given(chains_with_counts(reversible=True))
def test_the_quadratic_form_never_decreases(case: Any) -> None:
    P, m0 = case
    A = dynamics.symmetric_form(P)
    path = dynamics.mean_field(P, m0, np.linspace(0, 6, 25))
    height = np.einsum("si,ij,sj->s", path, A, path)
    assert (np.diff(height) > -1e-9 * height[1:]).all()


def test_a_batch_is_its_members_side_by_side() -> None:
    m0 = np.random.default_rng(4).dirichlet(np.ones(3), size=(2, 5))
    m0[0, 0] = [1, 0, 0]
    s = np.array([0, 1, 5])
    path = dynamics.mean_field(THREE, m0, s)
    assert path.shape == (3, 2, 5, 3)
    for place in np.ndindex(2, 5):
        alone = dynamics.mean_field(THREE, m0[place], s)
        np.testing.assert_allclose(path[(slice(None), *place)], alone, rtol=1e-7, atol=0)
    assert dynamics.mean_field(THREE, np.zeros((0, 3)), s).shape == (3, 0, 3)


def test_a_finer_grid_changes_nothing() -> None:
    coarse = dynamics.mean_field(THREE, [5, 1, 1], [0, 4])
    fine = dynamics.mean_field(THREE, [5, 1, 1], np.linspace(0, 4, 161))
    np.testing.assert_allclose(fine[-1], coarse[-1], rtol=1e-7)


def test_only_differences_of_log_length_matter() -> None:
    early = dynamics.mean_field(TWO, [1, 2], [0, 1, 3])
    late = dynamics.mean_field(TWO, [1, 2], [5, 6, 8])
    assert (early == late).all()
    assert dynamics.mean_field(TWO, [1, 2], [7]).shape == (1, 2)


def test_counts_of_any_size_are_shares() -> None:
    expected = dynamics.mean_field(TWO, [0.25, 0.75], [0, 1])
    for m0 in ([1, 3], [0.5e308, 1.5e308], [1e-300, 3e-300]):
        np.testing.assert_allclose(dynamics.mean_field(TWO, m0, [0, 1]), expected, rtol=1e-12)
    assert dynamics.mean_field([[1.0]], [3], [0, 1]).tolist() == [[1], [1]]


def test_mean_field_leaves_its_arguments_alone() -> None:
    P, m0, s = TWO.copy(), np.array([1.0, 3.0]), np.array([0.0, 1.0])
    dynamics.mean_field(P, m0, s)
    assert (P == TWO).all()
    assert m0.tolist() == [1, 3]
    assert s.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("m0", "s", "said"),
    [
        ([1, 1, 1], [0, 1], r"m0 must hold a count for each of the 2 tokens of P .* \(3,\)"),
        (3, [0, 1], r"m0 must hold a count for each of the 2 tokens of P .* \(\)"),
        ([1, -1], [0, 1], r"m0 must not have negative counts, got -1\.0"),
        ([[1, 1], [0, 0]], [0, 1], "m0 must hold at least one token, got counts that are all 0"),
        ([1, np.nan], [0, 1], "m0 must hold finite numbers"),
        ([1, 1], [], "s must hold at least one log length, got none"),
        ([1, 1], [0, 1, 1], r"log lengths that grow, got s\[2\] = 1\.0 after s\[1\] = 1\.0"),
        ([1, 1], [3, 2, 4], r"log lengths that grow, got s\[1\] = 2\.0 after s\[0\] = 3\.0"),
        ([1, 1], [[0, 1]], "s must be 1-dimensional"),
    ],
)
def test_mean_field_refuses(m0: Any, s: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        dynamics.mean_field(TWO, m0, s)


@pytest.mark.parametrize(
    "use",
    [
        lambda P: dynamics.mean_field(P, [1, 1], [0]),
        lambda P: dynamics.jacobian(P, [1, 1]),
        lambda P: dynamics.growth_exponents(P, 0),
        lambda P: dynamics.flow_limits(P, [[1, 1]]),
        dynamics.rest_points,
        dynamics.attractors,
        dynamics.regime,
        dynamics.is_reversible,
        dynamics.symmetric_form,
        dynamics.local_maxima,
    ],
)
def test_every_function_needs_a_positive_matrix(use: Callable[[Any], object]) -> None:
    with pytest.raises(
        ValueError, match=r"P must have only positive entries.*got P\[1, 0\] = 0\.0"
    ):
        use([[0.5, 0.5], [0, 1]])
    with pytest.raises(ValueError, match="every row of P must sum to 1"):
        use([[0.5, 0.5], [0.5, 0.6]])


@pytest.mark.parametrize("m0", [[1, 0], [1, 1e-10], [1e-10, 1], [1, 1]])
@pytest.mark.parametrize("P", [[[1e-150, 1], [0.5, 0.5]], [[1, 1e-150], [1, 1e-150]]])
def test_the_steepest_rows_give_numbers(P: Any, m0: Any) -> None:
    path = dynamics.mean_field(P, m0, [0, 1, 50])
    assert np.isfinite(path).all()
    np.testing.assert_allclose(path.sum(axis=1), 1, rtol=1e-14)
    for point in dynamics.rest_points(P):
        assert np.isfinite(point.growth).all()
        assert np.isfinite(point.rates).all()
    with pytest.raises(
        ValueError, match=r"positive entries, of 1e-150 or more.*P\[0, 0\] = 1e-151"
    ):
        dynamics.mean_field([[1e-151, 1], [0.5, 0.5]], m0, [0, 1])


# The derivative.


def difference_quotient(P: Array, v: Array) -> Array:
    """Return the derivative of the field by central differences along each token."""
    h = 1e-6 * v.min()
    rows = [(field(P, v + h * e) - field(P, v - h * e)) / (2 * h) for e in np.eye(len(P))]
    # Outside of the simplex the chain's own functions follow shares of any sum.
    return np.array(rows).T


def test_the_derivative_agrees_with_difference_quotients() -> None:
    rng = np.random.default_rng(5)
    for K in (1, 2, 3, 5):
        P, v = random_chain(rng, K), rng.dirichlet(np.full(K, 3.0))
        np.testing.assert_allclose(
            dynamics.jacobian(P, v), difference_quotient(P, v), atol=1e-5 / v.min()
        )


def test_the_derivative_at_the_boundary_looks_inward() -> None:
    v = np.array([0.6, 0.0, 0.4])
    for k in range(3):
        inward = (np.eye(3)[k] - v) * 1e-7
        slope = (field(THREE, v + inward) - field(THREE, v)) / 1e-7
        np.testing.assert_allclose(
            dynamics.jacobian(THREE, v) @ (np.eye(3)[k] - v), slope, atol=1e-5
        )


@given(chains(), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_the_derivative_keeps_the_simplex_and_forgets_the_scale(P: Array, seed: int) -> None:
    v = np.random.default_rng(seed).dirichlet(np.ones(len(P)))
    derivative = dynamics.jacobian(P, v)
    np.testing.assert_allclose(derivative.sum(axis=0), -1, atol=1e-7)
    np.testing.assert_allclose(derivative @ v, -v, atol=1e-7)
    np.testing.assert_allclose(dynamics.jacobian(P, 7 * v), derivative, rtol=1e-9, atol=1e-9)


def test_the_derivative_at_a_full_rest_point_comes_from_the_chain_and_its_reversal() -> None:
    (full,) = [p for p in dynamics.rest_points(circulant(0.1, 0.6, 0.3)) if len(p.support) == 3]
    P = circulant(0.1, 0.6, 0.3)
    np.testing.assert_allclose(full.shares, 1 / 3, rtol=1e-12)
    Q = chain.frozen(P, full.shares)
    B = full.shares * Q.T / full.shares[:, np.newaxis]
    Z = np.linalg.inv(np.eye(3) - Q + full.shares)
    expected = ((np.eye(3) - B @ Q) @ Z).T - np.eye(3)
    np.testing.assert_allclose(dynamics.jacobian(P, full.shares), expected, atol=1e-12)


def test_the_derivative_refuses_a_batch() -> None:
    with pytest.raises(ValueError, match=r"v must be 1-dimensional, got the shape \(1, 2\)"):
        dynamics.jacobian(TWO, [[0.5, 0.5]])


# Rest points.


@settings(max_examples=40, deadline=None)
@given(chains())
def test_rest_points_rest(P: Array) -> None:
    points = dynamics.rest_points(P)
    supports = [point.support for point in points]
    assert supports == sorted(set(supports), key=lambda support: (len(support), support))
    assert set(supports) >= {(k,) for k in range(len(P))}
    for point in points:
        v = point.shares
        assert tuple(np.flatnonzero(v).tolist()) == point.support
        assert v.sum() == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(field(P, v), 0, atol=1e-9)
        np.testing.assert_allclose(point.growth, (v / (P @ v)) @ P, rtol=1e-6)
        assert (point.growth[list(point.support)] == 1).all()
        assert point.isolated


def test_no_solver_finds_a_rest_point_that_is_not_listed() -> None:
    rng = np.random.default_rng(6)
    for K, draws in ((2, 10), (3, 12), (4, 4)):
        for _ in range(draws):
            P = random_chain(rng, K)
            listed = np.array([point.shares for point in dynamics.rest_points(P)])
            for v in found_by_search(P, rng):
                assert np.abs(listed - v).max(axis=1).min() < 1e-6, (P, v)


def found_by_search(P: Array, rng: np.random.Generator) -> list[Array]:
    """Return rest points inside the simplex that scipy's root finder meets."""
    found = []
    for start in rng.dirichlet(np.ones(len(P)), size=15):
        with np.errstate(all="ignore"):
            answer = root(lambda x: growth_minus_one(P, x), start, tol=1e-12)
        v = np.asarray(answer.x)
        if answer.success and (v > 1e-4).all():
            found.append(v / v.sum())
    return found


def growth_minus_one(P: Array, x: Array) -> Array:
    """Return gamma_k(v) - 1 at v = x, with the equation of the sum in place of the last one."""
    answer = np.asarray((x / (P @ x)) @ P - 1)
    answer[-1] = x.sum() - 1
    return answer


@given(chains())
@settings(max_examples=20, deadline=None)
def test_rest_points_of_a_face_are_those_of_its_own_chain(P: Array) -> None:
    face = list(range(1, len(P)))
    block = P[np.ix_(face, face)]
    alone = dynamics.rest_points(block / block.sum(axis=1, keepdims=True))
    within = [point for point in dynamics.rest_points(P) if 0 not in point.support]
    assert len(alone) == len(within)
    for one, other in zip(alone, within, strict=True):
        np.testing.assert_allclose(one.shares, other.shares[1:], rtol=1e-6)


@given(chains(), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_rest_points_may_be_renamed(P: Array, random: Any) -> None:
    order = random.sample(range(len(P)), len(P))
    points = {point.support: point for point in dynamics.rest_points(P)}
    renamed = dynamics.rest_points(P[np.ix_(order, order)])
    assert len(renamed) == len(points)
    for point in renamed:
        other = points[tuple(sorted(order[k] for k in point.support))]
        np.testing.assert_allclose(point.shares, other.shares[order], atol=1e-7)
        np.testing.assert_allclose(point.rates.real, other.rates.real, atol=1e-5)
        assert point.stability == other.stability


@pytest.mark.parametrize("P", [THREE, TIED, circulant(0.4, 0.5, 0.1)])
def test_rates_are_those_of_nearby_flow(P: Array) -> None:
    basis = np.array([[1, 0], [0, 1], [-1, -1]])
    for point in dynamics.rest_points(P):
        inside = 0.9999 * point.shares + 0.0001 / 3
        slopes = [
            (field(P, inside + 1e-7 * e) - field(P, inside - 1e-7 * e))[:2] / 2e-7 for e in basis.T
        ]
        rates = np.linalg.eigvals(np.array(slopes).T)
        expected = np.sort(rates.real)[::-1]
        assert point.rates.shape == (2,)
        assert point.rates.dtype == np.complex128
        np.testing.assert_allclose(point.rates.real, expected, rtol=0.01, atol=0.002)


def test_rates_of_a_reversible_chain_are_the_eigenvalues_of_the_frozen_chain() -> None:
    rng = np.random.default_rng(7)
    for K in (2, 3, 4, 5):
        P = random_reversible_chain(rng, K)
        for point in dynamics.rest_points(P):
            S = list(point.support)
            frozen = chain.frozen(P, point.shares)[np.ix_(S, S)]
            inside = np.sort(np.linalg.eigvals(frozen).real)[:-1]
            outside = np.delete(point.growth, S) - 1
            expected = np.sort(np.append(inside, outside))[::-1]
            np.testing.assert_allclose(point.rates, expected, atol=1e-8)


@pytest.mark.parametrize(("d", "f", "b"), [(0.4, 0.5, 0.1), (0.5, 0.3, 0.2), (0.65, 0.34, 0.01)])
def test_rates_of_a_circulant_chain_have_a_closed_form(d: float, f: float, b: float) -> None:
    turn = np.exp(2j * np.pi / 3)
    z = d + f * turn + b * turn.conjugate()
    rate = z * (1 - z.conjugate()) / (1 - z)
    centre = dynamics.rest_points(circulant(d, f, b))[-1]
    np.testing.assert_allclose(centre.shares, 1 / 3, rtol=1e-12)
    np.testing.assert_allclose(centre.rates.real, rate.real, rtol=1e-9)
    np.testing.assert_allclose(np.sort(centre.rates.imag), [-abs(rate.imag), abs(rate.imag)])
    assert centre.stability == ("stable" if rate.real < 0 else "unstable")


@given(chains())
@settings(max_examples=40, deadline=None)
def test_single_tokens_and_pairs_follow_their_rules(P: Array) -> None:
    points = {point.support: point for point in dynamics.rest_points(P)}
    for k in range(len(P)):
        others = np.delete(P[k], k)
        assert (points[k,].stability == "stable") == (P[k, k] > others.max())
        np.testing.assert_allclose(points[k,].growth, P[k] / P[k, k], rtol=1e-12)
        np.testing.assert_allclose(
            points[k,].rates, np.sort(others / P[k, k] - 1)[::-1], rtol=1e-9, atol=1e-12
        )
    for i, j in itertools.combinations(range(len(P)), 2):
        prefer_other = P[i, j] > P[i, i], P[j, i] > P[j, j]
        assert ((i, j) in points) == (prefer_other[0] == prefer_other[1])
        if (i, j) in points:
            outside = np.delete(points[i, j].growth, [i, j])
            is_stable = all(prefer_other) and (outside < 1).all()
            assert (points[i, j].stability == "stable") == is_stable


def test_equal_rows_hold_no_rest_point_but_single_tokens() -> None:
    points = dynamics.rest_points(np.tile([0.5, 0.3, 0.2], (3, 1)))
    assert [point.support for point in points] == [(0,), (1,), (2,)]
    assert [point.stability for point in points] == ["stable", "unstable", "unstable"]
    np.testing.assert_allclose(points[1].growth, [5 / 3, 1, 2 / 3])


@pytest.mark.parametrize("K", [2, 3, 4])
def test_the_urn_of_polya_holds_a_continuum_on_every_support(K: int) -> None:
    points = dynamics.rest_points(np.full((K, K), 1 / K))
    assert len(points) == 2**K - 1
    for point in points:
        S = list(point.support)
        assert point.isolated == (len(S) == 1)
        assert point.stability == "undecided"
        np.testing.assert_allclose(point.shares[S], 1 / len(S))
        np.testing.assert_allclose(point.growth, 1)


def test_a_pair_of_equal_tokens_beside_a_third() -> None:
    points = {point.support: point for point in dynamics.rest_points(TIED)}
    pair = points[0, 1]
    assert not pair.isolated
    assert pair.stability == "undecided"
    np.testing.assert_allclose(pair.shares, [0.5, 0.5, 0])
    np.testing.assert_allclose(pair.growth, [1, 1, 0.5])
    assert points[2,].stability == "stable"


def singular_chain(rng: np.random.Generator, K: int, rank: int, w: Array) -> Array:
    """Return a chain of low rank whose full support solves the linear system with weights w."""
    M = rng.random((K, rank)) @ rng.random((rank, K))
    columns = w @ M
    assert (columns > 0).all()
    P = M / columns
    return np.asarray(P / P.sum(axis=1, keepdims=True))


@pytest.mark.parametrize(("K", "rank"), [(3, 2), (4, 2), (5, 3), (5, 2)])
def test_a_continuum_is_found_and_shown_by_its_most_even_point(K: int, rank: int) -> None:
    rng = np.random.default_rng(8)
    for _ in range(5):
        P = singular_chain(rng, K, rank, rng.gamma(0.3, size=K) + 1e-3)
        point = dynamics.rest_points(P)[-1]
        assert point.support == tuple(range(K))
        assert not point.isolated
        np.testing.assert_allclose(field(P, point.shares), 0, atol=1e-9)
        # Along the continuum the entropy of the weights has no slope.
        weights = point.shares / (P @ point.shares)
        hidden = np.linalg.svd(P.T)[2][rank:]
        np.testing.assert_allclose(hidden @ np.log(weights), 0, atol=1e-6)


def test_a_singular_block_without_a_positive_solution_holds_no_rest_point() -> None:
    first = np.array([0.2, 0.3, 0.5])
    second = (1 + 0.5 * first) / (1 + 0.5 * first).sum()
    # Solutions need the weight -1/2 on the first row, counted with half of the third.
    P = np.array([first, second, (first + second) / 2])
    assert (0, 1, 2) not in {point.support for point in dynamics.rest_points(P)}


def test_a_tie_is_undecided_and_makes_no_point_at_the_border() -> None:
    points = dynamics.rest_points([[0.5, 0.5], [0.3, 0.7]])
    assert [(point.support, point.stability) for point in points] == [
        ((0,), "undecided"),
        ((1,), "stable"),
    ]


@pytest.mark.parametrize("scale", [1e-3, 1e-6])
def test_rows_of_any_steepness_are_solved(scale: float) -> None:
    P = np.array([[scale, 1 - scale], [1 - 2 * scale, 2 * scale]])
    point = dynamics.rest_points(P)[-1]
    np.testing.assert_allclose(point.shares, coexisting(scale, 2 * scale), rtol=1e-9)
    reluctant = np.array([[1 - scale, scale], [2 * scale, 1 - 2 * scale]])
    point = dynamics.rest_points(reluctant)[-1]
    np.testing.assert_allclose(point.shares, coexisting(1 - scale, 1 - 2 * scale), rtol=1e-9)


def test_one_token_is_a_rest_point_by_itself() -> None:
    (point,) = dynamics.rest_points([[1.0]])
    assert (point.support, point.stability, point.rates.shape) == ((0,), "stable", (0,))


def test_rest_points_go_up_to_twelve_tokens() -> None:
    P = random_chain(np.random.default_rng(9), 12)
    points = dynamics.rest_points(P)
    for point in points[-5:]:
        np.testing.assert_allclose(field(P, point.shares), 0, atol=1e-9)
    for refuse in (dynamics.rest_points, dynamics.attractors, dynamics.local_maxima):
        with pytest.raises(ValueError, match=r"P must have at most 12 tokens here.*got 13"):
            refuse(np.full((13, 13), 1 / 13))


def test_rest_points_cannot_be_written_to() -> None:
    point = dynamics.rest_points(THREE)[-1]
    for array in (point.shares, point.growth, point.rates):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(AttributeError):
        setattr(point, "support", ())  # noqa: B010


# Growth exponents.


def test_a_single_winner_sets_the_exponents_by_its_own_row() -> None:
    for w in range(3):
        np.testing.assert_allclose(
            dynamics.growth_exponents(THREE, w), THREE[w] / THREE[w, w], rtol=1e-14
        )
        assert (dynamics.growth_exponents(THREE, [w]) == dynamics.growth_exponents(THREE, w)).all()
    changed = THREE.copy()
    changed[1:] = [[0.1, 0.8, 0.1], [0.3, 0.3, 0.4]]
    assert (dynamics.growth_exponents(changed, 0) == dynamics.growth_exponents(THREE, 0)).all()
    assert (dynamics.growth_exponents(THREE, np.int64(2)) == THREE[2] / THREE[2, 2]).all()


@given(chains())
@settings(max_examples=20, deadline=None)
def test_growth_exponents_are_those_of_the_rest_points(P: Array) -> None:
    for point in dynamics.rest_points(P):
        backward = point.support[::-1]
        np.testing.assert_allclose(dynamics.growth_exponents(P, backward), point.growth)
        assert (dynamics.growth_exponents(P, backward)[list(backward)] == 1).all()


def test_exponents_of_an_urn_are_ratios_of_its_weights() -> None:
    pi = np.array([0.4, 0.4, 0.15, 0.05])
    P = np.tile(pi, (4, 1))
    np.testing.assert_allclose(dynamics.growth_exponents(P, 1), pi / 0.4)
    # A continuum, but the exponents of the others are the same all along.
    np.testing.assert_allclose(dynamics.growth_exponents(P, (0, 1)), pi / 0.4)


def test_exponents_that_vary_along_a_continuum_are_refused() -> None:
    P = [[0.4, 0.4, 0.2], [0.3, 0.3, 0.4], [0.1, 0.2, 0.7]]
    with pytest.raises(ValueError, match=r"tokens \[0, 1\] have a continuum"):
        dynamics.growth_exponents(P, [1, 0])


@pytest.mark.parametrize(
    ("winner", "said"),
    [
        ([0, 2], r"no rest point has exactly the tokens \[0, 2\]"),
        ([0, 0], r"winner must name each token once, got \[0, 0\]"),
        (3, "winner must hold tokens from 0 to 2"),
        ([], "winner must hold at least one token"),
        (1.0, "winner must be one flat sequence of tokens"),
        (True, "winner must hold tokens, which are whole numbers"),
    ],
)
def test_growth_exponents_refuses(winner: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        dynamics.growth_exponents(THREE, winner)


# Two tokens.


@pytest.mark.parametrize(
    ("a", "b", "phase", "winners"),
    [
        (0.7, 0.4, "token 0 wins", (0,)),
        (0.2, 0.8, "token 1 wins", (1,)),
        (0.8, 0.6, "either wins", (0, 1)),
        (0.3, 0.4, "coexistence", ()),
        (0.5, 0.5, "Polya urn", ()),
        (0.5, 0.7, "border", ()),
        (0.2, 0.5, "border", ()),
        (0.5 + 1e-9, 0.5 - 1e-9, "Polya urn", ()),
        (0.5 + 1e-7, 0.5 - 1e-7, "token 0 wins", (0,)),
        (0.5 - 1e-7, 0.5 - 1e-7, "coexistence", ()),
    ],
)
def test_phases(a: float, b: float, phase: str, winners: tuple[int, ...]) -> None:
    outcome = dynamics.regime([[a, 1 - a], [1 - b, b]])
    assert (outcome.phase, outcome.winners) == (phase, winners)
    assert outcome.exponent == tuple([(1 - a) / a, (1 - b) / b][w] for w in winners)
    assert outcome.meaning.count(". ") == 0
    assert outcome.meaning.endswith(".")
    is_certain = phase in {"token 0 wins", "token 1 wins", "coexistence"}
    assert (outcome.shares is not None) == is_certain


def test_the_meaning_names_the_winner_and_both_exponents() -> None:
    wins = dynamics.regime([[0.2, 0.8], [0.25, 0.75]]).meaning
    assert wins.startswith("Token 1 takes over")
    assert "count of token 0 grows like t**0.333" in wins
    either = dynamics.regime([[0.8, 0.2], [0.4, 0.6]]).meaning
    assert "t**0.25 if token 0 wins" in either
    assert "t**0.667 if token 1 wins" in either
    assert "share of token 0 tends to 0.368" in dynamics.regime([[0.3, 0.7], [0.6, 0.4]]).meaning
    assert "P[0, 0] = 0.5 and P[1, 1] = 0.7" in dynamics.regime([[0.5, 0.5], [0.3, 0.7]]).meaning


# Away from the borders, where a tolerance decides.
LIKELY = st.floats(0.02, 0.48) | st.floats(0.52, 0.98)


@given(LIKELY, LIKELY)
@settings(max_examples=60, deadline=None)
def test_the_regime_agrees_with_the_attractors(a: float, b: float) -> None:
    P = np.array([[a, 1 - a], [1 - b, b]])
    outcome = dynamics.regime(P)
    points = dynamics.attractors(P)
    singles = tuple(point.support[0] for point in points if len(point.support) == 1)
    assert outcome.winners == singles
    for w, exponent in zip(outcome.winners, outcome.exponent, strict=True):
        assert dynamics.growth_exponents(P, w)[1 - w] == pytest.approx(exponent, rel=1e-12)
    if outcome.shares is not None:
        (point,) = points
        np.testing.assert_allclose(outcome.shares, point.shares, atol=1e-9)
    if outcome.phase == "coexistence":
        assert outcome.shares is not None
        np.testing.assert_allclose(outcome.shares, coexisting(a, b), rtol=1e-9)
    swapped = dynamics.regime(P[::-1, ::-1])
    assert swapped.winners == tuple(sorted(1 - w for w in outcome.winners))
    assert swapped.exponent == outcome.exponent[::-1]


def test_the_regime_is_for_two_tokens() -> None:
    for P in ([[1.0]], THREE):
        with pytest.raises(ValueError, match="P must have 2 tokens for its phase, got"):
            dynamics.regime(P)


# Reversible chains.


@given(chains(reversible=True))
@settings(max_examples=30, deadline=None)
def test_symmetric_forms_are_reversible(P: Array) -> None:
    assert dynamics.is_reversible(P)
    A = dynamics.symmetric_form(P)
    assert (A == A.T).all()
    assert A.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(A / A.sum(axis=1, keepdims=True), P, rtol=1e-9)
    np.testing.assert_allclose(A.sum(axis=0), chain.stationary(P), rtol=1e-9)


def test_reversibility_is_the_criterion_of_kolmogorov() -> None:
    rng = np.random.default_rng(10)
    for K in (3, 4):
        P = random_reversible_chain(rng, K)
        bent = P.copy()
        bent[1, :2] += [1e-4, -1e-4]
        assert has_equal_cycles(P)
        assert not has_equal_cycles(bent)
        assert dynamics.is_reversible(P)
        assert not dynamics.is_reversible(bent)


def has_equal_cycles(P: Array) -> bool:
    """Return whether every cycle without repeated tokens is as probable in both directions."""
    for length in range(3, len(P) + 1):
        for cycle in itertools.permutations(range(len(P)), length):
            there = np.prod([P[i, j] for i, j in zip(cycle, cycle[1:] + cycle[:1], strict=True)])
            back = np.prod([P[j, i] for i, j in zip(cycle, cycle[1:] + cycle[:1], strict=True)])
            if abs(there / back - 1) > 1e-8:
                return False
    return True


def test_two_tokens_and_equal_rows_are_always_reversible() -> None:
    rng = np.random.default_rng(11)
    for _ in range(20):
        assert dynamics.is_reversible(random_chain(rng, 2, 0.2))
        assert dynamics.is_reversible(np.tile(random_chain(rng, 4)[0], (4, 1)))
        assert not dynamics.is_reversible(random_chain(rng, 3))
    assert dynamics.is_reversible([[1.0]])
    for refuse in (dynamics.symmetric_form, dynamics.local_maxima):
        with pytest.raises(ValueError, match="P must be reversible, but some cycle"):
            refuse(circulant(0.2, 0.6, 0.2))


def test_the_field_of_a_reversible_chain_is_the_gradient_form() -> None:
    rng = np.random.default_rng(12)
    for K in (2, 4):
        P, v = random_reversible_chain(rng, K), rng.dirichlet(np.ones(K))
        A = dynamics.symmetric_form(P)
        mu = chain.stationary(chain.frozen(P, v))
        np.testing.assert_allclose(mu, v * (A @ v) / (v @ A @ v), rtol=1e-9)


def climbed(A: Array, start: Array) -> Array:
    """Return the local maximum of v.T A v on the simplex that scipy climbs to."""
    answer = minimize(
        lambda v: -v @ A @ v,
        start,
        jac=lambda v: -2 * A @ v,
        method="SLSQP",
        bounds=[(0, 1)] * len(A),
        constraints={"type": "eq", "fun": lambda v: v.sum() - 1, "jac": np.ones_like},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    return np.asarray(answer.x)


def is_on_top(A: Array, v: Array, rng: np.random.Generator) -> bool:
    """Return whether v is higher than points near it, which leaves out a stop on a saddle."""
    near = 0.999 * v + 0.001 * rng.dirichlet(np.ones(len(A)), size=2000)
    return bool((np.einsum("ri,ij,rj->r", near, A, near) < v @ A @ v).all())


def test_local_maxima_are_where_an_optimiser_ends() -> None:
    rng = np.random.default_rng(13)
    for K in (2, 3, 4):
        for _ in range(6):
            P = random_reversible_chain(rng, K)
            A = dynamics.symmetric_form(P)
            A *= len(A) / np.trace(A)
            listed = dynamics.local_maxima(P)
            starts = rng.dirichlet(np.ones(K), size=12)
            tops = [v for v in (climbed(A, start) for start in starts) if is_on_top(A, v, rng)]
            assert tops
            for v in tops:
                assert np.abs(listed - v).max(axis=1).min() < 1e-4
            for v in listed:
                assert is_on_top(A, v, rng)


def test_attractors_of_a_reversible_chain_are_its_local_maxima_and_the_ends_of_the_flow() -> None:
    rng = np.random.default_rng(14)
    for K in (2, 3, 3, 4, 4, 5, 5, 6):
        P = random_reversible_chain(rng, K)
        # The flow needs its time where a rate is close to 0.
        while max(point.rates[0].real for point in dynamics.attractors(P)) > -0.05:
            P = random_reversible_chain(rng, K)
        maxima = dynamics.local_maxima(P)
        stable = np.array([point.shares for point in dynamics.attractors(P)])
        np.testing.assert_allclose(stable, maxima, atol=1e-9)
        near = 0.99 * maxima + 0.01 * rng.dirichlet(np.ones(K), size=len(maxima))
        ends = dynamics.flow_limits(P, np.concatenate([near, rng.dirichlet(np.ones(K), size=12)]))
        for reached, v in zip(ends.reached, maxima, strict=False):
            np.testing.assert_allclose(ends.limits[reached], v, atol=1e-4)
        assert (ends.reached >= 0).all()
        assert len(ends.limits) == len(maxima)


def test_degenerate_maxima_are_left_out() -> None:
    assert dynamics.local_maxima(np.full((2, 2), 0.5)).shape == (0, 2)
    assert dynamics.local_maxima([[0.5, 0.5], [0.3, 0.7]]).tolist() == [[0, 1]]
    np.testing.assert_allclose(
        dynamics.local_maxima([[0.3, 0.7], [0.6, 0.4]]), [coexisting(0.3, 0.4)], rtol=1e-12
    )


# Where the flow ends.


def test_the_flow_ends_at_attractors_where_it_settles() -> None:
    rng = np.random.default_rng(15)
    for K in (2, 3, 3, 3, 4, 5):
        P = random_chain(rng, K)
        ends = dynamics.flow_limits(P, rng, R=12)
        assert (ends.reached >= 0).all()
        stable = np.array([point.shares for point in dynamics.attractors(P)])
        for v in ends.limits:
            assert np.abs(stable - v).max(axis=1).min() < 1e-5


def test_a_cycle_of_three_never_settles_beside_a_stable_centre() -> None:
    P = circulant(0.4, 0.5, 0.1)
    assert [point.support for point in dynamics.attractors(P)] == [(0, 1, 2)]
    ends = dynamics.flow_limits(P, [[98, 1, 1], [34, 33, 33], [1, 98, 1]])
    assert ends.reached.tolist() == [-1, 0, -1]
    np.testing.assert_allclose(ends.limits, [[1 / 3] * 3], atol=1e-6)


def test_the_turns_of_a_cycle_get_longer() -> None:
    path = dynamics.mean_field(circulant(0.4, 0.5, 0.1), [98, 1, 1], np.arange(0, 3000))
    leader = path.argmax(axis=1)
    changes = np.flatnonzero(np.diff(leader))
    assert (np.diff(leader)[changes] % 3 == 1).all()
    ratio = np.diff(changes)[1:] / np.diff(changes)[:-1]
    # The limit is the contraction 1 - b/d = 3/4 over the expansion f/d - 1 = 1/4.
    assert (np.diff(ratio) > 0).all()
    assert ratio[-1] == pytest.approx(3, abs=0.1)


def test_limits_are_sorted_by_how_many_starts_reach_them() -> None:
    starts = [[1, 9], [9, 1], [8, 2], [7, 3]]
    ends = dynamics.flow_limits([[0.7, 0.3], [0.3, 0.7]], starts)
    assert ends.reached.tolist() == [1, 0, 0, 0]
    np.testing.assert_allclose(ends.limits, [[1, 0], [0, 1]], atol=1e-7)
    np.testing.assert_allclose(ends.ends, ends.limits[ends.reached], atol=1e-7)
    np.testing.assert_allclose(ends.starts, np.array(starts) / 10)


def test_a_missing_token_cannot_keep_the_flow_from_settling() -> None:
    P = [[0.3, 0.7], [0.6, 0.4]]
    ends = dynamics.flow_limits(P, np.array([[1, 0], [1, 1e-30]]))
    assert (ends.reached == [0, 1]).all()
    assert ends.limits[0].tolist() == [1, 0]
    np.testing.assert_allclose(ends.limits[1], coexisting(0.3, 0.4), atol=1e-7)


def test_a_rare_token_that_invades_keeps_the_flow_from_settling() -> None:
    ends = dynamics.flow_limits([[0.45, 0.55], [0.6, 0.4]], [[1, 1e-300]], longest=100)
    assert ends.reached.tolist() == [-1]
    assert ends.ends[0, 0] == pytest.approx(1)


def test_a_flow_that_is_left_early_or_slow_did_not_settle() -> None:
    P = np.array([[0.7, 0.3], [0.6, 0.4]])
    assert dynamics.flow_limits(P, [[1, 1]], longest=3).reached.tolist() == [-1]
    assert dynamics.flow_limits(P, [[1, 1]], longest=3).limits.shape == (0, 2)
    early = dynamics.flow_limits(P, [[1, 1]], longest=11).ends
    np.testing.assert_allclose(early, dynamics.mean_field(P, [[1, 1]], [0, 11])[1], rtol=1e-7)
    border = dynamics.flow_limits([[0.5, 0.5], [0.3, 0.7]], [[9, 1]], longest=20)
    assert border.reached.tolist() == [-1]


def test_the_urn_of_polya_rests_wherever_it_starts() -> None:
    ends = dynamics.flow_limits(np.full((3, 3), 1 / 3), np.random.default_rng(16), R=4)
    assert ends.reached.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(ends.limits, ends.starts, atol=1e-12)


def test_drawn_starts_come_from_the_generator() -> None:
    first = dynamics.flow_limits(TWO, np.random.default_rng(17), R=3)
    again = dynamics.flow_limits(TWO, np.random.default_rng(17), R=3)
    assert (first.starts == again.starts).all()
    assert first.starts.shape == (3, 2)
    assert len(dynamics.flow_limits(TWO, np.random.default_rng(17)).starts) == 64
    with pytest.raises(ValueError, match="read-only"):
        first.ends[0] = 0


@pytest.mark.parametrize(
    ("starts", "options", "said"),
    [
        ([1, 1], {}, r"starts must be a table with one or more starts.*\(2,\)"),
        (np.zeros((0, 2)), {}, r"starts must be a table with one or more starts.*\(0, 2\)"),
        ([[1, 1, 1]], {}, "starts must hold a count for each of the 2 tokens"),
        ([[1, 1]], {"longest": 0}, r"longest must be a positive log length, got 0\.0"),
        ([[1, 1]], {"longest": [1]}, "longest must be 0-dimensional"),
        (np.random.default_rng(0), {"R": 0}, "R must be a whole number from 1"),
    ],
)
def test_flow_limits_refuses(starts: Any, options: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        dynamics.flow_limits(TWO, starts, **options)


# The atlas of random chains.


def test_a_random_chain_has_one_self_dominant_token_on_average() -> None:
    # Each token is the largest entry of its own row with probability 1/K, independently.
    # Bounds of 4 standard errors: one false alarm in 16 000 for each K.
    rng = np.random.default_rng(18)
    for K, draws in ((3, 400), (6, 200)):
        alone = 0
        for _ in range(draws):
            points = dynamics.attractors(rng.dirichlet(np.ones(K), size=K))
            assert points
            alone += sum(len(point.support) == 1 for point in points)
        assert abs(alone / draws - 1) < 4 * np.sqrt((1 - 1 / K) / draws)


# Shares of the sizes 1, 2, ... of the winning set, in 1000 other chains from random starts.
ATLAS = {3: [0.64, 0.28, 0.08], 8: [0.43, 0.28, 0.17, 0.085]}


@pytest.mark.parametrize("K", [3, 8])
def test_sizes_of_the_winning_set_follow_the_atlas(K: int) -> None:
    # Bounds of 4 standard errors, of both samples: a false alarm in fewer than 1 of 3000 runs.
    rng = np.random.default_rng(19)
    draws = 120
    sizes = np.zeros(K + 1)
    for _ in range(draws):
        P = rng.dirichlet(np.ones(K), size=K)
        end = dynamics.mean_field(P, rng.dirichlet(np.ones(K)), [0, 60])[1]
        # Some rare chains have a cycle and no attracting point; they count as no size.
        if points := dynamics.attractors(P):
            gaps = [np.abs(point.shares - end).max() for point in points]
            sizes[len(points[int(np.argmin(gaps))].support)] += 1
    for size, share in enumerate(ATLAS[K], start=1):
        error = np.sqrt(share * (1 - share) * (1 / draws + 1 / 1000))
        assert abs(sizes[size] / draws - share) < 4 * error + 0.005


def test_a_boosted_diagonal_leaves_a_single_winner() -> None:
    # At most 2 % of chains do otherwise; 6 or more of 60 happen once in 10 000 runs.
    rng = np.random.default_rng(20)
    single = 0
    for _ in range(60):
        P = 0.5 * rng.dirichlet(np.ones(3), size=3) + 0.5 * np.eye(3)
        end = dynamics.mean_field(P, rng.dirichlet(np.ones(3)), [0, 100])[1]
        single += end.max() > 0.9
    assert single > 54


# The random text itself.


def law_of_two(P: Array, counts: Array, last: int, T: int) -> Array:
    """Return the exact law of the generated copies of token 1 among T tokens."""
    law = np.zeros((T + 2, 2))
    law[0, last] = 1
    copies = np.arange(T + 2)
    for t in range(T):
        m = np.stack([counts[0] + t - copies, counts[1] + copies], axis=1).clip(0)
        step = (law / (m @ P.T)) @ P * m
        law[:, 0] = step[:, 0]
        law[1:, 1] = step[:-1, 1]
        law[0, 1] = 0
    return np.asarray(law[: T + 1].sum(axis=1))


def share_of_zero(counts: Array, T: int) -> Array:
    return np.asarray((counts[0] + T - np.arange(T + 1)) / (counts.sum() + T))


def test_the_exact_law_of_polya_is_flat() -> None:
    np.testing.assert_allclose(law_of_two(np.full((2, 2), 0.5), np.ones(2), 0, 50), 1 / 51)


@pytest.mark.parametrize(("a", "b"), [(0.1, 0.2), (0.2, 0.3)])
def test_coexisting_shares_settle_where_the_regime_says(a: float, b: float) -> None:
    P, counts = np.array([[a, 1 - a], [1 - b, b]]), np.ones(2)
    outcome = dynamics.regime(P)
    assert outcome.shares is not None
    spreads = []
    for T in (500, 2000):
        law, share = law_of_two(P, counts, 0, T), share_of_zero(counts, T)
        spreads.append(np.sqrt(law @ (share - outcome.shares[0]) ** 2))
    assert law @ share == pytest.approx(outcome.shares[0], abs=0.006)
    assert spreads[1] < 0.7 * spreads[0]


def test_a_text_follows_the_mean_field_on_average() -> None:
    P, counts, T = np.array([[0.3, 0.7], [0.6, 0.4]]), np.array([60.0, 20.0]), 1200
    mean = law_of_two(P, counts, 0, T) @ share_of_zero(counts, T)
    path = dynamics.mean_field(P, counts, [np.log(80), np.log(80 + T)])
    assert path[-1, 0] == pytest.approx(mean, abs=0.004)
    assert abs(path[0, 0] - mean) > 0.2


def test_one_winner_takes_over_and_the_loser_grows_with_its_exponent() -> None:
    P, counts = np.array([[0.8, 0.2], [0.8, 0.2]]), np.array([1.0, 1.0])
    # The expectation decays with the exponent of the typical text in this case.
    times = np.array([1000, 2000])
    means = [1 - law_of_two(P, counts, 0, T) @ share_of_zero(counts, T) for T in times]
    slope = np.log(means[1] / means[0]) / np.log(times[1] / times[0])
    (exponent,) = dynamics.regime(P).exponent
    assert slope == pytest.approx(exponent - 1, abs=0.01)


def test_luck_decides_between_two_winners() -> None:
    T, counts = 2000, np.ones(2)
    law = law_of_two(np.array([[0.8, 0.2], [0.2, 0.8]]), counts, 0, T)
    share = share_of_zero(counts, T)
    chances = [law[share < 0.1].sum(), law[share > 0.9].sum()]
    assert min(chances) > 0.2
    assert sum(chances) > 0.95


def simulated_log_counts(P: Array, times: list[int], R: int, rng: np.random.Generator) -> Array:
    """Return the mean logarithms of the counts at the times, over R texts that start alike."""
    K = len(P)
    m = np.ones((R, K))
    m[:, 0] += 2
    q = np.zeros(R, dtype=np.int64)
    rows = []
    for t in range(1, times[-1] + 1):
        cumulative = np.cumsum(m * P[q], axis=1)
        q = (cumulative < rng.random((R, 1)) * cumulative[:, -1:]).sum(axis=1)
        m[np.arange(R), q] += 1
        if t in times:
            rows.append(np.log(m).mean(axis=0))
    return np.array(rows)


def test_counts_of_three_tokens_grow_with_their_exponents() -> None:
    # Seed fixed; the standard error of a slope is below 0.01 (seen over 20 seeds), the slow
    # approach leaves about 0.03, so that the bound has a false alarm in fewer than 1 of 10 000.
    P = np.array([[0.7, 0.35 / 1.5, 0.1 / 1.5], [0.8, 0.1, 0.1], [0.8, 0.1, 0.1]])
    P /= P.sum(axis=1, keepdims=True)
    times = [500, 5000]
    log_counts = simulated_log_counts(P, times, 400, np.random.default_rng(21))
    slopes = (log_counts[1] - log_counts[0]) / np.log(times[1] / times[0])
    np.testing.assert_allclose(slopes, dynamics.growth_exponents(P, 0), atol=0.08)


# The room itself.


def test_every_public_name_is_listed_and_the_package_hides_the_rest() -> None:
    assert sorted(dynamics.__all__) == dynamics.__all__
    assert dynamics.mean_field is flow_room.mean_field
    for name in dynamics.__all__:
        assert getattr(dynamics, name).__doc__
