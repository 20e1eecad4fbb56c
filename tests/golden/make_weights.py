"""Writes weights.json and weights/: small nets trained in Keras, flax, scikit-learn and torch.

    KERAS_BACKEND=jax python tests/golden/make_weights.py      # the extra oracle; not dnnlab

A case names its files, the net in dnnlab (`architecture`), `map` from their layers to ours, inputs as torch
has them, and the outputs (logits).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import flax
import flax.linen as fnn
import jax
import keras
import numpy as np
import onnx
import optax
import sklearn
import torch
from flax import serialization
from sklearn.neural_network import MLPClassifier
from torch import nn

HERE = Path(__file__).with_name("weights")
DRAWS = np.random.default_rng(3)
ROWS = DRAWS.normal(size=(40, 5)).astype(np.float32)
IMAGES = DRAWS.normal(size=(40, 3, 7, 9)).astype(np.float32)
SQUARES = DRAWS.normal(size=(40, 3, 8, 8)).astype(np.float32)
CLASSES = (np.arange(40) % 3).astype(np.int64)
CASES: list[dict[str, Any]] = []
L = keras.layers


def add(
    name: str,
    files: list[str],
    architecture: Any,
    names: dict[str, str],
    inputs: np.ndarray,
    outputs: Any,
    **more: Any,
) -> None:
    """One case; five rows are kept."""
    case = {"name": name, "files": files, "architecture": architecture, "map": names, **more}
    numbers = {
        "inputs": inputs[:5].round(6).tolist(),
        "outputs": np.asarray(outputs, dtype=np.float64).tolist(),
    }
    CASES.append({**case, **numbers})


def layers(*items: Any) -> dict[str, Any]:
    return {"name": "sequential", "layers": list(items)}


def last(images: np.ndarray) -> np.ndarray:
    return np.transpose(images, (0, 2, 3, 1))


def of_keras(name: str, net: Any, inputs: np.ndarray, architecture: Any, names: dict[str, str]) -> None:
    """Train, save in three formats."""
    keras.utils.set_random_seed(1)
    given = last(inputs) if inputs.ndim == 4 else inputs
    model = keras.Sequential([keras.Input(given.shape[1:]), *net])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05, momentum=0.5), loss, jit_compile=False)
    model.fit(given, CLASSES, epochs=3, batch_size=10, verbose=0)
    files = [f"{name}.keras", f"{name}.h5", f"{name}.weights.h5"]
    model.save(HERE / files[0])
    model.save(HERE / files[1])
    model.save_weights(HERE / files[2])
    outputs = model(np.round(given[:5].astype(np.float64), 6).astype(np.float32))
    add(name, files, architecture, names, inputs, outputs)


def kerases() -> None:
    """An MLP with d10 before d2 in the file; CNNs with BatchNorm, `same` at stride 2, depthwise, dilation."""
    many = [L.Dense(6, activation="tanh", name=f"d{i}") for i in range(1, 12)]
    names = {"d(.*)": r"hidden\1", "head": "output"}
    of_keras("keras_mlp", [*many, L.Dense(3, name="head")], ROWS, {"name": "mlp", "hidden": [6] * 11}, names)
    net = [
        L.Conv2D(4, 3, strides=2, padding="same", name="first"),
        L.BatchNormalization(epsilon=0.02, momentum=0.9, name="bn"),
        L.Activation("tanh"),
        L.Conv2D(6, 2, padding="same", activation="tanh", name="second"),
        L.Flatten(),
        L.Dense(5, activation="tanh", name="wide"),
        L.Dense(3, name="head"),
    ]
    ours = layers(
        {"name": "conv", "channels": 4, "stride": 2, "padding": "same_keras"},
        {"name": "normalization", "part": {"name": "batch", "eps": 0.02, "decay": 0.9}},
        "activation",
        {"name": "conv", "channels": 6, "kernel": 2, "padding": "same_keras"},
        "flatten",
        {"name": "dense", "units": 5},
    )
    names = {"first": "conv1", "bn": "normalization1", "second": "conv2", "wide": "hidden1", "head": "output"}
    more = {"per_layer": {"conv1": {"activation": "identity"}}}
    of_keras("keras_cnn", net, IMAGES, ours, names)
    CASES[-1] |= more
    net = [L.Conv2D(4, 3, activation="tanh"), L.MaxPooling2D(), L.Flatten(), L.Dense(3, name="head")]
    ours = layers({"name": "conv", "channels": 4, "padding": "valid"}, "max_pool", "flatten")
    of_keras("keras_square", net, SQUARES, ours, {"conv2d.*": "conv1", "head": "output"})
    net = [
        L.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="same", activation="tanh", name="apart"),
        L.Conv2D(4, 3, dilation_rate=2, groups=2, padding="same", activation="tanh", name="far"),
        L.GlobalAveragePooling2D(),
        L.Dense(3, name="head"),
    ]
    ours = layers(
        {"name": "conv", "channels": 6, "stride": 2, "padding": "same_keras", "groups": 3},
        {"name": "conv", "channels": 4, "dilation": 2, "groups": 2, "padding": "same_keras"},
        "global_average_pool",
    )
    of_keras("keras_depthwise", net, SQUARES, ours, {"apart": "conv1", "far": "conv2", "head": "output"})


class OfFlax(fnn.Module):
    """A CNN with BatchNorm."""

    @fnn.compact
    def __call__(self, x: Any, train: bool = False) -> Any:
        x = fnn.Conv(4, (3, 3), strides=2, padding="SAME")(x)
        x = fnn.BatchNorm(use_running_average=not train, momentum=0.9, epsilon=1e-3)(x)
        x = fnn.tanh(x)
        x = x.reshape((x.shape[0], -1))
        return fnn.Dense(3)(fnn.tanh(fnn.Dense(5)(x)))


def flaxes() -> None:
    """Three steps of SGD."""
    net, x = OfFlax(), last(SQUARES)
    variables = net.init(jax.random.key(0), x)

    def loss(params: Any, stats: Any) -> Any:
        outputs, changed = net.apply(
            {"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"]
        )
        return optax.softmax_cross_entropy_with_integer_labels(outputs, CLASSES).mean(), changed[
            "batch_stats"
        ]

    params, stats = variables["params"], variables["batch_stats"]
    for _ in range(3):
        slopes, stats = jax.grad(loss, has_aux=True)(params, stats)
        params = jax.tree.map(lambda p, g: p - 0.1 * g, params, slopes)
    trained = {"params": params, "batch_stats": stats}
    (HERE / "flax_cnn.msgpack").write_bytes(serialization.to_bytes(trained))
    ours = layers(
        {"name": "conv", "channels": 4, "stride": 2, "padding": "same_keras"},
        {"name": "normalization", "part": {"name": "batch", "eps": 1e-3, "decay": 0.9}},
        "activation",
        "flatten",
        {"name": "dense", "units": 5},
    )
    names = {"Conv_0": "conv1", "BatchNorm_0": "normalization1", "Dense_1": "hidden1", "Dense_0": "output"}
    outputs = net.apply(trained, np.round(x[:5].astype(np.float64), 6).astype(np.float32))
    add(
        "flax_cnn",
        ["flax_cnn.msgpack"],
        ours,
        names,
        SQUARES,
        outputs,
        per_layer={"conv1": {"activation": "identity"}},
    )


def sklearns() -> None:
    """An MLP for two classes (one output) and one for three."""
    for name, classes in (("sklearn_binary", CLASSES % 2), ("sklearn_classes", CLASSES)):
        mlp = MLPClassifier((6, 4), activation="tanh", max_iter=30, random_state=0, solver="adam")
        with np.errstate(all="ignore"):
            import warnings

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                mlp.fit(ROWS.astype(np.float64), classes)
        arrays = {f"coefs_{i}": w for i, w in enumerate(mlp.coefs_)} | {
            f"intercepts_{i}": b for i, b in enumerate(mlp.intercepts_)
        }
        np.savez(HERE / f"{name}.npz", **arrays)
        shown = np.round(ROWS[:5].astype(np.float64), 6)
        chances = mlp.predict_proba(shown)
        logits = np.log(chances[:, 1:] / chances[:, :1]) if name == "sklearn_binary" else np.log(chances)
        names = {"layers.0": "hidden1", "layers.1": "hidden2", "layers.2": "output"}
        add(
            name,
            [f"{name}.npz"],
            {"name": "mlp", "hidden": [6, 4]},
            names,
            ROWS,
            logits,
            chances=name == "sklearn_classes",
        )


def torches() -> None:
    """A CNN with BatchNorm, as a state dict and as ONNX."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4, eps=0.02), nn.Tanh(), nn.Flatten(),
        nn.Linear(4 * 4 * 5, 5), nn.Tanh(), nn.Linear(5, 3),
    )  # fmt: skip
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(torch.tensor(IMAGES)), torch.tensor(CLASSES)).backward()
        optimizer.step()
    torch.save(net.state_dict(), HERE / "torch_cnn.pt")
    shown = torch.tensor(IMAGES[:5].astype(np.float64).round(6).astype(np.float32))
    ours = layers(
        {"name": "conv", "channels": 4, "stride": 2, "padding": 1},
        {"name": "normalization", "part": {"name": "batch", "eps": 0.02}},
        "activation",
        "flatten",
        {"name": "dense", "units": 5},
    )
    names = {"0": "conv1", "1": "normalization1", "4": "hidden1", "6": "output"}
    more = {"per_layer": {"conv1": {"activation": "identity"}}}
    add("torch_cnn", ["torch_cnn.pt"], ours, names, IMAGES, net.eval()(shown).detach(), **more)
    by_hand(net)
    add(
        "onnx_cnn",
        ["onnx_cnn.onnx"],
        ours,
        {"conv": "conv1", "norm": "normalization1", "wide": "hidden1", "head": "output"},
        IMAGES,
        net(shown).detach(),
        **more,
    )


def by_hand(net: nn.Sequential) -> None:
    """The same net as ONNX; the weight of MatMul stands the other way than that of Gemm with transB."""
    numbers = {
        "conv.weight": net[0].weight,
        "conv.bias": net[0].bias,
        "norm.weight": net[1].weight,
        "norm.bias": net[1].bias,
        "norm.running_mean": net[1].running_mean,
        "norm.running_var": net[1].running_var,
        "wide.weight": net[4].weight,
        "wide.bias": net[4].bias,
        "head.weight": net[6].weight.T,
        "head.bias": net[6].bias,
    }
    make = onnx.helper.make_node
    nodes = [
        make("Conv", ["x", "conv.weight", "conv.bias"], ["a"], pads=[1, 1, 1, 1], strides=[2, 2]),
        make(
            "BatchNormalization",
            ["a", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"],
            ["b"],
            epsilon=0.02,
            momentum=0.9,
        ),
        make("Tanh", ["b"], ["c"]),
        make("Flatten", ["c"], ["d"]),
        make("Gemm", ["d", "wide.weight", "wide.bias"], ["e"], transB=1),
        make("Tanh", ["e"], ["f"]),
        make("MatMul", ["f", "head.weight"], ["g"]),
        make("Add", ["g", "head.bias"], ["y"]),
    ]
    value = onnx.helper.make_tensor_value_info
    tensors = [
        onnx.numpy_helper.from_array(np.ascontiguousarray(a.detach().numpy()), name)
        for name, a in numbers.items()
    ]
    graph = onnx.helper.make_graph(
        nodes, "net", [value("x", 1, ["n", 3, 7, 9])], [value("y", 1, ["n", 3])], tensors
    )
    model = onnx.helper.make_model(graph)
    onnx.checker.check_model(model)
    onnx.save(model, HERE / "onnx_cnn.onnx")


def main() -> None:
    """Train all, write all."""
    HERE.mkdir(exist_ok=True)
    kerases()
    flaxes()
    sklearns()
    torches()
    libraries = (keras, flax, jax, sklearn, torch, onnx)
    made = ", ".join(f"{library.__name__} {library.__version__}" for library in libraries)
    cases = ",\n  ".join(json.dumps(case, separators=(",", ":")) for case in CASES)
    (HERE.parent / "weights.json").write_text(
        f'{{\n "made_by": {json.dumps(made)},\n "cases": [\n  {cases}\n ]\n}}\n'
    )


if __name__ == "__main__":
    main()
