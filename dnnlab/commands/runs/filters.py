"""Filter runs by `--where`, `--since`, `--status`, `--tag`, `--sort`, `--limit`.

All commands that take runs share these options.

`--where` is ADDRESS OP VALUE with OP one of = != < <= > >= ~ (a regular expression, found anywhere in the
value). An address is one of a config (`optimizer.lr`), a metric at the run's best epoch (`val_accuracy`) or a
word of `WORDS`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...config import parse_address
from ...config.yaml_reader import read_yaml
from ...errors import ConfigError, Problem, UsageError
from ...registry import address, inline, show
from ...rundir import RunStatus
from ...rundir.json_values import number
from ...rundir.summary import Summary
from ..compare.groups import ABSENT, settled
from ..compare.metrics import is_better_high, refuse_test_part

WORDS: dict[str, Callable[[Summary], Any]] = {
    "run": lambda run: run.path.name,
    "name": lambda run: run.name,
    "status": lambda run: run.status,
    "seed": lambda run: run.seed,
    "epoch": lambda run: run.best.get("epoch"),
    "epochs": lambda run: run.last.get("epoch"),
    "seconds": lambda run: run.seconds,
    "parameters": lambda run: run.parameters,
    "created": lambda run: run.created,
}
_OPERATION = re.compile(r"!=|<=|>=|==|=|<|>|~")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(min|h|d|w)")
_SECONDS = {"min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


@dataclass(frozen=True)
class Filters:
    """The options that select runs. A run must meet all conditions; without any, every run is selected."""

    where: tuple[str, ...] = ()
    """Each `--where`, as typed."""
    since: str | None = None
    """The value of `--since`, or None."""
    status: tuple[str, ...] = ()
    """The statuses to select; empty: all."""
    tags: tuple[str, ...] = ()
    """The tags that a run must have."""
    sort: str | None = None
    """The key to sort by, or None."""
    limit: int | None = None
    """The highest number of runs, or None."""

    @property
    def selecting(self) -> bool:
        """Whether any of them leaves runs out."""
        return bool(self.where or self.since or self.status or self.tags or self.limit is not None)


EVERY = Filters()


@dataclass(frozen=True)
class Condition:
    """One parsed `--where`."""

    key: str
    """The address, metric or word."""
    operation: str
    """The operator."""
    value: Any
    """The parsed value."""
    raw: str
    """The value as typed, for comparing texts."""

    def holds(self, run: Summary) -> bool:
        """Whether a run meets it. A key that the run does not have is `none`."""
        actual = value_of(run, self.key)
        if self.operation == "~":
            return (
                actual is not ABSENT
                and re.search(self.raw, actual if isinstance(actual, str) else inline(actual)) is not None
            )
        if self.operation in ("=", "!="):
            return same("none" if actual is ABSENT or actual is None else actual, self) == (
                self.operation == "="
            )
        left, right = number(actual), number(self.value)
        if left is None or right is None:
            return False
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[
            self.operation
        ]


def same(actual: Any, condition: Condition) -> bool:
    """Whether a value of a run is the one of a condition; 0.001 is 1e-3, true is not 1."""
    if isinstance(actual, str):
        return actual in (condition.raw, condition.value)
    if isinstance(actual, bool) or isinstance(condition.value, bool):
        return actual is condition.value
    return bool(settled(actual) == settled(condition.value))


def value_of(run: Summary, key: str) -> Any:
    """What a run says about a word, a config address or a metric; `ABSENT` if it says nothing."""
    if key in WORDS:
        return WORDS[key](run)
    return run.config[key] if key in run.config else run.metrics.get(key, ABSENT)


def chosen(runs: Sequence[Summary], filters: Filters, now: float) -> list[Summary]:
    """The runs that meet all conditions, sorted and cut as asked; without `sort` in their order.

    Raises `UsageError`.

    Something that no run has, such as a key with a typo, is an error that names the nearest, not an empty
    list.
    """
    conditions = [condition(text) for text in filters.where]
    since = None if filters.since is None else earliest(filters.since, now)
    for status in filters.status:
        known_word(status, tuple(RunStatus), "--status")
    if runs:
        check_keys(conditions, runs)
        for tag in filters.tags:
            known_word(tag, sorted({tag for run in runs for tag in run.tags}), "--tag")
    kept = [
        run
        for run in runs
        if (since is None or run.order >= since)
        and (not filters.status or run.status in filters.status)
        and all(tag in run.tags for tag in filters.tags)
        and all(condition.holds(run) for condition in conditions)
    ]
    kept = kept if filters.sort is None else sorted_by(filters.sort, kept, runs)
    return kept if filters.limit is None else kept[: filters.limit]


def condition(text: str) -> Condition:
    """Read ADDRESS OP VALUE. Raises `UsageError`."""
    hidden = _QUOTED.sub(lambda match: "x" * len(match[0]), text)
    found = _OPERATION.search(hidden)
    if found is None or not text[: found.start()].strip() or not text[found.end() :].strip():
        fix = 'such as --where "optimizer.lr<0.01"; quote it, < and > belong to the shell otherwise'
        raise UsageError(
            Problem(
                f"--where {show(text)}", "expected ADDRESS OP VALUE with = != < <= > >= ~", fix, code="where"
            )
        )
    operation, raw = found[0].replace("==", "="), text[found.end() :].strip()
    key = canonical(text[: found.start()].strip(), "--where")
    if operation == "~":
        try:
            re.compile(raw)
        except (re.error, RecursionError, OverflowError) as error:
            raise UsageError(
                Problem(f"--where {show(text)}: {error}", "expected a regular expression", code="where")
            ) from None
        return Condition(key, operation, raw, raw)
    node, problems = read_yaml(raw)
    value = raw if node is None or problems else node.plain()
    if operation not in ("=", "!=") and number(value) is None:
        raise UsageError(
            Problem(f"--where {show(text)}", f"expected a number after {operation}", code="where")
        )
    return Condition(key, operation, value, raw)


def canonical(text: str, option: str) -> str:
    """An address as configs write it. Raises `UsageError`."""
    try:
        key = address(parse_address(text))
    except ConfigError as error:
        raise UsageError(*error.problems) from None
    refuse_test_part(key, option)
    return key


def check_keys(conditions: Iterable[Condition], runs: Sequence[Summary]) -> None:
    """Every key must stand in some run, and be a number there if it is compared with one.

    Raises `UsageError`.
    """
    for item in conditions:
        check_key(item.key, runs, "--where")
        found = [
            value for run in runs if (value := value_of(run, item.key)) is not ABSENT and value is not None
        ]
        if (
            item.operation[0] in "<>"
            and found
            and all(number(value) is None for value in found)
            and not _measured(item.key, runs)
        ):
            text = (
                f"--where {item.key}{item.operation}{item.raw}: {item.key} is no number "
                f"({inline(found[0])[:40]})"
            )
            raise UsageError(Problem(text, "expected = or != or ~ for it", code="where"))


def _measured(key: str, runs: Sequence[Summary]) -> bool:
    return any(key in run.metrics for run in runs)


def check_key(key: str, runs: Sequence[Summary], option: str) -> None:
    """Raises `UsageError` with the nearest keys if no run has this one."""
    if key in WORDS:
        return
    known = dict.fromkeys([*WORDS, *(key for run in runs for key in (*run.config, *run.metrics))])
    if key not in known:
        ends = [other for other in known if other.rpartition(".")[2] == key]
        near = ends or difflib.get_close_matches(key, known, n=3)
        fix = (
            f"nearest: {', '.join(near[:5])}"
            if near
            else f"words: {', '.join(WORDS)}; metrics; keys of configs"
        )
        raise UsageError(
            Problem(
                f"{option} {show(key)}: none of these runs has such a key",
                "expected a key that a run has",
                fix,
                code="unknown_key",
            )
        )


def known_word(word: str, known: Sequence[str], option: str) -> None:
    """Raises `UsageError` with the nearest for a word that is not known."""
    if word not in known:
        near = difflib.get_close_matches(word, known, n=1)
        expected = f"expected one of {', '.join(known[:20])}" if known else "none of these runs has any"
        raise UsageError(
            Problem(
                f"{option} {show(word)}",
                expected,
                f"did you mean {near[0]}?" if near else "",
                code="unknown_word",
            )
        )


def earliest(text: str, now: float) -> float:
    """The time that `7d`, `12h`, `30min`, `2w` or a date (`2026-11-22`, local time) means, in POSIX seconds.

    Raises `UsageError`.
    """
    if match := _SPAN.fullmatch(text.strip()):
        return now - float(match[1]) * _SECONDS[match[2]]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        expected = "expected a time such as 7d, 12h, 30min or 2w, or a date such as 2026-11-22"
        raise UsageError(Problem(f"--since {show(text)}", expected, code="since")) from None


def sorted_by(text: str, kept: Sequence[Summary], runs: Sequence[Summary]) -> list[Summary]:
    """Runs sorted by a key: best first for metrics, newest first for `created`, ascending for the rest.

    A leading `-` reverses the order. Runs without a value are last.
    """
    key = canonical(text.removeprefix("-"), "--sort")
    if runs:
        check_key(key, runs, "--sort")
    falling = key == "created" or (_measured(key, runs) and is_better_high(key, runs))
    falling = falling != text.startswith("-")
    values = [(run, run.order if key == "created" else value_of(run, key)) for run in kept]
    numbers = [(value, run) for run, found in values if (value := number(found)) is not None]
    texts = [
        (inline(found), run)
        for run, found in values
        if number(found) is None and found is not ABSENT and found is not None
    ]
    rest = [run for run, found in values if found is ABSENT or found is None]
    ordered = [sorted(part, key=lambda pair: pair[0], reverse=falling) for part in (numbers, texts)]
    return [run for part in ordered for _, run in part] + rest
