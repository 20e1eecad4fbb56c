"""The page of a sweep: one HTML file with everything that `show` tells, and its drawings."""

from __future__ import annotations

from pathlib import Path

from ....errors import Problem, UsageError
from ....report import sections, sweep_sections
from ....report.charts import Chart, Series
from ....report.figures import counted, duration, figure
from ....report.sections import Fact, Missing
from ....report.shell import Section, page
from ....rundir.atomic import storing, write_text
from ...compare.groups import Group
from .axes import MOST_AXES, history_chart, threads, value_charts
from .cases import Case, compare_cases
from .findings import Best, Findings, spread
from .text import (
    border_command,
    border_words,
    border_yaml,
    cell_words,
    counts_words,
    following,
    objective_words,
    range_words,
    same_in_all,
    stage_words,
)

PAGE, PICTURE = "sweep.html", "sweep.png"
FIRST = 25  # rows of the ranking that are not folded


def make_page(found: Findings, best: Best | None, word: str) -> str:
    """The page as HTML. word: SWEEP for the commands that it proposes."""
    view = found.view
    parts = case_sections(found) if found.cases else [ranking_section(found), *value_sections(found)]
    parts += [stage_section(found), lost_section(found)]
    parts.insert(1, best_section(found, best, word))
    if found.borders:
        parts.insert(2, border_section(found, best))
    if view.spec is not None:
        parts.append(sweep_sections.sweep_file(view.text("sweep.yaml") or ""))
    name = view.spec.name if view.spec is not None else view.name
    head = sections.head(
        name,
        view.name,
        view.status,
        [counts_words(found), objective_words(found)],
        facts(found),
        "",
        found.problems,
    )
    shown = [part for part in parts if part.body]
    return page(
        f"{name} · {view.name}", head, shown, f"dnnlab show {view.path} --page", also=sweep_sections.ALSO
    )


def facts(found: Findings) -> list[Fact]:
    """The best value, what it was reached with, how many trials, how long."""
    counts, best = found.view.ledger.counts(), found.best
    told = []
    if best is not None:
        deviation = spread(best)
        told.append(
            Fact(
                found.view.monitor,
                figure(best.value),
                f"trial {best.number}" if deviation is None else f"± {figure(deviation)}",
            )
        )
        told += [
            Fact(key, cell_words(found.shown(best).get(key)), "in the best trial") for key in found.keys[:3]
        ]
    lost = ", ".join(f"{counts[state]} {state}" for state in ("pruned", "failed", "pending") if counts[state])
    told.append(Fact("trials", f"{counts['done']:,} of {counts['planned']:,}", lost or "all done"))
    seconds = sum(trial.seconds for trial in found.view.trials)
    return [*told, Fact("training", duration(seconds), "of all runs together")] if seconds else told


def ranking_section(found: Findings) -> Section:
    """All trials with a result, best first."""
    staged = len({trial.stage for trial in found.ranked}) > 1
    titles = ["#", "trial", *(["stage"] if staged else []), found.view.monitor, *found.keys, "seconds"]
    rows = [
        [
            str(place),
            str(trial.number),
            *([str(trial.stage + 1)] if staged else []),
            mean_words(trial.value, spread(trial)),
            *(cell_words(found.shown(trial).get(key)) for key in found.keys),
            figure(trial.seconds) if trial.seconds else "-",
        ]
        for place, trial in enumerate(found.ranked, start=1)
    ]
    same = same_in_all(found)
    note = f"The same in all: {', '.join(same)}." if same else ""
    note += " Stages that trained longer come before the others." if staged else ""
    if not rows:
        return sections.curves("ranking", "Ranking", [], [Missing("No trial has a result yet.")])
    return sweep_sections.ranking(titles, rows, FIRST, note.strip())


def best_section(found: Findings, best: Best | None, word: str) -> Section:
    """The best config and the commands."""
    if best is None or best.problem:
        return sweep_sections.best("", "", [])
    return sweep_sections.best(best.text.rstrip("\n"), str(best.path), following(found, best, word))


def border_section(found: Findings, best: Best | None) -> Section:
    """Best values on an edge."""
    return sweep_sections.borders(
        [
            sweep_sections.Warned(
                border.address,
                capital(
                    border_words(border)
                    + ("" if border.suggestion else "; the config takes nothing beyond it")
                ),
                "\n".join(border_yaml(border)),
                border_command(border, best),
            )
            for border in found.borders
        ]
    )


def value_sections(found: Findings) -> list[Section]:
    """The drawings, and which value matters."""
    charts = value_charts(found)
    axes, lines = threads(found)
    number = None if found.best is None else found.best.number
    drawn = [
        sweep_sections.values(charts, len(found.view.space.dimensions) - MOST_AXES),
        sweep_sections.together(axes, lines, number),
    ]
    drawn += [
        sweep_sections.history(history_chart(found)),
        sweep_sections.importance(found.importance, capital(found.judged)),
    ]
    return drawn if found.ranked else drawn[-1:]


def stage_section(found: Findings) -> Section:
    """What each stage did, narrowed, and why."""
    return sweep_sections.stages(
        [
            sweep_sections.Step(
                f"Stage {told.stage.number + 1}",
                capital(stage_words(told)),
                [
                    (address, range_words(old), range_words(new))
                    for address, (old, new) in told.changes.items()
                ],
            )
            for told in found.stages
        ]
    )


def lost_section(found: Findings) -> Section:
    """What was pruned, failed or retried."""
    rows = [
        sweep_sections.Lost(
            lost.status.replace("_", " "), len(lost.trials), lost.reason or "-", lost.numbers(12)
        )
        for lost in found.lost
    ]
    retried = ", ".join(str(number) for number in found.retried[:20])
    note = (
        f"Retried, since a process died or by request: {counted(len(found.retried), 'trial')} ({retried})."
        if found.retried
        else ""
    )
    return sweep_sections.lost(rows, note)


def case_sections(found: Findings) -> list[Section]:
    """The table of named variants, and their curves."""
    cases = compare_cases(found)
    metric = found.view.monitor
    titles = ["case", "n", metric, "p against the best", "best epoch", "s/epoch", "status"]
    rows = [[case.name, *case_cells(case, metric)] for case in cases]
    note = (
        "Mean and deviation over the seeds. "
        "p: Welch's test against the best case, corrected for the number of tests (Holm)."
    )
    return [
        Section("ranking", "Cases", sections.table(titles, rows, note)),
        sections.curves("curves", "Curves", case_charts(cases, metric), lead="Means over the seeds."),
    ]


def case_cells(case: Case, metric: str) -> list[str]:
    """The numbers of a case."""
    if case.group is None:
        return ["0", "-", "-", "-", "-", case.status]
    group, p = case.group, "-" if case.p is None else "< 0.0001" if case.p < 1e-4 else f"{case.p:.2g}"
    epoch, seconds = group.mean("epoch"), group.median("seconds_per_epoch")
    times = ["-" if epoch is None else f"{epoch:.0f}", "-" if seconds is None else figure(seconds)]
    return [str(group.n), mean_words(group.mean(metric), group.std(metric)), p, *times, case.status]


def case_charts(cases: list[Case], metric: str) -> list[Chart]:
    """The mean over the seeds of the monitor, and of the training loss."""
    charts = []
    for key in dict.fromkeys((metric, "val_loss", "train_loss")):
        series = [Series(case.name, *mean_curve(case.group, key)) for case in cases if case.group is not None]
        if any(one.x for one in series):
            charts.append(Chart(key, "epoch", key, [one for one in series if one.x], log=None))
    return charts


def mean_curve(group: Group, key: str) -> tuple[list[float], list[float | None]]:
    """Epochs and the mean over the runs that have a value there."""
    from ....rundir.json_values import number

    values: dict[int, list[float]] = {}
    for run in group.samples:
        for row in run.history:
            if isinstance(epoch := row.get("epoch"), int) and (value := number(row.get(key))) is not None:
                values.setdefault(epoch, []).append(value)
    epochs = sorted(values)
    return [float(epoch) for epoch in epochs], [sum(values[epoch]) / len(values[epoch]) for epoch in epochs]


def mean_words(mean: float | None, std: float | None) -> str:
    """`0.9812 ± 0.0031`."""
    return figure(mean) if std is None else f"{figure(mean)} ± {figure(std)}"


def capital(text: str) -> str:
    """A sentence from words."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".") if text else ""


def write_page(found: Findings, best: Best | None, file: Path, word: str) -> None:
    """Write the page. word: SWEEP for the commands that it proposes. Raises `StorageError`."""
    text = make_page(found, best, word)
    with storing(file):
        write_text(file, text)


def write_picture(found: Findings, file: Path) -> None:
    """Write the picture. Raises `StorageError`, and `UsageError` if there is nothing to draw."""
    from ...compare.curves import save

    if not found.ranked:
        raise UsageError(
            Problem(
                "there is nothing to draw: no trial has a result",
                "expected a sweep with results",
                code="nothing_to_draw",
            )
        )
    from .picture import sweep_picture

    save(sweep_picture(found), file)
