"""From the YAML tree of `search:` to a `Space`, or to one error with all problems."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from ..config.address import parse_address
from ..config.tree import Node
from ..errors import ConfigError, Problem
from ..registry import close_key, inline
from .ranges import Choice, Numbers
from .space import Dimension, Path, Space

WORDS = {
    "uniform": (False, False),
    "log_uniform": (True, False),
    "int": (False, True),
    "log_int": (True, True),
}
"""Word -> (logarithmic, whole numbers)."""
MORE = ("step", "points")
_LINE = (
    "write {uniform: [0, 1]}, {log_uniform: [1e-5, 1e-1]}, {int: [1, 5]}, {log_int: [16, 512]} "
    "or {choice: [a, b]}"
)


def parse_space(search: Node) -> Space:
    """The space of a tree such as `{optimizer.lr: {log_uniform: [1e-6, 10]}}`.

    Raises one `ConfigError` with every impossible range, unreadable address and empty choice. Addresses and
    values are checked later, when the configs of points are built.
    """
    reading = _Reading()
    if not search.mapping or not search.value:
        reading.say(
            search, "search", f"received {inline(search.plain())}", "expected addresses with ranges", _LINE
        )
    for address, node in search.value.items() if search.mapping else ():
        try:
            parse_address(address)
        except ConfigError as error:
            reading.problems += [node.place.locate(p.under("search")) for p in error.problems]
            continue
        reading.dimension(address, address, node, None, (), f"search.{address}")
    ConfigError.raise_if_any(reading.problems)
    return Space(tuple(reading.dimensions))


@dataclass
class _Reading:
    problems: list[Problem] = field(default_factory=list)
    dimensions: list[Dimension] = field(default_factory=list)

    def say(self, node: Node, path: str, received: str, expected: str, fix: str = "") -> None:
        self.problems.append(node.place.locate(Problem(received, expected, fix, path, code="range")))

    def dimension(
        self, key: str, address: str, node: Node, condition: tuple[str, int] | None, inside: Path, path: str
    ) -> None:
        """Read one searched value and, for a choice, the searched values inside its values."""
        words = [word for word in node.value if word in (*WORDS, "choice")] if node.mapping else []
        if len(words) != 1:
            found = (
                close_key(next(iter(node.value), ""), [*WORDS, "choice"])
                if node.mapping and node.value
                else None
            )
            fix = f"did you mean {found}?" if found and not words else _LINE
            self.say(node, path, f"received {inline(node.plain())}", "expected one range or one choice", fix)
            return
        word = words[0]
        extra = [k for k in node.value if k != word and (word == "choice" or k not in MORE)]
        if extra:
            self.say(
                node.value[extra[0]],
                f"{path}.{extra[0]}",
                "no such key here",
                f"expected {word}, step or points",
                "remove it",
            )
        elif word == "choice":
            self.choice(key, address, node.value[word], condition, inside, path)
        elif (numbers := self.numbers(word, node, path)) is not None:
            self.dimensions.append(Dimension(key, address, numbers, condition, inside))

    def choice(
        self, key: str, address: str, node: Node, condition: tuple[str, int] | None, inside: Path, path: str
    ) -> None:
        if not node.sequence or not node.value:
            self.say(
                node,
                path,
                f"received {inline(node.plain())}",
                "expected a list of values",
                "{choice: [relu, elu]}",
            )
            return
        plains = [inline(option.plain()) for option in node.value]
        if len(set(plains)) < len(plains):
            twice = next(p for p in plains if plains.count(p) > 1)
            self.say(
                node,
                path,
                f"{twice} is listed twice",
                "expected each value once",
                "remove one; `seeds` repeats a point",
            )
            return
        searched = [list(_searched(option, ())) for option in node.value]
        options = tuple(_without(option) for option in node.value)
        self.dimensions.append(Dimension(key, address, Choice(options), condition, inside))
        for index, found in enumerate(searched):
            for steps, inner in found:
                tail = ".".join(map(str, steps))
                name = f"{key}[{index}]" + (f".{tail}" if tail else "")
                self.dimension(
                    name,
                    f"{address}.{tail}" if tail else address,
                    inner,
                    (key, index),
                    steps,
                    f"{path}.choice.{index}.{tail}",
                )

    def numbers(self, word: str, node: Node, path: str) -> Numbers | None:
        log, whole = WORDS[word]
        ends = node.value[word].plain()
        if not (isinstance(ends, list) and len(ends) == 2 and all(_is_number(end) for end in ends)):
            self.say(
                node.value[word],
                path,
                f"{word} received {inline(ends)}",
                "expected two numbers, [low, high]",
                f"{{{word}: [1, 10]}}",
            )
            return None
        low, high = ends
        step, points = (node.value[k].plain() if k in node.value else None for k in MORE)
        wrong = _wrong(word, low, high, step, points)
        if wrong is not None:
            self.say(node, path, *wrong)
            return None
        return Numbers(low, high, log, whole, step, points)


def _wrong(word: str, low: Any, high: Any, step: Any, points: Any) -> tuple[str, str, str] | None:
    """(received, expected, fix) of an impossible range; None for a possible one."""
    log, whole = WORDS[word]
    if whole and not all(float(end).is_integer() for end in (low, high)):
        inside = math.ceil(max(low, 1) if log else low), math.floor(high)
        fix = f"write {word}: [{inside[0]}, {inside[1]}], or " if inside[0] < inside[1] < 1e15 else "write "
        others = f"{word.replace('int', 'uniform')} for other numbers"
        return f"{word} received [{low}, {high}]", "expected whole numbers", fix + others
    if low > high:
        return f"low {low} is above high {high}", "expected [low, high]", f"write {word}: [{high}, {low}]"
    if low == high:
        return f"low and high are both {low}", "expected a range", "write the value into the base config"
    if log and low <= 0:
        first = "1" if whole else "1e-6"
        others = f"{word[4:]} for {'0' if low == 0 else 'such numbers'}"
        fix = f"write {word}: [{first}, {high}], or {others}" if float(first) < high else f"write {others}"
        return f"low {low} has no logarithm", "expected a number above 0", fix
    if step is not None and (
        log or not _is_number(step) or not 0 < step <= high - low or (whole and not float(step).is_integer())
    ):
        return (
            f"step {step}",
            f"expected a number above 0 and at most {high - low:g}",
            "steps are of linear scales; a log range takes points: 5",
        )
    if points is not None and not (isinstance(points, int) and not isinstance(points, bool) and points >= 1):
        return f"points {points}", "expected a whole number from 1", "points: 5"
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_searched(node: Node) -> bool:
    return node.mapping and any(word in node.value for word in (*WORDS, "choice"))


def _searched(node: Node, steps: Path) -> list[tuple[Path, Node]]:
    """(path, node) of the searched values inside a value of a choice."""
    if _is_searched(node):
        return [(steps, node)]
    children: list[tuple[str | int, Node]] = list(
        node.value.items() if node.mapping else enumerate(node.value) if node.sequence else ()
    )
    return [found for step, child in children for found in _searched(child, (*steps, step))]


def _without(node: Node) -> Any:
    """The plain value with None in place of each searched value."""
    if _is_searched(node):
        return None
    if node.mapping:
        return {key: _without(child) for key, child in node.value.items()}
    return [_without(child) for child in node.value] if node.sequence else node.value
