"""Decoding rules as samplers use them."""

from __future__ import annotations

from typing import Any

from ccmc_teach.decoding import Rule

__all__ = ["as_rule"]


def as_rule(rules: Any) -> Rule | None:
    """Return the rule, or refuse what is none.

    Parameters
    ----------
    rules : Rule or None

    Returns
    -------
    Rule or None
        ``None`` also for a rule without any setting, which leaves every law as it is.

    Raises
    ------
    ValueError
        If rules is anything else.

    Examples
    --------
    >>> as_rule(None) is None
    True
    """
    if rules is not None and not isinstance(rules, Rule):
        raise ValueError(
            "rules must be None or made by ccmc_teach.decoding.rules, such as "
            f"rules(temperature=1.3), got {rules!r}."
        )
    return rules if rules is not None and rules.settings else None
