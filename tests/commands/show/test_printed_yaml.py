"""The output of `dnnlab show` for every part: its YAML is valid, its hints name keys, its commands work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from helpers.example_files import write_downloads, write_examples
from helpers.images import class_folders
from helpers.part_trainings import named, raw_of

from dnnlab import registry
from dnnlab.assembly.session import build
from dnnlab.commands.plot.plot import picture_of
from dnnlab.commands.show.catalogue import catalogue
from dnnlab.commands.show.show import PLOTTED, has_picture, part_details
from dnnlab.config import load
from dnnlab.config.sections import ROOT
from dnnlab.errors import UsageError
from dnnlab.registry import KINDS, RegistryEntry
from dnnlab.render.screens.list import catalogue_lines
from dnnlab.render.screens.show_part import part_lines

ENTRIES = [entry for kind in KINDS for entry in registry.entries(kind)]
every_part = pytest.mark.parametrize("entry", ENTRIES, ids=named)
CNN = {"architecture": {"name": "cnn", "blocks": [[4]]}}
# The config that a printed part is copied into, where the shortest one does not suit it.
INTO: dict[str, dict[str, Any]] = {
    "normalization.group": {"architecture": {"name": "mlp", "hidden": [64]}},  # 32 groups
    "normalization.instance": CNN,
    "architecture.lenet5": {"data": "mnist"},
    "architecture.vgg": {"data": "cifar10"},
    "loss.binary_cross_entropy": {"data": "breast_cancer"},
    "optimizer.lbfgs": {"training": {"batch_size": "full"}},
    "regularizers.spatial_dropout": CNN,
    "regularizers.fractional_max_pool": CNN,
    "regularizers.stochastic_depth": {
        "architecture": {"name": "resnet", "depth": 8, "form": "cifar", "width": 4}
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files that the printed lines name: tables of numbers, arrays, photographs, and downloaded sets."""
    folder = write_examples(tmp_path_factory.mktemp("printed"))
    numbers = np.random.default_rng(0).normal(size=(40, 3)).round(3)
    (folder / "table.csv").write_text(
        "\n".join(["size,age,price", *(",".join(map(str, row)) for row in numbers)]) + "\n"
    )
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(
        pytest.importorskip("pyarrow").table(dict(zip(("size", "age", "price"), numbers.T, strict=True))),
        folder / "table.parquet",
    )
    class_folders(folder / "own" / "photos", count=8, height=20, width=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DNNLAB_DATA", str(write_downloads(folder / "downloads")))
        yield folder


def screen(entry: RegistryEntry) -> list[str]:
    return part_lines(part_details(entry), [], 80)


def printed(entry: RegistryEntry) -> list[str]:
    """The texts to copy: the shortest form, and the one with every key where that is another."""
    lines = screen(entry)
    return "\n".join(lines[lines.index(" yaml") + 1 :]).split("# with every key")


def surroundings(entry: RegistryEntry) -> dict[str, Any]:
    real = "targets" in entry.flags and entry.flags["targets"] and "index" not in entry.flags["targets"]
    return INTO.get(
        named(entry), {"data": "diabetes" if real and entry.kind in ("loss", "metrics") else "digits"}
    )


@every_part
def test_what_is_printed_is_taken_as_it_is(entry: RegistryEntry, folder: Path) -> None:
    for text in printed(entry):
        here = folder / "own" if "photos" in text else folder
        (here / "mine.yaml").write_text(yaml.safe_dump({"data": "digits", **surroundings(entry)}))
        (here / "copied.yaml").write_text(f"base: mine.yaml\n{text}\n")
        config = load(here / "copied.yaml")
        assert f"{entry.name}" in yaml.safe_dump(yaml.safe_load(text))
        build(config, raw_of(text))


@every_part
def test_the_screen_shows_no_placeholder(entry: RegistryEntry) -> None:
    assert not any("{value}" in line or "VALUE" in line for line in screen(entry))


@every_part
def test_hints_name_keys_that_there_are(entry: RegistryEntry) -> None:
    for key, hint in entry.hints.items():
        assert key not in entry.fields
        if "{value}" in hint:
            ((first, inner),) = yaml.safe_load(hint.replace("{value}", "1")).items()
            assert first in entry.fields or first in ROOT.fields
            known = (
                registry.find(first, inner["name"]).fields
                if isinstance(inner, dict) and "name" in inner
                else None
            )
            assert known is None or set(inner) - {"name"} <= set(known)


def test_a_picture_is_named_as_the_next_line_where_there_is_one() -> None:
    plotted = [entry for entry in ENTRIES if entry.kind in PLOTTED]
    assert [named(entry) for entry in plotted if not has_picture(entry)] == [
        "activation.maxout",
        "initializer.lsuv",
    ]
    for entry in plotted:
        if not has_picture(entry):
            with pytest.raises(UsageError):
                picture_of(named(entry), [], Path("runs"))


def test_the_list_says_of_each_part_in_one_line_what_it_is() -> None:
    lines = catalogue_lines(catalogue(), 80, whole=False)
    assert [line for line in lines if line.endswith(("...", ".", ",", "("))] == []
