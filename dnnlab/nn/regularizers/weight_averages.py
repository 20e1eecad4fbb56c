"""Averages of the weights: a running one (EMA), and the mean over the ends of late epochs (SWA)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, get_swa_multi_avg_fn

from ..layers.running_statistics import measure_statistics


class Ema:
    """A running average of the weights: decay * average + (1 - decay) * weights after every step.

    It starts as a copy of the weights after the first step. Floating-point buffers (BatchNorm's running
    values) are averaged too, counters are copied. torch's AveragedModel with use_buffers=True gives the same
    bits, but waits for the device and gathers all tensors in every step. `net` must be on its device already.
    """

    suffix = "ema"

    def __init__(self, net: nn.Module, decay: float) -> None:
        self._mix = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]  # torch's, without types
        self._average = AveragedModel(net, multi_avg_fn=self._mix, use_buffers=True)
        self._average.requires_grad_(False)
        self.net: nn.Module = self._average.module.eval()
        pairs = list(zip(_tensors(self.net), _tensors(net), strict=True))
        self._averaged = [a for a, _ in pairs if a.is_floating_point()]
        self._live = [b for a, b in pairs if a.is_floating_point()]
        self._counters = [(a, b) for a, b in pairs if not a.is_floating_point()]
        self._source = net

    def update(self) -> None:
        """Take the weights of this step in."""
        if self._average.n_averaged == 0:  # this counter stays on the CPU
            self._average.update_parameters(self._source)
            return
        self._mix(self._averaged, self._live, 0)
        for averaged, live in self._counters:
            averaged.copy_(live)
        self._average.n_averaged += 1

    def state(self) -> dict[str, Tensor]:
        """The average and how many steps are in it; shares the tensors."""
        return self._average.state_dict()

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a saved state; its numbers are copied."""
        self._average.load_state_dict(state)

    def finish(self, batches: Iterable[Tensor]) -> None:
        """Nothing to do: the buffers are averaged all along."""


def _tensors(net: nn.Module) -> list[Tensor]:
    return [*net.parameters(), *net.buffers()]


class Swa:
    """The mean of the weights at the end of every epoch from step `start` on.

    Until the first of them there is no average.

    `finish` measures BatchNorm's running values of the averaged net: averaged weights need others than any
    net on the way. tail: (step, rate) where the learning rate is constant from a step on.
    `net` must be on its device already.
    """

    suffix = "swa"

    def __init__(self, net: nn.Module, start: float, steps_per_epoch: int, lr: float | None) -> None:
        self.start, self.steps_per_epoch = start, steps_per_epoch
        self.tail = None if lr is None else (start, lr)
        self._average = AveragedModel(net, multi_avg_fn=get_swa_multi_avg_fn())  # type: ignore[no-untyped-call]  # torch's, without types
        self._average.requires_grad_(False)
        self.net: nn.Module = self._average.module.eval()
        self._source, self._steps = net, 0

    @property
    def ready(self) -> bool:
        """Whether there is an average yet."""
        return bool(self._average.n_averaged > 0)  # this counter stays on the CPU

    def update(self) -> None:
        """Count a step; at the end of an epoch take its weights in."""
        self._steps += 1
        if self._steps >= self.start and self._steps % self.steps_per_epoch == 0:
            self._average.update_parameters(self._source)

    def finish(self, batches: Iterable[Tensor]) -> None:
        """Measure BatchNorm's statistics anew, over all rows of the training inputs."""
        if self.ready:
            measure_statistics(self.net, batches)

    def state(self) -> dict[str, Tensor]:
        """The average, where there is one, and how many steps and epochs were seen; shares the tensors."""
        tensors = self._average.state_dict() if self.ready else {}
        return {**tensors, "steps": torch.tensor(self._steps)}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a saved state; its numbers are copied."""
        self._steps = int(state["steps"])
        if average := {name: tensor for name, tensor in state.items() if name != "steps"}:
            self._average.load_state_dict(average)
