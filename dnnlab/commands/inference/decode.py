"""Decode the outputs of a net: classes, labels, numbers in their own units, or reconstructed inputs."""

from __future__ import annotations

import numpy as np

from ...nn.batch import Task

CLASSES, LABELS, NUMBERS, RECONSTRUCTION = "classes", "labels", "numbers", "reconstruction"
_WORDS = {"index": CLASSES, "multi": LABELS, "real": NUMBERS}
Array = np.ndarray


def task_word(task: Task, copies: bool) -> str:
    """classes, labels, numbers, or reconstruction if the net learns its own inputs."""
    return RECONSTRUCTION if copies else _WORDS[task.target]


def two_columns(outputs: Array) -> Array:
    """Logits of classes, (rows, classes); one output z of two classes is the pair (0, z)."""
    return outputs if outputs.shape[1] > 1 else np.concatenate([np.zeros_like(outputs), outputs], axis=1)


def own_units(values: Array, task: Task) -> Array:
    """Outputs or targets of a net for numbers, (rows, targets), in the targets' own units."""
    units: Array = values * np.asarray(task.scale) + np.asarray(task.offset)
    return units


def log_softmax(logits: Array) -> Array:
    """The log of each class's probability, (rows, classes)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs


def sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-z)), without overflow."""
    chances: Array = np.exp(-np.logaddexp(0, -logits))
    return chances
