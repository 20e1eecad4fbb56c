"""Shipped configs with random edits, as slips of a hand, of an editor and of a script make them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "configs"
SHIPPED = sorted(FOLDER.glob("*.yaml")) + sorted(FOLDER.glob("techniques/*.yaml"))
VALUES: list[Any] = [
    *(None, True, False, "", " ", "none", "auto", "relu", "adam", "nan", "1e-3", "0,1", "1_000"),
    *("5 epochs", "-1 %", "a: b # c", "${HOME}", "../..", "/dev/null", "x" * 5000),
    *(0, 1, -1, 2, 10**6, 10**18, 10**30, -(10**30), 0.0, -0.0, 1e-320, 1e308, -1e308),
    *(math.nan, math.inf, -math.inf, "\u00fc\u4e2d\u6587 \u202e x", "\U0001f600"),
    *([], {}, [[]], [1, "a", None], {"a": {"b": {"c": 1}}}, [{"name": "dense"}] * 3, list(range(300))),
    *({"name": "adam"}, {"name": "nothing"}, {"name": 3}, {"name": None}, {"hidden": 5}),
    *({"depth": 10**9, "width": 10**9}, {"from": 1, "to": 0}),
]  # fmt: skip
KEYS = [
    "name",
    "lr",
    "hidden",
    "data",
    "base",
    "plugins",
    "optimizer",
    "\u00fc",
    "",
    "a.b",
    "0",
    "x" * 300,
    "<<",
    "null",
]


def value(draw: random.Random) -> Any:
    """One of the values, for this place alone: a later edit may change it."""
    return deepcopy(draw.choice(VALUES))


def edited(seed: int) -> tuple[Path, str]:
    """A shipped config and its text after one to four edits."""
    draw = random.Random(seed)
    path = draw.choice(SHIPPED)
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    for _ in range(draw.randint(0, 3)):
        draw.choice(TREE_EDITS)(tree, draw)
    text = yaml.safe_dump(
        tree, allow_unicode=True, sort_keys=False, default_flow_style=draw.choice([None, True, False])
    )
    for _ in range(draw.choice([0, 0, 1])):
        text = draw.choice(TEXT_EDITS)(text, draw)
    return path, text


def holders(tree: Any) -> list[Any]:
    """All mappings and lists of a tree that hold anything."""
    below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return ([tree] if below else []) + [found for item in below for found in holders(item)]


def place(tree: Any, draw: random.Random) -> tuple[Any, Any]:
    """A mapping or list, and one of its keys."""
    holder = draw.choice(holders(tree) or [{"data": None}])
    return holder, draw.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))


def remove(tree: Any, draw: random.Random) -> None:
    holder, key = place(tree, draw)
    del holder[key]


def replace(tree: Any, draw: random.Random) -> None:
    holder, key = place(tree, draw)
    holder[key] = value(draw)


def rename(tree: Any, draw: random.Random) -> None:
    holder, key = place(tree, draw)
    if isinstance(holder, dict):
        letters = list(str(key))
        if letters:
            letters[draw.randrange(len(letters))] = draw.choice("aeinrst_\u00fc")
        holder[draw.choice([draw.choice(KEYS), "".join(letters), str(key).upper()])] = holder.pop(key)


def swap(tree: Any, draw: random.Random) -> None:
    (first, a), (second, b) = place(tree, draw), place(tree, draw)
    one, other = yaml.safe_load(yaml.safe_dump([first[a], second[b]]))
    first[a], second[b] = other, one


def nest(tree: Any, draw: random.Random) -> None:
    holder, key = place(tree, draw)
    for _ in range(draw.choice([1, 2, 80])):
        holder[key] = draw.choice([[holder[key]], {draw.choice(KEYS): holder[key]}])


def scale(tree: Any, draw: random.Random) -> None:
    numbers = [
        (h, k)
        for h in holders(tree)
        for k in (h if isinstance(h, dict) else range(len(h)))
        if isinstance(h[k], int | float) and not isinstance(h[k], bool)
    ]
    if numbers:
        holder, key = draw.choice(numbers)
        holder[key] = holder[key] * draw.choice([-1, 0, 10, 1000, 10**12, 0.1, 0.37])


def add(tree: Any, draw: random.Random) -> None:
    holder, _ = place(tree, draw)
    if isinstance(holder, dict):
        holder[draw.choice([*KEYS, "normalization", "regularizers", "training", "schedule"])] = value(draw)
    else:
        holder.append(value(draw))


def repeat_line(text: str, draw: random.Random) -> str:
    lines = text.splitlines()
    lines.insert(draw.randrange(len(lines) + 1), draw.choice(lines or [""]))
    return "\n".join(lines)


def drop_line(text: str, draw: random.Random) -> str:
    lines = text.splitlines() or [""]
    del lines[draw.randrange(len(lines))]
    return "\n".join(lines)


def change_sign(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return (
        text[:at]
        + draw.choice("\t{}[]:,#&*!|>'\"%@`-? \n\u0000\ufeff\u2028")
        + text[at + draw.randint(0, 1) :]
    )


def anchor(text: str, draw: random.Random) -> str:
    lines = text.splitlines()
    spots = [i for i, line in enumerate(lines) if ": " in line]
    if len(spots) < 2:
        return text + draw.choice(["\nx: &a [*a]", "\nx: *a", "\n<<: {a: 1}"])
    first, second = sorted(draw.sample(spots, 2))
    lines[first] = lines[first].replace(": ", ": &x ", 1)
    lines[second] = lines[second].partition(": ")[0] + ": *x"
    return "\n".join(lines)


def shift(text: str, draw: random.Random) -> str:
    lines = text.splitlines() or [""]
    at = draw.randrange(len(lines))
    lines[at] = draw.choice([" ", "  ", "- ", "? "]) + lines[at]
    return "\n".join(lines)


def cut(text: str, draw: random.Random) -> str:
    return text[: draw.randrange(len(text) + 1)]


TREE_EDITS: list[Callable[[Any, random.Random], None]] = [
    remove,
    replace,
    replace,
    rename,
    swap,
    nest,
    scale,
    add,
]
TEXT_EDITS: list[Callable[[str, random.Random], str]] = [
    repeat_line,
    drop_line,
    change_sign,
    anchor,
    shift,
    cut,
]
