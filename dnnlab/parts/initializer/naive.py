"""Initializers that do not look at the layer's size; kept because people compare against them."""

from __future__ import annotations

from ...lazy_torch import nn, torch
from ...nn.parameter_table import Fans
from ...registry import Positive, part


@part(
    "initializer",
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4 (why symmetry must be broken)",
    conversions={"torch": "torch.nn.init.zeros_", "keras": "Zeros"},
    variance=None,
    traits=frozenset({"equal"}),
)
def zeros(weight: torch.Tensor, fans: Fans, generator: torch.Generator) -> None:
    """Every weight 0; units of a hidden layer then stay identical.

    Shapes: any, in place; nothing is drawn.
    """
    nn.init.zeros_(weight)


@part(
    "initializer",
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4 (why symmetry must be broken)",
    example={"value": 0.1},
    conversions={"torch": "torch.nn.init.constant_(val): value is val", "keras": "Constant(value)"},
    variance=None,
    traits=frozenset({"equal"}),
)
def constant(weight: torch.Tensor, fans: Fans, generator: torch.Generator, *, value: float) -> None:
    """Every weight the same number. In a hidden layer all units then stay identical for ever.

    value: the number. Shapes: any, in place; nothing is drawn.
    """
    nn.init.constant_(weight, value)


@part(
    "initializer",
    source="LeCun, Bottou, Orr & Muller 1998, 'Efficient BackProp' (the habit it argues against)",
    example={"std": 0.05},
    conversions={
        "torch": "torch.nn.init.normal_(mean=0, std=1)",
        "keras": "RandomNormal(stddev=0.05): write std: 0.05 for its default",
    },
)
def normal(weight: torch.Tensor, fans: Fans, generator: torch.Generator, *, std: Positive = 1.0) -> None:
    """Normal numbers of mean 0, whatever the layer's size: outputs grow or shrink from layer to layer.

    std: their standard deviation, > 0. Shapes: any, in place; not truncated.
    """
    from ...nn.init.random_tensors import fill_normal

    fill_normal(weight, std**2, generator)


@part(
    "initializer",
    source="LeCun, Bottou, Orr & Muller 1998, 'Efficient BackProp' (the habit it argues against)",
    example={"limit": 0.05},
    conversions={
        "torch": "torch.nn.init.uniform_(a=-limit, b=limit); its own default is 0 to 1",
        "keras": "RandomUniform(minval=-0.05, maxval=0.05): write limit: 0.05 for its default",
    },
)
def uniform(weight: torch.Tensor, fans: Fans, generator: torch.Generator, *, limit: Positive = 1.0) -> None:
    """Uniform numbers between -limit and limit, whatever the layer's size.

    So outputs grow or shrink from layer to layer. limit: the largest size of a weight, > 0; the variance is
    limit^2 / 3. Shapes: any, in place.
    """
    from ...nn.init.random_tensors import fill_uniform

    fill_uniform(weight, limit**2 / 3, generator)
