"""Whether regularizers that act within a net find a place there; no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import ConfigError, Problem
from ...registry import Bound
from .conv_shapes import Shape, times
from .per_layer import REGULARIZER_KEYS


def check_acted(
    inside: Mapping[str, Bound], acted: set[str], places: Mapping[str, Sequence[str]], architecture: str
) -> None:
    """Raise `ConfigError` for regularizers that found no place in the net.

    A rate of 0 is how a search switches one off.

    places: names of the layers that a regularizer with this flag `acts_on` could act in.
    """
    idle = [bound for name, bound in inside.items() if name not in acted and bound.keys.get("rate") != 0]
    problems = [no_place(bound, places.get(bound.flag("acts_on"), ()), architecture) for bound in idle]
    if problems:
        raise ConfigError(*problems)


def no_place(bound: Bound, layers: Sequence[str], architecture: str) -> Problem:
    """The problem of a regularizer without a place: the net has none, or its own pattern matches none of these layers."""
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
    """The layers behind whose activation something can be dropped. takes: the per-layer keys that can act in each layer."""
    return [layer for layer, keys in takes.items() if "dropout" in keys]


def check_drawn(inside: Mapping[str, Bound], pooled: Sequence[Shape]) -> None:
    """Raise `ConfigError` for drawn pooling regions that halve every side exactly: there is one way to do that, plain 2x2 pooling.

    pooled: the shape in front of each pooling, never empty where such a regularizer acts.
    """
    for name, bound in inside.items():
        behind = bound.flag("pools")
        if behind is None or any(
            2 * behind(side, **bound.keys) != side for shape in pooled for side in shape[1:]
        ):
            continue
        key, value = next(iter(bound.keys.items()))
        text = f"{key} {value:g} halves the sides at every pooling ({', '.join(times(shape[1:]) for shape in pooled)}), so nothing is drawn"
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
