"""The rows of a sweep's table in another order than by what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ....errors import Problem, UsageError
from ....registry import close_key, inline
from ....search.ledger import Trial

SORTS = ("value", "number", "stage", "seconds")
"""What the ranking may be sorted by, beside the searched addresses."""


def sort_trials(
    ranked: Sequence[Trial], sort: str, shown: Callable[[Trial], Mapping[str, Any]], addresses: Sequence[str]
) -> list[Trial]:
    """The trials, which come best first, by a key; `-KEY` turned round. shown: address -> value of a trial.

    An address may be cut to its last keys. Trials without the value come last. Raises `UsageError` for a key
    that nothing has.
    """
    key, back = sort.removeprefix("-"), sort.startswith("-")
    full = [address for address in addresses if address == key or address.endswith(f".{key}")]
    if key not in SORTS and not full:
        known = [*SORTS, *addresses]
        close = close_key(key, [*known, *(address.rpartition(".")[2] for address in addresses)])
        fix = f"did you mean {close}?" if close else ""
        raise UsageError(
            Problem(f"--sort {sort}", f"expected one of {', '.join(known)}", fix, code="unknown_key")
        )
    if key == "value":
        return list(ranked)[::-1] if back else list(ranked)
    values = {
        trial.number: getattr(trial, key) if key in SORTS else shown(trial).get(full[0]) for trial in ranked
    }
    there = [trial for trial in ranked if values[trial.number] is not None]
    there.sort(key=lambda trial: _place(values[trial.number]), reverse=back)
    return [*there, *(trial for trial in ranked if values[trial.number] is None)]


def _place(value: Any) -> tuple[bool, float, str]:
    """Numbers by their size, before everything else by its words."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (False, float(value), "") if number else (True, 0.0, inline(value))
