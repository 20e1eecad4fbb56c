"""Advice on configs that can be trained but are unwise.

A rule is a function from a config to findings; its name is the code.
"""

from __future__ import annotations

from ..config import Config
from ..finding import Finding
from .adagrad import adagrad_depth
from .augmenting import augment_changes_label
from .batch_norm import dropout_before_batch
from .decay import two_decays
from .depth import saturating_depth
from .patience import patience_too_long
from .relu import relu_initializer
from .reuse import reuse_full_rate, unfreeze_at_once, unfreeze_from_below
from .schedules import momentum_in_cycle, schedule_too_long
from .selu import selu_dropout, selu_initializer, selu_inputs
from .small_batches import rprop_batches, small_batch_rate
from .small_layers import dropout_small_layer
from .stopping import early_stopping_one_cycle
from .targets import unscaled_targets
from .zeros import zeros_initializer

__all__ = ["CODES", "Finding", "lint"]

RULES = (
    zeros_initializer,
    selu_initializer,
    selu_dropout,
    selu_inputs,
    relu_initializer,
    saturating_depth,
    dropout_before_batch,
    dropout_small_layer,
    adagrad_depth,
    two_decays,
    small_batch_rate,
    rprop_batches,
    schedule_too_long,
    patience_too_long,
    early_stopping_one_cycle,
    momentum_in_cycle,
    augment_changes_label,
    reuse_full_rate,
    unfreeze_at_once,
    unfreeze_from_below,
    unscaled_targets,
)
CODES = tuple(rule.__name__ for rule in RULES)


def lint(config: Config) -> tuple[Finding, ...]:
    """The findings of all rules that `lint: {ignore: [...]}` does not switch off."""
    ignored = set(config.experiment.lint.ignore)
    return tuple(finding for rule in RULES if rule.__name__ not in ignored for finding in rule(config))
