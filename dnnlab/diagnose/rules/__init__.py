"""The rules, one a file. Verdicts of equal severity are reported in the order of `RULES`."""

from __future__ import annotations

from .batchnorm_mismatch import batchnorm_mismatch
from .class_imbalance import class_imbalance
from .clipping_always_active import clipping_always_active
from .collapsed_predictions import collapsed_predictions
from .dead_units import dead_units
from .diverged import diverged
from .dropout_too_strong import dropout_too_strong
from .exploding_gradients import exploding_gradients
from .learning_rate_too_high import learning_rate_too_high
from .learning_rate_too_low import learning_rate_too_low
from .noisy_loss import noisy_loss
from .not_learning import not_learning
from .oscillating import oscillating
from .overfitting import overfitting
from .penalty_dominates import penalty_dominates
from .plateau import plateau
from .saturated_units import saturated_units
from .symmetric_initialization import symmetric_initialization
from .underfitting import underfitting
from .unlearnable_labels import unlearnable_labels
from .unscaled_inputs import unscaled_inputs
from .unscaled_targets import unscaled_targets
from .validation_turned import validation_turned
from .vanishing_gradients import vanishing_gradients
from .worse_than_linear import worse_than_linear

# What is wrong with data and start comes before what is wrong with steps, that before how it ends.
RULES = (
    symmetric_initialization,
    unscaled_inputs,
    unscaled_targets,
    exploding_gradients,
    vanishing_gradients,
    learning_rate_too_high,
    learning_rate_too_low,
    clipping_always_active,
    penalty_dominates,
    dropout_too_strong,
    batchnorm_mismatch,
    saturated_units,
    dead_units,
    class_imbalance,
    unlearnable_labels,
    noisy_loss,
    oscillating,
    diverged,
    not_learning,
    collapsed_predictions,
    overfitting,
    validation_turned,
    underfitting,
    worse_than_linear,
    plateau,
)
