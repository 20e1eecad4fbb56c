"""Forms of writing a part, and what replaces, edits or removes: the same in bases and in overrides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dnnlab import config

Flat = Callable[..., dict[str, Any]]
Write = Callable[..., Path]

# what is written -> some of the flat config
FORMS: dict[str, dict[str, Any]] = {
    "activation: elu": {"activation": "elu", "activation.alpha": 1.0},
    "activation: {name: elu, alpha: 2}": {"activation": "elu", "activation.alpha": 2.0},
    "activation: {elu: {alpha: 2}}": {"activation": "elu", "activation.alpha": 2.0},
    "activation: {elu: 2}": {"activation": "elu", "activation.alpha": 2.0},
    "activation: {elu: true}": {"activation": "elu", "activation.alpha": 1.0},
    "activation: zz_swish": {"activation": "zz_bent"},
    "activation: {zz_swish: 2}": {"activation": "zz_bent", "activation.beta": 2.0},
    (
        "gradient_clipping: {global_norm: "
        "{threshold: 2.0}}"
    ): {"gradient_clipping": "global_norm", "gradient_clipping.threshold": 2.0},
    (
        "gradient_clipping: "
        "{global_norm: 2.0}"
    ): {"gradient_clipping": "global_norm", "gradient_clipping.threshold": 2.0},
    "gradient_clipping: none": {"gradient_clipping": "none"},
    "gradient_clipping:": {"gradient_clipping": "none"},
    "optimizer: {lr: 0.02}": {"optimizer": "adam", "optimizer.lr": 0.02},
    "optimizer: {}": {"optimizer": "adam", "optimizer.lr": 0.001},
    (
        "activation: {zz_bent: {inner: "
        "{name: elu, alpha: 3}}}"
    ): {"activation.inner": "elu", "activation.inner.alpha": 3.0},
    "activation: {zz_bent: {inner: {elu: 3}}}": {"activation.inner": "elu", "activation.inner.alpha": 3.0},
    "architecture: {hidden: {depth: 2, width: 5}}": {"architecture": "mlp", "architecture.hidden": [5, 5]},
    "regularizers: {dropout: 0.3}": {"regularizers.dropout.rate": 0.3},
    "regularizers: {dropout: {rate: 0.3}}": {"regularizers.dropout.rate": 0.3},
    "regularizers: {dropout: {name: dropout, rate: 0.3}}": {"regularizers.dropout.rate": 0.3},
    "regularizers: {early_stopping: true}": {"regularizers.early_stopping.patience": 10},
    "regularizers: {zz_plain: true}": {"regularizers.zz_plain": True},
    "regularizers: [zz_plain, {dropout: 0.3}, {name: l2, strength: 2}]": {
        "regularizers.zz_plain": True, "regularizers.dropout.rate": 0.3, "regularizers.l2.strength": 2.0
    },
    "metrics: [accuracy]": {"metrics.0": "accuracy"},
    (
        "data: {name: digits, augment: [shift, {shift: 0.2}, {name: shift, fraction: 0.3}, {shift: "
        "{fraction: 0.4}}]}"
    ): {
        "data.augment.0": "shift", "data.augment.1.fraction": 0.2, "data.augment.2.fraction": 0.3, "data.augment.3.fraction": 0.4
    },
    "architecture: {name: zz_stack, layers: [{zz_dense: 3}, {zz_wide: {units: 4, bend: {beta: 2}}}]}": {
        "architecture.layers.0": "zz_wide", "architecture.layers.0.units": 3, "architecture.layers.0.bend": "zz_bent",
        "architecture.layers.1.bend.beta": 2.0,
    },
    "per_layer: {'hidden[12]': {activation: {elu: 2}, normalization: none, frozen: true}}": {
        'per_layer."hidden[12]".activation': "elu", 'per_layer."hidden[12]".activation.alpha': 2.0,
        'per_layer."hidden[12]".normalization': "none", 'per_layer."hidden[12]".frozen': True,
    },
    "checkpoint: {every: 3}": {"checkpoint.every": "3 epochs"},
    (
        "training: {device: 'cuda:1', "
        "batch_size: full}"
    ): {"training.device": "cuda:1", "training.batch_size": "full"},
}  # fmt: skip


@pytest.mark.parametrize("text", FORMS)
def test_forms(write: Write, text: str) -> None:
    flat = config.load(write(text if text.startswith("data:") else f"data: digits\n{text}")).flat()
    assert {key: flat.get(key, "missing") for key in FORMS[text]} == FORMS[text]


BASE = """
optimizer: {name: nadam, lr: 5e-5}
activation: {name: zz_bent, beta: 2, inner: {name: elu, alpha: 3}}
regularizers: {dropout: {rate: 0.3, input_rate: 0.1}, l2: 1e-3}
per_layer: {hidden1: {dropout: 0.1, l2: 1}}
tags: [a, b]
data: {name: digits, validation: 0.3, augment: [{shift: 0.1}]}
architecture: {name: zz_stack, layers: [{zz_wide: 3}, {zz_wide: {units: 4, bend: {beta: 3}}}]}
"""

# (the same as a child file, as overrides, what changes, notes)
MERGES: list[tuple[str, list[str], dict[str, Any], list[str]]] = [
    ("optimizer: {lr: 1}", ["optimizer.lr=1"], {"optimizer": "nadam", "optimizer.lr": 1.0}, []),
    ("optimizer: sgd", ["optimizer=sgd"], {"optimizer": "sgd", "optimizer.lr": 0.01},
     ["optimizer: sgd replaces nadam; lr: 5e-05 falls away"]),
    ("optimizer: {name: sgd}", ["optimizer.name=sgd"], {"optimizer": "sgd"}, [(
        "optimizer: sgd replaces nadam; "
        "lr: 5e-05 falls away"
    )]),
    ("optimizer: {sgd: 3}", ["optimizer.sgd=3"], {"optimizer": "sgd", "optimizer.lr": 3.0}, []),
    ((
        "activation: {inner: "
        "{alpha: 4}}"
    ), ["activation.inner.alpha=4"], {"activation.inner.alpha": 4.0, "activation.beta": 2.0}, []),
    ("activation: {inner: {name: relu}}", ["activation.inner=relu"], {"activation.inner": "relu"},
     ["activation.inner: relu replaces elu; alpha: 3 falls away"]),
    ("activation: relu", ["activation=relu"], {"activation": "relu"},
     ["activation: relu replaces zz_bent; beta: 2, inner: {name: elu, alpha: 3} fall away"]),
    ("regularizers: {dropout: 0.4}", ["regularizers.dropout=0.4"],
     {"regularizers.dropout.rate": 0.4, "regularizers.dropout.input_rate": 0.1, "regularizers.l2.strength": 0.001}, []),
    ((
        "regularizers: {dropout: "
        "{rate: 0.4}}"
    ), ["regularizers.dropout.rate=0.4"], {"regularizers.dropout.input_rate": 0.1}, []),
    ("regularizers: {dropout: true}", ["regularizers.dropout=true"],
     {"regularizers.dropout.rate": 0.5, "regularizers.dropout.input_rate": 0.0},
     ["regularizers.dropout: dropout replaces dropout; rate: 0.3, input_rate: 0.1 fall away"]),
    ("regularizers: {dropout: none}", ["regularizers.dropout=none"], {"regularizers.dropout.rate": "missing",
     "regularizers.l2.strength": 0.001}, []),
    ("regularizers: none", ["regularizers=none"], {"regularizers.dropout.rate": "missing", "regularizers.l2.strength": "missing"}, []),
    ("regularizers: [zz_plain]", ["regularizers=[zz_plain]"], {"regularizers.zz_plain": True, "regularizers.l2.strength": "missing"},
     [(
         "regularizers: a list replaces the "
         "mapping; dropout falls away"
     ), "regularizers: a list replaces the mapping; l2 falls away"]),
    ((
        "per_layer: {hidden1: {l2: 2}, "
        "output: {frozen: true}}"
    ), ["per_layer.hidden1.l2=2", "per_layer.output.frozen=true"],
     {"per_layer.hidden1.dropout": 0.1, "per_layer.hidden1.l2": 2.0, "per_layer.output.frozen": True}, []),
    ("per_layer: {hidden1: none}", ["per_layer.hidden1=none"], {"per_layer.hidden1.dropout": "missing"}, []),
    ("tags: [c]", ["tags=[c]"], {"tags": ["c"]}, []),
    ("data: {validation: {first: 50}}", ["data.validation.first=50"], {"data.validation.first": 50}, []),
    ("data: {augment: []}", ["data.augment.shift=none"], {"data.augment": []}, []),
    ("data: {name: digits}", ["data=digits"], {"data.validation": 0.2},
     ["data: digits replaces digits; validation: 0.3, augment: [{name: shift, fraction: 0.1}] fall away"]),
]  # fmt: skip


@pytest.mark.parametrize(("child", "overrides", "expected", "notes"), MERGES, ids=[m[0] for m in MERGES])
def test_a_child_file_and_overrides_do_the_same(
    write: Write, child: str, overrides: list[str], expected: dict[str, Any], notes: list[str]
) -> None:
    base = write(BASE, "base.yaml")
    as_file = config.load(write(f"base: base.yaml\n{child}\n", "child.yaml"))
    as_overrides = config.load(base, overrides)
    for loaded in (as_file, as_overrides):
        flat = loaded.flat()
        assert {key: flat.get(key, "missing") for key in expected} == expected
        assert list(loaded.notes) == notes
    left, right = as_file.resolved(), as_overrides.resolved()
    assert {**left, "name": ""} == {**right, "name": ""}


OVERRIDES: list[tuple[list[str], dict[str, Any]]] = [
    (["architecture.layers.0.units=30"], {"architecture.layers.0.units": 30, "architecture.layers.1.units": 4}),
    (["architecture.layers.1.bend.inner.elu=5"], {"architecture.layers.1.bend.inner.alpha": 5.0}),
    (["architecture.layers+={zz_wide: 9}"], {"architecture.layers.2.units": 9}),
    (["architecture.layers.0=none"], {"architecture.layers.0.units": 4, "architecture.layers.1": "missing"}),
    (["architecture.layers.0={zz_wide: 7}"], {"architecture.layers.0.units": 7}),
    (["architecture.bent.elu.alpha=5"], {"architecture.bent": "elu", "architecture.bent.alpha": 5.0}),
    (["architecture.bent=elu", "architecture.bent.alpha=5"], {"architecture.bent.alpha": 5.0}),
    (["optimizer.sgd.lr=2", "optimizer.sgd.momentum=0.5"], {"optimizer.lr": 2.0, "optimizer.momentum": 0.5}),
    (["data.augment.shift.fraction=0.2"], {"data.augment.0.fraction": 0.2}),
    (["data.augment+=shift", "data.augment.1.fraction=0.4"], {"data.augment.0.fraction": 0.1, "data.augment.1.fraction": 0.4}),
    (["regularizers+=zz_plain"], {"regularizers.zz_plain": True, "regularizers.dropout.rate": 0.3}),
    (["regularizers+={ema: 0.9}"], {"regularizers.ema.decay": 0.9}),
    (["tags+=c", "tags.0=z"], {"tags": ["z", "b", "c"]}),
    (["tags.1=none"], {"tags": ["a"]}),
    (["seed=1", "seed=3"], {"seed": 3}),
    (["optimizer=adam", "optimizer.betas.0=0.8"], {"optimizer.betas": [0.8, 0.999]}),
    (["architecture={mlp: [4, 5]}", "architecture.hidden.1=3"], {"architecture.hidden": [4, 3]}),
    (['per_layer."hidden1..hidden2".dropout=0.2'], {'per_layer."hidden1..hidden2".dropout': 0.2}),
    (["name=other", 'note="3"'], {"name": "other", "note": "3"}),
    (["metrics=[accuracy]"], {"metrics.0": "accuracy"}),
    (["schedule.warmup=10 %"], {"schedule": "constant", "schedule.warmup": "10 %"}),
]  # fmt: skip


@pytest.mark.parametrize(("overrides", "expected"), OVERRIDES, ids=[" ".join(o[0]) for o in OVERRIDES])
def test_overrides(write: Write, overrides: list[str], expected: dict[str, Any]) -> None:
    flat = config.load(write(BASE), overrides).flat()
    assert {key: flat.get(key, "missing") for key in expected} == expected


LOST = {
    "metrics+=accuracy": (
        "metrics: `+=` appends to a list, and metrics is auto; expected a list; metrics=[...]"
    ),
    "seed+=1": "seed: received [1]; expected a whole number",
    "architecture.layers.5.units=1": "architecture.layers.5: no item 5 in the list (or "
    "more than one); there is 0: zz_wide, 1: "
    "zz_wide; "
    "use the item's number",
    "architecture.layers.zz_wide.units=1": "architecture.layers.zz_wide: no item zz_wide "
    "in the list (or more than one); "
    "there is 0: zz_wide, 1: zz_wide; use the item's number",
    "gradient_clipping.threshold=1": "gradient_clipping.threshold: gradient_clipping is "
    "none, which has no key threshold; "
    "expected a gradient_clipping with keys; name one first: gradient_clipping=NAME",
    "seed": 'received "seed"; expected KEY=VALUE or KEY+=VALUE; keys are joined by dots (items of lists by '
    "their number); "
    "a key with dots or brackets needs double quotes",
    "per_layer.hidden[12].l2=1": 'received "per_layer.hidden[12].l2=1"; expected '
    "KEY=VALUE or KEY+=VALUE; write layers.0 for an "
    "item of "
    'a list, and quote a key with brackets: per_layer."hidden[12]".dropout',
    "seed=": 'seed: "seed=" has no value; expected KEY=VALUE; write seed=none to remove it',
    "tags=[1": (
        'tags: "tags=[1": a bracket that is not closed, or a comma that is missing; expected YAML; '
        "close the bracket"
    ),
    "seed.x=1": "seed: received {x: 1}; expected a whole number",
    "base=x.yaml": "base: no such key; write `base:` into a file; bases are read before overrides",
    "learning_rate=1": "learning_rate: no such key; write `optimizer: {lr: 1}`",
}


@pytest.mark.parametrize("override", LOST)
def test_overrides_that_lead_nowhere(refused: Callable[..., list[str]], override: str) -> None:
    assert refused(BASE, override) == [LOST[override]]


def test_what_was_written_and_what_stands_by_default(write: Write) -> None:
    loaded = config.load(
        write("data: digits\noptimizer: {lr: 0.1}\nregularizers: {dropout: 0.2}\n"), ["training.epochs=3"]
    )
    written = (
        "optimizer",
        "optimizer.lr",
        "regularizers.dropout.rate",
        "training.epochs",
        "data",
        "data.name",
    )
    default = (
        "optimizer.name",
        "optimizer.eps",
        "schedule",
        "training.batch_size",
        "name",
        "regularizers.dropout.input_rate",
    )
    assert [loaded.written(key) for key in written] == [True] * len(written)
    assert [loaded.written(key) for key in default] == [False] * len(default)
    assert not config.load(write("data: digits")).written("optimizer.lr")


def test_normalization_of_a_layer_is_none_or_not_written(write: Write) -> None:
    loaded = config.load(write("data: digits\nper_layer: {a: {normalization: none}, b: {l2: 1}}"))
    a, b = loaded.experiment.per_layer.values()
    assert a.normalization is None and "normalization" in a.model_fields_set
    assert (
        b.normalization is None
        and "normalization" not in b.model_fields_set
        and b.dropout is None
        and b.l2 == 1.0
    )
