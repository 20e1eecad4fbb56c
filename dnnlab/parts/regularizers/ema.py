"""Exponential moving average of the weights."""

from __future__ import annotations

from typing import Any

from ...registry import Fraction, part


@part(
    "regularizers",
    source="Polyak & Juditsky 1992; torch.optim.swa_utils",
    aliases=("polyak",),
    example={"decay": 0.9},
    effect="average",
    conversions={
        "torch": (
            "torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn(decay) and use_buffers=True; it "
            "keeps the first count of batches, here the count is the net's"
        ),
        "keras": (
            "use_ema=True, ema_momentum=0.99 of the optimizer: decay: 0.99; the weights are averaged beside "
            "here, never overwritten"
        ),
    },
    suffix="ema",
)
def ema(table: Any, *, decay: Fraction = 0.999) -> Any:
    """A running average of the weights: decay * average + (1 - decay) * weights after each step.

    Buffers are averaged, too. decay: in [0, 1); the average looks back over about 1 / (1 - decay) steps. It
    is evaluated (`val_<metric>_ema`) and saved beside the raw weights, and does not change the training.
    """
    from ...nn.regularizers.weight_averages import Ema

    return Ema(table.net, decay)
