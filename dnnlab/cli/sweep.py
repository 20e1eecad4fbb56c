"""`dnnlab sweep`: many trainings of one base config, whose points are drawn from a space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .complete import changed_keys, configs_and_runs
from .context import Context
from .options import RUNS, Json, Quiet, RunsDir, TrustPlugins

if TYPE_CHECKING:
    from ..commands.sweep.sweep import Plan

_SOURCE = "A YAML file with `search` or `cases`; or a config or run, with --vary."
_VARY = "optimizer.lr=1e-5..1e-1:log, activation=relu,elu; several: again. Also :int, :log_int, :step=S."
Sampler = Literal["random", "grid", "quasi_random", "tpe", "gp"]
Pruner = Literal["none", "median", "successive_halving", "hyperband"]


def sweep(
    context: Context,
    source: Annotated[
        str, typer.Argument(metavar="FILE|CONFIG|RUN", help=_SOURCE, autocompletion=configs_and_runs)
    ],
    changes: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of the base to change.", autocompletion=changed_keys),
    ] = None,
    vary: Annotated[list[str] | None, typer.Option("--vary", metavar="KEY=RANGE", help=_VARY)] = None,
    trials: Annotated[
        int | None, typer.Option("--trials", min=1, metavar="N", help="How many points.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, metavar="N", help="Runs of each point, averaged.")
    ] = None,
    sampler: Annotated[
        Sampler | None, typer.Option("--sampler", help="How points are drawn; lists alone make a grid.")
    ] = None,
    pruner: Annotated[
        Pruner | None, typer.Option("--pruner", help="How hopeless trials are cut short.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, metavar="N", help="Of the points.")] = None,
    executor: Annotated[
        Literal["local", "ray"] | None, typer.Option("--executor", help="Where; ray: a Ray cluster.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, metavar="N", help="Processes; by default one a core.")
    ] = None,
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="TIME", help="Of one run: 2 minutes.")
    ] = None,
    retries: Annotated[
        int | None, typer.Option("--retries", min=0, metavar="N", help="Of a run whose process died.")
    ] = None,
    runs_dir: RunsDir = RUNS,
    quiet: Quiet = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> int:
    """Train many variants of a config and rank them.

    Nothing is lost: `dnnlab resume` goes on after Ctrl-C or a kill.
    """
    given = {
        "trials": trials,
        "seeds": seeds,
        "sampler": sampler,
        "pruner": pruner,
        "seed": seed,
        "workers": workers,
        "timeout": timeout,
    }
    options = {
        key: value
        for key, value in {**given, "executor": executor, "retries": retries}.items()
        if value is not None
    }
    from ..commands.sweep.load_spec import read_source
    from ..commands.sweep.sweep import planned
    from ..commands.sweep.sweep import sweep as run
    from .run_sweep import run_sweep

    answers = context.answers
    found = read_source(source, changes or [], vary or [], options, runs_dir, trust_plugins=trust_plugins)
    plan: Plan = planned(*found)
    return run_sweep(lambda stop: run(plan, runs_dir, stop=stop), answers, context.interrupts)
