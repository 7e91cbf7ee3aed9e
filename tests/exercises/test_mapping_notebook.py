"""The notebook ``mapping``: its mathematics, its tests, and what learners see of both."""

from __future__ import annotations

import ast
import io
import re
from collections import Counter
from contextlib import redirect_stdout
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy as sp
from ccmc_grading import masters
from exercise_material import COLOUR, ROOT, given_names, marks, master, points, prepared, released
from exercise_material import with_answers as answered
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from ccmc_teach import attention, chain

STUDENTS = ["ada", "bob", ""]
MANY = [f"student {number}" for number in range(300)]
BY_MACHINE = 17
BY_A_PERSON = 3
GIVEN = given_names("")


def name_of(answer: Any) -> str:
    return str(answer.name)


@cache
def marks_of(name: str) -> dict[str, Any]:
    """Return the marks of a mutant."""
    (mutant,) = (each for each in prepared().MUTANTS if each.name == name)
    return marks(answered(master(), mutant.cells), prepared().STUDENT)


# The reference, the blank release, and the prepared answers.


@pytest.mark.parametrize("student", [*STUDENTS, "ZOË", "student 17"])
def test_the_reference_gets_full_marks(student: str) -> None:
    found = marks(master(), student)
    assert {name: mark.message for name, mark in found.items() if mark.passed is False} == {}
    assert points(found) == BY_MACHINE
    unread = [mark for mark in found.values() if mark.passed is None]
    assert [(mark.name, mark.most) for mark in unread] == [("task-5", BY_A_PERSON)]


def test_the_blank_release_gets_nothing() -> None:
    found = marks(released(), "ada")
    assert points(found) == 0
    assert [name for name, mark in found.items() if mark.passed is not False] == []
    assert all(re.match(r"there is no (answer|`\w+`)", mark.message) for mark in found.values())


@pytest.mark.parametrize("mutant", prepared().MUTANTS, ids=name_of)
def test_a_mutant_loses_what_it_must_and_is_told_why(mutant: Any) -> None:
    found = marks_of(mutant.name)
    failed = {name: mark.message for name, mark in found.items() if mark.passed is False}
    assert set(failed) == set(mutant.fails)
    assert BY_MACHINE - points(found) == mutant.loses
    for name, part in mutant.fails.items():
        assert part, "every lost point comes with a message of its own"
        assert part in failed[name]


@pytest.mark.parametrize("answer", prepared().UNUSUAL, ids=name_of)
def test_a_right_answer_in_another_form_loses_nothing(answer: Any) -> None:
    for student in ("ada", "bob"):
        found = marks(answered(master(), answer.cells), student)
        assert {name: mark.message for name, mark in found.items() if mark.passed is False} == {}
        assert points(found) == BY_MACHINE


def test_there_are_enough_prepared_answers() -> None:
    mutants, unusual = prepared().MUTANTS, prepared().UNUSUAL
    assert len(mutants) >= 20
    assert len(unusual) >= 5
    names = Counter(answer.name for answer in [*mutants, *unusual])
    assert set(names.values()) == {1}
    assert all(mutant.loses > 0 for mutant in mutants)
    assert all(not answer.fails and not answer.loses for answer in unusual)


def test_every_test_is_failed_by_a_mutant() -> None:
    failed = {name for mutant in prepared().MUTANTS for name in mutant.fails}
    assert failed == {cell.id for cell in master().cells if masters.is_test(cell)}


def test_every_hint_is_given_to_somebody() -> None:
    source = "\n".join(cell.source for cell in master().cells if masters.is_test(cell))
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    texts = {node.value for node in nodes if isinstance(node.value, str)} - docstrings(source)
    hints = {text for text in texts if text[-1:] in (".", "?") and " " in text}
    heard = "\n".join(
        mark.message
        for mutant in prepared().MUTANTS
        for mark in marks_of(mutant.name).values()
        if not mark.passed
    )
    assert len(hints) > 60
    assert {hint for hint in hints if hint not in heard} == set()


def docstrings(source: str) -> set[str | None]:
    """Return the docstrings of the functions in a source."""
    nodes = ast.walk(ast.parse(source))
    return {ast.get_docstring(node) for node in nodes if isinstance(node, ast.FunctionDef)}


# Data of one's own.


def test_a_friends_numbers_are_wrong_for_you() -> None:
    bob = given_names("bob")
    with redirect_stdout(io.StringIO()):
        for cell in master().cells:
            if masters.is_answer(cell) and cell.cell_type == "code":
                exec(cell.source, bob)
    copied = {
        "task-1": f"law = {bob['law'].tolist()}\ntwice = {bob['twice']}",
        "task-2": f"copies = {bob['copies']}",
        "task-3": f"odds = m_i / m_j * sp.exp(theta_i - theta_j)\nchange = sp.{bob['change']!r}",
        "task-6-matrix": f"P_out_of_reach = {bob['P_out_of_reach'].tolist()}",
    }
    assert points(marks(answered(master(), copied), "bob")) == BY_MACHINE
    found = marks(answered(master(), copied), "ada")
    lost = {name for name, mark in found.items() if mark.most and mark.passed is False}
    assert lost == {
        "task-1-law",
        "task-1-twice",
        "task-2-value",
        "task-3-unseen",
        "task-3-whole-family",
        "task-6-out-of-reach",
    }


def test_learners_have_different_numbers() -> None:
    seen = Counter(
        (*GIVEN["draw_task_1"](student)[1].tolist(), *GIVEN["draw_task_2"](student)[1].tolist())
        for student in MANY
    )
    assert max(seen.values()) == 1


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_case_and_space_of_an_id_do_not_matter(number: int) -> None:
    draw = GIVEN[f"draw_task_{number}"]
    assert str(draw(" ADA ")) == str(draw("ada"))


# The mathematics of the tasks, against the attention layer itself.


def law_by_attention(P: Any, prompt: list[int]) -> Any:
    """Return the law of the next token by a layer that has the base chain P."""
    E = np.random.default_rng(0).normal(size=(len(P), len(P) + 2))
    return attention.attention_law(prompt, attention.key_query_matrix(P, E), E)


def test_task_1_is_what_the_layer_does() -> None:
    for student in MANY[:10]:
        P, prompt, again = GIVEN["draw_task_1"](student)
        law = law_by_attention(P, prompt)
        twice = law[again] * law_by_attention(P, [*prompt, again])[again]
        answer = {"task-1": f"law = {law.tolist()}\ntwice = {twice}"}
        found = marks(answered(master(), answer), student)
        assert found["task-1-law"].passed
        assert found["task-1-twice"].passed


def test_task_1_has_data_in_which_slips_show() -> None:
    for student in MANY:
        P, prompt, again = GIVEN["draw_task_1"](student)
        m = np.bincount(prompt, minlength=4)
        assert sorted(m)[0] == 0
        assert len({*m.tolist()}) == 4
        assert again in prompt
        assert again != prompt[-1]
        law = chain.next_token_law(P, [m], prompt[-1:])[0]
        # The visible check takes these two for slips, so they must never be right.
        assert abs(law - m / m.sum()).max() > 0.005
        assert abs(law - P[prompt[-1]]).max() > 0.005
        assert law[m > 0].min() > 0.003


def test_task_2_is_what_the_layer_does() -> None:
    for student in MANY[:10]:
        m, row = GIVEN["draw_task_2"](student)
        P = np.array([row, row, row, row])
        prompt = [*np.repeat(np.arange(4), m).tolist(), 0]
        prompt.remove(0)
        added = 0
        while law_by_attention(P, [3] * added + prompt)[3] < 0.5:
            added += 1
        found = marks(answered(master(), {"task-2": f"copies = {added}"}), student)
        assert found["task-2-value"].passed, student


def test_task_2_never_has_a_tie() -> None:
    for student in MANY:
        m, row = GIVEN["draw_task_2"](student)
        percent = (100 * row).round().astype(int)
        assert np.abs(100 * row - percent).max() < 1e-9
        assert percent.sum() == 100
        assert percent.min() > 0
        assert m.min() > 0
        # An odd number is no multiple of an even one.
        assert (m[:3] @ percent[:3]) % 2 == 1
        assert percent[3] % 2 == 0


def test_task_3_no_law_notices_the_family_and_every_other_change_is_noticed() -> None:
    E = GIVEN["draw_task_3"]("ada")
    embeddings = np.array(E, dtype=float)
    rng = np.random.default_rng(3)
    v = np.linalg.solve(embeddings, np.ones(2))
    for _ in range(20):
        W, b = rng.normal(size=(2, 2)) / 50, rng.normal(size=2) / 50
        P = attention.transition_matrix(W, embeddings)
        unseen = attention.transition_matrix(W + np.outer(v, b), embeddings)
        seen = attention.transition_matrix(W + np.outer(rng.normal(size=2), b), embeddings)
        assert np.abs(unseen - P).max() < 1e-12
        assert np.abs(seen - P).max() > 1e-6
    # The family has two dimensions, and the visible part has K (K - 1) = 2 of the 4.
    assert E.shape == (2, 2)


def test_task_3_has_data_in_which_slips_show() -> None:
    for student in MANY:
        E = GIVEN["draw_task_3"](student)
        v, wrong = E.solve(sp.ones(2, 1)), E.T.solve(sp.ones(2, 1))
        assert v[0] * v[1] != 0
        assert v[0] != v[1]
        # Columns for rows, and a transposed answer, are other families.
        assert (v.T * sp.Matrix([wrong[1], -wrong[0]]))[0] != 0


@given(st.integers(0, 2**32), st.integers(2, 6), st.integers(1, 5))
def test_task_4_recovers_the_row_that_the_layer_used(seed: int, K: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    P = rng.dirichlet(np.ones(K), size=K) * 0.9 + 0.1 / K
    q = int(rng.integers(K))
    prompts = [[*rng.integers(K, size=rng.integers(0, 6)).tolist(), q] for _ in range(n)]
    prompts.append([*range(K), q])
    laws = np.array([law_by_attention(P, prompt) for prompt in prompts])
    # Copying through real embeddings leaves a trace of rounding on absent tokens.
    laws[abs(laws) < 1e-12] = 0
    recover_row = _reference("recover_row")
    row = recover_row(q, chain.counts(prompts, K), laws)
    assert row is not None
    assert np.abs(row - P[q]).max() < 1e-7


def test_task_4_tells_chains_from_other_rules() -> None:
    recover_row = _reference("recover_row")
    M = np.array([[3, 1, 0], [1, 2, 2]])
    row = np.array([0.5, 0.3, 0.2])
    laws = M * row / (M @ row)[:, None]
    assert np.allclose(recover_row(0, M, laws), row)
    softened = np.exp(laws) / np.exp(laws).sum(axis=1, keepdims=True)
    squares = M**2 * row / (M**2 @ row)[:, None]
    assert recover_row(0, M, softened) is None
    assert recover_row(0, M, squares) is None


@given(st.integers(0, 2**32), st.integers(3, 6))
def test_task_6_the_row_is_dictated_for_every_layer(seed: int, K: int) -> None:
    rng = np.random.default_rng(seed)
    d = int(rng.integers(2, 5))
    a, b = rng.uniform(-2, 2, size=2)
    E = rng.normal(size=(K, d))
    E[2] = a * E[0] + b * E[1]
    W = rng.normal(size=(d, d)) / d
    P = attention.transition_matrix(W, E)
    row = _reference("owl_row")(P[0], P[1], a, b)
    assert np.abs(row - P[2]).max() < 1e-9


def test_task_6_some_layer_has_the_first_two_rows() -> None:
    # The scores of query q are log P_q + c_q, and c_q is what makes the scores of owl fit.
    for student in MANY[:40]:
        cat_row, dog_row, a, b = GIVEN["draw_task_6"](student)
        logs = np.log([cat_row, dog_row])
        c = (a * logs[:, 0] + b * logs[:, 1] - logs[:, 2]) / (1 - a - b)
        E = np.array([[1.0, 0.0], [1.0, 1.0], [a + b, b]])
        inverse = np.linalg.inv(E[:2])
        W = inverse @ (logs + c[:, None])[:, :2].T @ inverse.T
        P = attention.transition_matrix(W, E)
        assert np.abs(P[:2] - [cat_row, dog_row]).max() < 1e-9
        assert np.abs(P[2] - _reference("owl_row")(cat_row, dog_row, a, b)).max() < 1e-9


def test_task_6_no_layer_comes_near_the_reference() -> None:
    # Least squares over all W and all constants of the rows is exact, as the scores are linear.
    for student in MANY[:10]:
        namespace = given_names(student)
        for name in ("task-6", "task-6-matrix"):
            exec(next(cell.source for cell in master().cells if cell.id == name), namespace)
        a, b = namespace["a"], namespace["b"]
        E = np.array([[1.0, 0.0], [0.0, 1.0], [a, b]])
        reach = np.hstack([np.kron(E, E), np.kron(np.eye(3), np.ones((3, 1)))])
        wanted = np.log(namespace["P_out_of_reach"]).ravel()
        solution = np.linalg.lstsq(reach, wanted, rcond=None)[0]
        assert np.linalg.matrix_rank(reach) == 7
        assert np.abs(reach @ solution - wanted).max() > 0.01


def _reference(function: str) -> Any:
    namespace: dict[str, Any] = {"np": np}
    cells = [cell.source for cell in master().cells if f"def {function}(" in cell.source]
    exec(cells[0], namespace)
    return namespace[function]


# How the notebook is made.


def test_points_and_minutes_are_what_the_page_says() -> None:
    cells = {cell.id: cell for cell in master().cells}
    found: Counter[str] = Counter()
    for cell in cells.values():
        marks_of_cell = cell.metadata.get("nbgrader", {})
        if "points" in marks_of_cell:
            found["-".join(cell.id.split("-")[:2])] += marks_of_cell["points"]
    assert sum(found.values()) == BY_MACHINE + BY_A_PERSON
    rows = re.compile(r"^\| (\d)\. .* ([★☆]{3}) \| (\d+) \| (\d+) \|$", re.M)
    table = rows.findall(cells["title"].source)
    assert [row[0] for row in table] == list("123456")
    assert sum(int(row[2]) for row in table) == 45
    assert "| **together** | **45** | **20** |" in cells["title"].source
    for number, difficulty, minutes, most in table:
        head = cells[f"task-{number}-text"].source
        assert f"**{minutes} minutes · {difficulty} · {most} points" in head
        assert found[f"task-{number}"] == int(most)


def test_the_page_for_instructors_has_the_same_minutes_and_points() -> None:
    pattern = re.compile(r"^\| (\d)\. .* \| (\d+) \| (\d+) \|$", re.M)
    page = (ROOT / "chapters" / "reference" / "instructors.md").read_text(encoding="utf-8")
    rows = pattern.findall(page)
    assert len(rows) == 6
    assert rows == pattern.findall(master().cells[0].source)
    assert f"{BY_MACHINE} of its {BY_MACHINE + BY_A_PERSON} points" in page
    # "More than seventy" is what the page says.
    assert "More than seventy wrong answers" in page
    assert len(prepared().MUTANTS) > 70


def test_cells_are_named_as_their_graders_know_them() -> None:
    names = [cell.id for cell in master().cells]
    assert len(set(names)) == len(names)
    for cell in master().cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata["nbgrader"]["grade_id"] == cell.id
            assert cell.metadata["nbgrader"]["schema_version"] == 3
        else:
            assert (cell.id, cell.metadata["tags"]) == ("student-id", ["student-id"])


def test_no_test_ends_in_a_value() -> None:
    # nbgrader would take it for partial credit.
    for cell in master().cells:
        if masters.is_test(cell):
            assert not isinstance(ast.parse(cell.source).body[-1], ast.Expr), cell.id


def assigned(cells: list[Any]) -> set[str]:
    """Return the names that cells define for the cells after them."""
    names: set[str] = set()
    for cell in cells:
        for statement in ast.parse(cell.source).body:
            # What a block of a test assigns stays, what a function assigns does not.
            whole = not isinstance(statement, ast.FunctionDef)
            for node in ast.walk(statement) if whole else [statement]:
                if isinstance(node, ast.FunctionDef):
                    names.add(node.name)
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    names.add(node.id)
    return names


def code(keep: Any) -> list[Any]:
    """Return the code cells of the master of one kind."""
    return [cell for cell in master().cells if cell.cell_type == "code" and keep(cell)]


def test_names_are_given_or_answers_but_not_both() -> None:
    assert assigned(code(masters.is_given)) & assigned(code(masters.is_answer)) == set()


def test_a_check_leaves_the_names_of_other_tasks_alone() -> None:
    # Learners run cells in any order.
    for cell in code(masters.is_test):
        task = "-".join(cell.id.split("-")[:2])
        others = [each for each in code(lambda _: True) if not each.id.startswith(task)]
        theirs = assigned([each for each in others if not masters.is_test(each)])
        assert assigned([cell]) & theirs == set(), cell.id


def test_the_first_cell_says_how_to_get_the_package_and_keep_the_work() -> None:
    first = released().cells[0].source
    for words in ("Binder", "lost", "download", "pip install", "No module named 'ccmc_teach'"):
        assert words in first
    assert first.startswith("# ")


def test_code_fits_the_page() -> None:
    for cell in master().cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.split("\n"))) <= 100, cell.id
    for cell in released().cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.split("\n"))) < 80, cell.id
            assert cell.source.count("\n") < 30, cell.id


def test_the_site_folds_checks_and_leaves_out_cells_that_look_empty() -> None:
    for cell in released().cells:
        if masters.is_test(cell):
            empty = "with checks.task" not in cell.source
            assert cell.metadata.tags == ["remove-cell" if empty else "hide-input"]


# What a learner sees who runs the release as it is.


@pytest.fixture(scope="module")
def untouched() -> dict[str, Any]:
    """Run the release in a real kernel and return its cells."""
    notebook = released()
    NotebookClient(notebook, allow_errors=True, timeout=120).execute()
    return {cell.id: cell for cell in notebook.cells}


def test_every_check_gives_its_hint_and_no_traceback(untouched: dict[str, Any]) -> None:
    visible = [
        cell for cell in untouched.values() if masters.is_test(cell) and "with" in cell.source
    ]
    assert len(visible) == 5
    for cell in visible:
        (output,) = cell.outputs
        shown = COLOUR.sub("", "\n".join(output.traceback))
        number = cell.id.split("-")[1]
        assert shown.startswith(f"✗ Task {number}, not yet: there is no ")
        assert "Traceback" not in shown
        assert "File" not in shown
        assert shown.count("\n") <= 1


def test_given_cells_run_without_a_word_on_stderr(untouched: dict[str, Any]) -> None:
    for cell in untouched.values():
        if masters.is_given(cell) and cell.cell_type == "code":
            assert [output for output in cell.outputs if output.output_type == "error"] == []
            assert [output for output in cell.outputs if output.get("name") == "stderr"] == []


def test_cells_that_look_empty_are_silent(untouched: dict[str, Any]) -> None:
    hidden = [cell for cell in untouched.values() if cell.source.endswith("filled in for grading)")]
    assert len(hidden) == 11
    assert all(cell.outputs == [] for cell in hidden)
