"""Means over an epoch: the loss and the metrics. A step does not wait for the device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ..nn.batch import Batch
from ..nn.metrics.base import Metric
from .session import Loss
from .split import Split

BLOCK_STEPS = 32
BLOCK_NUMBERS = 1 << 18  # outputs kept for one block: 1 MB in float32


class Running:
    """Loss, penalty and metrics of the steps so far.

    Outputs are collected in blocks, because a metric costs as much for one batch as for 32. The end of a
    block depends on the number of steps alone, so that a resumed epoch adds the same numbers in the same
    order.
    """

    def __init__(self, metrics: dict[str, Metric], device: torch.device) -> None:
        self.metrics = metrics
        # Rows * loss, rows, rows * penalty, rows that had a penalty.
        self.sums = torch.zeros(4, dtype=torch.float64, device=device)
        self.pending: list[tuple[Tensor, Tensor, Tensor | None, Tensor, Tensor | None]] = []

    def add(self, batch: Batch, outputs: Tensor, loss: Tensor, penalty: Tensor | None) -> None:
        """Add one step. All tensors are detached. penalty: None if this step did not measure it."""
        self.pending.append((outputs, batch.targets, batch.weights, loss, penalty))
        if (
            len(self.pending) >= BLOCK_STEPS
            or len(self.pending) * self.pending[0][0].numel() >= BLOCK_NUMBERS
        ):
            self._flush()

    def values(self, prefix: str) -> dict[str, float]:
        """`<prefix>_loss`, `<prefix>_penalty` and `<prefix>_<metric>` over all steps so far."""
        if self.pending:
            self._flush()
        loss, rows, penalty, penalized = self.sums.tolist()
        means = {
            f"{prefix}_loss": loss / rows,
            f"{prefix}_penalty": penalty / penalized if penalized else 0.0,
        }
        return means | {f"{prefix}_{name}": metric.value() for name, metric in self.metrics.items()}

    def state(self) -> dict[str, Any]:
        """Everything as a tree of tensors, for a checkpoint in the middle of an epoch."""
        metrics = {name: metric.state() for name, metric in self.metrics.items()}
        return {"sums": self.sums, "metrics": metrics, "pending": [list(item) for item in self.pending]}

    def load(self, state: Mapping[str, Any]) -> None:
        """Continue from a checkpoint."""
        self.sums.copy_(state["sums"])
        for name, metric in self.metrics.items():
            metric.load(state["metrics"][name])
        device = self.sums.device
        self.pending = [
            (
                outputs.to(device),
                targets.to(device),
                None if weights is None else weights.to(device),
                loss.to(device),
                None if penalty is None else penalty.to(device),
            )
            for outputs, targets, weights, loss, penalty in state["pending"]
        ]

    def _flush(self) -> None:
        outputs, targets, weights, losses, penalties = zip(*self.pending, strict=True)
        self.pending = []
        if weights[0] is None:
            rows = torch.tensor([float(len(o)) for o in outputs], dtype=torch.float64).to(self.sums.device)
        else:  # a batch's loss is the mean over its weights, so it counts by their sum
            rows = torch.stack([w.sum() for w in weights]).double()
        self.sums[0] += rows @ torch.stack(losses).double()
        self.sums[1] += rows.sum()
        if any(measured := [p is not None for p in penalties]):
            of_measured = rows[torch.tensor(measured, device=rows.device)]
            self.sums[2] += of_measured @ torch.stack([p for p in penalties if p is not None]).double()
            self.sums[3] += of_measured.sum()
        joined = None if weights[0] is None else torch.cat(weights)
        everything = Batch(outputs[0], torch.cat(targets), joined)
        together = torch.cat(outputs)
        for metric in self.metrics.values():
            metric.update(together, everything)


@torch.no_grad()
def evaluate(
    net: nn.Module,
    split: Split,
    loss: Loss,
    metrics: dict[str, Metric],
    batch_size: int,
    autocast: Any,
    rows: Tensor | None = None,
) -> dict[str, float]:
    """`val_loss` and `val_<metric>` of a split, or of some of its rows, in evaluation mode.

    Afterwards the net is in the mode that it was in before.
    """
    was_training = net.training
    if was_training:
        net.eval()
    running = Running(metrics, split.device)
    whole = (slice(start, start + batch_size) for start in range(0, len(split), batch_size))
    spans: list[Tensor | slice] = [*whole] if rows is None else [*torch.split(rows, batch_size)]
    with split.ahead(spans):
        for span in spans:
            batch = split.rows(span)
            with autocast():
                outputs = net(batch.inputs)
            outputs = outputs.float()
            running.add(batch, outputs, loss(outputs, batch), None)
    if was_training:
        net.train()
    values = running.values("val")
    del values["val_penalty"]
    return values
