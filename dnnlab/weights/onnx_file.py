"""Initializers of ONNX models. Nothing is run; only numbers and the nodes that take them are read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

from .layouts import DENSE, PLAIN, Layout
from .read import needs
from .weight_file import Array, WeightArray, WeightFile, arrays_by_name, as_float, refused


def read(path: Path) -> WeightFile:
    """The initializers that are numbers with a fraction.

    The weights of MatMul, and of Gemm without transB, are turned to torch's layout. Large models keep their
    numbers in files beside them; one outside the folder is refused.
    """
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ModuleNotFoundError:
        raise needs("onnx", "onnx", path) from None
    try:
        model = onnx.load(path, load_external_data=False)
    except (DecodeError, ValueError, RuntimeError) as error:
        raise refused(
            path, f"the ONNX file is cut off or damaged ({error})", "expected a whole file", code="truncated"
        ) from None
    layouts, facts = _of_nodes(model.graph)
    found = []
    for tensor in model.graph.initializer:
        if tensor.data_type not in _types():
            continue  # shapes and indices
        shape = tuple(tensor.dims)
        _check(path, tensor, shape)
        layout = layouts.get(tensor.name, PLAIN)
        layout = layout if len(shape) == 2 else PLAIN
        load = partial(_array, path, tensor, layout)
        found.append(
            WeightArray(tensor.name, layout.shape(shape), _types()[tensor.data_type], load, tensor.name)
        )
    if not found:
        raise refused(path, "the ONNX file holds no initializers", "expected a model with its weights")
    return WeightFile(path, "ONNX", arrays_by_name(found), facts)


def _types() -> dict[int, str]:
    """ONNX's number of a type -> its name."""
    import onnx

    kind = onnx.TensorProto
    return {kind.FLOAT: "float32", kind.DOUBLE: "float64", kind.FLOAT16: "float16", kind.BFLOAT16: "bfloat16"}


def _of_nodes(graph: Any) -> tuple[dict[str, Layout], Mapping[str, Mapping[str, Any]]]:
    """Weight -> layout; and layer -> eps and decay of BatchNormalization."""
    layouts, facts = dict[str, Layout](), dict[str, dict[str, Any]]()
    for node in graph.node:
        own = {a.name: a for a in node.attribute}
        if node.op_type == "MatMul" or (node.op_type == "Gemm" and not ("transB" in own and own["transB"].i)):
            layouts[node.input[1]] = DENSE
        if node.op_type == "BatchNormalization":
            layer = node.input[1].rpartition(".")[0] or node.input[1]
            eps = own["epsilon"].f if "epsilon" in own else 1e-5
            decay = own["momentum"].f if "momentum" in own else 0.9
            facts[layer] = {"eps": float(f"{eps:.6g}"), "decay": float(f"{decay:.6g}")}
    return layouts, facts


def _check(path: Path, tensor: Any, shape: tuple[int, ...]) -> None:
    """Raise `DataError` for numbers outside the folder, and for a shape that needs more than is there."""
    from onnx.external_data_helper import uses_external_data

    size = {"float64": 8, "float32": 4}.get(_types()[tensor.data_type], 2)
    if uses_external_data(tensor):
        entries = {entry.key: entry.value for entry in tensor.external_data}
        beside = path.parent / entries.get("location", "")
        if Path(entries.get("location", "")).name != entries.get("location", "") or beside.is_symlink():
            raise refused(
                path,
                f"{tensor.name} lies in {entries.get('location')}",
                "expected a file beside it",
                code="links",
            )
        if not beside.is_file():
            raise refused(
                path,
                f"{beside.name}, which holds {tensor.name}, is not there",
                "expected both files",
                code="missing_files",
            )
        there = beside.stat().st_size
    else:
        there = len(tensor.raw_data) or size * max(
            len(tensor.float_data), len(tensor.double_data), len(tensor.int32_data)
        )
    needed = prod(shape) * size
    if min(shape, default=0) < 0 or needed > there:
        claim = f"{tensor.name} says that it is {'x'.join(map(str, shape))}"
        text = f"{claim}, which needs {needed:,} bytes; {there:,} are there"
        raise refused(path, text, "expected a whole file", code="truncated")


def _array(path: Path, tensor: Any, layout: Layout) -> Array:
    from onnx import numpy_helper

    array = numpy_helper.to_array(tensor, base_dir=str(path.parent))
    return layout.turned(as_float(array if array.dtype.kind == "f" else array.astype("float32")))
