"""Reading weights: safetensors, npz, torch state dicts, folders; and files that are refused with one clear
text.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from dnnlab import weights
from dnnlab.errors import DataError


def numbers(file: weights.WeightFile) -> dict[str, Any]:
    return {name: array.read().tolist() for name, array in file.arrays.items()}


def test_safetensors_in_the_order_of_numbers_with_every_type(tmp_path: Path) -> None:
    stored = {
        "layers.10.w": torch.tensor([1.5, 2.0]),
        "layers.2.w": torch.tensor([3.0], dtype=torch.float64),
        "n": torch.ones(1, dtype=torch.int64),
        "h": torch.tensor([0.5, -3.0], dtype=torch.float16),
        "b": torch.tensor([[0.25, -7.0]], dtype=torch.bfloat16),
    }
    save_file(stored, tmp_path / "a.safetensors")
    file = weights.read(tmp_path / "a.safetensors")
    assert list(file.arrays) == ["b", "h", "layers.2.w", "layers.10.w", "n"]
    assert {name: array.dtype for name, array in file.arrays.items()} == {
        "b": "bfloat16", "h": "float16", "layers.2.w": "float64", "layers.10.w": "float32", "n": "int64",
    }  # fmt: skip
    assert numbers(file) == {name: tensor.tolist() for name, tensor in stored.items()}
    assert file.arrays["h"].read().dtype == np.float32


def test_a_tied_weight_has_both_names(tmp_path: Path) -> None:
    from safetensors.torch import save_model

    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.enc, self.dec = nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False)
            self.dec.weight = self.enc.weight

    net = Tied()
    save_model(net, str(tmp_path / "tied.safetensors"))
    found = numbers(weights.read(tmp_path / "tied.safetensors"))
    assert found == {name: tensor.tolist() for name, tensor in net.state_dict().items()}
    assert set(found) == {"enc.weight", "dec.weight"}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(tmp_path: Path, save: Any) -> None:
    arrays = {
        "w": np.arange(6.0).reshape(2, 3),
        "f": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "big": np.zeros(9999),
    }
    save(tmp_path / "a.npz", **arrays)
    file = weights.read(tmp_path / "a.npz")
    assert numbers(file) == {name: array.tolist() for name, array in arrays.items()}
    assert file.arrays["w"].shape == (2, 3) and file.format == "npz"


def test_coefficients_of_scikit_learn_are_turned(tmp_path: Path) -> None:
    first = np.arange(12.0).reshape(4, 3)
    np.savez(
        tmp_path / "mlp.npz",
        coefs_0=first,
        coefs_1=np.ones((3, 1)),
        intercepts_0=np.zeros(3),
        intercepts_1=np.zeros(1),
    )
    file = weights.read(tmp_path / "mlp.npz")
    assert list(file.arrays) == ["layers.0.bias", "layers.0.weight", "layers.1.bias", "layers.1.weight"]
    assert file.arrays["layers.0.weight"].shape == (3, 4)
    assert np.array_equal(file.arrays["layers.0.weight"].read(), first.T)


@pytest.mark.parametrize("form", ["plain", "old", "checkpoint", "parallel"])
def test_state_dicts_of_torch(tmp_path: Path, form: str) -> None:
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    held: Any = net.state_dict()
    if form == "checkpoint":
        held = {
            "epoch": 3,
            "model_state_dict": held,
            "optimizer": torch.optim.Adam(net.parameters()).state_dict(),
        }
    if form == "parallel":
        held = {f"module.{name}": tensor for name, tensor in held.items()}
    torch.save(held, tmp_path / "net.pt", _use_new_zipfile_serialization=form != "old")
    file = weights.read(tmp_path / "net.pt")
    assert numbers(file) == {name: tensor.tolist() for name, tensor in net.state_dict().items()}
    assert list(file.arrays) == list(net.state_dict())
    assert file.notes == (
        ("taken from 'model_state_dict'; left: epoch, optimizer",) if form == "checkpoint" else ()
    )


def test_the_folder_of_a_child_process_lives_as_long_as_an_array(tmp_path: Path) -> None:
    torch.save({"w": torch.arange(3.0)}, tmp_path / "net.pt")
    array = weights.read(tmp_path / "net.pt").arrays["w"]
    assert array.read().tolist() == [0, 1, 2]


def test_folders_of_hugging_face(tmp_path: Path) -> None:
    save_file({"a.weight": torch.ones(2)}, tmp_path / "model-00001-of-00002.safetensors")
    save_file({"b.weight": torch.zeros(3)}, tmp_path / "model-00002-of-00002.safetensors")
    index = {f"{n}.weight": f"model-0000{i}-of-00002.safetensors" for i, n in enumerate("ab", start=1)}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    assert numbers(weights.read(tmp_path)) == {"a.weight": [1, 1], "b.weight": [0, 0, 0]}
    (tmp_path / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"a.weight": "../x.safetensors"}})
    )
    with pytest.raises(DataError, match=r"names \.\./x\.safetensors, which is outside the folder"):
        weights.read(tmp_path)
    (tmp_path / "model.safetensors.index.json").unlink()
    save_file({"c.weight": torch.ones(1)}, tmp_path / "model.safetensors")
    assert numbers(weights.read(tmp_path)) == {"c.weight": [1]}


class Canary:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.path}",)


def npz_that_claims(path: Path, shape: str) -> None:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "w.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + b"\0" * 8
        )


def safetensors_that_claims(path: Path, shape: list[int], end: int) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": shape, "data_offsets": [0, end]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 8)


WHOLE = "expected a whole file"
OBJECTS = "which run code when they are read; expected tensors by name; torch.save(net.state_dict(), FILE)"


def bad_file(path: Path, form: str, canary: Path) -> None:
    net = nn.Linear(2, 2)
    if form == "empty":
        path.write_bytes(b"")
    elif form == "text":
        path.write_text("weights: none\n")
    elif form == "pickle":
        path.write_bytes(pickle.dumps(Canary(canary)))
    elif form == "torch objects":
        torch.save({"a": Canary(canary)}, path)
    elif form == "whole net":
        torch.save(net, path)
    elif form == "no names":
        torch.save(torch.ones(3), path)
    elif form == "cut torch":
        torch.save(net.state_dict(), path)
        path.write_bytes(path.read_bytes()[:-200])
    elif form == "cut safetensors":
        save_file(net.state_dict(), path)
        path.write_bytes(path.read_bytes()[:-3])
    elif form == "huge safetensors":
        safetensors_that_claims(path, [2**40, 2**20], 2**62)
    elif form == "lying safetensors":
        safetensors_that_claims(path, [2**40], 8)
    elif form == "huge npz":
        npz_that_claims(path, "(1099511627776, 1048576)")
    elif form == "objects npz":
        np.savez(path.with_suffix(".npz"), a=np.array([Canary(canary)], dtype=object))
        path.with_suffix(".npz").rename(path)
    elif form == "other zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "hello")
    elif form == "folder":
        path.mkdir()
    elif form == "orbax":
        path.mkdir()
        (path / "_METADATA").write_text("{}")
    elif form == "bad checksum":
        np.savez(path.with_suffix(".npz"), a=np.zeros(9))
        path.write_bytes(path.with_suffix(".npz").read_bytes().replace(b"\0" * 8, b"\0" * 7 + b"\1", 1))
    elif form == "pipe":
        os.mkfifo(path)


@pytest.mark.parametrize(
    ("form", "said", "code"),
    [
        ("absent", "there is no such file; expected a file of weights", "no_file"),
        ("empty", "the file is empty; expected safetensors, npz, a torch state dict", "empty"),
        ("text", "the file is in none of the formats of weights; expected safetensors", "weight_file"),
        ("pickle", f"it holds Python objects, {OBJECTS}", "weight_objects"),
        ("torch objects", f"it holds Python objects (posix.system), {OBJECTS}", "weight_objects"),
        ("whole net", (
            "it holds Python objects "
            f"(torch.nn.modules.linear.Linear), {OBJECTS}"
        ), "weight_objects"),
        ("no names", "it holds no tensors by name; expected safetensors", "weight_file"),
        ("cut torch", "it is cut off or damaged (File is not a zip file)", "truncated"),
        ("cut safetensors", "the safetensors file is cut off or damaged (", "truncated"),
        ("huge safetensors", "the safetensors file is cut off or damaged (", "truncated"),
        ("lying safetensors", "the safetensors file is cut off or damaged (", "truncated"),
        ("huge npz", (
            "w says that it is 1099511627776x1048576 float32, which needs 4,611,686,018,427,387,904 "
            "bytes; 8 are there"
        ), "truncated"),
        ("objects npz", "a holds Python objects, which may run code; expected numbers", "object_array"),
        ("other zip", "the archive holds readme.txt; expected safetensors", "weight_file"),
        ("folder", "the folder holds no weights; expected model.safetensors", "weight_file"),
        ("orbax", "it is a checkpoint of orbax, which only orbax can read; expected one file", "weight_file"),
        ("bad checksum", "it is cut off or damaged (Bad CRC-32 for file 'a.npy'); expected", "truncated"),
        ("pipe", "bad is a pipe; expected a file", "not_a_file"),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, form: str, said: str, code: str) -> None:
    path, canary = tmp_path / "bad", tmp_path / "canary"
    bad_file(path, form, canary)
    with pytest.raises(DataError) as caught:
        for array in weights.read(path).arrays.values():
            array.read()
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{path}: {said}") and problem.code == code
    assert not canary.exists()


def test_a_bomb_for_the_memory_ends_in_a_text(tmp_path: Path) -> None:
    """A pickle that asks torch for 2^43 numbers: the child process refuses, and this one never allocates."""
    small = torch.zeros(1)
    torch.save({"w": small.expand(2**43)}, tmp_path / "bomb.pt")
    with pytest.raises(DataError, match="more memory than the file is long"):
        weights.read(tmp_path / "bomb.pt")
