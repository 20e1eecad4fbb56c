"""The numbers that the net sees: finite, near 0, of similar size.

Source: LeCun, Bottou, Orr & Mueller 1998, Efficient BackProp, 4.3.
"""

from __future__ import annotations

from ...lazy_torch import torch
from .bench import Bench
from .result import Check

NAME = "inputs"
ROWS = 10_000
LARGE, SMALL = (
    10.0,
    0.01,
)  # root mean square of all inputs: a unit's sum of them is then far from where activations bend
LARGE_FEATURE = 100.0
FAR = 1000.0  # deviations of a single number


def inputs(bench: Bench) -> Check:
    """Root mean square of all inputs and of each feature, over at most 10,000 training rows."""
    rows = _features(bench)
    if not bool(torch.isfinite(rows).all()):
        many = int((~torch.isfinite(rows)).sum())
        return Check(
            NAME,
            False,
            f"{many:,} numbers are not finite",
            "finite numbers",
            "fill empty cells: data.missing=median",
        )
    sizes, spread = rows.square().mean(0).sqrt(), rows.std(0, correction=0)
    size, largest, far = float(rows.square().mean().sqrt()), float(sizes.max()), float(rows.abs().max())
    constant = int((spread <= 1e-6 * sizes.clamp_min(1e-30)).sum())
    measured, expected = f"size {size:.3g} (root mean square), largest {far:.3g}", "sizes near 1"
    if constant == len(sizes):
        return Check(
            NAME, False, "every feature is constant", "inputs that differ", "nothing can be learned from them"
        )
    if size > LARGE or largest > LARGE_FEATURE:
        worst = _named(bench, int(sizes.argmax()))
        advice = f"{worst} has size {largest:.3g}: data.scale=standardize"
        return _unless_normalized(bench, Check(NAME, False, measured, expected, advice))
    if size < SMALL:
        advice = "the numbers are so small that the first layer hardly sees them: data.scale=standardize"
        return _unless_normalized(bench, Check(NAME, False, measured, expected, advice))
    if far > FAR:
        feature = int(rows.abs().amax(0).argmax())
        advice = f"{_named(bench, feature)} in a training row: a wrong unit or an outlier? Look at the data"
        return Check(NAME, False, measured, f"no number beyond {FAR:g}", advice)
    return Check(NAME, True, measured, expected, _constant_words(bench, constant))


def _features(bench: Bench) -> torch.Tensor:
    """(rows, features) of some training rows; of images every pixel is a feature."""
    inputs = bench.data.train.inputs[bench.sample(ROWS)].flatten(1)
    # An eighth of a gigabyte is enough for large images.
    return inputs[: max(2, (1 << 25) // inputs.shape[1])]


def _unless_normalized(bench: Bench, check: Check) -> Check:
    """A net that normalizes its inputs itself does not mind."""
    normalization = bench.experiment.normalization
    if normalization is None or not normalization.common.get("on_input"):
        return check
    return Check(NAME, True, check.measured, "any size: the net normalizes its inputs")


def _named(bench: Bench, feature: int) -> str:
    names = bench.data.feature_names
    if feature < len(names):
        return f'"{names[feature]}"'
    return f"pixel {feature}" if len(bench.data.in_shape) > 1 else f"feature {feature}"


def _constant_words(bench: Bench, constant: int) -> str:
    if not constant:
        return ""
    images = len(bench.data.in_shape) > 1
    what = "pixel" if images else "feature"
    words = f"{constant:,} {what} is" if constant == 1 else f"{constant:,} {what}s are"
    return f"{words} the same in all rows" + ("" if images else ": data.drop leaves columns out")
