"""Layer-sequential unit variance."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from dnnlab import registry
from dnnlab.errors import ConfigError
from dnnlab.nn.init.lsuv import orthonormal
from dnnlab.nn.layers.linear_maps import Chain, Conv, Dense, TiedDense
from dnnlab.nn.layers.weight_norm import normalize_weight


def deep(depth: int = 10, width: int = 40, inputs: int = 20) -> Chain:
    """`depth` tanh layers whose weights are random and much too large."""
    layers: dict[str, nn.Module] = {}
    for i in range(depth):
        layers[f"hidden{i + 1}"] = layer = Dense(inputs if i == 0 else width, width)
        layer.activation = nn.Tanh()
        nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(i))
    return Chain(layers)


def rows(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(99)) * 5 + 1


def variances(net: nn.Module, batch: torch.Tensor) -> list[float]:
    """Of each layer's linear outputs, measured without dnnlab's help."""
    found: list[float] = []

    def look(layer, inputs):
        with torch.no_grad():
            found.append(layer.linear(inputs[0]).double().var(correction=0).item())

    hooks = [m.register_forward_pre_hook(look) for m in net.modules() if isinstance(m, Dense | Conv)]
    net.eval()(batch)
    for hook in hooks:
        hook.remove()
    return found


def test_unit_variance_through_ten_layers():
    net, batch = deep(), rows(256, 20)
    assert max(variances(net, batch)) > 10
    registry.build("initializer", "lsuv", net, batch)
    assert variances(net, batch) == pytest.approx([1.0] * 10, abs=0.01)


def test_weights_are_orthonormal_up_to_scale():
    net = deep(3)
    registry.build("initializer", "lsuv", net, rows(64, 20))
    for name, layer in net.named_children():
        weight = layer.weight.detach().double()
        gram = weight.t() @ weight  # hidden1 has more units than inputs; square ones are orthogonal both ways
        torch.testing.assert_close(
            gram / gram[0, 0], torch.eye(len(gram), dtype=torch.float64), rtol=0, atol=1e-5, msg=name
        )


def test_tol_and_iterations_act():
    net, batch = deep(2), rows(64, 20)
    registry.build("initializer", {"name": "lsuv", "tol": 1e6}, net, batch)
    for layer in net.children():
        torch.testing.assert_close(
            layer.weight.t() @ layer.weight, torch.eye(layer.in_features), rtol=0, atol=1e-5
        )


def test_convolutions():
    net = Chain(
        {"conv1": Conv(3, 8, 3), "activation": nn.ReLU(), "conv2": Conv(8, 4, 3, stride=2, padding=1)}
    )
    for layer in (net.conv1, net.conv2):
        nn.init.normal_(layer.weight, std=0.01, generator=torch.Generator().manual_seed(0))
    batch = rows(16, 3, 8, 8)
    registry.build("initializer", "lsuv", net, batch)
    assert variances(net, batch) == pytest.approx([1.0, 1.0], abs=0.01)


def test_running_statistics_stay():
    net = Chain({"hidden1": Dense(6, 5), "normalization": nn.BatchNorm1d(5), "output": Dense(5, 3)})
    for layer in (net.hidden1, net.output):
        nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(0))
    registry.build("initializer", "lsuv", net, rows(32, 6))
    assert net.normalization.running_mean.tolist() == [0.0] * 5
    assert net.normalization.running_var.tolist() == [1.0] * 5
    assert net.normalization.num_batches_tracked == 0 and net.normalization.training


def test_a_layer_used_twice_is_set_for_its_first_use():
    layer = Dense(6, 6)
    nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(0))
    net, batch = Chain({"first": layer, "activation": nn.Tanh(), "second": layer}), rows(64, 6)
    registry.build("initializer", "lsuv", net, batch)
    first, second = variances(net, batch)
    assert first == pytest.approx(1, abs=0.01) and second != pytest.approx(1, abs=0.1)


def test_a_tied_weight_is_set_where_it_lives():
    net = Chain({"hidden1": Dense(8, 4)})
    nn.init.normal_(net.hidden1.weight, generator=torch.Generator().manual_seed(0))
    net.add_module("output", TiedDense(net.hidden1))
    batch = rows(64, 8)
    registry.build("initializer", "lsuv", net, batch)
    assert variances(net, batch) == pytest.approx([1.0], abs=0.01)


def test_under_weight_normalization():
    net = deep(4)
    for layer in net.children():
        normalize_weight(layer)
    batch = rows(64, 20)
    registry.build("initializer", "lsuv", net, batch)
    assert variances(net, batch) == pytest.approx([1.0] * 4, abs=0.01)


def test_constant_outputs_are_an_error_and_leave_no_hook():
    net = deep(3)
    nn.init.constant_(net.hidden1.bias, -1e4)
    net.hidden1.activation = nn.ReLU()
    with pytest.raises(ConfigError) as caught:
        registry.build("initializer", "lsuv", net, rows(16, 20))
    assert str(caught.value) == (
        "on the measuring batch the outputs of hidden2 have variance 0; expected outputs that vary, "
        "so that they can be scaled to variance 1; "
        "write another initializer, another seed, or make the layers before it wider"
    )
    assert not any(m._forward_pre_hooks for m in net.modules()) and net.training


def test_orthonormal_keeps_an_orthonormal_matrix():
    q = torch.linalg.qr(torch.randn(6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0)))[0]
    torch.testing.assert_close(orthonormal(q), q)
    torch.testing.assert_close(orthonormal(3 * q[:4]), q[:4])
    torch.testing.assert_close(orthonormal(3 * q[:, :2]), q[:, :2])
    assert torch.equal(orthonormal(-torch.eye(3)), -torch.eye(3, dtype=torch.float64))
