"""The 1cycle schedule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import Gt

from ...errors import ConfigError, Problem
from ...registry import Fraction, Positive, part


@part(
    "schedule",
    source=(
        "Smith 2018, arXiv:1803.09820; Smith & Topin 2018, arXiv:1708.07120; Geron, Hands-On Machine "
        "Learning, ch. 11"
    ),
    aliases=("1cycle",),
    example={"max_lr": 0.5, "shape": "cosine"},
    hints={
        "pct_start": "schedule: {name: one_cycle, shape: linear}",
        "anneal_strategy": "schedule: {name: one_cycle, shape: cosine}",
        "base_momentum": "schedule: {name: one_cycle, min_momentum: 0.85}",
    },
    needs_total=True,
    conversions={
        "torch": (
            "OneCycleLR(max_lr, total_steps) is shape: cosine with div_factor 25 and final_div_factor 1e4; "
            "the steps are counted here"
        ),
        "keras": "no such schedule; the books write it as a callback",
    },
    peak="max_lr",
    traits=frozenset({"whole"}),
)
def one_cycle(
    base: Any,
    total_steps: Any,
    steps_per_epoch: Any,
    *,
    max_lr: Positive | None = None,
    shape: Literal["linear", "cosine"] = "linear",
    div_factor: Annotated[float, Gt(1)] | None = None,
    final_div_factor: Annotated[float, Gt(1)] | None = None,
    max_momentum: Fraction | None = None,
    min_momentum: Fraction | None = None,
) -> Any:
    """From a small rate up to the largest and back, then far below.

    The momentum, if there is one, falls and rises again. The largest rate is max_lr, or optimizer.lr where
    max_lr is none; the first is the largest / div_factor, or optimizer.lr where both are written; the last is
    the first / final_div_factor. shape: linear (div_factor 10, final_div_factor 1000): with N steps up to
    step 45 N // 100, down until twice that, then to the last rate; in 20 steps with lr 1:

        step      0     1     9     10    18    19
        lr        0.1   0.2   1     0.9   0.1   0.0001
        momentum  0.95  0.939 0.85  0.861 0.95  0.95

    cosine (25 and 1e4): torch's OneCycleLR, up over 30 % of the training. max_momentum, min_momentum: in [0,
    1), none: 0.95 and 0.85 where the optimizer has a momentum. Raises `ConfigError` where optimizer.lr is not
    below max_lr, where div_factor has nothing to divide, for an empty momentum cycle, and where one is
    written for an optimizer without momentum.
    """
    from ...optim.schedules.one_cycle import CosineCycle, LinearCycle

    start, peak = _ends(
        base, max_lr, div_factor or {"linear": 10.0, "cosine": 25.0}[shape], div_factor is not None
    )
    end = start / (final_div_factor or {"linear": 1e3, "cosine": 1e4}[shape])
    momenta = _momenta(base, max_momentum, min_momentum)
    return {"linear": LinearCycle, "cosine": CosineCycle}[shape](total_steps, start, peak, end, *momenta)


def _momenta(
    base: Mapping[str, Any], highest: float | None, lowest: float | None
) -> tuple[float | None, float | None]:
    if not base["momentum"]:  # sgd's momentum of 0 is none
        written = {"max_momentum": highest, "min_momentum": lowest}
        for key in (key for key, value in written.items() if value is not None):
            received = f"received {key} {written[key]:g}, and the optimizer has no momentum to move"
            fix = "optimizer: {name: sgd, momentum: 0.9}, or leave it out"
            raise ConfigError(
                Problem(received, "expected an optimizer with momentum", fix, key, code="no_momentum")
            )
        return None, None
    high, low = 0.95 if highest is None else highest, 0.85 if lowest is None else lowest
    if low > high:
        key = "max_momentum" if lowest is None else "min_momentum"
        received = f"min_momentum {low:g} lies above max_momentum {high:g}"
        raise ConfigError(
            Problem(
                received, "expected the smaller one below", "min_momentum: 0.85", key, code="out_of_range"
            )
        )
    return high, low


def _ends(
    base: Mapping[str, Any], max_lr: float | None, div_factor: float, divided: bool
) -> tuple[float, float]:
    lr = base["lr"]
    if max_lr is None or not base["lr_written"]:
        peak = lr if max_lr is None else max_lr
        return peak / div_factor, peak
    if lr >= max_lr:
        received = (
            f"optimizer.lr {lr:g} is not below max_lr {max_lr:g}, so the rate cannot rise from one to the "
            f"other"
        )
        fix = f"optimizer.lr: {max_lr / 10:g}, or leave max_lr out: then optimizer.lr is the peak"
        raise ConfigError(
            Problem(received, "expected a start below the peak", fix, "max_lr", code="out_of_range")
        )
    if divided:
        received = f"optimizer.lr {lr:g} and max_lr {max_lr:g} fix both ends, so div_factor cannot act"
        raise ConfigError(
            Problem(
                received,
                "expected one of optimizer.lr and div_factor",
                "leave div_factor out",
                "div_factor",
                code="no_effect",
            )
        )
    return lr, max_lr
