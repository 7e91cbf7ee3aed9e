"""Data of one's own: every learner gets other numbers, and the same ones on every machine.

A notebook draws its numbers from ``rng(STUDENT_ID, "mapping: task 1")``.
The grader draws the same ones from the same two strings, so nothing has to be stored or sent.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

import numpy as np
from numpy.typing import NDArray

from .chain import as_whole_number

__all__ = ["rng", "secret_seed", "seed", "transition_matrix"]

# Shorter keys can be found by trying them all.
SHORTEST_KEY = 16
SEED_BYTES = 16


def seed(student_id: str, exercise: str) -> int:
    """Return the seed that belongs to one learner and one exercise.

    Parameters
    ----------
    student_id : str
        The course ID as the learner types it; upper or lower case and spaces around it do not
        matter.  The empty ID is allowed and stands for practice.
    exercise : str
        The name of the exercise, not empty.

    Returns
    -------
    int
        A whole number from 0 to 2**128 - 1, the same on every machine.

    Raises
    ------
    ValueError
        If the ID is no text, or if the exercise is no text or is empty.

    Notes
    -----
    The seed is not secret: who knows an ID can compute it.

    Examples
    --------
    >>> seed("ada", "mapping") == seed("  Ada ", "mapping")
    True
    >>> seed("ada", "mapping") == seed("bob", "mapping")
    False
    """
    return int.from_bytes(hashlib.sha256(_message(student_id, exercise)).digest()[:SEED_BYTES])


def rng(student_id: str, exercise: str) -> np.random.Generator:
    """Return a new random generator that belongs to one learner and one exercise.

    Parameters
    ----------
    student_id : str
        The course ID, as for :func:`seed`.
    exercise : str
        The name of the exercise, not empty.

    Returns
    -------
    numpy.random.Generator
        A fresh one at each call; it starts at the same place each time.

    Raises
    ------
    ValueError
        As :func:`seed`.

    Examples
    --------
    >>> rng("ada", "mapping").integers(100, size=3)
    array([71,  0, 61])
    """
    return np.random.default_rng(seed(student_id, exercise))


def secret_seed(course_key: bytes, student_id: str, exercise: str) -> int:
    """Return a seed that nobody can compute without the key of the course.

    Parameters
    ----------
    course_key : bytes
        The key, at least 16 bytes, which the learners never see.
    student_id : str
        The course ID, as for :func:`seed`.
    exercise : str
        The name of the exercise, not empty.

    Returns
    -------
    int
        A whole number from 0 to 2**128 - 1, the same on every machine that has the key.

    Raises
    ------
    ValueError
        As :func:`seed`, and if the key is no bytes or is too short.

    Notes
    -----
    The seed is an HMAC [1]_ with SHA-256.

    References
    ----------
    .. [1] H. Krawczyk, M. Bellare, R. Canetti, "HMAC: Keyed-Hashing for Message Authentication",
       RFC 2104, 1997.

    Examples
    --------
    >>> key = bytes(range(16))
    >>> secret_seed(key, "Ada", "mapping") == secret_seed(key, "ada", "mapping")
    True
    >>> secret_seed(key, "ada", "mapping") == seed("ada", "mapping")
    False
    """
    if not isinstance(course_key, bytes):
        raise ValueError(f"course_key must be bytes, got a {type(course_key).__name__}.")
    if len(course_key) < SHORTEST_KEY:
        raise ValueError(
            f"course_key must hold at least {SHORTEST_KEY} bytes, got {len(course_key)}."
        )
    digest = hmac.digest(course_key, _message(student_id, exercise), "sha256")
    return int.from_bytes(digest[:SEED_BYTES])


def transition_matrix(rng: np.random.Generator, K: int, steps: int = 20) -> NDArray[np.float64]:
    """Draw a positive transition matrix whose entries are easy to work with by hand.

    Parameters
    ----------
    rng : numpy.random.Generator
        The source of randomness.
    K : int
        Size of the vocabulary, from 1 to 8.
    steps : int
        Every entry is a multiple of 1 / steps; at least K (K + 1) / 2.

    Returns
    -------
    ndarray of shape (K, K), float64
        Rows sum to 1, and the entries of a row are positive and all different, so that no slip
        goes unnoticed.  Every such row is equally likely, independently of the others.

    Raises
    ------
    ValueError
        If the generator or one of the numbers is not as above.

    Examples
    --------
    >>> transition_matrix(rng("ada", "mapping"), K=3)
    array([[0.2 , 0.35, 0.45],
           [0.2 , 0.65, 0.15],
           [0.25, 0.6 , 0.15]])
    """
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy random Generator, got a {type(rng).__name__}.")
    size = as_whole_number(K, "K", most=8)
    least = size * (size + 1) // 2
    steps = as_whole_number(steps, "steps", least=least)
    return np.array([_different_parts(rng, size, steps) for _ in range(size)]) / steps


def _different_parts(rng: np.random.Generator, K: int, steps: int) -> NDArray[np.int64]:
    """Cut a stick of whole length into K pieces of different whole lengths."""
    while True:
        # A permutation gives every set of K - 1 cuts alike.
        cuts = np.sort(rng.permutation(steps - 1)[: K - 1] + 1)
        parts = np.diff(cuts, prepend=0, append=steps)
        if len(set(parts.tolist())) == K:
            return parts


def _message(student_id: str, exercise: str) -> bytes:
    """Return both names as bytes, so that no two pairs of names give the same."""
    if not isinstance(student_id, str):
        raise ValueError(
            f'student_id must be text in quotes, such as "ada", got {student_id!r} of type '
            f"{type(student_id).__name__}."
        )
    if not isinstance(exercise, str) or not exercise.strip():
        raise ValueError(f"exercise must be the name of an exercise, got {exercise!r}.")
    # One letter can be written with one or with two characters; both are the same ID.
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", student_id).casefold())
    return f"{len(exercise)}:{exercise}{normal.strip()}".encode("utf-8", "surrogatepass")
