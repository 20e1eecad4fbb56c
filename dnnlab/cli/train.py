"""`dnnlab train`: train what a config, or an earlier run, describes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..render.answers import Answers
from ..render.seeds import summary, summary_lines
from ..render.streams import Streams
from ..render.train import TrainScreen
from .drive import Outcome, drive, guarded, lines_of, report, report_failure
from .options import RUNS, Json, Quiet, RunsDir, TrustPlugins, is_usual
from .signals import Interrupts


def train(
    source: Annotated[str, typer.Argument(metavar="CONFIG|RUN", help="A YAML file; or a run: a piece of its name, last, last~2.")],
    changes: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE", help="Keys to change: optimizer.lr=0.01 seed=3.")] = None,
    more: Annotated[list[str] | None, typer.Option("-s", "--set", metavar="KEY=VALUE", help="The same, as an option.")] = None,
    seeds: Annotated[int | None, typer.Option("--seeds", min=1, metavar="N", help="Train N runs with seed, seed + 1, ...")] = None,
    runs_dir: RunsDir = RUNS,
    quiet: Quiet = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> int:
    """Train what a config describes, in a new run folder. Ctrl-C saves and ends; `dnnlab resume` goes on."""
    overrides = [*(changes or []), *(more or [])]
    answers = Answers(Streams(), quiet, json)

    def action(interrupts: Interrupts) -> int:
        # torch is imported only once the config is known to be right.
        from ..commands.source import load_source

        config = load_source(source, overrides, runs_dir, trust_plugins=trust_plugins)
        if seeds is None:
            outcome = train_once(config, runs_dir, answers, interrupts)
            return report(outcome, answers, is_usual(runs_dir))
        first = config.experiment.seed
        numbers = range(first, first + seeds)
        configs = [load_source(source, [*overrides, f"seed={seed}"], runs_dir, trust_plugins=trust_plugins) for seed in numbers]
        return train_seeds(configs, list(numbers), runs_dir, answers, interrupts)

    return guarded(answers, action)


def train_once(config: Any, runs_dir: Path, answers: Answers, interrupts: Interrupts, brief: bool = False) -> Outcome:
    """One run. brief: what the run before has shown already is left out."""
    from ..engine.process import prepare

    prepare()
    from ..commands.resume import depends_on_total
    from ..commands.train import train as run
    from ..engine.session import Stop

    stop = Stop()
    screen = None if answers.quiet else TrainScreen(answers.streams.err, brief)
    return drive(run(config, runs_dir, stop=stop), stop, screen, interrupts, lambda c: not depends_on_total(c))


def train_seeds(configs: Sequence[Any], seeds: Sequence[int], runs_dir: Path, answers: Answers, interrupts: Interrupts) -> int:
    """One run a seed, then mean and deviation. A run that diverges is left out of them; any other failure ends the row of runs."""
    results: list[dict[str, Any]] = []
    trained: list[int] = []
    code, monitor = 0, ""
    for seed, config in zip(seeds, configs, strict=True):
        outcome = train_once(config, runs_dir, answers, interrupts, brief=bool(trained))
        if outcome.path is None or outcome.facts is None:
            return report(outcome, answers, is_usual(runs_dir))
        code, monitor = code or outcome.exit_code, outcome.facts.monitor
        trained.append(seed)
        if outcome.result is not None and outcome.error is None:
            results.append(outcome.result)
            answers.say([*lines_of(outcome, answers, is_usual(runs_dir), advise=False), ""])
        elif outcome.error is not None and outcome.error.code == "diverged":
            results.append({"run": str(outcome.path), "status": "diverged", "monitor": monitor, "best": {}, "last": {}, "seconds": None})
            report_failure(outcome, Answers(answers.streams), is_usual(runs_dir))
        else:
            report_failure(outcome, answers, is_usual(runs_dir))
            return code
        if outcome.exit_code not in (0, 3):
            break
    lines = summary_lines(results, trained, monitor, answers.streams.out.width)
    answers.result(summary(results), lines, [result["run"] for result in results])
    return code
