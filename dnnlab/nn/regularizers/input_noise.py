"""Noise on the inputs."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..batch import Batch


@dataclass(frozen=True)
class InputNoise:
    """inputs + std * N(0, 1), each number by itself; targets stay."""

    std: float

    def __call__(self, batch: Batch) -> Batch:
        return batch._replace(inputs=torch.add(batch.inputs, torch.randn_like(batch.inputs), alpha=self.std))
