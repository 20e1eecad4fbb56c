"""Every key of every part refuses what it cannot be, at its own address and with what was expected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, Lt

from dnnlab.config import load_mapping
from dnnlab.config.sections import ROOT
from dnnlab.errors import ConfigError
from dnnlab.registry import KINDS, Field, Pattern, RegistryEntry, Value, entries
from dnnlab.registry.model import alternatives, reference_in

ODD = {"zz": 1}  # a mapping with a key that nothing has
ONE_PART = (
    "architecture",
    "activation",
    "initializer",
    "normalization",
    "loss",
    "optimizer",
    "schedule",
    "gradient_clipping",
    "data",
)


def beyond(annotation: Any) -> Iterator[Any]:
    """Values just outside what an annotation allows, and of types that it does not know."""
    if reference_in(annotation) is not None:
        yield from ("zz_nothing", 17)
        return
    members = [a for a in alternatives(annotation) if a is not type(None)]
    if len(members) > 1 or members[0] is not annotation:
        yield from (
            value
            for value in (ODD, -1e30, "zz nothing")
            if not any(takes(member, value) for member in members)
        )
        return
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *marks = get_args(annotation)
        yield from (value for mark in marks for value in outside(mark, base is int))
        yield from (ODD, "zz nothing", True)
    elif origin is Literal:
        yield "zz_nothing"
    elif origin is list:
        yield from ("zz nothing", *([value] for value in beyond(get_args(annotation)[0])))
    elif origin is tuple:
        yield from ("zz nothing", [0.5])
    elif isinstance(annotation, type) and issubclass(annotation, Value):
        yield ODD
    elif annotation in (int, float, bool):
        yield from (ODD, "zz nothing")
    elif annotation is str:
        yield ODD


def takes(annotation: Any, value: Any) -> bool:
    """Whether a member of a union takes one of the odd values."""
    if isinstance(value, str):
        return annotation in (str, Pattern)
    return annotation is float if isinstance(value, float) else get_origin(annotation) is dict


def outside(mark: Any, whole: bool) -> Iterator[float]:
    """The nearest numbers that a bound excludes, and numbers far beyond it."""
    step = 1 if whole else 1e-6
    if isinstance(mark, Gt):
        yield from (mark.gt, mark.gt - 1)
    elif isinstance(mark, Ge):
        yield from (mark.ge - step, mark.ge - 10)
    elif isinstance(mark, Lt):
        yield from (mark.lt, mark.lt + 1)
    elif isinstance(mark, Le):
        yield from (mark.le + step, mark.le + 10)


def every_key() -> Iterator[tuple[RegistryEntry, Field]]:
    """Each part's own keys, and those that all parts of a kind share once a kind."""
    for kind in KINDS:
        shared: set[str] = set()
        for entry in entries(kind):
            for name, field in entry.fields.items():
                if name in entry.own_fields or name not in shared:
                    yield entry, field
                    shared |= {name} - set(entry.own_fields)


KEYS = [(entry, field) for entry, field in every_key() if list(beyond(field.annotation))]


def written(entry: RegistryEntry, field: Field, value: Any) -> tuple[dict[str, Any], str]:
    """A config with the part and the value, and the address of the key."""
    keys = {**entry.example, field.name: value}
    part = {"name": entry.name, **keys}
    config: dict[str, Any] = {"data": "digits"}
    if entry.kind in ONE_PART:
        return config | {entry.kind: part}, f"{entry.kind}.{field.name}"
    if entry.kind == "regularizers":
        return config | {"regularizers": {entry.name: keys}}, f"regularizers.{entry.name}.{field.name}"
    if entry.kind == "metrics":
        return config | {"metrics": [part]}, f"metrics.0.{field.name}"
    if entry.kind == "augment":
        return {"data": {"name": "digits", "augment": [part]}}, f"data.augment.0.{field.name}"
    assert entry.kind == "layer", entry.kind
    return config | {
        "architecture": {"name": "sequential", "layers": [part]}
    }, f"architecture.layers.0.{field.name}"


def assert_refused(config: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_mapping(config)
    found = [p for p in caught.value.problems if p.path == path or p.path.startswith(f"{path}.")]
    assert found, str(caught.value)
    assert all(p.received and (p.expected or p.fix) for p in found), str(caught.value)


@pytest.mark.parametrize(("entry", "field"), KEYS, ids=[f"{e.kind}.{e.name}.{f.name}" for e, f in KEYS])
def test_a_key_out_of_range_is_refused_at_its_address(entry: RegistryEntry, field: Field) -> None:
    for value in beyond(field.annotation):
        assert_refused(*written(entry, field, value))


SECTIONS = [(name, key) for name, field in ROOT.fields.items() if field.section for key in field.section]


@pytest.mark.parametrize(("section", "key"), SECTIONS, ids=lambda word: word)
def test_a_key_of_a_section_out_of_range_is_refused_at_its_address(section: str, key: str) -> None:
    field = ROOT.fields[section].section[key]  # type: ignore[index]
    for value in beyond(field.annotation):
        assert_refused({"data": "digits", section: {key: value}}, f"{section}.{key}")


def test_nearly_every_key_has_a_value_that_it_refuses() -> None:
    assert len(KEYS) >= 0.95 * len(list(every_key()))
