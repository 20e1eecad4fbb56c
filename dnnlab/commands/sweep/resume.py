"""Going on with a sweep: the same points, the same results, and more trials if they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...engine.stop import Stop
from ...errors import Problem, RunError
from ...rundir import RunView, find_run, read_run, reopen
from ...rundir.run_record import RunRecord
from ...search.spec import Spec
from .base_config import kept_base
from .events import SweepEvents
from .folder import RESOLVED, LedgerFile, check_ledger, check_unchanged, kept_spec, read_ledger
from .session import SweepSession
from .workers.executor import warm_up


def resume_sweep(
    word: str,
    runs_dir: Path,
    *,
    trials: int | None = None,
    workers: int | None = None,
    retry_failed: bool = False,
    stop: Stop,
    trust_plugins: bool = False,
) -> SweepEvents:
    """Go on with a sweep.

    trials: a new, higher number of them. workers: another number. retry_failed: try failed trials again.

    Raises `RunError` if a file of it has changed, or nothing is left to do.
    """
    from dataclasses import replace

    view = read_run(find_run(word, runs_dir, sweeps=True))
    check_ledger(view.path)
    check_unchanged(view)
    spec = kept_spec(view)
    resolved = view.json(RESOLVED) or {}
    path = Path(str(resolved.get("base", "")))
    base = kept_base(RunRecord(view), path, spec.plugins, trust_plugins=trust_plugins)
    if trials is None and not retry_failed:
        refuse_finished(view, spec, read_ledger(view.path)[0].counts())
    if spec.executor.name == "local":
        warm_up()
    config = base.config(spec.overrides(spec.set))
    with reopen(view.path) as folder:
        ledger = LedgerFile(folder.path)
        try:
            if trials is not None:
                spec = raised(spec, trials, ledger, view.name)
            if retry_failed:
                again(ledger)
            counts = ledger.state.counts()
            refuse_finished(view, spec, counts)
        finally:
            ledger.close()
        if workers is not None:
            spec = replace(spec, workers=workers)
        session = SweepSession(folder, spec, base, config, resolved["monitor"], resolved["direction"], stop)
        yield from session.events(counts)


def refuse_finished(view: RunView, spec: Spec, counts: Mapping[str, int]) -> None:
    """Raise `RunError` for a sweep that has nothing left to do. counts: of its ledger.

    A process that was killed after the last trial, before it wrote the end, has left that to do.
    """
    if view.status != "done" or counts["planned"] < spec.trials or counts["pending"]:
        return
    failed = f" ({counts['failed']} failed: --retry-failed tries them again)" if counts["failed"] else ""
    text = f"{view.name} is done: {counts['planned']} trials{failed}"
    raise RunError(Problem(text, fix="--trials N goes on with more", code="finished"))


def again(ledger: LedgerFile) -> None:
    """Make failed trials of the newest stage pending again; the results of earlier stages are settled."""
    trials = list(ledger.state.trials.values())
    newest = max((trial.stage for trial in trials), default=0)
    for trial in trials:
        if trial.state == "failed" and trial.stage == newest:
            ledger.add("again", trial=trial.number)


def raised(spec: Spec, trials: int, ledger: LedgerFile, name: str) -> Spec:
    """The sweep with more trials, which is noted in the ledger. Raises `RunError`."""
    if not spec.trials_written or spec.cases:
        what = "cases" if spec.cases else "stages"
        text = f"--trials {trials}: {name} has {what}"
        raise RunError(Problem(text, "expected a sweep with `trials`", "start a new sweep", code="trials"))
    if trials <= spec.trials:
        text = f"--trials {trials}: {name} has {spec.trials} already"
        raise RunError(
            Problem(text, "expected a higher number", f"--trials {2 * spec.trials}", code="trials")
        )
    if spec.sampler == "grid":
        from ...search.points import grid_size

        if trials > (size := grid_size(spec.space)):
            raise RunError(
                Problem(
                    f"--trials {trials}: the grid has {size} points",
                    f"expected at most {size}",
                    "",
                    code="trials",
                )
            )
    ledger.add("raised", trials=trials)
    return spec.with_trials(trials)
