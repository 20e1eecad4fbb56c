"""`resolved()` says everything: read again it gives itself.

Any mapping and any text give a config or a ConfigError.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dnnlab import config
from dnnlab.config.sections import ROOT
from dnnlab.config.yaml_reader import read_yaml
from dnnlab.errors import ConfigError
from dnnlab.registry import KINDS, address, entries, inline

FULL = """
name: full
tags: [ch11]
note: "on: off"
seed: 7
data: {name: digits, validation: {first: 50}, test: none, augment: [{shift: 0.2}, shift], limit: 100}
architecture: {name: zz_stack, layers: [{zz_wide: 3}, {zz_wide: {units: 4, bend: {inner: elu}}}], bent: {elu: 2}}
activation: {name: zz_bent, beta: 1e-3, inner: {elu: 3}}
initializer: lecun_normal
normalization: {name: batch, decay: 0.99, on_input: true}
per_layer:
  hidden[12]: {activation: tanh, normalization: none, dropout: 0.1, lr_factor: 0.5}
  hidden11..hidden20: {frozen: true}
metrics: [accuracy]
loss: cross_entropy
optimizer: {name: sgd, lr: 0.1, momentum: {from: 0.5, to: 0.99, over: 10 epochs}}
schedule: {name: one_cycle, max_lr: 0.3, warmup: 10 %}
gradient_clipping: {global_norm: 1.0}
regularizers:
  dropout: {rate: 0.3, layers: hidden1}
  early_stopping: true
  zz_plain: true
training: {epochs: 3, batch_size: full, device: "cuda:1", max_minutes: 1.5, threads: 2}
checkpoint: {every: 2, keep: 3}
logging: {update_ratio_every: none, steps_every: 10 steps}
lint: {ignore: [selu_dropout]}
"""


@pytest.mark.parametrize("text", [FULL, "data: digits"])
def test_resolved_comes_back(tmp_path: Path, text: str) -> None:
    path = tmp_path / "full.yaml"
    path.write_text(text)
    first = config.load(path)
    again = tmp_path / "again/full.yaml"
    again.parent.mkdir()
    again.write_text(yaml.safe_dump(first.resolved(), sort_keys=False))
    second = config.load(again)
    assert second.resolved() == first.resolved() and second.flat() == first.flat()
    assert config.load_mapping(first.resolved()).resolved() == first.resolved()


def test_resolved_writes_everything_out(tmp_path: Path) -> None:
    resolved = config.load_mapping({"data": "digits", "per_layer": {"a": {"normalization": None}}}).resolved()
    assert list(resolved) == list(ROOT.fields)
    assert resolved["normalization"] == "none" and resolved["per_layer"] == {"a": {"normalization": "none"}}
    assert resolved["optimizer"]["name"] == "adam" and resolved["optimizer"]["eps"] == 1e-8
    assert resolved["logging"]["update_ratio_every"] == "50 steps"


def test_flat_values_are_overrides_that_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "full.yaml"
    path.write_text(FULL)
    loaded = config.load(path)
    for key, value in loaded.flat().items():
        if key in ("architecture", "architecture.layers.0", "architecture.layers.1") or value is True:
            continue  # names a part anew, whose required keys would be missing
        assert config.load(path, [f"{key}={inline(value)}"]).flat().get(key) == value, key


def test_from_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = config.load_mapping(
        {"data": "digits"}, {"optimizer.lr": 0.5, "tags+": "a", "schedule.warmup": None}, name="mine"
    )
    assert (loaded.experiment.name, loaded.experiment.tags, loaded.experiment.optimizer.keys["lr"]) == (
        "mine",
        ["a"],
        0.5,
    )
    assert loaded.sources == {} and loaded.folder_of("data") == tmp_path
    assert loaded.overrides == ("optimizer.lr=0.5", "tags+=a", "schedule.warmup=none")
    other = config.load_mapping(
        {"data": "digits", "activation": loaded.experiment.activation, "note": Path("x")}
    )
    assert other.experiment.activation.name == "relu" and other.experiment.note == "x"


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        (
            {"data": object()},
            "data: received a object; expected plain values: texts, numbers, booleans, lists, dicts",
        ),
        ({1: 2}, "a key of type int; expected keys that are texts"),
        ({"seed": 10**400}, "seed: a whole number of 1329 bits; expected a number with fewer digits"),
        (
            {"data": "digits", "base": "x.yaml"},
            "base: a mapping has no base; expected a file for that; use dnnlab.config.load",
        ),
    ],
)
def test_mappings_that_are_refused(mapping: Any, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load_mapping(mapping)
    assert str(caught.value) == text


def _words() -> st.SearchStrategy[str]:
    known = [
        *ROOT.fields,
        "name",
        "lr",
        "rate",
        "layers",
        "units",
        "hidden1",
        "hidden[",
        "ignore",
        "epochs",
        "none",
        "auto",
        "true",
        "zz_wide",
    ]
    parts = [e.name for kind in KINDS for e in entries(kind)]
    return st.one_of(st.sampled_from(known), st.sampled_from(parts), st.text(max_size=4))


def _values() -> st.SearchStrategy[Any]:
    scalars = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        _words(),
        st.sampled_from([10**320, "5 epochs", "1e999 steps"]),
    )
    return st.recursive(
        scalars,
        lambda x: st.one_of(st.lists(x, max_size=3), st.dictionaries(_words(), x, max_size=3)),
        max_leaves=6,
    )


RELAXED = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@RELAXED
@given(st.data())
def test_any_mapping_gives_a_config_or_a_config_error(data: st.DataObject) -> None:
    mapping = data.draw(
        st.dictionaries(
            st.sampled_from([k for k in ROOT.fields if k != "plugins"]) | st.text(max_size=3),
            _values(),
            max_size=4,
        )
    )
    steps = st.lists(st.one_of(_words(), st.integers(0, 3)), min_size=1, max_size=3)
    overrides = data.draw(st.dictionaries(steps.map(address), _values(), max_size=2))
    overrides = {k: v for k, v in overrides.items() if not k.startswith("plugins")}
    try:
        loaded = config.load_mapping({"data": "digits", **mapping}, overrides)
    except ConfigError as error:
        assert error.problems and all(p.received for p in error.problems)
    else:
        assert config.load_mapping(loaded.resolved()).resolved() == loaded.resolved()


@RELAXED
@given(st.one_of(st.text(max_size=30), st.text(alphabet="ab:-{}[],&*!|>'\"#%@ \n\t?<~0", max_size=25)))
def test_any_text_is_read_or_explained(text: str) -> None:
    tree, problems = read_yaml(text, "f")
    assert tree is not None or problems
    assert all(p.received and p.file == "f" for p in problems)


def test_a_config_of_forty_lines_loads_in_no_time(tmp_path: Path) -> None:
    layers = "".join(f"  hidden{i}: {{dropout: 0.{i}, activation: {{elu: 2}}}}\n" for i in range(1, 16))
    text = FULL.replace("per_layer:\n", f"per_layer:\n{layers}")
    assert len(text.splitlines()) >= 40
    path = tmp_path / "x.yaml"
    path.write_text(text)
    config.load(path)
    best = min(_seconds(lambda: config.load(path)) for _ in range(5))
    assert best < 0.06


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
