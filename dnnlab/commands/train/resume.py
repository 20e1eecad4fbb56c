"""Going on with a run exactly where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...config import Config
from ...data.raw import RawDataset
from ...engine.stop import Stop
from ...errors import Problem, RunError
from ...registry import Duration, Ramp, show
from ...rundir import RunStatus, find_run, reopen
from ...rundir.checkpoints import newest_progress
from ...rundir.run_record import RunRecord, read_record
from ..load_config import load_run_config
from .events import Started, TrainEvents
from .provenance import now, surroundings, write_config

if TYPE_CHECKING:
    from ...assembly.session import Built


def resume(
    word: str,
    runs_dir: Path,
    *,
    epochs: int | None = None,
    raw: RawDataset | None = None,
    stop: Stop | None = None,
    trust_plugins: bool = False,
) -> TrainEvents:
    """Go on with a run.

    Yields events like `train`; raises `RunError` if going on would not be the same training.

    epochs: a new, higher number of epochs; refused if the schedule depends on the total.
    """
    run = read_record(find_run(word, runs_dir))
    more = [] if epochs is None else [f"training.epochs={epochs}"]
    config = load_run_config(run, more, trust_plugins=trust_plugins)
    check_config(run, config, epochs)
    check_epochs(run, config, epochs)
    refuse_finished(run, config)
    from ...assembly.session import build
    from .train import Training, kept_start, memory_errors, put_back

    with memory_errors():
        built = build(config, raw, threads=run.threads, start=kept_start(run.path))
    check_data(run, built.described)
    with reopen(run.path) as folder:
        loaded = folder.newest_checkpoint()
        if loaded is not None:
            plan = built.session.plan
            check_unfinished(run, loaded.checkpoint.state["progress"], plan.epochs, plan.eval_every)
        start = put_back(folder, built, loaded)
        notes = [*folder.notes, *run.view.edits, *differences(run, built)]
        if loaded is None:
            notes.append("no checkpoint is whole; starting again from the beginning")
        if epochs is not None:
            write_config(folder, config, [source.file for source in run.sources])
        folder.update_meta(
            status=RunStatus.RUNNING,
            reason="",
            times={**run.times, "resumed": now()},
            **surroundings(built),
        )
        training = Training(folder, config, built, raw, stop or Stop())
        yield Started(folder.path, built.advised(config), built, start)
        for text in notes:
            yield training.note(text, "warning")
        yield training.note(f"resumed at epoch {start['epoch']}, step {start['step']}")
        yield from training.run()


def check_config(run: RunRecord, config: Config, epochs: int | None) -> None:
    """The config must be the one that the run was started with; what differs is shown."""
    was, now_ = dict(run.config), config.flat()
    if epochs is not None:
        was["training.epochs"] = now_["training.epochs"]
    # A key that dnnlab has learned since, and that nobody wrote, is no change.
    changed = [
        k for k in sorted({*was, *now_}) if was.get(k) != now_.get(k) and (k in was or config.written(k))
    ]
    if changed:
        lines = ", ".join(f"{k}: was {show(was.get(k))}, is now {show(now_.get(k))}" for k in changed[:5])
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        fix = f"`dnnlab train {run.path.name}` starts a new run from it"
        raise RunError(
            Problem(
                f"the config of {run.path.name} has changed ({lines}{more})",
                "expected the same config",
                fix,
                code="config_changed",
            )
        )


def check_epochs(run: RunRecord, config: Config, epochs: int | None) -> None:
    """More epochs only if the run so far would have been the same with them."""
    if epochs is None:
        return
    before = run.config.get("training.epochs")
    if before is not None and epochs <= before:
        raise RunError(
            Problem(
                f"received --epochs {epochs}; the run was planned for {before}",
                "expected a higher number",
                code="epochs",
            )
        )
    reason = depends_on_total(config)
    if reason:
        text = f"--epochs is refused: {reason}, so the run would have been another one from its first step"
        fix = f"`dnnlab train {run.path.name} training.epochs={epochs}` starts a new run"
        raise RunError(
            Problem(
                text,
                "expected a schedule that does not depend on the number of epochs",
                fix,
                code="epochs_refused",
            )
        )


def depends_on_total(config: Config) -> str:
    """Why a training depends on its total number of steps, "" if it does not."""
    x = config.experiment
    if x.schedule.flag("needs_total"):
        return f"the schedule {x.schedule.name} is stretched over all epochs"
    parts = {
        "schedule": x.schedule,
        "optimizer": x.optimizer,
        **{f"regularizers.{name}": bound for name, bound in x.regularizers.items()},
    }
    timed = {address: {**bound.keys, **bound.common} for address, bound in parts.items()}
    moments = () if x.reuse is None else x.reuse.unfreeze
    timed |= {f"reuse.unfreeze.{i}": {"at": moment.at} for i, moment in enumerate(moments)}
    for address, values in {**timed, "logging": dict(x.logging), "logging.probes": x.logging.probes}.items():
        for key, value in values.items():
            for item in value if isinstance(value, list) else [value]:
                length = item.over if isinstance(item, Ramp) else item
                if isinstance(length, Duration) and length.unit == "%":
                    return f"{address}.{key} is {length} of all epochs"
    return ""


def check_data(run: RunRecord, described: Mapping[str, Any]) -> None:
    """Raise `RunError` with the difference if the data are not those that the run was started with.

    described: the content that data.json would have now.
    """
    was, now_ = (
        run.data.content,
        {key: value for key, value in described.items() if key != "notes"},
    )  # notes are words, no data
    if not was:
        text = f"{run.path.name} does not say which data it was started with (data.json)"
        raise RunError(
            Problem(
                text,
                "expected a whole run folder",
                f"`dnnlab train {run.path.name}` starts a new run",
                code="damaged",
            )
        )
    # A fact that dnnlab has learned to note since is no change.
    changed = [k for k in now_ if k in was and was[k] != _through_json(now_[k])]
    if changed:
        lines = ", ".join(f"{k}: was {show(was.get(k))}, is now {show(now_[k])}" for k in changed[:4])
        raise RunError(
            Problem(
                f"the data of {run.path.name} have changed ({lines})",
                "expected the same data",
                "put the old data back",
                code="data_changed",
            )
        )


def _through_json(value: Any) -> Any:
    import json

    return json.loads(json.dumps(value))


def refuse_finished(run: RunRecord, config: Config) -> None:
    """Refuse a finished run before torch is imported and its data are read.

    A newest checkpoint that is not whole refuses nothing here: training may go on from an older one.
    """
    progress = newest_progress(run.path) if run.status.good else None
    if progress is not None:
        training = config.experiment.training
        check_unfinished(run, progress, training.epochs, training.eval_every)


def check_unfinished(run: RunRecord, at: Mapping[str, Any], epochs: int, eval_every: int) -> None:
    """Refuse a run that has nothing left to do, or did something that it would not do with more epochs.

    at: the progress in its newest checkpoint. Raises `RunError`.
    """
    if at.get("stopped"):
        text = f"{run.path.name} stopped early after epoch {at['epoch']}: {at['stopped']}"
        raise RunError(
            Problem(text, fix=f"`dnnlab train {run.path.name} KEY=VALUE` starts a new run", code="finished")
        )
    if at.get("epoch", 0) >= epochs:
        text = f"{run.path.name} is done: {at['epoch']} of {epochs} epochs"
        raise RunError(Problem(text, fix="--epochs N goes on", code="finished"))
    measured = at.get("in_epoch") == 0 and any(
        key.startswith(("val_", "train_eval_")) for key in at["last"].get("metrics", ())
    )
    if measured and at["epoch"] % eval_every:
        last = f"epoch {at['epoch']} was validated only because it was the last"
        text = f"--epochs is refused: {last} (training.eval_every {eval_every})"
        fix = f"`dnnlab train {run.path.name} training.epochs={epochs}` starts a new run"
        raise RunError(
            Problem(
                text,
                "expected a run whose last epoch would have been validated anyway",
                fix,
                code="epochs_refused",
            )
        )


def differences(run: RunRecord, built: Built) -> list[str]:
    """Warnings if this machine may not give the bits of the one that the run began on."""
    here = surroundings(built)
    notes = []
    for key, was in run.surroundings.items():
        is_now = here[key]
        if isinstance(was, Mapping) and isinstance(is_now, Mapping):
            notes += [
                f"{key}.{k} was {was.get(k)} and is now {v}: the last bits may differ"
                for k, v in is_now.items()
                if was.get(k) != v
            ]
        elif was != is_now:
            notes.append(f"{key} was {was} and is now {is_now}: the last bits may differ")
    return notes
