"""The settings of each layer: those of the whole net, changed by `per_layer`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ...config.sections import Experiment, LayerSettings, Reuse
from ...errors import ConfigError, Problem
from ...registry import Bound, Pattern, bind, close_key, nested

HIDDEN_KEYS = frozenset({"activation", "normalization", "dropout"})
WEIGHT_KEYS = frozenset({"initializer", "l1", "l2", "max_norm"})
RATE_KEYS = frozenset({"lr_factor", "frozen"})
PENALTY_KEYS = ("l1", "l2")
REGULARIZER_KEYS = ("dropout", *PENALTY_KEYS, "max_norm")
MOVING = frozenset({*PENALTY_KEYS, "max_norm", "lr_factor"})  # frozen weights have no use for them
EVERY_KEY = HIDDEN_KEYS | WEIGHT_KEYS | RATE_KEYS


@dataclass(frozen=True)
class LayerChoice:
    """The settings of one layer."""

    activation: Bound
    initializer: Bound | None
    """None: the activation chooses it."""
    normalization: Bound | None
    lr_factor: float = 1.0
    frozen: bool = False
    """Whether its weights stay as they are in the whole training."""
    stage: int = 0
    """The item of `reuse.unfreeze` (from 1) with which it begins to learn; 0: it learns from the start."""
    normalization_at: str = "normalization"
    """Address of the normalization of the whole net."""


class Setting(NamedTuple):
    """Keys that differ in some layers."""

    keys: Mapping[str, Any]
    address: str
    """Where the keys are written in the config."""
    own: str
    """The layer that they are written with; "" if they are written in `per_layer`."""


@dataclass
class LayerChoices:
    """The choices of all layers, by name."""

    default: LayerChoice
    per_layer: Mapping[Pattern, LayerSettings]
    own: Mapping[str, Setting] = field(default_factory=dict)
    """Settings written with a layer itself, by its name; those of a block hold for all its layers."""
    reuse: Reuse | None = None
    """What is frozen at first, and when it begins to learn."""

    def __call__(self, layer: str) -> LayerChoice:
        """The choice for a layer: defaults, `reuse.freeze`, matching patterns in order, then its own keys.

        A layer that begins to learn later has its stage, and the product of both rate factors.
        """
        chosen: dict[str, Any] = dict(self.default.__dict__)
        for setting in self._of(layer):
            chosen.update({k: v for k, v in setting.keys.items() if k in chosen})
        choice = LayerChoice(**chosen)
        for number, moment in enumerate(self.reuse.unfreeze if self.reuse is not None else (), start=1):
            if choice.frozen and moment.layers.matches(layer):
                factor = choice.lr_factor * moment.lr_factor
                return replace(choice, frozen=False, stage=number, lr_factor=factor)
        return choice

    def regularizers(self, layer: str) -> dict[str, Any]:
        """The layer's own dropout, l1, l2 and max_norm."""
        own: dict[str, Any] = {}
        for setting in self._of(layer):
            own.update({k: v for k, v in setting.keys.items() if k in REGULARIZER_KEYS})
        return own

    def address(self, layer: str, key: str) -> str:
        """Address of the layer's choice for `key` in the config: where it is set last, else at the top."""
        setting = [found for found in self._of(layer) if key in found.keys]
        if setting:
            return f"{setting[-1].address}.{key}"
        return self.default.normalization_at if key == "normalization" else key

    def settings(self, layers: list[str]) -> list[tuple[list[str], Setting]]:
        """Every setting, with those of the layers that it concerns."""
        freeze = None if self.reuse is None else self.reuse.freeze
        written = [] if freeze is None else [(freeze, Setting({"frozen": True}, "reuse", ""))]
        written += [(p, of_pattern(p, s)) for p, s in self.per_layer.items()]
        patterns = [([layer for layer in layers if p.matches(layer)], setting) for p, setting in written]
        return patterns + [
            ([layer for layer in layers if inside(layer, name)], setting)
            for name, setting in self.own.items()
        ]

    def check(self, layers: list[str]) -> None:
        """Raise `ConfigError` for patterns that match no layer."""
        patterns = [(pattern, f'per_layer."{pattern.plain()}"') for pattern in self.per_layer]
        if self.reuse is not None:
            patterns += [(self.reuse.freeze, "reuse.freeze")] if self.reuse.freeze is not None else []
            patterns += [(u.layers, f"reuse.unfreeze.{i}.layers") for i, u in enumerate(self.reuse.unfreeze)]
        check_patterns(patterns, layers)

    def _of(self, layer: str) -> list[Setting]:
        return [setting for layers, setting in self.settings([layer]) if layers]


def layer_choices(x: Experiment, own: Mapping[str, Setting]) -> LayerChoices:
    """The choices of an experiment. own: settings written with the layers themselves."""
    return LayerChoices(default_choice(x), x.per_layer, own, x.reuse)


def of_pattern(pattern: Pattern, settings: LayerSettings) -> Setting:
    """The setting of a pattern of `per_layer`: the keys that are written there."""
    keys = {key: getattr(settings, key) for key in settings.model_fields_set}
    return Setting(keys, f'per_layer."{pattern.plain()}"', "")


def inside(layer: str, name: str) -> bool:
    """Whether a layer has that name, or is in the block of that name."""
    return layer == name or layer.startswith(f"{name}.")


def default_choice(x: Experiment) -> LayerChoice:
    """The settings of an experiment for all layers.

    An architecture may have a `normalization` of its own, for configs that write none.
    """
    initializer, own = (
        None if x.initializer == "auto" else x.initializer,
        x.architecture.keys.get("normalization"),
    )
    if x.normalization is None and own is not None:
        return LayerChoice(x.activation, initializer, own, normalization_at="architecture.normalization")
    return LayerChoice(x.activation, initializer, x.normalization)


def all_regularizers(x: Experiment) -> dict[str, Bound]:
    """The regularizers of an experiment, including those that only single layers name.

    They are sorted by name, which fixes the order of their effects.
    """
    settings = [s.model_fields_set for s in x.per_layer.values()] + [
        layer.common.keys() for _, layer in nested(x.architecture, "layer")
    ]
    named = {key for written in settings for key in REGULARIZER_KEYS if key in written}
    more = {key: bind("regularizers", key) for key in named - set(x.regularizers)}
    return dict(sorted({**x.regularizers, **more}.items()))


def patterns_of(regularizers: Mapping[str, Bound]) -> list[tuple[Pattern, str]]:
    """Every pattern among the regularizers' keys, with its address."""
    return [
        (value, f"regularizers.{name}.{key}")
        for name, bound in regularizers.items()
        for key, value in bound.keys.items()
        if isinstance(value, Pattern)
    ]


def check_patterns(patterns: list[tuple[Pattern, str]], layers: list[str]) -> None:
    """Raise one `ConfigError` for all patterns (with their addresses) that match none of the layers."""
    lost = [
        unmatched(p, layers, path) for p, path in patterns if not any(p.matches(layer) for layer in layers)
    ]
    ConfigError.raise_if_any(lost)


def unmatched(pattern: Pattern, layers: Sequence[str], path: str, of: str = "") -> Problem:
    """The problem of a pattern that matches none of the layers. of: whose layers, if not this net's."""
    nearest = close_key(pattern.plain(), list(layers))
    return Problem(
        f'the pattern "{pattern.plain()}" matches no layer{of}',
        f"layers: {', '.join(layers)}",
        f"did you mean {nearest}?" if nearest else "",
        path,
        code="pattern",
    )


def check_settings(choices: LayerChoices, takes: Mapping[str, frozenset[str]]) -> None:
    """Raise `ConfigError` for settings that no layer can take.

    takes: the keys that can act in each layer, in order.
    """
    idle = [
        idle_key(layers, key, takes, setting)
        for layers, setting in choices.settings(list(takes))
        for key, value in sorted(setting.keys.items())
        if value is not None and not any(key in takes[layer] for layer in layers)
    ]
    idle += [*still_keys(choices, list(takes)), *input_keys(choices, list(takes))]
    idle += [*idle_normalization(choices, takes), *idle_activation(choices.default, takes)]
    ConfigError.raise_if_any(idle)


def idle_key(layers: list[str], key: str, takes: Mapping[str, frozenset[str]], setting: Setting) -> Problem:
    """The problem of a key that cannot act in any of these layers."""
    fix, names = "remove the key", ", ".join(layers)
    if key in HIDDEN_KEYS and layers and not any(HIDDEN_KEYS & takes[layer] for layer in layers):
        text, expected = f"{names} is linear only: it has no {key}", "a pattern that matches hidden layers"
    elif key in WEIGHT_KEYS and layers:
        text, expected = f"{names} has no weight of its own, so {key} cannot act", "a layer with a weight"
        fix = "write it for the layer whose weight is used"
    else:
        text, expected = (
            f"{names or setting.own} has nothing that {key} could change",
            "a key that can act here",
        )
    expected = "a layer that has one" if setting.own and "pattern" in expected else expected
    return Problem(
        text,
        f"expected {expected}",
        "remove the key" if setting.own else fix,
        f"{setting.address}.{key}",
        code="no_effect",
    )


def still_keys(choices: LayerChoices, layers: list[str]) -> Iterator[Problem]:
    """The problems of keys that move weights, if all these weights are frozen."""
    for concerned, setting in choices.settings(layers):
        moving = sorted(MOVING & {*setting.keys}) if concerned else []
        for key in moving if moving and all(choices(layer).frozen for layer in concerned) else ():
            text = f"frozen weights stay as they are, so {key} cannot act"
            yield Problem(
                text,
                f"expected one of frozen and {key}",
                "remove one",
                f"{setting.address}.{key}",
                code="no_effect",
            )


def input_keys(choices: LayerChoices, layers: list[str]) -> Iterator[Problem]:
    """The problems of single layers' normalizations that ask for the net's inputs to be normalized."""
    for _, setting in choices.settings(layers):
        part = setting.keys.get("normalization")
        if part is not None and part.common.get("on_input"):
            text = "on_input normalizes the inputs of the net, which is nothing of one layer"
            whole = f"normalization: {{name: {part.name}, on_input: true}}"
            fix = f"remove on_input, or write it at the top: {whole}"
            yield Problem(
                text,
                "expected on_input: false",
                fix,
                f"{setting.address}.normalization.on_input",
                code="no_effect",
            )


def idle_normalization(choices: LayerChoices, takes: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    """The problem of the net's normalization if no layer takes one, or each has its own."""
    part, place = choices.default.normalization, choices.default.normalization_at
    taking = [layer for layer, keys in takes.items() if "normalization" in keys]
    if part is None or part.common.get("on_input"):
        return
    if not taking:
        text = f"no layer of this net takes {part.name} normalization"
        yield Problem(text, "expected hidden layers", "normalization: none", place, code="no_effect")
    elif place == "normalization" and all(
        choices.address(layer, "normalization") != place for layer in taking
    ):
        text = f"every layer that takes a normalization has its own, so {part.name} cannot act"
        yield Problem(
            text, "expected a layer without its own", "normalization: none", place, code="no_effect"
        )


def idle_activation(default: LayerChoice, takes: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    """The problem of an activation, other than the default, if no layer takes one."""
    usual = bind("activation", Experiment.model_fields["activation"].default)
    if str(default.activation) != str(usual) and not any("activation" in keys for keys in takes.values()):
        text = f"no layer of this net takes the activation {default.activation.name}"
        yield Problem(text, "expected hidden layers", "leave activation out", "activation", code="no_effect")


def automatic_initializer(activation: Bound | None) -> Bound:
    """The initializer that the activation names as suited; Glorot's if there is no activation."""
    return bind("initializer", "glorot_uniform" if activation is None else activation.flag("initializer"))
