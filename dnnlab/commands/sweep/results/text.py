"""What a sweep found, in words that the screen and the page share, and the commands to type next."""

from __future__ import annotations

import shlex
from typing import Any

from ....registry import inline
from ....rundir import RunStatus
from ....search.borders import Border
from ....search.ranges import Numbers, Range
from ....search.space import name_of
from .analysis import StageResult
from .findings import Best, Findings, addresses

NEXT_TRIALS = 20


def counts_words(found: Findings) -> str:
    """`60 trials: 52 done, 5 pruned, 3 failed; 2 retried`."""
    counts = found.view.ledger.counts()
    words = ", ".join(
        f"{counts[state]} {state}" for state in ("done", "pruned", "failed", "pending") if counts[state]
    )
    retried = f"; {len(found.retried)} retried" if found.retried else ""
    trials = f"{counts['planned']:,} {'trial' if counts['planned'] == 1 else 'trials'}"
    return f"{trials}{': ' + words if words else ''}{retried}"


def objective_words(found: Findings) -> str:
    """`val_accuracy at each run's best epoch, higher is better; mean of 3 seeds; random points`."""
    view = found.view
    words = (
        f"{view.monitor} at each run's best epoch, {'higher' if view.better == 'max' else 'lower'} is better"
    )
    if view.spec is None:
        return words
    words += f"; mean of {view.spec.seeds} seeds" if view.spec.seeds > 1 else ""
    return words + (
        f"; {len(view.spec.cases)} cases"
        if found.cases
        else f"; {view.spec.sampler.replace('_', ' ')} points"
    )


def cell_words(value: Any) -> str:
    """A drawn value in few words: numbers in four figures, `3 x 100` for a list of equal widths."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    if (
        isinstance(value, list)
        and len(value) > 2
        and all(type(item) is int for item in value)
        and len(set(value)) == 1
    ):
        return f"{len(value)} x {value[0]}"
    return value if isinstance(value, str) else inline(value)


def same_in_all(found: Findings) -> list[str]:
    """Searched addresses that have one value in all results."""
    return [address for address in addresses(found.view) if address not in found.keys]


def range_words(numbers: Range) -> str:
    """`1e-06 .. 10, log`, `relu, elu`.

    >>> range_words(Numbers(1e-6, 0.1234567, log=True))
    '1e-06 .. 0.1235, log'
    """
    if not isinstance(numbers, Numbers):
        return ", ".join(cell_words(name_of(numbers, index)) for index in numbers.grid())
    step = "" if numbers.step is None else f" in steps of {numbers.step:g}"
    return f"{numbers.low:.4g} .. {numbers.high:.4g}{step}" + (", log" if numbers.log else "")


def border_words(border: Border) -> str:
    """`the best optimizer.lr, 0.000998, is at the upper end of 1e-06 .. 0.001, log`."""
    side = "lower" if border.edge == "low" else "upper"
    return (
        f"the best {border.address}, {border.value:.4g}, is at the {side} end of {range_words(border.range)}"
    )


def border_yaml(border: Border) -> list[str]:
    """The range to try next, as lines of a sweep's YAML; none if the config takes nothing beyond."""
    if border.suggestion is None:
        return []
    return ["search:", f"  {inline(border.address)}: {inline(border.suggestion.plain())}"]


def border_command(border: Border, best: Best | None) -> str:
    """The sweep that goes on from the best config over the moved range; "" if there is none."""
    if border.suggestion is None or best is None or best.problem:
        return ""
    vary = shlex.quote(f"{border.address}={vary_words(border.suggestion)}")
    return f"dnnlab sweep {shlex.quote(str(best.path))} --vary {vary} --trials {NEXT_TRIALS}"


def vary_words(numbers: Numbers) -> str:
    """A range as `--vary` takes it.

    >>> vary_words(Numbers(1e-5, 0.1, log=True))
    '1e-05..0.1:log'
    """
    kind = {(True, False): ":log", (False, True): ":int", (True, True): ":log_int", (False, False): ""}[
        numbers.log, numbers.whole
    ]
    return f"{numbers.low}..{numbers.high}{kind}" + ("" if numbers.step is None else f":step={numbers.step}")


def stage_words(stage: StageResult) -> str:
    """`20 trials of 5 epochs, the box of the best 10 of stage 1 (trials 3, ...); best 0.97`."""
    words = f"{stage.planned} {'trial' if stage.planned == 1 else 'trials'}"
    words += (
        f" of {stage.stage.epochs} {'epoch' if stage.stage.epochs == 1 else 'epochs'}"
        if stage.stage.epochs
        else ""
    )
    words += f", {stage.why}" if stage.why else ""
    if not stage.begun:
        return f"{words}; not begun"
    return f"{words}; best {stage.best:.4g}" if stage.best is not None else f"{words}; no result yet"


def following(found: Findings, best: Best | None, word: str) -> list[str]:
    """What to type next. word: SWEEP for a command line."""
    view = found.view
    pending = view.ledger.counts()["pending"]
    if not view.status.over:
        return [f"dnnlab show {word}"]
    commands = (
        [f"dnnlab resume {word}"]
        if pending and view.spec is not None and view.status not in (RunStatus.DONE, RunStatus.DAMAGED)
        else []
    )
    if best is not None and not best.problem:
        commands.append(f"dnnlab train {shlex.quote(str(best.path))}")
        commands += [command for border in found.borders[:1] if (command := border_command(border, best))]
        commands.append(f"dnnlab compare {shlex.quote(str(view.path / 'trials'))} --limit 10")
    if (
        any(lost.state == "failed" and lost.status != "diverged" for lost in found.lost) and not pending
    ):  # what diverged would again
        commands.append(f"dnnlab resume {word} --retry-failed")
    return commands or [f"dnnlab show {word} --json"]
