"""All checks of a config, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ...errors import DnnlabError
from ..load_config import load_source
from .baseline import baseline
from .bench import Bench, open_bench
from .check import static_checks
from .class_balance import class_balance
from .gradient_check import gradient_check
from .gradient_check_penalty import gradient_check_penalty
from .initial_activations import initial_activations
from .initial_gradients import initial_gradients
from .initial_loss import initial_loss
from .inputs import inputs
from .leakage import leakage
from .overfit_tiny_subset import overfit_tiny_subset
from .penalty_raises_loss import penalty_raises_loss
from .result import Check, failed

CHECKS: tuple[Callable[[Bench], Check], ...] = (
    initial_loss,
    penalty_raises_loss,
    overfit_tiny_subset,
    gradient_check,
    gradient_check_penalty,
    initial_activations,
    initial_gradients,
    inputs,
    class_balance,
    leakage,
    baseline,
)
NOT_LOOKED_AT = "not looked at"
FIRST = ("config", "data", "shapes")  # what fails here leaves nothing to look at


def all_checks(
    word: str | Path, overrides: Sequence[str], runs_dir: Path, *, trust_plugins: bool = False
) -> Iterator[Check]:
    """The static checks, then those that run the net, one by one. Nothing is written, and no run is touched.

    Raises `DnnlabError` if there is no config to check.
    """
    missing = ""
    for check in static_checks(word, overrides, runs_dir, trust_plugins=trust_plugins):
        yield check
        missing = check.name if check.name in FIRST and check.passed is False and not missing else missing
    if missing:
        verb = "come" if missing != "config" else "comes"
        yield from (
            Check(function.__name__, None, f"{NOT_LOOKED_AT}: the {missing} {verb} first")
            for function in CHECKS
        )
        return
    try:
        bench = open_bench(load_source(word, overrides, runs_dir, trust_plugins=trust_plugins))
    except DnnlabError as error:
        first, *rest = (function.__name__ for function in CHECKS)
        yield failed(first, error, "a config that can be built")
        yield from (Check(name, None, f"{NOT_LOOKED_AT}: {first} comes first") for name in rest)
        return
    for function in CHECKS:
        yield made(function, bench)


def made(function: Callable[[Bench], Check], bench: Bench) -> Check:
    """The result of one check.

    A part that fails in it (a plugin, say) fails the check, with its own words.
    """
    from ...assembly.training.device import no_memory

    try:
        return function(bench)
    except DnnlabError as error:
        return failed(function.__name__, error, "parts that work together")
    except Exception as error:
        if no_memory(error):
            return Check(function.__name__, None, "not enough memory on this device")
        words = str(error).strip().splitlines()
        text = f"{type(error).__name__}: {words[0]}" if words else type(error).__name__
        return Check(
            function.__name__, False, text, "a net that runs", "DNNLAB_DEBUG=1 dnnlab train shows where"
        )
