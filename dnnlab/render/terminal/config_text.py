"""Parts of a config in few words: `mlp, 20 x 100`, `sgd lr 0.05, momentum 0.9`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...registry import Bound, Widths, inline, plain

Written = Callable[[str], bool]


def part_words(
    bound: Bound, *, bare: bool = False, always: tuple[str, ...] = (), written: Written = lambda key: False
) -> str:
    """The part's name and its notable keys: those in `always`, written by the user, or not at their default.

    bare: the first key is always shown, by its value alone, as it is written in YAML (`dropout 0.2`).
    """
    values = {**bound.keys, **bound.common}
    fields, first = bound.entry.fields, bound.entry.first_key if bare else None
    words = bound.name
    for key, value in values.items():
        if key == first and not isinstance(value, bool) and value is not None:
            words += f" {value_words(value)}"
        elif key in always or written(key) or plain(value) != plain(fields[key].default):
            words += f"{' ' if words == bound.name else ', '}{key_words(key, value)}"
    return words


def key_words(key: str, value: Any) -> str:
    """`momentum 0.9`, `nesterov`, `no stratify`."""
    if isinstance(value, bool):
        return key if value else f"no {key}"
    return f"{key} {value_words(value)}"


def value_words(value: Any) -> str:
    """A value in words, numbers short."""
    if isinstance(value, Bound):
        return part_words(value)
    if isinstance(value, float):
        return f"{value:g}"
    return inline(plain(value))


def architecture_words(bound: Bound) -> str:
    """`mlp, 300-100`, `mlp, 20 x 100`, `cnn, 16-16 | 32-32, hidden 100`, `sequential, 5 layers`."""
    words = [bound.name]
    for key, value in bound.keys.items():
        if isinstance(value, Widths):
            named = "hidden " if len(words) > 1 else ""
            words += [named + widths_words(value.units)] if value.units else []
        elif isinstance(value, list) and value and all(isinstance(item, list) for item in value):
            words.append(" | ".join(widths_words(tuple(item)) for item in value))
        elif isinstance(value, list) and any(isinstance(item, Bound) for item in value):
            words.append(f"{len(value)} {key}" if len(value) > 1 else f"1 {key.removesuffix('s')}")
        elif plain(value) != plain(bound.entry.fields[key].default):
            words.append(key_words(key, value))
    return ", ".join(words)


def widths_words(units: tuple[int, ...]) -> str:
    """`300-100`, `20 x 100` for equal widths, `100` for one."""
    if len(units) > 2 and len(set(units)) == 1:
        return f"{len(units)} x {units[0]}"
    return "-".join(str(n) for n in units)


def initializer_words(initializers: Mapping[str, Bound], automatic: bool, activation: Bound) -> str:
    """The initializer of the hidden layers, with its cause if dnnlab chose it."""
    hidden = [bound for layer, bound in initializers.items() if layer != "output"] or list(
        initializers.values()
    )
    if not hidden:
        return ""
    names = list(dict.fromkeys(part_words(bound) for bound in hidden))
    words = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    return f"{words} (auto: for {activation.name})" if automatic else words
