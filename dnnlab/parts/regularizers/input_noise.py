"""Noise on the inputs."""

from __future__ import annotations

from typing import Any

from ...registry import NonNegative, part


@part(
    "regularizers",
    source="Bishop 1995, Training with noise is equivalent to Tikhonov regularization",
    example={"std": 0.5},
    hints={"stddev": "std: {value}"},
    effect="batch",
    conversions={
        "torch": "inputs + std * torch.randn_like(inputs) in training",
        "keras": "GaussianNoise(stddev) as the first layer: std is stddev",
    },
    traits=frozenset({"noise"}),
)
def input_noise(table: Any, *, std: NonNegative = 0.1) -> Any:
    """In training normal noise is added to each input number; targets stay as they are.

    So an autoencoder has to take the noise away. std: its standard deviation in units of the scaled inputs
    (`data: {scale: standardize}` gives them deviation 1), >= 0. Any shape.
    """
    from ...nn.regularizers.noise import InputNoise

    return InputNoise(std)
