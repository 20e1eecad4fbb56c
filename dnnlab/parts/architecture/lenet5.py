"""LeNet-5."""

from __future__ import annotations

import math
from typing import Any, Literal

from ...errors import ConfigError, Problem
from ...registry import part


@part(
    "architecture",
    source=(
        "LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition, "
        "section II.B"
    ),
    example={"pool": "max"},
    has=frozenset({"pool"}),
    conversions={
        "torch": (
            "Conv2d(1, 6, 5, padding=2), AvgPool2d(2), Conv2d(6, 16, 5), AvgPool2d(2), Flatten, Linear "
            "400-120-84-10"
        ),
        "keras": (
            "Conv2D(6, 5), AveragePooling2D(), Conv2D(16, 5), AveragePooling2D(), Flatten(), Dense 120, 84, "
            "10 (logits)"
        ),
    },
)
def lenet5(
    in_shape: tuple[int, ...], outputs: int, make: Any, *, pool: Literal["average", "max"] = "average"
) -> Any:
    """Two convolutions with pooling (6 and 16 filters of 5x5), dense layers of 120 and 84 units, `output`.

    On images of 1x32x32 it has 61,706 parameters. The modern form: plain average pooling (the paper's has two
    learned numbers a map), all maps connected in conv2 (the paper leaves some out), a linear output (the
    paper's are radial basis functions). The paper's scaled tanh is `activation: tanh`. pool: average or max.
    Images with a side below 32 get two places of padding, so that 28x28 becomes the paper's 32x32. Shapes:
    (n, channels, height, width) to (n, outputs). Raises ConfigError for images below 12x12.
    """
    if len(in_shape) == 3 and min(in_shape[1:]) < 12:
        size = "x".join(map(str, in_shape))
        raise ConfigError(
            Problem(
                f"lenet5: conv2 does not fit images of {size}",
                "expected 12x12 or more",
                "architecture: cnn",
                code="shape",
            )
        )
    modules: dict[str, Any] = {}
    padding: int = 2 if min(in_shape[1:], default=0) < 32 else 0
    shape = in_shape
    for number, filters in enumerate((6, 16), 1):
        name = f"conv{number}"
        modules[name] = make.conv(name, shape, filters, 5, padding=padding if number == 1 else 0)
        shape = make.shape_after(modules[name], shape, name)
        modules[f"pool{number}"] = make.pool(f"pool{number}", shape, pool, 2)
        shape = make.shape_after(modules[f"pool{number}"], shape, f"pool{number}")
    modules["flatten"] = make.flatten()
    modules["hidden1"] = make.dense("hidden1", math.prod(shape), 120)
    modules["hidden2"] = make.dense("hidden2", 120, 84)
    modules["output"] = make.dense("output", 84, outputs, output=True)
    return make.chain(modules)
