"""CSV files for the tests, and how they become a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dnnlab import registry
from dnnlab.data.prepare.pipeline import prepare
from dnnlab.data.prepare.prepared_data import Prepared
from dnnlab.data.raw import RawDataset
from dnnlab.errors import DataError


def write_csv(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    """The text as a file; a text without a newline at its end gets one."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else (text.rstrip("\n") + "\n").encode())
    return path


def read_csv(path: Path, target: str | list[str] = "y", **keys: Any) -> RawDataset:
    """The data set of a CSV file."""
    return registry.build("data", {"name": "csv", "path": path.name, "target": target, **keys}, path.parent)


def prepared_csv(path: Path, target: str | list[str] = "y", **keys: Any) -> Prepared:
    """The same, split and scaled; also with the common keys."""
    bound = registry.bind("data", {"name": "csv", "path": path.name, "target": target, **keys})
    return prepare(bound(path.parent), bound)


def problems(path: Path, target: str | list[str] = "y", **keys: Any) -> list[str]:
    """The lines of the error that reading gives."""
    with pytest.raises(DataError) as caught:
        read_csv(path, target, **keys)
    return str(caught.value).splitlines()
