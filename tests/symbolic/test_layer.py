"""The next-token law of the layer: the lines are true, for one prompt and for all short ones."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from ccmc_teach import attention, chain, symbolic
from ccmc_teach.symbolic import DerivationError
from ccmc_teach.symbolic import layer as layer_module
from symbolic.evaluation import made, number, random_layer, value

# --- The derivations of the course are true -------------------------------------------------------


@pytest.mark.parametrize("prompt", [(0, 1, 0), (2,), (1, 2, 1, 0), (0, 0, 0, 0), (2, 1, 0, 2)])
def test_the_lines_for_one_prompt_are_the_layer_itself(prompt: tuple[int, ...]) -> None:
    env = random_layer(np.random.default_rng(11), size=3, length=4)
    E, W, q = env["E"], env["W"], prompt[-1]
    for place, (token, weight) in enumerate(
        zip(prompt, attention.attention_weights(prompt, W, E), strict=True), start=1
    ):
        env |= {f"a_{place}": weight, f"s_{place}": E[token] @ W @ E[q]}
    env |= {f"e_{token}": E[token][:, None] for token in range(3)}
    env["m"] = np.bincount(prompt, minlength=3)
    derivation = symbolic.attention_is_a_chain(prompt, longest=1)
    by_attention = attention.attention_law(prompt, W, E)
    for step in derivation.steps:
        np.testing.assert_allclose(number(step.expression, env)[:, 0], by_attention, atol=1e-12)
    by_counting = chain.next_token_law(env["P"], [env["m"]], [q])[0]
    np.testing.assert_allclose(number(derivation.final, env)[:, 0], by_counting, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_lines_for_any_K_are_the_layer_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    env = random_layer(rng, size=int(rng.integers(2, 6)), length=int(rng.integers(1, 7)))
    law = attention.attention_law(env["x"], env["W"], env["E"])
    derivation = symbolic.attention_is_a_chain_for_any_K()
    for token, step in itertools.product(range(env["K"]), derivation.steps):
        assert value(step.expression, env | {"j": token}) == pytest.approx(law[token], abs=1e-12)


# --- All short prompts ----------------------------------------------------------------------------


def test_all_prompts_of_up_to_four_tokens_are_proved() -> None:
    derivation = made(symbolic.attention_is_a_chain)
    assert isinstance(derivation, symbolic.PromptDerivation)
    expected = [p for length in range(1, 5) for p in itertools.product(range(3), repeat=length)]
    assert sorted(derivation.prompts) == sorted(expected)
    assert derivation.prompts_proved == len(set(derivation.prompts)) == 120
    assert "all 120 prompts of 1 to 4 tokens" in derivation._repr_html_()


def test_a_longer_prompt_is_proved_as_well() -> None:
    derivation = symbolic.attention_is_a_chain((0, 1, 1, 0, 1), K=2, longest=2)
    assert derivation.prompts_proved == 2 + 4 + 1
    assert derivation.prompts[-1] == (0, 1, 1, 0, 1)
    assert derivation.final.shape == (2, 1)


def test_an_absent_token_has_probability_zero() -> None:
    derivation = symbolic.attention_is_a_chain((0, 1, 0), longest=1)
    assert derivation.steps[-2].expression.as_explicit()[2] == 0


def test_one_prompt_that_fails_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def rotated(prompt: Any, values: Any, K: int) -> list[Any]:
        entries = true_entries(prompt, values, K)
        return entries[1:] + entries[:1] if prompt == (2, 1, 2) else entries

    true_entries = layer_module._by_token
    monkeypatch.setattr(layer_module, "_by_token", rotated)
    assert symbolic.attention_is_a_chain(longest=2).prompts_proved == 13
    with pytest.raises(DerivationError, match="line 3 of"):
        symbolic.attention_is_a_chain(longest=3)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"prompt": ()}, "prompt must"),
        ({"prompt": (0, 3)}, "prompt must hold tokens from 0 to 2"),
        ({"prompt": (0.5,)}, "prompt must"),
        ({"prompt": None}, "prompt must"),
        ({"K": 0}, "K must be a whole number from 1 to 10"),
        ({"K": 11}, "K must be a whole number from 1 to 10"),
        ({"longest": 0}, "longest must be a whole number"),
        ({"longest": 2.0}, "longest must be a whole number"),
        ({"longest": 7}, "longest must leave at most 2000 prompts"),
        ({"longest": 10**8}, "longest must leave at most 2000 prompts"),
    ],
)
def test_bad_prompts_get_a_sentence(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        symbolic.attention_is_a_chain(**arguments)
