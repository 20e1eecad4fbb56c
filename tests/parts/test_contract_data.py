"""The contract of every data set: what its RawDataset holds, that it prepares, and that it never changes by
itself.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.example_files import write_examples

from dnnlab import registry
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.raw import RawDataset
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.errors import DataError

ENTRIES = [pytest.param(entry, id=entry.name) for entry in registry.entries("data")]


def forms(entry: registry.RegistryEntry) -> list[dict]:
    """The keys with which a part is tried: its defaults where it needs none, and its example."""
    needs_keys = any(field.required for field in entry.own_fields.values())
    return [keys for keys in ({}, dict(entry.example)) if keys or not needs_keys][: 2 if entry.example else 1]


FORMS = [
    pytest.param(e, keys, id=f"{e.name}-{'example' if keys else 'defaults'}")
    for e in registry.entries("data")
    for keys in forms(e)
]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the files which the examples name."""
    return write_examples(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def read(entry: registry.RegistryEntry, keys: dict, folder: Path) -> tuple[RawDataset, registry.Bound]:
    """The set, or a skip where its files are not on this machine; arrays, which no file can hold, are handed
    over.
    """
    bound = registry.bind("data", {"name": entry.name, **keys})
    if entry.name == "arrays":
        return from_arrays(np.random.default_rng(0).normal(size=(50, 3)), np.arange(50) % 2), bound
    try:
        return bound(folder), bound
    except DataError as error:
        if any(problem.code == "missing_files" for problem in error.problems):
            pytest.skip(
                f"the files of {entry.name} are missing (set DNNLAB_DATA), or the package that "
                "would have written them"
            )
        raise


@pytest.mark.parametrize(("entry", "keys"), FORMS)
def test_it_reads_prepares_and_repeats(entry: registry.RegistryEntry, keys: dict, folder: Path) -> None:
    raw, bound = read(entry, keys, folder)
    again, _ = read(entry, keys, folder)
    assert raw.fingerprint() == again.fingerprint()
    prepared = prepare(raw, bound)
    assert prepared.in_shape == raw.train[0].shape[1:] and prepared.fingerprint == raw.fingerprint()
    assert set(prepared.parts()) == {"train", "validation", "test"}
    for part in prepared.parts().values():
        assert (
            part.inputs.dtype == torch.float32
            and part.inputs.is_contiguous()
            and part.inputs.isfinite().all()
        )
        assert tuple(part.inputs.shape[1:]) == prepared.in_shape and len(part.inputs) == len(part.targets) > 0
        assert part.targets.dtype == (torch.int64 if raw.target == "index" else torch.float32)
        assert part.targets.ndim == (1 if raw.target == "index" else 2)
    columns = (0, 2, 3) if len(prepared.in_shape) == 3 else (0,)
    mean = prepared.train.inputs.double().mean(dim=columns)
    mean[list(raw.indicators)] = 0  # categories stay 0 and 1
    torch.testing.assert_close(mean, torch.zeros_like(mean), atol=1e-5, rtol=0)
    assert sum(len(rows) for rows in prepared.split.values()) == len(raw.train[0])
    assert json.loads(json.dumps(prepared.to_json(), allow_nan=False))["rows"]["train"] == len(
        prepared.train.inputs
    )
    assert all(len(line) <= 69 for line in prepared.description) and prepared.description[0].startswith(
        entry.name
    )


@pytest.mark.parametrize("entry", ENTRIES)
def test_its_names_fit_its_targets(entry: registry.RegistryEntry, folder: Path) -> None:
    raw, _ = read(entry, dict(entry.example), folder)
    assert len(set(raw.names)) == len(raw.names) > 0
    assert bool(raw.class_names) != (raw.target == "real") and bool(raw.target_names) == (
        raw.target == "real"
    )
    if raw.target == "index":
        assert set(np.unique(raw.train[1])) == set(range(len(raw.names)))
    assert all(re.search(rf"\b{key}(, \w+)*:\s", entry.doc) for key in entry.own_fields)


def test_reading_imports_no_torch(folder: Path) -> None:
    wanted = [
        {"name": entry.name, **entry.example} for entry in registry.entries("data") if entry.name != "arrays"
    ]
    code = (
        "import json, sys; from pathlib import Path; from dnnlab import registry; from "
        "dnnlab.errors import DataError\n"
        "for spec in json.loads(sys.argv[2]):\n"
        "    try: registry.build('data', spec, Path(sys.argv[1]))\n"
        "    except DataError as error: assert error.problems[0].code == 'missing_files', error\n"
        "    assert 'torch' not in sys.modules, spec"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), json.dumps(wanted)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_arrays_are_explained_where_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        registry.build("data", "arrays", tmp_path)
    assert str(caught.value) == (
        "`data: arrays` came without arrays; expected X and y, which only Python can hand over; "
        "call dnnlab.train(config, data=(X, y)) in Python, or name a data set that is read from files"
    )
