"""Keras, ONNX and flax files: names and layouts one by one, and files that are refused with one clear text."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import msgpack
import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper

from dnnlab import weights
from dnnlab.errors import DataError
from dnnlab.weights.layouts import CONV, DENSE, FLAX_TRANSPOSED, after_flatten, depthwise

GOLDEN = Path(__file__).parents[1] / "golden" / "weights"
WHOLE = "expected a whole file"


def test_depthwise_channels() -> None:
    """Output channel o belongs to [o // 2, o % 2] of a multiplier 2."""
    kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 2))
    layout = depthwise(kernel.shape)
    turned = layout.turned(kernel)
    assert turned.shape == layout.shape(kernel.shape) == (6, 1, 3, 3)
    for o in range(6):
        assert np.array_equal(turned[o, 0], kernel[:, :, o // 2, o % 2])


def test_transposed_convolutions() -> None:
    """Keras: (h, w, filters, channels), torch's weight is (channels, filters, h, w), without a flip; flax is flipped."""
    kernel = np.arange(2 * 2 * 5 * 4.0).reshape(2, 2, 5, 4)
    assert CONV.shape(kernel.shape) == (4, 5, 2, 2) and CONV.turned(kernel)[1, 2, 0, 1] == kernel[0, 1, 2, 1]
    flax = FLAX_TRANSPOSED.turned(kernel)
    assert (
        flax.shape == FLAX_TRANSPOSED.shape(kernel.shape) == (5, 4, 2, 2)
        and flax[2, 1, 0, 1] == kernel[1, 0, 2, 1]
    )


def test_dense_after_flatten() -> None:
    """Rows of the kernel are places times channels; torch's columns are channels times places."""
    image, kernel = np.arange(24.0).reshape(2, 3, 4), np.random.default_rng(0).normal(size=(24, 5))
    turned = after_flatten(kernel.shape, image.shape).turned(kernel)
    assert np.allclose(turned @ np.moveaxis(image, 2, 0).ravel(), image.ravel() @ kernel)
    assert DENSE.turned(kernel).shape == DENSE.shape(kernel.shape) == (5, 24)


def keras3(path: Path, layers: dict[str, tuple[str, list[Any]]]) -> Path:
    """A `.weights.h5` file: group -> (name, variables)."""
    with h5py.File(path, "w") as file:
        for group, (name, variables) in layers.items():
            held = file.create_group(f"layers/{group}/vars")
            held.attrs["name"] = name
            for number, array in enumerate(variables):
                held.create_dataset(str(number), data=array)
    return path


def test_a_quantized_kernel_is_divided_by_its_scale(tmp_path: Path) -> None:
    kernel, scale = np.array([[127, -64], [0, 127]], np.int8), np.array([127.0, 63.5], np.float32)
    file = weights.read(keras3(tmp_path / "q.weights.h5", {"dense": ("d", [kernel, np.zeros(2), scale])}))
    assert list(file.arrays) == ["d.weight", "d.bias"]
    assert np.allclose(file.arrays["d.weight"].read(), [[1, 0], [-64 / 63.5, 2]])


def test_normalization_without_gamma_and_beta(tmp_path: Path) -> None:
    file = weights.read(
        keras3(tmp_path / "n.weights.h5", {"batch_normalization_1": ("n", [np.zeros(3), np.ones(3)])})
    )
    assert list(file.arrays) == ["n.running_mean", "n.running_var"]


def test_bfloat16_of_keras(tmp_path: Path) -> None:
    path = tmp_path / "b.weights.h5"
    half = torch.tensor([[1.5, -3.0]], dtype=torch.bfloat16)
    keras3(path, {"dense": ("d", [half.view(torch.int16).numpy()])})
    with h5py.File(path, "a") as file:
        file["layers/dense/vars/0"].attrs["dtype"] = "bfloat16"
    assert weights.read(path).arrays["d.weight"].read().tolist() == [[1.5], [-3.0]]


def test_layers_inside_layers(tmp_path: Path) -> None:
    path = keras3(tmp_path / "m.weights.h5", {"functional/layers/dense": ("d", [np.ones((2, 3))])})
    assert list(weights.read(path).arrays) == ["functional.d.weight"]


def test_names_of_keras_2(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.attrs["layer_names"] = [b"head", b"d10", b"d2"]
        for name in ("head", "d10", "d2"):
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}/kernel:0".encode(), f"{name}/bias:0".encode()]
            group.create_dataset(f"{name}/kernel:0", data=np.ones((2, 3)))
            group.create_dataset(f"{name}/bias:0", data=np.ones(3))
    names = [f"{layer}.{kind}" for layer in ("head", "d10", "d2") for kind in ("weight", "bias")]
    assert list(weights.read(tmp_path / "old.h5").arrays) == names


def onnx_model(path: Path, nodes: list[Any], arrays: dict[str, Any]) -> Path:
    tensors = [numpy_helper.from_array(np.ascontiguousarray(a), name) for name, a in arrays.items()]
    onnx.save(helper.make_model(helper.make_graph(nodes, "net", [], [], tensors)), path)
    return path


def test_the_node_says_how_an_onnx_weight_lies(tmp_path: Path) -> None:
    w = np.arange(6, dtype=np.float32).reshape(2, 3)
    nodes = [
        helper.make_node("Gemm", ["x", "as_torch"], ["a"], transB=1),
        helper.make_node("Gemm", ["x", "gemm"], ["b"]),
        helper.make_node("MatMul", ["x", "matmul"], ["c"]),
    ]
    arrays = {"as_torch": w, "gemm": w, "matmul": w, "shape": np.array([1, -1])}
    file = weights.read(onnx_model(tmp_path / "a.onnx", nodes, arrays))
    assert {n: a.read().tolist() for n, a in file.arrays.items()} == {
        "as_torch": w.tolist(), "gemm": w.T.tolist(), "matmul": w.T.tolist(),
    }  # fmt: skip


def test_numbers_beside_an_onnx_file(tmp_path: Path) -> None:
    path = onnx_model(tmp_path / "a.onnx", [], {"w": np.arange(2000, dtype=np.float32)})
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="a.onnx.data")
    assert weights.read(path).arrays["w"].read().tolist() == list(range(2000))
    (tmp_path / "a.onnx.data").unlink()
    with pytest.raises(DataError, match=r"a\.onnx\.data, which holds w, is not there; expected both files"):
        weights.read(path)


def packed(array: np.ndarray, dtype: str | None = None, shape: Any = None) -> msgpack.ExtType:
    parts = (shape or array.shape, dtype or array.dtype.name, array.tobytes())
    return msgpack.ExtType(1, msgpack.packb(parts))


def test_names_of_flax(tmp_path: Path) -> None:
    """Linen has params and batch_stats; nnx has numbers as texts, and `value` at the end."""
    kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
    tree = {
        "layers": {"0": {"kernel": {"value": packed(kernel)}}, "10": {"bias": packed(np.ones(3))}},
        "step": 3,
    }
    (tmp_path / "nnx.msgpack").write_bytes(msgpack.packb(tree))
    file = weights.read(tmp_path / "nnx.msgpack")
    assert {n: a.read().tolist() for n, a in file.arrays.items()} == {
        "layers.0.weight": kernel.T.tolist(), "layers.10.bias": [1, 1, 1],
    }  # fmt: skip
    half = torch.tensor([1.5, -3.0], dtype=torch.bfloat16).view(torch.int16).numpy()
    tree = {"params": {"A": {"scale": packed(half, "bfloat16")}}, "opt_state": {"m": packed(np.ones(2))}}
    (tmp_path / "linen.msgpack").write_bytes(msgpack.packb(tree))
    file = weights.read(tmp_path / "linen.msgpack")
    assert {n: a.read().tolist() for n, a in file.arrays.items()} == {"A.weight": [1.5, -3.0]}


def cut(name: str, less: int) -> Callable[[Path, Path], None]:
    def make(path: Path, canary: Path) -> None:
        path.write_bytes((GOLDEN / name).read_bytes()[:-less])

    return make


def linked(kind: Any) -> Callable[[Path, Path], None]:
    def make(path: Path, canary: Path) -> None:
        keras3(path, {"dense": ("d", [np.ones((2, 3))])})
        with h5py.File(path, "a") as file:
            file["layers/dense/vars/1"] = kind

    return make


def outside(path: Path, canary: Path) -> None:
    keras3(path, {"dense": ("d", [])})
    with h5py.File(path, "a") as file:
        other = [(str(path.with_name("other.bin")), 0, 48)]
        file["layers/dense/vars"].create_dataset("0", (2, 3), "f8", external=other)


def huge_h5(path: Path, canary: Path) -> None:
    keras3(path, {"dense": ("d", [])})
    with h5py.File(path, "a") as file:
        file["layers/dense/vars"].create_dataset("0", (2**40, 2**20), "f4", chunks=(64, 64), fillvalue=1.0)


def texts_h5(path: Path, canary: Path) -> None:
    keras3(path, {"dense": ("d", [np.array([b"abc"])])})


def in_circles(path: Path, canary: Path) -> None:
    keras3(path, {"dense": ("d", [np.ones((2, 3))])})
    with h5py.File(path, "a") as file:
        file["layers/dense/again"] = file["layers"]


def named_type(path: Path, canary: Path) -> None:
    keras3(path, {"dense": ("d", [])})
    with h5py.File(path, "a") as file:
        file["layers/dense/vars/0"] = np.dtype("f8")


def other_h5(path: Path, canary: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.ones(3))


def huge_onnx(path: Path, canary: Path) -> None:
    model = onnx.load(onnx_model(path, [], {"w": np.ones(3, dtype=np.float32)}))
    model.graph.initializer[0].dims[:] = [2**40, 2**20]
    path.write_bytes(model.SerializeToString())


def escaping_onnx(path: Path, canary: Path) -> None:
    model = onnx.load(onnx_model(path, [], {"w": np.ones(3, dtype=np.float32)}))
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secret.bin")
    path.write_bytes(model.SerializeToString())


def huge_flax(path: Path, canary: Path) -> None:
    path.write_bytes(msgpack.packb({"w": packed(np.ones(2), shape=(2**40, 2**20))}))


def objects_flax(path: Path, canary: Path) -> None:
    path.write_bytes(msgpack.packb({"w": packed(np.ones(2), dtype="object")}))


REFUSED: list[tuple[str, str, Callable[[Path, Path], None], str, str]] = [
    ("cut keras", "m.keras", cut("keras_cnn.keras", 900), "it is cut off or damaged", "truncated"),
    ("cut h5", "m.h5", cut("keras_cnn.h5", 9000), "the HDF5 file is cut off or damaged", "truncated"),
    ("soft link", "m.h5", linked(h5py.SoftLink("/layers/dense/vars/0")), "/layers/dense/vars/1 is a link; expected arrays in the file itself", "links"),
    ("external link", "m.h5", linked(h5py.ExternalLink("other.h5", "/x")), "/layers/dense/vars/1 is a link; expected arrays in the file itself", "links"),
    ("outside", "m.h5", outside, "/layers/dense/vars/0 lies in another file; expected arrays in the file itself", "links"),
    ("huge h5", "m.h5", huge_h5, "/layers/dense/vars/0 says that it is 1099511627776x1048576 float32, which needs 4,611,686,018,427,387,904 bytes; 0 are there", "truncated"),
    ("texts", "m.h5", texts_h5, "/layers/dense/vars/0 holds |S3; expected numbers", "data_type"),
    ("circles", "m.h5", in_circles, "its groups are nested deeper than 32; expected a model", "truncated"),
    ("named type", "m.h5", named_type, "/layers/dense/vars/0 is no array; expected numbers", "data_type"),
    ("other h5", "m.h5", other_h5, "the HDF5 file holds no layers of Keras; expected a model or its weights", "weight_file"),
    ("cut onnx", "m.onnx", cut("onnx_cnn.onnx", 700), "the ONNX file is cut off or damaged", "truncated"),
    ("huge onnx", "m.onnx", huge_onnx, "w says that it is 1099511627776x1048576, which needs 4,611,686,018,427,387,904 bytes; 12 are there", "truncated"),
    ("escaping onnx", "m.onnx", escaping_onnx, "w lies in ../secret.bin; expected a file beside it", "links"),
    ("no onnx", "m.onnx", lambda path, _: path.write_text("hello"), "the ONNX file is cut off or damaged", "truncated"),
    ("cut flax", "m.msgpack", cut("flax_cnn.msgpack", 50), "the msgpack file is cut off or damaged", "truncated"),
    ("huge flax", "m.msgpack", huge_flax, "the msgpack file is cut off or damaged (an array of 1099511627776x1048576 float64 in 16 bytes)", "truncated"),
    ("objects flax", "m.msgpack", objects_flax, "the msgpack file is cut off or damaged (an array of object)", "truncated"),
    ("no arrays", "m.msgpack", lambda path, _: path.write_bytes(msgpack.packb({"a": 1})), "the msgpack file holds no arrays; expected", "weight_file"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "make", "said", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refused(tmp_path: Path, name: str, make: Callable[[Path, Path], Any], said: str, code: str) -> None:
    path = tmp_path / name
    make(path, tmp_path / "canary")
    with pytest.raises(DataError) as caught:
        for array in weights.read(path).arrays.values():
            array.read()
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{path}: {said}") and problem.code == code


def test_code_in_a_keras_config_is_not_run(tmp_path: Path) -> None:
    """A Lambda layer holds marshalled code; nothing looks at it."""
    source, path = GOLDEN / "keras_mlp.keras", tmp_path / "evil.keras"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        config = json.loads(old.read("config.json"))
        code = f"__import__('os').system('touch {tmp_path / 'canary'}')"
        config["config"]["layers"].append(
            {"class_name": "Lambda", "config": {"name": "l", "function": code}, "module": "os"}
        )
        new.writestr("config.json", json.dumps(config))
        new.writestr("model.weights.h5", old.read("model.weights.h5"))
    assert len(weights.read(path).arrays) == 24 and not (tmp_path / "canary").exists()


def test_formats_are_found_by_their_content(tmp_path: Path) -> None:
    for name, form in {
        "keras_mlp.keras": "Keras 3 (.keras)",
        "keras_mlp.h5": "Keras (.h5)",
        "flax_cnn.msgpack": "flax msgpack",
        "torch_cnn.pt": "torch state dict",
    }.items():
        shutil.copy(GOLDEN / name, tmp_path / "weights.bin")
        assert weights.read(tmp_path / "weights.bin").format == form


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("keras_mlp.h5", "h5py", "keras"),
        ("onnx_cnn.onnx", "onnx", "onnx"),
        ("flax_cnn.msgpack", "msgpack", "flax"),
    ],
)
def test_a_package_that_is_not_there(
    name: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(DataError) as caught:
        weights.read(GOLDEN / name)
    assert (
        str(caught.value)
        == f"{name} is read with {package}, which is not installed; pip install 'dnnlab[{extra}]'"
    )
