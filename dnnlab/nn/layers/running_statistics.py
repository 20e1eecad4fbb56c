"""Running statistics of normalizations: frozen for good, or measured over all rows of a data set."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from types import MethodType

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..metrics.base import wide


def has_running_statistics(module: nn.Module) -> bool:
    """Whether the module itself has a running mean, as BatchNorm has."""
    return "running_mean" in dict(module.named_buffers(recurse=False))


def freeze_statistics(layer: nn.Module) -> None:
    """Keep the normalizations of `layer` in evaluation mode, whatever mode the net is set to.

    A frozen layer is then one and the same function in training and in evaluation. Bound methods follow a
    copy of the net.
    """
    for module in layer.modules():
        if has_running_statistics(module):
            module.train = MethodType(_stay_in_evaluation, module)  # type: ignore[method-assign]  # of this one only
            module.eval()


def thaw_statistics(layer: nn.Module, *, training: bool) -> None:
    """Undo `freeze_statistics`. training: the mode of the net."""
    for module in layer.modules():
        if has_running_statistics(module) and "train" in vars(module):
            del module.train
            module.train(training)


@torch.no_grad()
def measure_statistics(net: nn.Module, batches: Iterable[Tensor]) -> None:
    """Set the running values of each BatchNorm to the mean and variance of its inputs over all rows.

    Every row counts once, so neither the order of the rows nor their split into batches matters. The net is
    in evaluation mode, now and afterwards: a layer is measured on what it receives in evaluation, which needs
    the final values of the layers before it. So each layer takes a pass of its own, which ends at that layer.
    Frozen statistics are left alone. The variance is the unbiased one, as in torch's running values.

    Args:
        net: on its device.
        batches: inputs on the same device; they are passed over once for each BatchNorm layer.
    """
    waiting = _unfrozen(net)
    while waiting:
        measured: dict[_BatchNorm, _Moments] = {}
        with _stopping_before(waiting):
            for inputs in batches:
                try:
                    net(inputs)
                except _ReachedError as reached:
                    measured.setdefault(reached.layer, _Moments()).add(reached.inputs)
        if not measured:  # the remaining layers are not in use
            return
        for layer, moments in measured.items():
            moments.write_to(layer)
        waiting = [layer for layer in waiting if layer not in measured]


class _Moments:
    """Count, mean and sum of squared deviations of each channel, over all batches so far.

    Source of the combination: Chan, Golub & LeVeque 1979, "Updating formulae and a pairwise algorithm for
    computing sample variances".
    """

    def __init__(self) -> None:
        self._count = 0
        self._mean = self._squares = torch.zeros(())

    def add(self, inputs: Tensor) -> None:
        """Take in a batch, (n, channels, ...)."""
        channels = wide(inputs).transpose(0, 1).flatten(1)
        count, mean = channels.shape[1], channels.mean(1)
        squares = (channels - mean.unsqueeze(1)).square().sum(1)
        if not self._count:
            self._count, self._mean, self._squares = count, mean, squares
            return
        total, shift = self._count + count, mean - self._mean
        self._mean = self._mean + shift * (count / total)
        self._squares = self._squares + squares + shift.square() * (self._count * count / total)
        self._count = total

    def write_to(self, layer: _BatchNorm) -> None:
        """Set the layer's running values."""
        if layer.running_mean is not None and layer.running_var is not None:
            layer.running_mean.copy_(self._mean)
            layer.running_var.copy_(self._squares / max(self._count - 1, 1))


class _ReachedError(Exception):
    """Ends a pass at a layer that is to be measured."""

    def __init__(self, layer: _BatchNorm, inputs: Tensor) -> None:
        super().__init__()
        self.layer, self.inputs = layer, inputs


@contextmanager
def _stopping_before(layers: Collection[_BatchNorm]) -> Iterator[None]:
    def stop(layer: nn.Module, arrived: tuple[Tensor, ...]) -> None:
        if isinstance(layer, _BatchNorm):
            raise _ReachedError(layer, arrived[0])

    hooks = [layer.register_forward_pre_hook(stop) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _unfrozen(net: nn.Module) -> list[_BatchNorm]:
    """The BatchNorm layers that follow `train`; the net is in evaluation mode afterwards."""
    net.train()
    found = [
        m for m in net.modules() if isinstance(m, _BatchNorm) and m.training and has_running_statistics(m)
    ]
    net.eval()
    return found


def _stay_in_evaluation(module: nn.Module, mode: bool = True) -> nn.Module:
    """`train` of a frozen normalization."""
    return nn.Module.train(module, False)
