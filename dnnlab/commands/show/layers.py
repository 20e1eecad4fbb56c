"""The layer table of a net: what each layer is, its output shape, its parameters, its work for one row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from math import prod
from typing import Any

from ...assembly.network.per_layer import LayerChoice
from ...lazy_torch import nn, torch
from .layer_words import linear_words, module_words, stage_words, sum_words

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayerRow:
    """One line of the table. A tensor that several layers use counts once, in the first of them."""

    name: str
    """The name of the layer, as in checkpoints."""
    what: str
    """The layer in words: `dense 784->300, relu`."""
    output: Shape
    """The output shape for one row; () if the forward pass never reached the layer."""
    trained: int
    """Parameters that training changes."""
    not_trained: int
    """Frozen parameters, and buffers such as BatchNorm's running statistics (without counters)."""
    multiply_adds: int
    """Multiply-adds of the linear parts for one row."""

    def json(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "output": list(self.output)}


def layer_rows(net: nn.Module, in_shape: Shape, choice: Callable[[str], LayerChoice]) -> list[LayerRow]:
    """The rows of a net, in the order of its modules. choice: the parts of a layer by its name.

    The net sees one row of zeros in evaluation mode: nothing is drawn, no running value moves.
    """
    units = list(_units("", net))
    shapes, work = _measure(net, [module for _, module in units], in_shape)
    counted: set[int] = set()
    names = {id(module): name for name, module in units}
    rows = []
    for name, module in units:
        trained, fixed = _count(module, counted)
        what = _what(name, module, choice, names)
        rows.append(LayerRow(name, what, shapes.get(id(module), ()), trained, fixed, work.get(id(module), 0)))
    return rows


def totals(rows: list[LayerRow]) -> dict[str, int]:
    """The sums over all layers."""
    return {
        "trained": sum(row.trained for row in rows),
        "not_trained": sum(row.not_trained for row in rows),
        "multiply_adds": sum(row.multiply_adds for row in rows),
    }


def _units(name: str, module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The modules that get a line: layers with their stages, and what stands alone.

    A block comes after the layers inside it.
    """
    from ...nn.layers.linear_maps import Staged
    from ...nn.layers.residual import Residual

    block = isinstance(module, Residual)
    children = [
        (key, child) for key, child in module.named_children() if not block or key in ("body", "shortcut")
    ]
    if isinstance(module, Staged) or not children:
        yield name, module
        return
    for child_name, child in children:
        yield from _units(f"{name}.{child_name}" if name else child_name, child)
    if block or module._parameters or module._buffers:
        yield name or type(module).__name__, module


def _count(module: nn.Module, counted: set[int]) -> tuple[int, int]:
    """Numbers that are trained and not, of tensors that no line before has counted."""
    trained = fixed = 0
    for tensor in [*module.parameters(), *module.buffers()]:
        if id(tensor) in counted or not tensor.is_floating_point():
            continue
        counted.add(id(tensor))
        if tensor.requires_grad:
            trained += tensor.numel()
        else:
            fixed += tensor.numel()
    return trained, fixed


def _what(name: str, module: nn.Module, choice: Callable[[str], LayerChoice], names: dict[int, str]) -> str:
    from ...nn.layers.linear_maps import Staged
    from ...nn.layers.residual import Residual

    if isinstance(module, Residual):
        return sum_words(module, choice(name))
    if not isinstance(module, Staged):
        return module_words(module)
    return ", ".join([linear_words(module, names), *stage_words(module, choice(name))])


def _measure(
    net: nn.Module, units: list[nn.Module], in_shape: Shape
) -> tuple[dict[int, Shape], dict[int, int]]:
    """Output shape and multiply-adds of each unit for one row, by the module's id."""
    shapes: dict[int, Shape] = {}
    work: dict[int, int] = {}

    def hook(owner: nn.Module) -> Callable[[nn.Module, tuple[Any, ...], Any], None]:
        def look(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            if module is owner and isinstance(output, torch.Tensor):
                shapes[id(owner)] = tuple(output.shape[1:])
            work[id(owner)] = work.get(id(owner), 0) + _multiply_adds(module, inputs[0])

        return look

    handles = [
        module.register_forward_hook(hook(unit)) for unit in units for module in _own_modules(unit, units)
    ]
    was_training = {module: module.training for module in net.modules()}
    first = next(net.parameters(), torch.zeros(1))
    try:
        with torch.no_grad():
            net.eval()(torch.zeros(1, *in_shape, device=first.device))
    finally:
        for handle in handles:
            handle.remove()
        for module, training in was_training.items():
            module.training = training
    return shapes, work


def _own_modules(unit: nn.Module, units: list[nn.Module]) -> list[nn.Module]:
    """The unit and what is inside it, without what has a line of its own."""
    others = {id(module) for module in units} - {id(unit)}
    inside = [module for module in unit.modules() if module is not unit]
    return [
        unit,
        *(
            module
            for module in inside
            if id(module) not in others and not any(id(m) in others for m in module.modules())
        ),
    ]


def _multiply_adds(module: nn.Module, inputs: torch.Tensor) -> int:
    """Of one linear map.

    Dense: in * out. Convolution: kernel area * channels in / groups * channels out * output places.
    """
    from ...nn.layers.linear_maps import TiedDense

    if isinstance(module, TiedDense):
        return inputs.numel() * module.source.in_features
    if isinstance(module, nn.Linear):
        return inputs.numel() * module.out_features
    if isinstance(module, nn.Conv2d):
        return module.weight.numel() * prod(_places(module, tuple(inputs.shape[2:])))
    return 0


def _places(conv: nn.Conv2d, size: Shape) -> list[int]:
    """Height and width of a convolution's output."""
    if conv.padding == "same":
        return list(size)
    padding = (0, 0) if isinstance(conv.padding, str) else conv.padding
    return [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, p, d, k, s in zip(size, padding, conv.dilation, conv.kernel_size, conv.stride, strict=True)
    ]
