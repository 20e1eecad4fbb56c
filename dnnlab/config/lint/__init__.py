"""Advice on what acts but is unwise. A rule is a function from a config to findings; its name is the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .depth import saturating_depth
from .finding import Finding
from .selu import selu_dropout, selu_initializer
from .stopping import early_stopping_one_cycle
from .zeros import zeros_initializer

if TYPE_CHECKING:
    from ..experiment import Config

__all__ = ["CODES", "Finding", "lint"]

RULES = (zeros_initializer, selu_initializer, selu_dropout, saturating_depth, early_stopping_one_cycle)
CODES = tuple(rule.__name__ for rule in RULES)


def lint(config: Config) -> tuple[Finding, ...]:
    """The findings of all rules that `lint: {ignore: [...]}` does not silence."""
    ignored = set(config.experiment.lint.ignore)
    return tuple(finding for rule in RULES if rule.__name__ not in ignored for finding in rule(config))
