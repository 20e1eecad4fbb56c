"""Group normalization."""

from __future__ import annotations

from ...errors import ConfigError, Problem
from ...lazy_torch import nn
from ...registry import Positive, PositiveInt, part


@part(
    "normalization",
    source="Wu & He 2018, arXiv:1803.08494",
    example={"groups": 4, "eps": 1e-3},
    hints={"num_groups": "groups: {value}", "epsilon": "eps: {value}"},
    conversions={
        "torch": (
            "torch.nn.GroupNorm(num_groups, num_channels): groups is num_groups, the channels are the layer's"
        ),
        "keras": "GroupNormalization(groups=32, epsilon=1e-3): groups is the same, eps is epsilon, 1e-5 here",
    },
)
def group(channels: int, spatial_dims: int, *, groups: PositiveInt = 32, eps: Positive = 1e-5) -> nn.Module:
    """Groups of channels, each minus its mean over its standard deviation, row by row.

    Then each channel has a learned scale and shift. groups: how many, a divisor of the channels of every
    layer that has it; 1 is layer normalization. eps: added to the variance, > 0. Rows do not see each other:
    training and evaluation do the same, and the batch may be small. Shapes: (n, channels) or (n, channels,
    height, width) to the same; two vectors of `channels` numbers, both learned. Raises `ConfigError` with the
    divisors that fit where groups does not divide the channels, or leaves a group of units a single one.
    """
    fitting = [n for n in range(1, channels + 1) if channels % n == 0 and (spatial_dims or n < channels)]
    if not fitting:
        expected = "two units or more (one number minus its own mean is always 0)"
        raise ConfigError(
            Problem(
                "a layer of one unit", expected, "write normalization: none for this layer", code="no_effect"
            )
        )
    if groups not in fitting:
        why = (
            "leaves a group a single number, always 0"
            if groups == channels
            else f"does not divide {channels} channels"
        )
        text = f"received {groups}, which {why}"
        closest = min(fitting, key=lambda n: abs(n - groups))
        problem = Problem(
            text,
            f"expected one of {', '.join(map(str, fitting))}",
            f"write groups: {closest}",
            "groups",
            code="indivisible",
        )
        raise ConfigError(problem)
    from ...nn.layers.normalization import GroupNormalization

    return GroupNormalization(groups, channels, eps)
