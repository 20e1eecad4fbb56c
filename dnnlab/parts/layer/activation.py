"""An activation at one place."""

from __future__ import annotations

from typing import Annotated, Any

from ...registry import Bound, Part, part


@part(
    "layer",
    source="the layer list of Keras' Sequential and torch.nn.Sequential",
    example={"part": "tanh"},
    conversions={
        "torch": "a module such as torch.nn.ReLU() in a Sequential",
        "keras": "Activation(name): for one after sum or normalization; layers have theirs already",
    },
)
def activation(
    in_shape: tuple[int, ...], make: Any, *, part: Annotated[Bound, Part("activation")] | None = None
) -> Any:
    """An activation that stands alone: after a residual block, say.

    Dense and convolutional layers bring theirs.

    part: which; none for the config's `activation`. Shapes: any to the same.
    Raises ConfigError for one that makes the layer before it wider (maxout).
    """
    return make.activation(make.name, in_shape, part)
