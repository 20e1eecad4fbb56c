"""LSUV: each layer is scaled on one batch until its outputs have variance 1.

Source: Mishkin & Matas 2016, arXiv:1511.06422.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ...errors import ConfigError, Problem
from ..layers.linear_maps import Conv, Dense

_CONSTANT = 1e-10  # variance / mean square below which float32 outputs differ by rounding only
_STUCK = 1e-3  # one scaling brings a linear map to 1; outputs that it moves less than this do not feel it


def unit_variance(net: nn.Module, inputs: Tensor, tol: float, max_iterations: int) -> None:
    """Orthonormalize and scale every Dense and Conv of `net`, in the order in which a pass meets them.

    inputs: (n, ...), for the forward pass. One pass does it: a layer is set in a hook just before it runs, so
    its input already comes from finished layers. Modes, buffers and the generators are left as they were.
    Raises `ConfigError` naming the layer whose outputs are constant.
    """
    names = {module: name for name, module in net.named_modules() if isinstance(module, Dense | Conv)}
    modes = {module: module.training for module in net.modules()}
    done: set[nn.Module] = set()

    def prepare(layer: Any, arrived: tuple[Tensor, ...]) -> None:
        if layer not in done:
            done.add(layer)
            _set_weight(layer, orthonormal(layer.weight))
            _scale(layer, arrived[0], names[layer], tol, max_iterations)

    hooks = [layer.register_forward_pre_hook(prepare) for layer in names]
    net.eval()
    try:
        with torch.no_grad():
            net(inputs)
    finally:
        for hook in hooks:
            hook.remove()
        for module, training in modes.items():
            module.training = training


def orthonormal(weight: Tensor) -> Tensor:
    """`weight` (units, ...) with orthonormal rows by QR; with orthonormal columns if there are more rows."""
    rows = weight.detach().flatten(1).cpu().double()
    wide = rows.shape[0] < rows.shape[1]
    factor, r = torch.linalg.qr(rows.t() if wide else rows)
    q: Tensor = factor * torch.where(r.diagonal() < 0, -1.0, 1.0)  # QR is unique only up to these signs
    return (q.t() if wide else q).reshape(weight.shape)


def _scale(layer: Dense | Conv, inputs: Tensor, name: str, tol: float, max_iterations: int) -> None:
    before = 0.0
    for _ in range(max_iterations):
        outputs = layer.linear(inputs)
        variance, square = outputs.var(correction=0).item(), outputs.square().mean().item()
        if not variance > _CONSTANT * square:
            raise _refusal(
                f"on the measuring batch the outputs of {name} have variance {variance:g}",
                "expected outputs that vary, so that they can be scaled to variance 1",
                "write another initializer, another seed, or make the layers before it wider",
                "constant_outputs",
            )
        if abs(variance - 1) < tol:
            return
        if abs(variance - 1) > _STUCK and abs(variance - before) < _STUCK * variance:
            raise _refusal(
                f"the outputs of {name} keep variance {variance:.3g} whatever the scale of its weight",
                "expected a weight whose scale acts (spectral normalization takes it off)",
                f"write normalization: none for {name}, or another initializer",
                "no_effect",
            )
        before = variance
        _set_weight(layer, layer.weight / variance**0.5)


def _refusal(received: str, expected: str, fix: str, code: str) -> ConfigError:
    return ConfigError(Problem(received, expected, fix, code=code))


def _set_weight(layer: Dense | Conv, weight: Tensor) -> None:
    with torch.no_grad():
        layer.weight.copy_(weight)
        for refresh in (
            layer.after_initialization
        ):  # such as the gain of weight normalization, which would hide the new scale
            refresh(layer)
