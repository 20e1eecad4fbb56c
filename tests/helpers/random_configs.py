"""Configs drawn from the registry itself: every part of every kind, its keys within the ranges that its
signature declares.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from hypothesis import strategies as st

from dnnlab.config.values import CheckpointInterval, Device, Interval
from dnnlab.registry import Duration, Field, Pattern, Ramp, RegistryEntry, Share, Widths, entries, find
from dnnlab.registry.kinds import LayerKeys
from dnnlab.registry.model import alternatives, reference_in

Values = st.SearchStrategy[Any]


def own(kind: str) -> list[RegistryEntry]:
    """dnnlab's parts of a kind, without the plugins that other tests left registered."""
    return [e for e in entries(kind) if e.origin is None]


DATA = [
    e
    for e in own("data")
    if not any("str" in str(f.annotation) for f in e.own_fields.values()) and e.name != "arrays"
]
# Where the range that a signature declares is wider than what fits into a small test; kind.name.key or key.
SMALLER: dict[str, Values] = {
    "lr": st.sampled_from([1e-4, 1e-3, 0.01, 0.05]),
    "max_lr": st.sampled_from([0.02, 0.1]),
    "samples": st.integers(60, 80),
    "classes": st.just("none"),
    "end": st.sampled_from([0.0, 1e-5]),
    "min_lr": st.sampled_from([0.0, 1e-5]),
    "target_scale": st.sampled_from(["none", "none", "none", "standardize"]),
    "groups": st.sampled_from([1, 1, 2, 2, 3]),
    "nesterov": st.sampled_from([False, False, True]),
    "fraction": st.sampled_from([0.2, 0.3, 0.5]),
    "limit_per_class": st.integers(2, 8),
    "architecture.resnet.depth": st.sampled_from([8, 8, 14, 18]),
    "architecture.resnet.form": st.sampled_from(["cifar", "cifar", "imagenet"]),
    "architecture.resnet.width": st.integers(2, 4),
    "architecture.vgg.depth": st.just(11),
    "architecture.vgg.width": st.integers(2, 4),
    "architecture.vgg.stages": st.sampled_from([1, 2, 3, 3, 4]),
    "schedule.piecewise_constant.boundaries": st.sampled_from(
        [["1 epochs"], ["1 epochs"], ["1 steps", "1 epochs"]]
    ),
    "schedule.piecewise_constant.values": st.just([0.01, 0.001]),
    "optimizer.lbfgs.max_iter": st.integers(1, 4),
    "optimizer.rprop.step_sizes": st.sampled_from([[1e-6, 50.0], [1e-4, 0.1], [0.1, 1.0]]),
}
ALWAYS = {
    "resnet",
    "vgg",
    "lbfgs",
    "group",
    "piecewise_constant",
}  # all their keys are written, since their defaults are large
LAYER_NAMES = (
    "hidden1",
    "hidden1",
    "hidden.*",
    "hidden.*",
    "hidden1",
    ".*",
    ".*",
    "hidden1..hidden2",
    "conv1",
    "output",
)
FLAT = ("mlp", "autoencoder")  # architectures of dense layers
FOR_IMAGES = (
    "convolutions",
    "pooling",
    "residual",
    "images",
)  # places of regularizers that these do not have


def durations() -> Values:
    """Times of a short training, in all units."""
    return st.one_of(
        st.sampled_from(["1 epochs", "2 epochs", "0.5 epochs"]),
        st.integers(1, 4).map("{} steps".format),
        st.sampled_from(["20 %", "100 %"]),
    )


def widths() -> Values:
    """One to three small layers, in all forms."""
    return st.one_of(
        st.lists(st.integers(2, 12), min_size=1, max_size=3),
        st.integers(2, 12),
        st.just({"depth": 2, "width": 6}),
    )


VALUES: dict[Any, Values] = {
    Duration: durations(),
    Interval: durations(),
    CheckpointInterval: st.sampled_from([1, "1 epochs", 2, "3 steps", "1 minute"]),
    Device: st.just("cpu"),
    Widths: widths(),
    Pattern: st.sampled_from(LAYER_NAMES),
    Ramp: st.builds(
        lambda a, b, over: {"from": a, "to": b, "over": over},
        *[st.sampled_from([0.0, 0.5, 0.9])] * 2,
        durations(),
    ),
    Share: st.sampled_from([0.2, 0.4, 20, {"first": 20}]),
    bool: st.booleans(),
    str: st.sampled_from(["a", "b c"]),
    int: st.integers(0, 5),
    float: st.floats(-2, 2),
}


def of_annotation(annotation: Any, where: str, depth: int) -> Values:
    """Values that an annotation allows, as YAML writes them. where: kind.name.key, for `SMALLER`."""
    if (found := reference_in(annotation)) is not None:
        one = parts(found[1], depth - 1)
        return {"one": one, "list": st.lists(one, min_size=1, max_size=2), "map": st.just({})}[found[0]]
    members = [a for a in alternatives(annotation) if a is not type(None)]
    if len(members) > 1 or len(alternatives(annotation)) > 1:
        none = [st.just("none")] if type(None) in alternatives(annotation) else []
        return st.one_of(*(of_annotation(a, where, depth) for a in members), *none)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return in_range(arguments[0], annotation.__metadata__)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(of_annotation(arguments[0], where, depth), min_size=1, max_size=2)
    if origin is tuple:
        return st.tuples(*(of_annotation(a, where, depth) for a in arguments)).map(list)
    return VALUES[annotation]


def in_range(base: Any, marks: Any) -> Values:
    """Numbers between the bounds that are declared; a missing bound is one that keeps things small."""
    low = next((getattr(m, k) for m in marks for t, k in ((Gt, "gt"), (Ge, "ge")) if isinstance(m, t)), None)
    high = next((getattr(m, k) for m in marks for t, k in ((Lt, "lt"), (Le, "le")) if isinstance(m, t)), None)
    if base is int:
        first = -2 if low is None else math.floor(low) + any(isinstance(m, Gt) for m in marks)
        return st.integers(
            first,
            min(
                first + 5,
                math.inf if high is None else math.ceil(high) - any(isinstance(m, Lt) for m in marks),
            ),
        )
    low, high = -2.0 if low is None else float(low), 3.0 if high is None else float(high)
    least = low if any(isinstance(m, Ge) for m in marks) else low + 1e-3
    return st.floats(least, max(least, high if any(isinstance(m, Le) for m in marks) else high - 1e-3))


def of_field(field: Field, where: str, depth: int) -> Values:
    """Values of a key."""
    for word in (where, field.name):
        if word in SMALLER:
            return SMALLER[word]
    return of_annotation(field.annotation, where, depth)


@st.composite
def mapping(draw: Any, fields: Mapping[str, Field], where: str, depth: int, share: float) -> dict[str, Any]:
    """Some of the keys, and all that must be written. share: of the others that are written on average."""
    chosen = {}
    for name, field in fields.items():
        if field.required or draw(st.integers(0, 99)) < 100 * share:
            chosen[name] = draw(of_field(field, f"{where}.{name}", depth))
    return chosen


def part(entry: RegistryEntry, depth: int = 2, share: float = 0.4) -> Values:
    """One part with some of its own keys, now and then one of those that its kind shares."""
    where = f"{entry.kind}.{entry.name}"
    common = {
        name: field
        for name, field in entry.fields.items()
        if name not in entry.own_fields and name != "augment"
    }
    own = mapping(entry.own_fields, where, depth, 1.0 if entry.name in ALWAYS else share)
    few = st.one_of(st.just({}), st.just({}), mapping(common, where, depth, 0.1))
    return st.builds(lambda a, b: {"name": entry.name, **a, **b}, own, few)


def parts(kind: str, depth: int = 2) -> Values:
    """Any part of a kind; at the bottom of nested parts only those that hold no others."""
    found = own(kind)
    if depth <= 0:
        found = [e for e in found if not any(f.reference for f in e.own_fields.values())]
    return st.sampled_from([e.name for e in found]).flatmap(lambda name: part(find(kind, name), depth))  # type: ignore[arg-type]


def often(value: Any, other: Values) -> Values:
    """Mostly one value, else another."""
    return st.one_of(st.just(value), st.just(value), other)


@st.composite
def configs(draw: Any, photos: str) -> dict[str, Any]:
    """A whole experiment that is small enough to train at once.

    It need not be possible: then it must be refused in words.

    photos: an npz file of small colour images (see `write_photos`). One config in ten takes any parts
    together, the others those that have a chance to fit the data and the net.
    """
    odd = draw(st.integers(0, 9)) == 0
    config: dict[str, Any] = {"data": draw(data(photos, odd))}
    config["architecture"] = draw(
        often({"name": "mlp", "hidden": [8, 6]}, fitting("architecture", config, odd))
    )
    for kind in ("activation", "initializer", "optimizer", "schedule"):
        if draw(st.booleans()):
            config[kind] = draw(parts(kind))
    for kind in ("normalization", "gradient_clipping"):
        config[kind] = draw(often("none", fitting(kind, config, odd)))
    if draw(st.integers(0, 5)) == 0:
        config["loss"] = draw(fitting("loss", config, odd))
    if draw(st.integers(0, 5)) == 0:
        config["metrics"] = draw(
            st.lists(fitting("metrics", config, odd), min_size=1, max_size=2, unique_by=lambda p: p["name"])
        )
    regularizers = draw(
        st.lists(fitting("regularizers", config, odd), max_size=2, unique_by=lambda p: p["name"])
    )
    config["regularizers"] = {p["name"]: {k: v for k, v in p.items() if k != "name"} for p in regularizers}
    if draw(st.integers(0, 5)) == 0:
        config["per_layer"] = {
            draw(st.sampled_from(LAYER_NAMES)): draw(mapping(LayerKeys.yaml_keys, "layer", 1, 0.2))
        }
    config["training"] = draw(training(config))
    return config


def fitting(kind: str, config: Mapping[str, Any], odd: bool) -> Values:
    """Any part of a kind that may fit what is drawn already; odd: any at all."""
    names = [e.name for e in own(kind) if odd or fits(e, config)]
    return st.sampled_from(names).flatmap(lambda name: part(find(kind, name)))  # type: ignore[arg-type]


def fits(entry: RegistryEntry, config: Mapping[str, Any]) -> bool:
    """Whether a part has a chance with these data and this architecture."""
    images = config["data"]["name"] in ("digits", "npz")
    flat = config.get("architecture", {}).get("name") in FLAT
    if entry.kind == "augment":
        return not entry.flags["rgb"] or config["data"]["name"] == "npz"
    if entry.kind == "architecture":
        return images or entry.name in FLAT
    if entry.kind == "normalization":
        return not flat or entry.name != "instance"
    if entry.kind == "regularizers":
        return not (flat or not images) or not any(
            word in (entry.flags["place"] or "") for word in FOR_IMAGES
        )
    if entry.kind in ("loss", "metrics"):
        real = config["data"]["name"] == "diabetes" or config["architecture"]["name"] == "autoencoder"
        return ("real" if real else "index") in entry.flags["targets"] and not entry.flags.get("one_output")
    return True


def write_photos(path: Path) -> str:
    """60 colour images of 3x12x12 in three classes; the path as a config holds it."""
    numbers = np.random.default_rng(0)
    np.savez(path, x=numbers.integers(0, 256, (60, 3, 12, 12), np.uint8), y=np.arange(60) % 3)
    return str(path)


@st.composite
def data(draw: Any, photos: str, odd: bool) -> dict[str, Any]:
    """A small set, mostly images, with some of the keys that all sets share."""
    digits, colors, any_set = find("data", "digits"), find("data", "npz"), st.sampled_from(DATA)
    entry = draw(st.one_of(st.just(digits), st.just(digits), st.just(colors), any_set))
    own = {"path": photos} if entry is colors else draw(mapping(entry.own_fields, "data", 0, 0.3))
    rest = (
        ("augment", "limit")
        if odd
        else ("augment", "limit", "limit_per_class", "scale_per", "target_scale", "balance")
    )
    common = {name: field for name, field in entry.fields.items() if name not in (*entry.own_fields, *rest)}
    chosen = {"name": entry.name, "limit": 20, **draw(mapping(common, "data", 0, 0.08)), **own}
    if entry in (digits, colors) and draw(st.booleans()):
        chosen["augment"] = draw(st.lists(fitting("augment", {"data": chosen}, odd), max_size=2))
    return chosen


@st.composite
def training(draw: Any, config: dict[str, Any]) -> dict[str, Any]:
    """Two or three epochs of a few steps; full batches mostly where the optimizer needs them."""
    entry = find("optimizer", config.get("optimizer", {}).get("name", "adam"))
    full = entry is not None and entry.flags["full_batch"] and draw(st.integers(0, 3)) > 0
    size = "full" if full else draw(st.sampled_from([1, 5, 8, 8, 12, 24, "full"]))
    keys = {
        "precision": st.sampled_from([*["bf16"] * 14, "fp16", "tf32"]),
        "eval_every": st.integers(1, 3),
        "monitor": st.sampled_from(["train_loss", "val_loss", "val_accuracy"]),
        **({"accumulate": st.integers(1, 3)} if size in (5, 8, "full") else {}),
    }
    more = draw(st.one_of(st.just({}), st.just({}), st.fixed_dictionaries({}, optional=keys)))
    return {"epochs": draw(st.integers(2, 3)), "batch_size": size, "threads": 1, **more}
