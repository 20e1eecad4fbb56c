"""The general form of Glorot, He and LeCun: variance scale/n."""

from __future__ import annotations

from typing import Literal

from ...lazy_torch import torch
from ...nn.parameter_table import Fans
from ...registry import Positive, part


@part(
    "initializer",
    source=(
        "He, Zhang, Ren & Sun 2015, arXiv:1502.01852; Glorot & Bengio 2010; the keys are those of Keras' "
        "VarianceScaling"
    ),
    variance=lambda scale, mode, **_: scale if mode == "fan_in" else 0.0,
    example={"scale": 2.0, "mode": "fan_avg", "distribution": "uniform"},
    conversions={
        "torch": (
            "torch.nn.init.kaiming_normal_(mode, nonlinearity): scale is calculate_gain(nonlinearity) "
            "squared; torch does not truncate, "
            "so distribution: normal"
        ),
        "keras": (
            'VarianceScaling(scale, mode, distribution): the same, with its "untruncated_normal" as '
            "distribution: normal"
        ),
    },
)
def variance_scaling(
    weight: torch.Tensor,
    fans: Fans,
    generator: torch.Generator,
    *,
    scale: Positive = 1.0,
    mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
    distribution: Literal["truncated_normal", "normal", "uniform"] = "truncated_normal",
) -> None:
    """Random numbers of mean 0 and variance scale/n, where n is fan_in, fan_out or their mean.

    scale: > 0. mode: what n is. distribution: truncated_normal is cut off at two deviations and widened by
    1/0.8796, so that its variance stays scale/n; normal is whole; uniform has the limits +-sqrt(3 scale/n).
    Shapes: any, in place.
    """
    from ...nn.init import random_tensors as fill

    n = {"fan_in": fans.fan_in, "fan_out": fans.fan_out, "fan_avg": (fans.fan_in + fans.fan_out) / 2}[mode]
    forms = {
        "truncated_normal": fill.fill_truncated_normal,
        "normal": fill.fill_normal,
        "uniform": fill.fill_uniform,
    }
    forms[distribution](weight, scale / n, generator)
