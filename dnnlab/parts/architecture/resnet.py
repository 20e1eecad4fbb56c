"""Residual nets."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

from ...errors import ConfigError, Problem
from ...registry import Bound, Part, PositiveInt, part, yaml_default

IMAGENET = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Depth -> blocks of each stage; from 50 on they are bottlenecks (table 1 of the paper)."""
Shape = tuple[int, ...]


class Plan(NamedTuple):
    """Blocks of each stage, filters of the first, whether blocks are bottlenecks and shortcuts are padded.

    Shortcuts are padded with channels of zeros.
    """

    stages: tuple[int, ...]
    width: int
    bottleneck: bool
    padded: bool


@part(
    "architecture",
    source="He, Zhang, Ren & Sun 2016, arXiv:1512.03385",
    example={"depth": 8, "form": "cifar", "width": 4},
    has=frozenset({"pool", "residual"}),
    hints={"layers": "depth: {value}"},
    conversions={
        "torch": (
            "torchvision.models.resnet18() is depth 18 in the imagenet form; its initial weights go by "
            "fan_out, he_normal by fan_in"
        ),
        "keras": (
            "keras.applications.ResNet50 is near depth 50 (it has biases, and its stride in the first 1x1)"
        ),
    },
    traits=frozenset({"normalizes"}),
)
def resnet(
    in_shape: Shape,
    outputs: int,
    make: Any,
    *,
    depth: PositiveInt = 18,
    form: Literal["imagenet", "cifar"] = "imagenet",
    width: PositiveInt | Literal["auto"] = "auto",
    shortcut: Literal["auto", "projection", "padding"] = "auto",
    normalization: Annotated[Bound, Part("normalization")] | None = yaml_default("batch"),
) -> Any:
    """Residual blocks after a first convolution, then the mean of each channel and `output`.

    The layers are conv1, block1, block2, ..., each block with an activation after its sum. depth: layers with
    weights: 18, 34, 50, 101 or 152 in the imagenet form (two 3x3 convolutions a block; from 50 on 1x1, 3x3,
    1x1 with four times the channels at the end, the stride in the 3x3); 8, 14, 20, 32, 44, 56, 110 ... (6n +
    2) in the cifar form. form: imagenet (7x7 convolution of stride 2, max pooling, four stages) or cifar (3x3
    convolution, three stages, no pooling). width: filters of the first stage, doubled in each that follows;
    auto: 64, in the cifar form 16. shortcut: what joins stages: projection (a 1x1 convolution) or padding
    (zeros for the new channels, nothing learned); auto: the paper's, projection in the imagenet form, padding
    in the cifar form. normalization: after every convolution where the config writes no `normalization` of
    its own (not even none); `per_layer` goes before both. The last normalization of a block starts at scale
    1, not 0. Shapes: (n, channels, height, width) to (n, outputs). Raises ConfigError for a depth that the
    form does not have.
    """
    plan = plan_of(depth, form, width, shortcut)
    modules, shape = stem(in_shape, make, plan.width, form)
    index, count = 0, sum(plan.stages)
    for number, blocks in enumerate(plan.stages):
        filters = plan.width * 2**number
        for i in range(blocks):
            index += 1
            name = f"block{index}"
            modules[name], shape = block(
                make, name, shape, filters, 2 if number and i == 0 else 1, plan, (index, count)
            )
    modules["global_pool"] = make.global_average_pool("global_pool", shape)
    modules["output"] = make.dense("output", shape[0], outputs, output=True)
    return make.chain(modules)


def plan_of(depth: int, form: str, width: int | str, shortcut: str) -> Plan:
    """What the keys ask for. Raises `ConfigError` for a depth that the form does not have."""
    cifar = form == "cifar"
    if cifar and (depth < 8 or (depth - 2) % 6):
        nearest = 6 * max(1, round((depth - 2) / 6)) + 2
        fix = f"depth: {nearest}" + (", or form: imagenet" if depth in IMAGENET else "")
        raise ConfigError(
            Problem(
                f"the cifar form has no depth {depth}",
                "expected 6n + 2: 8, 14, 20, 32, 44, 56, 110",
                fix,
                "depth",
                code="depth",
            )
        )
    if not cifar and depth not in IMAGENET:
        near = min(IMAGENET, key=lambda known: abs(known - depth))
        fix = f"depth: {near}" + (", or form: cifar" if depth >= 8 and (depth - 2) % 6 == 0 else "")
        expected = f"expected {', '.join(map(str, IMAGENET))}"
        raise ConfigError(
            Problem(f"the imagenet form has no depth {depth}", expected, fix, "depth", code="depth")
        )
    stages = ((depth - 2) // 6,) * 3 if cifar else IMAGENET[depth]
    filters = width if isinstance(width, int) else 16 if cifar else 64
    return Plan(
        stages, filters, not cifar and depth >= 50, shortcut == "padding" or (shortcut == "auto" and cifar)
    )


def stem(in_shape: Shape, make: Any, width: int, form: str) -> tuple[dict[str, Any], Shape]:
    """What stands before the blocks, and the shape after it."""
    if form == "cifar":
        return {"conv1": make.conv("conv1", in_shape, width, 3)}, (width, *in_shape[1:])
    modules = {"conv1": make.conv("conv1", in_shape, width, 7, stride=2, padding=3)}
    shape = strided(in_shape, width, 2)
    modules["pool1"] = make.pool("pool1", shape, "max", 3, 2, 1)
    return modules, make.shape_after(modules["pool1"], shape, "pool1")


def block(
    make: Any, name: str, shape: Shape, filters: int, stride: int, plan: Plan, place: tuple[int, int]
) -> tuple[Any, Shape]:
    """One residual block and the shape after it. place: which block it is, of how many."""
    after = strided(shape, filters, stride)
    outer = strided(shape, filters * (4 if plan.bottleneck else 1), stride)
    first, second = f"{name}.body.conv1", f"{name}.body.conv2"
    padding = "same" if stride == 1 else 1
    if plan.bottleneck:
        inner = (filters, *shape[1:])
        body = {
            "conv1": make.conv(first, shape, filters, 1),
            "conv2": make.conv(second, inner, filters, 3, stride=stride, padding=padding),
            "conv3": make.conv(f"{name}.body.conv3", after, outer[0], 1, activate=False),
        }
    else:
        body = {
            "conv1": make.conv(first, shape, filters, 3, stride=stride, padding=padding),
            "conv2": make.conv(second, after, filters, 3, activate=False),
        }
    way = None
    if outer != shape and plan.padded:
        way = make.padded_shortcut(outer[0], stride)
    elif outer != shape:
        way = make.conv(f"{name}.shortcut", shape, outer[0], 1, stride=stride, padding=0, activate=False)
    return make.residual(name, make.chain(body), way, *place, width=outer[0]), outer


def strided(shape: Shape, channels: int, stride: int) -> Shape:
    """The shape after a convolution with padding kernel // 2."""
    return (channels, *((side - 1) // stride + 1 for side in shape[1:]))
