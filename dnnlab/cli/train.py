"""`dnnlab train`: train what a config, or an earlier run, describes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .complete import changed_keys, configs_and_runs
from .context import Context
from .options import RUNS, Json, Quiet, RunsDir, TrustPlugins, is_usual

_SOURCE = "A YAML file; or a run: a piece of its name, last, last~2."
_KEYS = "Keys to change: optimizer.lr=0.01 seed=3."
_SET = "The same, as an option."


def train(
    context: Context,
    source: Annotated[
        str, typer.Argument(metavar="CONFIG|RUN", help=_SOURCE, autocompletion=configs_and_runs)
    ],
    changes: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help=_KEYS, autocompletion=changed_keys)
    ] = None,
    more: Annotated[
        list[str] | None,
        typer.Option("-s", "--set", metavar="KEY=VALUE", help=_SET, autocompletion=changed_keys),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, metavar="N", help="Train N runs with seed, seed + 1, ...")
    ] = None,
    runs_dir: RunsDir = RUNS,
    quiet: Quiet = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> int:
    """Train what a config describes, in a new run folder. Ctrl-C saves and ends; `dnnlab resume` goes on."""
    from ..commands.load_config import load_source, source_run
    from .outcome import report
    from .run_training import train_once
    from .seeds import train_seeds

    overrides = [*(changes or []), *(more or [])]

    def load(extra: list[str]) -> Any:
        return load_source(source, [*overrides, *extra], runs_dir, trust_plugins=trust_plugins)

    parent = source_run(source, runs_dir)  # found now: `last` is another run afterwards
    config = load([])
    if seeds is not None:
        first = config.experiment.seed
        configs = {s: load([f"seed={s}"]) for s in range(first, first + seeds)}
        return train_seeds(context, configs, runs_dir)
    outcome = train_once(context, config, runs_dir)
    return report(outcome, context.answers, is_usual(runs_dir), parent=parent)
