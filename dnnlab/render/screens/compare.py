"""The screen of `compare`: heading, table, Welch test, runs and columns that were left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ...commands.compare.compare import Comparison
from ...commands.compare.groups import Group, in_words
from ...commands.compare.welch import FEW, FEWEST, REAL, Welch
from ...rundir import run_word
from ...rundir.summary import Summary
from ..terminal.columns import Column, fitting, grid_lines, short_name, shown, titles_of
from ..terminal.config_text import widths_words
from ..terminal.numbers import counted, fitted, seconds
from ..terminal.text import labelled, next_lines

MOST_LISTED = 10  # damaged runs that are named
SMALL = 1e-6  # deviations below it are rounding


def compare_lines(
    comparison: Comparison, columns: int, width: int, usual: bool = True, advise: bool = True
) -> list[str]:
    """The whole screen.

    columns: width of the table; width: of the texts around it. usual: whether the runs folder is the default,
    so that commands need not name it. advise: end with the commands to type next.
    """
    lines = labelled("", headline(comparison), indent=1, width=width)
    for i, table in enumerate(comparison.tables, start=1):
        lines += ["", *labelled("", f"table {i}: {table_words(table)}", indent=1, width=width)]
        lines += table_lines(table, columns, width)
    lines += [""] if comparison.tables else table_lines(comparison, columns, width)
    lines += damaged_lines(comparison.damaged, width)
    return [*lines, *next_lines(following(comparison, usual), width)] if advise else lines


def table_lines(comparison: Comparison, columns: int, width: int) -> list[str]:
    """The table, and what is said of it."""
    shown_columns, left = fitting(compare_columns(comparison), columns)
    lines = [*grid_lines(shown_columns), *left_out_lines(left, comparison, width)]
    lines += [line for text in comparison.notes for line in labelled("", text, indent=1, width=width)]
    return lines + welch_lines(comparison, width)


def table_words(table: Comparison) -> str:
    """`data digits; task 10 classes; best epoch by val_accuracy`: what is the same for its runs."""
    words = [f"{name} {shown(value, 30)}" for name, value in table.measured_on.items()]
    return "; ".join([*words, *monitor_words(table)])


def headline(comparison: Comparison) -> str:
    """` 6 runs, 2 groups over seed; best epoch by val_loss; test not shown (--test)`."""
    over = any(len(group.runs) > 1 for group in comparison.groups)
    words = counted(len(comparison.runs), "run")
    words += f", {counted(len(comparison.groups), 'group')} over seed" if over else ""
    if comparison.tables:
        differs = ", ".join(comparison.tables[0].measured_on)
        words += f" in {len(comparison.tables)} tables, which are not comparable: {differs} differ"
        words += "s" if ", " not in differs else ""
    else:
        words = "; ".join([words, *monitor_words(comparison)])
    words += f"; {size:,} parameters" if (size := one_size(comparison)) is not None else ""
    if comparison.tests is None:
        return f"{words}; test not shown (--test)"
    missing = sum(found is None for found in comparison.tests.values())
    return words + (
        f"; test: {counted(missing, 'run')} not evaluated (dnnlab evaluate RUN)" if missing else ""
    )


def monitor_words(comparison: Comparison) -> list[str]:
    """`best epoch by val_loss`; nothing if nothing was measured."""
    monitors = list(dict.fromkeys(run.monitor for run in comparison.runs if run.monitor))
    own = "each run's own monitor"
    return [f"best epoch by {monitors[0] if len(monitors) == 1 else own}"] if monitors else []


def one_size(comparison: Comparison) -> int | None:
    """The number of parameters, if all runs have the same."""
    counts = {group.first.parameters for group in comparison.groups}
    return counts.pop() if len(counts) == 1 else None


def compare_columns(comparison: Comparison) -> list[Column]:
    """All columns: number, n, keys that differ, metrics at the best epoch, status, times, parameters."""
    groups, damaged = comparison.groups, comparison.damaged
    over = any(len(group.runs) > 1 for group in groups)

    def column(title: str, cells: Sequence[str], fill: str = "-", **options: Any) -> Column:
        return Column(title, (*cells, *[fill] * len(damaged)), **options)

    table = [column("#", [str(i) for i in range(1, len(groups) + 1)], "!", right=True)]
    table += [column("n", [str(group.n) for group in groups], "1", right=True)] if over else []
    if any(len(group.runs) == 1 for group in groups) or not groups:
        cells = [short_name(group.first.path) if len(group.runs) == 1 else "-" for group in groups]
        table.append(Column("run", (*cells, *(short_name(run.path) for run in damaged)), name="run"))
    titles = titles_of(comparison.differs)
    keys = [
        (titles[key], [value_words(group.first, key) for group in groups], key) for key in comparison.differs
    ]
    table += [column(title, cells, spare=2 + i, name=key) for i, (title, cells, key) in enumerate(keys)]
    for i, key in enumerate(comparison.metrics()):
        cells = [spread(group.mean(key), group.std(key)) for group in groups]
        table.append(column(key, cells, spare=500 + i if key != comparison.metric else 0))
    table += reach_columns(comparison, column)
    for i, key in enumerate(comparison.tests_beside()):
        table.append(
            column(
                f"test_{key}",
                [test_words(comparison, group, key) for group in groups],
                spare=700 + i if i else 0,
            )
        )
    table.append(column("epoch", [epoch_words(group) for group in groups], right=True, spare=400))
    table.append(column("s/epoch", [time_words(group) for group in groups], right=True, spare=1000))
    if one_size(comparison) is None:
        words = ["-" if group.first.parameters is None else f"{group.first.parameters:,}" for group in groups]
        table.append(column("parameters", words, right=True, spare=2000))
    # On a narrow terminal the status goes last, after all keys, and the line below the table says so.
    return [*table, column("status", [status_words(group) for group in groups], "damaged", spare=1)]


def reach_columns(comparison: Comparison, column: Any) -> list[Column]:
    """Epoch and seconds at which the metric of `--reach` was reached."""
    reach = comparison.reach
    if reach is None:
        return []
    cells = []
    for group in comparison.groups:
        moments = [moment for run in group.samples if (moment := reach.moment(run)) is not None]
        if not moments:
            cells.append("not reached")
            continue
        times = [time for _, time in moments if time is not None]
        words = f"epoch {sum(epoch for epoch, _ in moments) / len(moments):.{0 if group.n == 1 else 1}f}"
        words += f", {seconds(sum(times) / len(times))} s" if times else ""
        cells.append(words if len(moments) == group.n else f"{words} ({len(moments)} of {group.n})")
    sign = ">=" if reach.high else "<="
    return [column(f"{reach.metric} {sign} {reach.value:g}", cells)]


def value_words(run: Summary, key: str) -> str:
    """A value of a config in few words: `20 x 100` for a list of equal widths."""
    value = run.config.get(key, "-")
    if isinstance(value, list) and len(value) > 2 and all(type(item) is int for item in value):
        return widths_words(tuple(value))
    return in_words(value)


def spread(mean: float | None, std: float | None) -> str:
    """`0.0841 ± 0.0062`, `0.0841`, `-`."""
    words = fitted(mean).rjust(6) if mean is not None else "-"
    return words if std is None else f"{words} ± {fitted(std if std > SMALL else 0.0)}"


def epoch_words(group: Group) -> str:
    """The best epoch; mean and deviation over seeds."""
    mean, std = group.mean("epoch"), group.std("epoch")
    return "-" if mean is None else f"{mean:.0f}" if std is None else f"{mean:.0f} ± {std:.0f}"


def time_words(group: Group) -> str:
    """Seconds an epoch."""
    value = group.median("seconds_per_epoch")
    return "-" if value is None else seconds(value)


def test_words(comparison: Comparison, group: Group, key: str) -> str:
    """A metric of the test part over the samples that were evaluated."""
    import statistics

    found = [(comparison.tests or {}).get(run.path) for run in group.samples]
    values = [part["metrics"][key] for part in found if part and key in part["metrics"]]
    if not values:
        return "-"
    words = spread(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)
    return words if len(values) == group.n else f"{words} (n = {len(values)})"


def status_words(group: Group) -> str:
    """The status of all, or how many have which."""
    counts = Counter(run.status for run in group.runs)
    return (
        next(iter(counts))
        if len(counts) == 1
        else ", ".join(f"{count} {status}" for status, count in counts.items())
    )


def left_out_lines(left: Sequence[Column], comparison: Comparison, width: int) -> list[str]:
    """Which columns had no room, and which keys only say again what others said."""
    lines = []
    if left:
        names = ", ".join(column.name or column.title for column in left)
        lines += labelled("", f"no room for: {names} (a wider terminal, --format csv)", indent=1, width=width)
    if more_tests := comparison.test_metrics()[len(comparison.tests_beside()) :]:
        names = ", ".join(shown(f"test_{key}", 60) for key in more_tests)
        lines += labelled("", f"also measured: {names} (--format csv)", indent=1, width=width)
    if comparison.follows:
        more = len(comparison.follows) - 4
        names = ", ".join(shown(key, 60) for key in comparison.follows[:4]) + (
            f" and {more} more" if more > 0 else ""
        )
        lines += labelled("", f"with their parts go: {names}", indent=1, width=width)
    return lines


def welch_lines(comparison: Comparison, width: int) -> list[str]:
    """Whether two groups differ by more than their seeds."""
    test = comparison.welch
    if test is None:
        return []
    names = [
        shown(comparison.label(group), 30)
        for group in comparison.groups
        if group.first.finished and group.values(test.metric)
    ]
    words = f"{names[0]} against {names[1]}: {fitted(abs(test.difference))} apart in {test.metric}"
    seeds = f"n = {test.n[0]} and {test.n[1]}"
    words += f", p = {p_words(test.p)} (Welch, {seeds}):" if test.p is not None else f" ({seeds}):"
    lines = labelled("", words, indent=1, width=width)
    return [*lines, *labelled("", verdict_words(test), indent=3, width=width)]


def p_words(p: float) -> str:
    """`0.38`, `0.0012`, `< 0.0001`."""
    return "< 0.0001" if p < 1e-4 else f"{p:.2f}" if p >= 0.1 else f"{p:.2g}"


def verdict_words(test: Welch) -> str:
    """The verdict, and how many seeds would tell."""
    many = "more than 10,000" if test.difference else "no number of"
    needed = f"about {test.seeds_needed:,}" if test.seeds_needed is not None else many
    if test.verdict == FEW:
        more = (
            f"; if they differ by that much, {needed} each would show it"
            if test.p is not None and test.seeds_needed is not None
            else ""
        )
        return f"too few seeds to say ({FEWEST} each at least){more}."
    if test.verdict == REAL:
        return "more than the noise of seeds."
    return f"inside the noise; {needed} seeds each would be needed to tell."


def damaged_lines(damaged: Sequence[Summary], width: int) -> list[str]:
    """Each damaged run with its reason."""
    lines = []
    for run in damaged[:MOST_LISTED]:
        name = short_name(run.path)
        dots = "…-" if name != run.path.name else ""
        lines += labelled("", f"damaged: {dots}{shown(name)} {run.problem}; left out", indent=1, width=width)
    more = len(damaged) - MOST_LISTED
    return [*lines, *([f" and {more} more damaged runs (--format csv has all)"] if more > 0 else [])]


def following(comparison: Comparison, usual: bool) -> list[str]:
    """What to type next: more seeds if they would tell, else another look."""
    comparison = comparison.tables[0] if comparison.tables else comparison
    test = comparison.welch
    whole = [group for group in comparison.groups if group.first.finished]
    if test is not None and test.verdict != REAL and (test.difference or test.verdict == FEW):
        wanted = min(test.seeds_needed or FEWEST, 50)
        return [more for group in whole[:2] if (more := more_seeds(group, max(wanted, FEWEST), usual))]
    if whole and all(len(group.runs) == 1 for group in whole) and len(whole) > 1:
        return [more_seeds(group, FEWEST, usual) for group in whole[:2]]
    if whole:
        return [f"dnnlab show {run_word(whole[0].first.path, usual)}"]
    return ["dnnlab runs"]


def more_seeds(group: Group, wanted: int, usual: bool) -> str:
    """The command that brings a group to so many seeds."""
    highest = max((run.seed for run in group.runs if run.seed is not None), default=-1)
    missing = wanted - group.n
    return (
        f"dnnlab train {run_word(group.first.path, usual)} seed={highest + 1} --seeds {missing}"
        if missing > 0
        else ""
    )
