"""A normalization at one place."""

from __future__ import annotations

from typing import Annotated, Any

from ...errors import ConfigError, Problem
from ...registry import Bound, Part, part, yaml_default


@part(
    "layer",
    source="Ioffe & Szegedy 2015, arXiv:1502.03167",
    example={"part": "layer"},
    conversions={
        "torch": "a module such as torch.nn.BatchNorm2d(channels) in a Sequential; channels are inferred",
        "keras": "BatchNormalization(), LayerNormalization() ... in a Sequential",
    },
    traits=frozenset({"normalizes"}),
)
def normalization(
    in_shape: tuple[int, ...],
    make: Any,
    *,
    part: Annotated[Bound, Part("normalization")] = yaml_default("batch"),
) -> Any:
    """A normalization that stands alone: of the inputs, or before a first activation.

    Layers take theirs from `normalization`.

    part: which, without `position` and `on_input`, which say nothing here. Shapes: any to the same.
    Raises ConfigError for these, and for one that works on a layer's weight and not on what flows through the
    net.
    """
    idle = {
        "on_input": part.common.get("on_input"),
        "position": part.common.get("position") == "after_activation",
    }
    for key in (key for key, written in idle.items() if written):
        text, path = (
            f"{make.name} stands alone: it normalizes what comes before it, so {key} cannot act",
            f"part.{key}",
        )
        raise ConfigError(Problem(text, f"expected no {key}", f"remove {key}", path, code="no_effect"))
    if part.flag("form") != "module":
        text = f"{part.name} normalizes a layer's weight, and {make.name} has none"
        raise ConfigError(
            Problem(
                text,
                "expected a normalization such as batch",
                f"write `normalization: {part.name}` with a layer",
                "part",
                code="no_effect",
            )
        )
    return make.normalization(make.name, in_shape, part)
