"""Models and weights of Keras: `.keras`, `.weights.h5`, and the older `.h5`. Nothing of Keras is run."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from . import hdf5
from .keras_layers import FACTS, Layer, arrays_of, class_of_group, layers_of_config, placed_images
from .weight_file import WeightFile, arrays_by_name, natural, refused


class Stored(NamedTuple):
    """The datasets of a layer."""

    layer: Layer
    datasets: dict[str, Any]
    """Keras' name of the variable -> dataset."""


def read(path: Path) -> WeightFile:
    """The variables of all layers, without those of the optimizer.

    eps and decay stand in `.keras` and `.h5` files; in `.weights.h5` nobody wrote them.
    """
    if zipfile.is_zipfile(path):
        return _archive(path)
    file = hdf5.opened(path)
    if "layer_names" in file.attrs or "model_weights" in file:
        group = file.get("model_weights", file)
        config = _json(file.attrs.get("model_config", "{}"))
        return _weight_file(path, "Keras (.h5)", list(_legacy(path, group, config)), config)
    return _weight_file(path, "Keras 3 (.weights.h5)", list(_keras3(path, file, {})), {})


def _archive(path: Path) -> WeightFile:
    """A `.keras` file: a zip archive of config.json and an HDF5 file."""
    archive = zipfile.ZipFile(path)
    name = next(name for name in archive.namelist() if name.endswith(".h5"))
    config = _json(archive.read("config.json"))
    file = hdf5.opened(path, archive.open(name))  # type: ignore[arg-type]  # it can seek
    return _weight_file(path, "Keras 3 (.keras)", list(_keras3(path, file, config)), config)


def _json(text: str | bytes) -> Mapping[str, Any]:
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def _keras3(path: Path, file: Any, config: Mapping[str, Any]) -> Iterator[Stored]:
    """Layers of Keras 3: groups are named by class and number; the layer's name is an attribute of `vars`."""
    known = {layer.name: layer for layer in layers_of_config(config)}

    def walk(group: Any, names: tuple[str, ...]) -> Iterator[Stored]:
        for key, child in sorted(hdf5.children(path, group), key=lambda pair: natural(pair[0])):
            if not hdf5.is_group(child) or (group.name == "/" and key == "optimizer"):
                continue
            if key == "vars":
                yield from _variables(path, child, names, known)
                continue
            own = child["vars"].attrs.get("name", key) if "vars" in child and key != "layers" else key
            yield from walk(child, names if key == "layers" else (*names, str(own)))

    found = list(walk(file, ()))
    order = {name: number for number, name in enumerate(known)}
    yield from sorted(found, key=lambda stored: order.get(stored.layer.name, len(order)))


def _variables(path: Path, group: Any, names: Sequence[str], known: Mapping[str, Layer]) -> Iterator[Stored]:
    datasets = {
        name: hdf5.checked(path, found)
        for name, found in hdf5.children(path, group)
        if not hdf5.is_group(found)
    }
    if not names:
        return
    leaf = names[-1]
    layer = known.get(leaf) or Layer(leaf, class_of_group(group.parent.name.rpartition("/")[2]), {})
    ordered = [datasets[name] for name in sorted(datasets, key=natural)]
    called = layer.variables(len(ordered))
    pairs = zip(called or sorted(datasets, key=natural), ordered, strict=True)
    yield Stored(layer.renamed(".".join(names)), dict(pairs))


def _legacy(path: Path, group: Any, config: Mapping[str, Any]) -> Iterator[Stored]:
    """Layers of the older format: names of layers and weights are attributes, in order."""
    known = {layer.name: layer for layer in layers_of_config(config)}
    inside = dict(hdf5.children(path, group))
    for raw in group.attrs.get("layer_names", []):
        name = _text(raw)
        if name not in inside:
            raise refused(path, f"the layer {name} is not there", "expected a whole file", code="truncated")
        datasets = {}
        for weight in map(_text, inside[name].attrs.get("weight_names", [])):
            found = _at(path, inside[name], weight)
            datasets[re.sub(r":\d+$", "", weight).rpartition("/")[2]] = hdf5.checked(path, found)
        yield Stored(known.get(name) or Layer(name, "", {}), datasets)


def _at(path: Path, group: Any, address: str) -> Any:
    """The dataset at an address, step by step, so that links are seen."""
    for step in address.split("/"):
        found = dict(hdf5.children(path, group)) if hdf5.is_group(group) else {}
        if step not in found:
            raise refused(
                path, f"the weight {address} is not there", "expected a whole file", code="truncated"
            )
        group = found[step]
    return group


def _text(raw: Any) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def _weight_file(path: Path, form: str, stored: Sequence[Stored], config: Mapping[str, Any]) -> WeightFile:
    shapes = {
        item.layer.name: {name: found.shape for name, found in item.datasets.items()} for item in stored
    }
    images, notes = placed_images([item.layer for item in stored], shapes, config)
    arrays = [
        array
        for item in stored
        for array in arrays_of(
            item.layer,
            {name: (d.name, d.shape, str(d.dtype), hdf5.loader(d)) for name, d in item.datasets.items()},
            images.get(item.layer.name),
        )
    ]
    if not arrays:
        raise refused(path, "the HDF5 file holds no layers of Keras", "expected a model or its weights")
    facts = {item.layer.name: item.layer.facts for item in stored if item.layer.facts}
    silent = [
        i.layer.name
        for i in stored
        if i.layer.kind in FACTS and "eps" in FACTS[i.layer.kind].values() and not i.layer.config
    ]
    if silent:
        notes = [
            *notes,
            f"the file does not say the eps of {', '.join(silent[:3])}; Keras' default is 0.001, decay 0.99",
        ]
    return WeightFile(path, form, arrays_by_name(arrays), facts, tuple(notes))
