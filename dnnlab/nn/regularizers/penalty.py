"""Penalties on weights: what they add to the loss, and their slope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from ..parameter_table import ParameterInfo, ParameterTable

Strength = Callable[[ParameterInfo], float | None]


@runtime_checkable
class SlopedPenalty(Protocol):
    """A term of the loss that knows its own slope."""

    def value(self) -> Tensor:
        """The term, a 0-dim tensor without a graph."""

    def add_slopes(self) -> None:
        """Add the slope of the term to the gradients of the parameters."""


class Penalty:
    """The sum over weights of l1 * |w| + l2 / 2 * w^2, weight by weight with strengths of its own.

    The slope, l1 * sign(w) + l2 * w, is known, so it is added to the gradients in place: autograd would pass
    over every weight several times more, and the value is not needed in every step.
    """

    def __init__(self, table: ParameterTable, l1: Strength, l2: Strength) -> None:
        weights = table.trained_weights()
        self._nothing = next((e.parameter.new_zeros(()) for e in weights), torch.zeros(()))
        self._absolute = _Term([(e.parameter, own) for e in weights if (own := l1(e))])
        # Under weight normalization the gain, whose square is the sum over a unit's weights in use.
        self._square = _Term([(e.parameter, own) for e in table.trained_weights("l2") if (own := l2(e))])
        self._adds_square = True

    @torch.no_grad()
    def value(self) -> Tensor:
        """What the loss is raised by, as a 0-dim tensor."""
        value = self._nothing
        if self._absolute.weights:
            value = value + self._absolute.weighted(
                torch.stack([w.abs().sum() for w in self._absolute.weights])
            )
        if self._square.weights:
            value = value + self._square.weighted(
                torch.stack(torch._foreach_norm(self._square.weights)).square_().div_(2)
            )
        return value

    @torch.no_grad()
    def add_slopes(self) -> None:
        """Add the slope to the weights' gradients."""
        if self._absolute.weights:
            self._absolute.add(self._absolute.signs())
        if self._adds_square and self._square.weights:
            self._square.add(self._square.weights)
        for weight in () if self._adds_square else self._square.weights:
            _gradient(weight)  # an optimizer passes over parameters without one

    def hand_over_l2(self) -> list[tuple[Tensor, float]]:
        """Leave the slope of the second term to an optimizer that adds strength * w itself.

        The value stays whole.
        """
        self._adds_square = False
        return list(zip(self._square.weights, self._square.strengths, strict=True))


class OfFunction:
    """A penalty that a function computes as a 0-dim tensor; autograd finds its slope."""

    def __init__(self, function: Callable[[], Tensor]) -> None:
        self._function = function

    @torch.no_grad()
    def value(self) -> Tensor:
        """See `Penalty`."""
        return self._function()

    def add_slopes(self) -> None:
        """See `Penalty`."""
        value = self._function()
        if value.requires_grad:  # it may concern no weight at all
            torch.autograd.backward(value)


def with_slopes(penalty: SlopedPenalty | Callable[[], Tensor]) -> SlopedPenalty:
    """The penalty itself if it knows its slope; a function gets the slope that autograd finds."""
    return penalty if isinstance(penalty, SlopedPenalty) else OfFunction(penalty)


class _Term:
    """The weights that one of the two terms acts on, with its strengths."""

    def __init__(self, found: list[tuple[Tensor, float]]) -> None:
        self.weights: list[Tensor] = [weight for weight, _ in found]
        self.strengths = [strength for _, strength in found]
        self.alike = len(set(self.strengths)) == 1
        self._places: list[Tensor] | None = None

    def weighted(self, numbers: Tensor) -> Tensor:
        """The sum of strength * number over the weights, 0-dim; numbers: one a weight."""
        return (
            numbers.sum() * self.strengths[0] if self.alike else numbers @ numbers.new_tensor(self.strengths)
        )

    def signs(self) -> list[Tensor]:
        """-1, 0 or 1 for each weight.

        On the CPU they are always in the same memory, which saves a part of the time.
        """
        if not self.weights[0].is_cpu:
            return list(torch._foreach_sign(self.weights))
        if self._places is None:
            self._places = [torch.empty_like(weight) for weight in self.weights]
        for weight, place in zip(self.weights, self._places, strict=True):
            torch.sign(weight, out=place)
        return self._places

    def add(self, slopes: list[Tensor]) -> None:
        """Add strength * slope to the gradients; one kernel call if all strengths are the same."""
        grads = [_gradient(weight) for weight in self.weights]
        if self.alike:
            torch._foreach_add_(grads, slopes, alpha=self.strengths[0])
        else:
            for grad, slope, strength in zip(grads, slopes, self.strengths, strict=True):
                grad.add_(slope, alpha=strength)


def _gradient(weight: Tensor) -> Tensor:
    if weight.grad is None:  # nothing of the loss depends on it
        weight.grad = torch.zeros_like(weight)
    return weight.grad


def of_layer(table: ParameterTable, name: str, strength: float) -> Strength:
    """Each layer's own setting called `name`, else `strength` if the regularizer acts everywhere."""
    return lambda entry: table.value(name, entry.layer, strength)


def unless_own(table: ParameterTable, name: str, strength: float) -> Strength:
    """`strength` for the layers without a setting called `name`.

    Where there is one, the regularizer of that name acts.
    """
    return lambda entry: None if name in table.settings.get(entry.layer, {}) else strength


def nowhere(entry: ParameterInfo) -> None:
    """For the term that a penalty does not have."""
