"""Whether every regularizer can act in the net. No torch here.

Penalties and constraints need weights that are in use (`check_held`); regularizers within the net need a
place in it (`check_acted`, `check_drawn`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from ...errors import ConfigError, Problem
from ...registry import Bound
from .conv_shapes import Shape, times
from .per_layer import (
    PENALTY_KEYS,
    REGULARIZER_KEYS,
    WEIGHT_KEYS,
    LayerChoices,
    check_patterns,
    check_settings,
    patterns_of,
)


def check_layers(
    choices: LayerChoices,
    takes: Mapping[str, frozenset[str]],
    regularizers: Mapping[str, Bound],
    everywhere: frozenset[str],
) -> None:
    """Raise `ConfigError` for settings of layers, and regularizers of weights, that cannot act.

    See `check_held` for the parameters.
    """
    choices.check(list(takes))
    check_settings(choices, takes)
    check_held(choices, takes, regularizers, everywhere)
    check_patterns(patterns_of(regularizers), list(takes))


def check_held(
    choices: LayerChoices,
    takes: Mapping[str, frozenset[str]],
    regularizers: Mapping[str, Bound],
    everywhere: frozenset[str],
) -> None:
    """Raise `ConfigError` for regularizers of weights that find no weights in use to act on.

    takes: the per-layer keys that can act in each layer. everywhere: the regularizers that act on layers
    without a number of their own.
    """
    weights = [layer for layer, keys in takes.items() if keys >= WEIGHT_KEYS]
    learning = [layer for layer in weights if not choices(layer).frozen]
    acts = {
        name: [layer for layer in learning if _strength(choices, layer, bound, name in everywhere)]
        for name, bound in regularizers.items()
        if bound.flag("on_weights")
    }
    problems = [
        *(
            problem
            for name in acts
            if name in everywhere
            for problem in _idle(choices, regularizers[name], learning)
        ),
        *(
            problem
            for name, layers in acts.items()
            for problem in _not_in_use(choices, takes, regularizers[name], layers)
        ),
        *_undone(choices, regularizers, acts),
    ]
    ConfigError.raise_if_any(problems)


def _strength(choices: LayerChoices, layer: str, bound: Bound, everywhere: bool) -> bool:
    """Whether a regularizer acts on the weight of a layer."""
    own = choices.regularizers(layer)
    if bound.name in own:
        return bool(own[bound.name])
    return everywhere and (
        not bound.keys or any(value for term, value in bound.keys.items() if term not in own)
    )


def _idle(choices: LayerChoices, bound: Bound, learning: list[str]) -> Iterator[Problem]:
    """The problem of a regularizer of all layers to which no layer is left.

    A strength of 0 is no problem: a search switches a regularizer off with it.
    """
    name = bound.name
    if bound.keys and not any(bound.keys.values()):
        return
    if not learning:
        text, expected = (
            f"every weight is frozen, so {name} cannot act",
            "expected a layer whose weight learns",
        )
    elif all(name in choices.regularizers(layer) for layer in learning):
        text, expected = f"every layer has its own {name}, so this one cannot act", "expected a layer without"
    else:
        return
    yield Problem(text, expected, f"remove regularizers.{name}", f"regularizers.{name}", code="no_effect")


def _not_in_use(
    choices: LayerChoices, takes: Mapping[str, frozenset[str]], bound: Bound, layers: list[str]
) -> Iterator[Problem]:
    """The problem of a regularizer on a parameter from which a normalization makes the weights in use."""
    terms = [term for term in bound.flag("on_weights") if bound.keys.get(term, True)]
    made = {layer: choices(layer).normalization for layer in layers if "normalization" in takes[layer]}
    wrong = {
        layer: part
        for layer, part in made.items()
        if part is not None
        and part.flag("form") == "weight"
        and not all(term in part.flag("holds") for term in terms)
    }
    for layer, part in list(wrong.items())[:1]:
        path = _address(choices, layer, bound.name)
        text = (
            f"{layer}: {part.name} normalization makes the weights in use from what {bound.name} would act on"
        )
        allowed = ", ".join(sorted(part.flag("holds"))) or "no penalty or constraint"
        expected = f"expected {allowed} beside {part.name} normalization"
        fix = f"remove {path}"
        if bound.name in PENALTY_KEYS and path.startswith("regularizers.") and len(wrong) < len(layers):
            fix += f", or leave layers out: per_layer: {{{'|'.join(wrong)}: {{{bound.name}: 0}}}}"
        yield Problem(text, expected, fix, path, code="no_effect")


def _undone(
    choices: LayerChoices, regularizers: Mapping[str, Bound], acts: Mapping[str, list[str]]
) -> Iterator[Problem]:
    """The problem of a limit on weights that another constraint scales to one length after every update."""
    limits, fixes = (
        [name for name in acts if regularizers[name].flag("on_length") == effect]
        for effect in ("limits", "fixes")
    )
    for limit, other in product(limits, fixes):
        for layer in [layer for layer in acts[limit] if layer in acts[other]][:1]:
            path = _address(choices, layer, limit)
            text = f"{layer}: {other} scales to length 1 what {limit} has limited, so {limit} cannot act"
            fix = f"remove {path}, or regularizers.{other}"
            yield Problem(text, "expected one of them", fix, path, code="no_effect")


def _address(choices: LayerChoices, layer: str, name: str) -> str:
    return choices.address(layer, name) if name in choices.regularizers(layer) else f"regularizers.{name}"


def check_acted(
    inside: Mapping[str, Bound], acted: set[str], places: Mapping[str, Sequence[str]], architecture: str
) -> None:
    """Raise `ConfigError` for regularizers that found no place in the net.

    A rate of 0 is no problem: a search switches a regularizer off with it. places: names of the layers that a
    regularizer with each flag `acts_on` could act in.
    """
    idle = [bound for name, bound in inside.items() if name not in acted and bound.keys.get("rate") != 0]
    problems = [no_place(bound, places.get(bound.flag("acts_on"), ()), architecture) for bound in idle]
    ConfigError.raise_if_any(problems)


def no_place(bound: Bound, layers: Sequence[str], architecture: str) -> Problem:
    """The problem of a regularizer without a place.

    Either the net has no such place, or the regularizer's own pattern matches none of these layers.
    """
    path, pattern = f"regularizers.{bound.name}", bound.keys.get("layers")
    others = [layer for layer in layers if pattern is not None and not pattern.matches(layer)]
    if pattern is not None and others:
        text = f'{bound.name} finds no place to act in the layers that "{pattern.plain()}" matches'
        return Problem(
            text,
            f"expected some of {', '.join(others)}",
            f"remove {path}.layers",
            f"{path}.layers",
            code="no_place",
        )
    if layers and pattern is None and bound.name in REGULARIZER_KEYS:
        text = f"{bound.name} finds no place to act: every layer has a {bound.name} of its own"
        return Problem(text, "expected a layer without its own", f"remove {path}", path, code="no_place")
    text = f"{bound.name} finds no place to act in this net ({architecture})"
    return Problem(
        text,
        f"expected {bound.flag('place') or 'a net with such a place'}",
        f"remove {path}",
        path,
        code="no_place",
    )


def hidden_layers(takes: Mapping[str, frozenset[str]]) -> list[str]:
    """The layers with an activation whose output can be dropped.

    takes: the per-layer keys that can act in each layer.
    """
    return [layer for layer, keys in takes.items() if "dropout" in keys]


def check_drawn(inside: Mapping[str, Bound], pooled: Sequence[Shape]) -> None:
    """Raise `ConfigError` for drawn pooling regions that halve every side exactly.

    Plain 2x2 pooling is the only way to do that, so nothing would be drawn. pooled: the shape before each
    pooling, never empty if such a regularizer acts.
    """
    for name, bound in inside.items():
        pooled_size = bound.flag("pools")
        if pooled_size is None or any(
            2 * pooled_size(side, **bound.keys) != side for shape in pooled for side in shape[1:]
        ):
            continue
        key, value = next(iter(bound.keys.items()))
        sizes = ", ".join(times(shape[1:]) for shape in pooled)
        text = f"{key} {value:g} halves the sides at every pooling ({sizes}), so nothing is drawn"
        where = f"regularizers.{name}.{key}"
        raise ConfigError(
            Problem(
                text,
                "expected other sizes than those of plain 2x2 pooling",
                f"{key}: 1.414",
                where,
                code="no_effect",
            )
        )
