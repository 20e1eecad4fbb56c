"""Arrays in files: where images have their channels, and what floats as targets are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.csv_files import read_csv, write_csv

from dnnlab import registry
from dnnlab.data.new_inputs.encode import encode_inputs
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.raw import RawDataset
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.errors import DataError

Y = np.arange(12) % 2


def read(folder: Path, x: np.ndarray, y: np.ndarray = Y, **keys: str) -> RawDataset:
    np.savez(folder / "d.npz", x=x, y=y)
    return registry.build("data", {"name": "npz", "path": "d.npz", **keys}, folder)


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (12, *shape)).astype(np.uint8)


# shape of a row -> whether its channels are last
SHAPES = {
    (16, 16, 3): True, (16, 16, 1): True, (8, 9, 4): True, (5, 4, 3): True,
    (3, 16, 16): False, (1, 28, 28): False, (4, 8, 9): False, (3, 16, 3): False, (1, 28, 1): False,
    (16, 16, 16): False, (16, 3, 3): False, (16, 2, 3): False, (3, 3, 3): False, (12, 5, 5): False,
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_channels_that_are_last_are_put_first_with_a_note(tmp_path: Path, shape: tuple[int, ...]) -> None:
    x = images(*shape)
    for raw in (read(tmp_path, x), from_arrays(x, Y)):
        expected = x.transpose(0, 3, 1, 2) if SHAPES[shape] else x
        np.testing.assert_array_equal(raw.train[0], expected)
        assert ("channel" in raw.note) == SHAPES[shape] == (raw.encoding.get("channels") == "last")
    first = read(tmp_path, x, channels="first")
    np.testing.assert_array_equal(first.train[0], x)
    last = read(tmp_path, x, channels="last")
    np.testing.assert_array_equal(last.train[0], x.transpose(0, 3, 1, 2))
    assert first.note == last.note == ""


def test_the_note_names_the_key_only_where_there_is_one(tmp_path: Path) -> None:
    words = "x has its 3 channels last (16x16x3): they are put first"
    assert read(tmp_path, images(16, 16, 3)).note == f"{words} (`channels: first` leaves them)"
    assert from_arrays(images(16, 16, 3), Y).note == words


def test_channels_of_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^x: channels: last with X of shape \(12, 5\); expected images"):
        read(tmp_path, np.zeros((12, 5)), channels="last")


def test_the_test_part_is_turned_too_and_new_images_are_taken_in_both_forms(tmp_path: Path) -> None:
    x = images(16, 16, 3)
    np.savez(tmp_path / "d.npz", x=x, y=Y, tx=x[:4], ty=Y[:4])
    keys = {"name": "npz", "path": "d.npz", "test_x": "tx", "test_y": "ty", "validation": "none"}
    bound = registry.bind("data", keys)
    data = prepare(bound(tmp_path), bound)
    assert data.in_shape == (3, 16, 16) and data.test is not None
    assert isinstance(data.train.inputs, torch.Tensor) and torch.equal(
        data.test.inputs[:], data.train.inputs[:4]
    )
    for source in (x, x.transpose(0, 3, 1, 2), tmp_path / "d.npz"):
        assert torch.equal(encode_inputs(data.to_json(), data.tensors(), source)[0], data.train.inputs)


# float targets -> what they are, the names of the classes, the beginning of the note
FLOATS: dict[str, tuple[list[float], str, tuple[str, ...], str]] = {
    "0 and 1": ([0.0, 1.0] * 6, "index", ("0", "1"), "y holds 0.0 and 1.0, read as two classes"),
    "only 0": ([0.0] * 12, "real", ("target",), "y holds 1 different"),
    "0 1 2": ([0.0, 1.0, 2.0] * 4, "real", ("target",), "y holds 3 different whole numbers as floats"),
    "decimals": ([0.0, 0.5, 1.0] * 4, "real", ("target",), ""),
    "many": ([float(i) for i in range(12)], "real", ("target",), ""),
}


@pytest.mark.parametrize("kind", FLOATS)
def test_floats_as_targets(tmp_path: Path, kind: str) -> None:
    values, target, names, note = FLOATS[kind]
    x = np.arange(24.0).reshape(12, 2)
    for y in (np.array(values), np.array(values, np.float32)[:, None]):
        raw = read(tmp_path, x, y)
        assert (raw.target, raw.names) == (target, names) and raw.note.startswith(note)
    np.testing.assert_array_equal(raw.train[1].reshape(-1), values)
    assert read(tmp_path, x, np.array(values), task="numbers").target == "real"


def test_zeros_and_ones_are_read_as_in_a_csv_file(tmp_path: Path) -> None:
    y = np.array([0.0, 1.0, 1.0] * 4)
    path = write_csv(tmp_path, "a,y\n" + "\n".join(f"{i / 7},{value}" for i, value in enumerate(y)))
    table, arrays = read_csv(path), read(tmp_path, np.arange(12)[:, None] / 7, y)
    assert table.class_names == arrays.class_names == ("0", "1")
    np.testing.assert_array_equal(table.train[1], arrays.train[1])


def test_the_task_of_floats_can_be_chosen(tmp_path: Path) -> None:
    x = np.arange(24.0).reshape(12, 2)
    chosen = read(tmp_path, x, np.array([2.0, 0.0, 5.0] * 4), task="classes")
    assert chosen.class_names == ("0", "2", "5") and chosen.train[1].tolist() == [1, 0, 2] * 4
    assert read(tmp_path, x, np.arange(12), task="numbers").target == "real"
    with pytest.raises(DataError, match=r"^y: .*expected one column of whole numbers; write `task: numbers`"):
        read(tmp_path, x, np.array([0.5, 1.0] * 6), task="classes")
