"""Layers that rest: beside the weights, the running statistics must not move."""

from __future__ import annotations

from types import MethodType

from torch import nn


def rest(layer: nn.Module) -> None:
    """Keep every module of `layer` that has running statistics (BatchNorm) in evaluation for good, whatever mode the net is set to.

    It then works with the statistics that it has, so that a frozen layer is one and the same function in
    training and evaluation; averages that measure their statistics anew (SWA) leave them, too. Bound methods
    follow a copy of the net.
    """
    for module in layer.modules():
        if getattr(module, "running_mean", None) is not None:
            module.train = MethodType(stay_in_evaluation, module)  # type: ignore[method-assign]
            module.reset_running_stats = MethodType(keep_statistics, module)  # type: ignore[assignment]
            module.eval()


def stay_in_evaluation(module: nn.Module, mode: bool = True) -> nn.Module:
    """`train` of a module that rests."""
    return nn.Module.train(module, False)


def keep_statistics(module: nn.Module) -> None:
    """`reset_running_stats` of a module that rests."""
