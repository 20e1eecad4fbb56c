"""`encode_inputs`: new inputs come out exactly as the run's own did, or what does not fit is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers.csv_files import prepared_csv, write_csv
from helpers.images import class_folders, pixels, save

from dnnlab import registry
from dnnlab.data.new_inputs.encode import encode_inputs
from dnnlab.data.new_inputs.images import image_paths
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.prepare.prepared_data import Prepared
from dnnlab.data.progress_notes import listener
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.errors import DataError
from dnnlab.rundir.json_values import plain

HEADER = "id,age,town,size,price"


def described(found: Prepared) -> dict[str, Any]:
    return json.loads(json.dumps(plain(found.to_json()), allow_nan=False))


def encode(found: Prepared, source: Any) -> tuple[torch.Tensor, torch.Tensor | None]:
    return encode_inputs(described(found), found.tensors(), source)


def error(found: Prepared, source: Any) -> str:
    with pytest.raises(DataError) as caught:
        encode(found, source)
    return str(caught.value)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    rows = [
        f"{i},{i * 7 % 50},{('Rome', 'Oslo')[i % 2]},{'' if i % 8 == 3 else i / 4},{i * 10}.5"
        for i in range(60)
    ]
    return write_csv(tmp_path, "\n".join([HEADER, *rows]), "houses.csv")


@pytest.fixture
def priced(houses: Path) -> Prepared:
    return prepared_csv(
        houses, "price", categorical=["town"], missing="median", drop=["id"], target_scale="standardize"
    )


def check_round_trip(found: Prepared, source: Any) -> None:
    """Encoding the training file gives every row of every part, bit by bit."""
    inputs, targets = encode(found, source)
    assert inputs.dtype == torch.float32 and targets is not None
    for name, part in found.parts().items():
        rows = torch.from_numpy(found.split[name])
        assert torch.equal(inputs[rows], part.inputs) and torch.equal(targets[rows], part.targets)


def test_the_training_table_comes_out_bit_by_bit(houses: Path, priced: Prepared) -> None:
    check_round_trip(priced, houses)
    check_round_trip(priced, str(houses))


@pytest.mark.parametrize("scale", ["none", "unit", "standardize"])
def test_classes_and_scales(tmp_path: Path, scale: str) -> None:
    rows = [f"{i / 7:.3f},{i % 5},{('no', 'yes', 'perhaps')[i % 3]}" for i in range(60)]
    path = write_csv(tmp_path, "\n".join(["a,b,y", *rows]))
    check_round_trip(prepared_csv(path, scale=scale, categorical=["b"]), path)


def test_columns_are_found_by_name_in_any_order_and_targets_may_be_missing(
    tmp_path: Path, priced: Prepared
) -> None:
    one = write_csv(tmp_path, HEADER + "\n0,30,Oslo,2.5,100.5\n1,20,Rome,,7\n", "one.csv")
    other = write_csv(tmp_path, "more;town;size;age\nx;Oslo;2.5;30\ny;Rome;NA;20\n", "other.csv")
    (inputs, targets), (shuffled, none) = encode(priced, one), encode(priced, other)
    assert torch.equal(inputs, shuffled) and targets is not None and none is None
    median = priced.filling.numbers[3] if priced.filling is not None else None
    full = write_csv(tmp_path, f"town,size,age\nRome,{median},20\n", "full.csv")
    assert torch.equal(encode(priced, full)[0], inputs[1:])
    empty = write_csv(tmp_path, HEADER + "\n0,30,Oslo,2.5,\n", "empty.csv")
    assert encode(priced, empty)[1] is None


def test_tables_that_do_not_fit_are_explained_at_once(tmp_path: Path, priced: Prepared) -> None:
    missing = write_csv(tmp_path, "Age,town,price\n1,Rome,2\n", "missing.csv")
    assert error(priced, missing).splitlines() == [
        'missing.csv: no column is called "age"; the file has Age, town, price; did you mean Age?',
        'missing.csv: no column is called "size"; the file has Age, town, price',
    ]
    wrong = write_csv(tmp_path, HEADER + "\n0,old,Ulm,1,1\n1,2,Bari,2,1\n", "wrong.csv")
    assert error(priced, wrong).splitlines() == [
        'wrong.csv: column "age" holds text (old; first: line 2); numbers were expected; correct the file',
    ]
    target = write_csv(tmp_path, HEADER + "\n0,1,Rome,1,dear\n1,1,Rome,1,\n", "target.csv")
    assert error(priced, target) == (
        'target.csv: the target "price" holds text (dear); numbers were expected; '
        "correct them, or remove the column to predict without targets"
    )


def test_rows_without_a_known_category_a_cell_or_a_target_are_answered(
    tmp_path: Path, priced: Prepared
) -> None:
    text = HEADER + "\n0,30,Ulm,2.5,\n1,20,,1,7\n2,20,Rome,1,8\n"
    said: list[str] = []
    token = listener.set(said.append)
    try:
        inputs, targets = encode(priced, write_csv(tmp_path, text, "new.csv"))
    finally:
        listener.reset(token)
    columns = priced.feature_names.index("town=Oslo"), priced.feature_names.index("town=Rome")
    assert inputs[:, columns].tolist() == [[0, 0], [0, 0], [0, 1]] and targets is None
    assert said == [
        'column "town" holds Ulm and 1 more (first: line 2), which the data of the run did not hold: '
        "read as none of its categories"
    ]


def test_empty_cells_become_the_mean_that_scaling_keeps(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "\n".join(["a,b,y", *(f"{i},{i * i},{i % 2}" for i in range(20))]))
    found, said = prepared_csv(path), []
    token = listener.set(said.append)
    try:
        inputs, _ = encode(found, write_csv(tmp_path, "a,b\n1,2\n,3\n4,\n", "holed.csv"))
    finally:
        listener.reset(token)
    assert inputs[1, 0] == 0 == inputs[2, 1] and said == [
        "2 empty cells filled with the training part's mean"
    ]


def test_empty_cells_without_a_number_to_fill_them(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "\n".join(["a,b,y", *(f"{i},{i * i},{i % 2}" for i in range(20))]))
    found = prepared_csv(path, scale="unit")
    holed = write_csv(tmp_path, "a,b\n1,2\n,3\n4,\n", "holed.csv")
    advice = "expected finite numbers; fill them or leave those rows out: the run has no number for them"
    assert error(found, holed).splitlines() == [
        f'holed.csv: 1 value is empty or not finite in "a" (first: row 2); {advice}',
        f'holed.csv: 1 value is empty or not finite in "b" (first: row 3); {advice}',
    ]
    unknown = write_csv(tmp_path, "a,b,y\n1,2,7\n", "unknown.csv")
    assert (
        error(found, unknown)
        == "unknown.csv: targets of shape (1,) with the class 7; expected classes of the run: 0, 1"
    )


def test_arrays_and_archives(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(40, 3)), np.array(["u", "v"])[np.arange(40) % 2]
    found = prepare(from_arrays(x, y), registry.bind("data", "arrays"))
    check_round_trip(found, (x, y))
    check_round_trip(found, (x.tolist(), y.tolist()))
    np.savez(tmp_path / "d.npz", x=x, y=y)
    check_round_trip(found, tmp_path / "d.npz")
    np.savez(tmp_path / "alone.npz", whatever=x)
    np.save(tmp_path / "x.npy", x)
    for source in (x, tmp_path / "alone.npz", tmp_path / "x.npy"):
        inputs, targets = encode(found, source)
        assert targets is None and torch.equal(inputs, encode(found, (x, y))[0])
    assert torch.equal(encode(found, x[0])[0], encode(found, x)[0][:1])
    assert error(found, x[:, :2]) == "inputs of shape (40, 2); expected (rows, 3)"
    assert error(found, x[:0]) == "no rows; expected at least 1"
    assert error(found, [["a", "b", "c"]]) == "inputs of type <U1; expected whole numbers or floats"
    assert error(found, (x, y[:3])) == "40 rows of inputs and 3 targets; expected one a row"
    assert error(found, tmp_path / "none.npz").startswith(
        "none.npz: no such file or folder; expected a CSV or Parquet file, an .npz archive"
    )
    (tmp_path / "x.doc").write_bytes(b"x")
    assert error(found, tmp_path / "x.doc").startswith(
        "x.doc: a file of the kind .doc; expected one of .bmp, .csv"
    )
    (tmp_path / "empty.npy").touch()
    assert error(found, tmp_path / "empty.npy").endswith(
        "empty.npy cannot be read as .npy (No data left in file); "
        "expected an array of numbers; write it with np.save(path, x)"
    )
    np.savez(tmp_path / "other.npz", a=x, b=x)
    assert error(found, tmp_path / "other.npz").endswith(
        'other.npz holds no array "x"; it holds a, b; write `x: NAME`'
    )


def test_a_frame_is_read_by_its_columns(priced: Prepared, houses: Path) -> None:
    class Frame(dict[str, list[Any]]):
        @property
        def columns(self) -> list[str]:
            return list(self)

        def __len__(self) -> int:
            return 2

    frame = Frame(size=[2.5, float("nan")], town=["Oslo", "Rome"], age=[30, 20])
    table = write_csv(houses.parent, "age,town,size\n30,Oslo,2.5\n20,Rome,\n")
    assert torch.equal(encode(priced, frame)[0], encode(priced, table)[0])


def test_tables_for_sets_with_named_features(tmp_path: Path) -> None:
    bound = registry.bind("data", "iris")
    found = prepare(bound(tmp_path), bound)
    names = list(found.feature_names)
    path = write_csv(tmp_path, ",".join(["x", *reversed(names)]) + "\n0,4,3,2,1\n")
    assert torch.equal(encode(found, path)[0], encode(found, np.array([[1.0, 2, 3, 4]]))[0])


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Path, Prepared]:
    root = class_folders(tmp_path / "photos", count=10)
    bound = registry.bind(
        "data",
        {"name": "image_folder", "path": "photos", "size": [4, 5], "fit": "pad", "classes": ["dog", "cat"]},
    )
    return root, prepare(bound(tmp_path), bound)


def test_images_come_out_bit_by_bit(photos: tuple[Path, Prepared]) -> None:
    root, found = photos
    check_round_trip(found, root)
    inputs, targets = encode(found, root / "dog" / "3.png")
    assert targets is None and torch.equal(inputs, encode(found, root)[0][13:14])
    inside, none = encode(found, root / "dog")
    assert (
        none is None
        and torch.equal(inside, encode(found, root)[0][10:])
        and len(image_paths(root / "dog")) == 10
    )


def test_images_that_do_not_fit(photos: tuple[Path, Prepared], priced: Prepared) -> None:
    root, found = photos
    (root / "cat" / "3.png").write_bytes(b"")
    assert (
        error(found, root)
        == "photos: cat/3.png cannot be read: it is empty (0 bytes); expected an image; remove or mend it"
    )
    (root / "nothing").mkdir()
    assert error(found, root / "nothing").endswith("nothing holds no images; expected at least one")
    assert error(priced, root / "dog" / "1.png") == (
        "1.png: images; expected rows of 4 numbers, as the run was trained on; pass a CSV or .npz file"
    )
    table = write_csv(root, "a\n1\n")
    assert error(found, table) == "table.csv: a table; expected images of 3x4x5, as the run was trained on"
    digits = registry.bind("data", "digits")
    eight = prepare(digits(root), digits)
    assert "expected rows of 1x8x8 images of float32" in error(eight, root / "dog" / "1.png")


def test_grey_archives_get_their_channel(tmp_path: Path) -> None:
    images = pixels(40, 30).reshape(40, 5, 18)
    np.savez(tmp_path / "d.npz", pictures=images, y=np.arange(40) % 2)
    bound = registry.bind("data", {"name": "npz", "path": "d.npz", "x": "pictures"})
    found = prepare(bound(tmp_path), bound)
    check_round_trip(found, tmp_path / "d.npz")
    one = save(tmp_path / "one.png", images[7])
    assert torch.equal(encode(found, one)[0], encode(found, images[7:8])[0])
