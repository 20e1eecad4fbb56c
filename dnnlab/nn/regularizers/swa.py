"""The mean of the weights at the ends of the last epochs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import AveragedModel, get_swa_multi_avg_fn, update_bn


class Swa:
    """The mean of the weights at the end of every epoch from step `start` on.

    Until the first of them there is no average.

    `finish` sets BatchNorm's running values to those of the averaged net: weights that were averaged have
    others than any net on the way. tail: (step, rate) where the learning rate is constant from a step on.
    `net` must be on its device already.
    """

    suffix = "swa"

    def __init__(self, net: nn.Module, start: float, steps_per_epoch: int, lr: float | None) -> None:
        self.start, self.steps_per_epoch = start, steps_per_epoch
        self.tail = None if lr is None else (start, lr)
        self._average = AveragedModel(net, multi_avg_fn=get_swa_multi_avg_fn())  # type: ignore[no-untyped-call]
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
        """One pass of the averaged net over the training inputs, in training mode, where it has BatchNorm layers."""
        if self.ready and any(isinstance(module, _BatchNorm) for module in self.net.modules()):
            update_bn(batches, self.net)

    def state(self) -> dict[str, Tensor]:
        """The average, where there is one, and how many steps and epochs were seen; shares the tensors."""
        tensors = self._average.state_dict() if self.ready else {}
        return {**tensors, "steps": torch.tensor(self._steps)}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a saved state; its numbers are copied."""
        self._steps = int(state["steps"])
        if average := {name: tensor for name, tensor in state.items() if name != "steps"}:
            self._average.load_state_dict(average)
