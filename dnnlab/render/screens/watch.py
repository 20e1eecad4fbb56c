"""A watched run on the screen: how far it is, its curves, its layers, the verdicts so far."""

from __future__ import annotations

from collections.abc import Sequence

from ...commands.watch.pace import Progress
from ...commands.watch.snapshot import Curve, Snapshot
from ...diagnose import Diagnosis, Verdict
from ..terminal.columns import shown
from ..terminal.numbers import counted, duration, fitted, rate, remaining, speed
from ..terminal.sparkline import BLOCKS, PLAIN, sparkline
from ..terminal.streams import Colour, Stream
from ..terminal.text import columns, cut, labelled, next_lines
from .watch_layers import layer_lines

LABEL = 14  # columns of a curve's name
NUMBERS, PLACE = 38, 18  # columns behind a curve: now, best, where that was; and those of the last alone
NARROW = 60
WIDEST_CURVE = 100
VERDICT = 10  # columns of a verdict's severity
_COLOURS: dict[str, Colour] = {"critical": "bad", "warning": "warning", "note": "quiet"}


def watch_lines(
    snapshot: Snapshot, stream: Stream, following: Sequence[str] = (), height: int | None = None
) -> list[str]:
    """The whole screen, no line wider than the stream. height: lines at most, None for no limit.

    following: the commands after `next`.
    """
    width = max(stream.columns, 40)
    top = [*head_lines(snapshot, stream, width), "", *curve_lines(snapshot, stream, width)]
    bottom = [*problem_lines(snapshot, stream, width), *next_lines(list(following), width)]
    if height is None:
        return [
            *top,
            "",
            *layer_lines(snapshot, stream, width, None),
            "",
            *verdict_lines(snapshot, stream, width, None),
            *bottom,
        ]
    room = max(height - len(top) - len(bottom) - 2, 0)
    said = verdict_lines(snapshot, stream, width, max(2, min(room // 3, 8)))
    lines = [*top, "", *layer_lines(snapshot, stream, width, max(room - len(said), 0)), "", *said]
    return [*lines[: max(height - len(bottom), 0)], *bottom][:height]


def head_lines(snapshot: Snapshot, stream: Stream, width: int) -> list[str]:
    """The run, its status, and of a running one how far it is."""
    progress, status = snapshot.progress, snapshot.status.text
    dot = "·" if stream.can_show("·") else "-"
    if snapshot.over:
        tail = f"{status} after {counted(progress.epoch, 'epoch')}"
    else:
        tail = f"running {dot} " + (
            "waiting for the first row" if snapshot.age is None else f"last row {ago(snapshot.age)} ago"
        )
    name = shown(snapshot.path.name, max(width - columns(tail) - 5, 8))
    colour: Colour = "good" if snapshot.status.good else "bad" if snapshot.over else "bar"
    first = f" {stream.paint(name, 'strong')} {dot} {stream.paint(cut(tail, width - 12), colour)}"
    if not snapshot.over:
        return [first, bar_line(progress, stream, min(width, 100))]
    return [first, *([f" {shown(snapshot.reason, width - 2)}"] if snapshot.reason else [])]


def ago(seconds: float) -> str:
    """Whole seconds up to a minute: `3 s`, `2 min 05 s`."""
    return f"{seconds:.0f} s" if seconds < 59.5 else duration(seconds)


def bar_line(progress: Progress, stream: Stream, width: int) -> str:
    """` 7/12 ━━━━━━╸──── 250/408  4,640/s  at most 4 s left`."""
    epochs, steps = progress.epochs, progress.steps
    before = f" epoch {progress.epoch}{'' if epochs is None else f'/{epochs}'} "
    behind = f" step {progress.step:,}{'' if steps is None else f'/{steps:,}'}"
    left = (
        ""
        if progress.left is None
        else f"  {'at most ' if progress.at_most else ''}{remaining(progress.left)} left"
    )
    if progress.speed and len(before) + len(behind) + len(left) + 14 < width:
        behind += f"  {speed(progress.speed)}"
    behind += left
    room = max(min(width - len(before) - len(behind) - 1, 60), 0)
    signs = "━╸─" if stream.can_show("━╸─") else "=>-"
    halves = min(2 * room, round(2 * room * progress.step / steps)) if steps else 0
    done = signs[0] * (halves // 2) + signs[1] * (halves % 2)
    return (
        cut(before, width)
        + stream.paint(done, "bar")
        + stream.paint(signs[2] * (room - len(done)), "quiet")
        + cut(behind, max(width - len(before) - room, 0))
    )


def curve_lines(snapshot: Snapshot, stream: Stream, width: int) -> list[str]:
    """A title line and one line a curve."""
    if not snapshot.curves:
        return [" no epoch is over yet" if not snapshot.over else " no epoch was finished"]
    place = PLACE if width >= NARROW else 0
    room = max(min(width - LABEL - NUMBERS + PLACE - place - 2, WIDEST_CURVE), 4)
    titles = " " * (LABEL + room) + f"{'now':>10}{'best':>10}" + "  at epoch"[:place]
    return [
        stream.paint(titles, "quiet"),
        *(curve_line(curve, snapshot, stream, room, place) for curve in snapshot.curves),
    ]


def curve_line(curve: Curve, snapshot: Snapshot, stream: Stream, room: int, place: int) -> str:
    """` val_loss      ▇▅▄▃▂▂▁▁    0.1696    0.1650  9, 3 ago`.

    Of the monitor `9, 3 of 10` if ten epochs without progress end the training.
    """
    form = rate if curve.name == "lr" else fitted
    signs = BLOCKS if stream.can_show(BLOCKS) else PLAIN
    drawn = sparkline(
        [value for _, value in curve.points],
        room,
        signs,
        logarithmic=curve.name == "lr" or "loss" in curve.name,
    )
    label = f" {shown(curve.name, LABEL - 2)}"
    now = "not finite" if curve.now is None else form(curve.now)
    line = (
        label
        + " " * (LABEL - columns(label))
        + stream.paint(drawn, "bar")
        + " " * (room - len(drawn))
        + f"{now:>10}"
    )
    if curve.best is None:
        return line
    at, value = curve.best
    since = curve.points[-1][0] - at
    awaited = curve.name == snapshot.monitor and snapshot.patience and not snapshot.over
    words = f"{at:,}" + (
        "" if not since else f", {since:,} of {snapshot.patience:,}" if awaited else f", {since:,} ago"
    )
    return f"{line}{form(value):>10}" + (f"  {cut(words, place - 2)}" if place else "")


def verdict_lines(snapshot: Snapshot, stream: Stream, width: int, room: int | None) -> list[str]:
    """The verdicts in at most `room` lines: each cause with what was seen, then what to do."""
    diagnosis, left = snapshot.diagnosis, 0
    lines: list[str] = []
    causes = [verdict for verdict in diagnosis.verdicts if verdict.follows_from is None]
    if not causes:
        words = (
            f"no verdict so far; {counted(len(diagnosis.fine), 'rule')} looked"
            if diagnosis.fine
            else "no rule could look yet"
        )
        words = words.replace(" so far", "") if snapshot.over else words
        return [f" {stream.paint(words, 'good' if diagnosis.fine else 'quiet')}"]
    for verdict in causes:
        block = block_of(verdict, diagnosis, stream, width, whole=room is None)
        space = len(block) if room is None else room - len(lines) - (verdict is not causes[-1])
        lines += block[: max(space, 0)]
        left += space <= 0
    return [*lines, f" and {counted(left, 'more verdict')}"] if left else lines


def block_of(verdict: Verdict, diagnosis: Diagnosis, stream: Stream, width: int, *, whole: bool) -> list[str]:
    """One verdict: evidence, first advice, consequences. whole: wrap long lines, else cut them."""
    label = verdict.severity.upper() if verdict.severity == "critical" else verdict.severity
    since = "" if verdict.since_epoch is None else f", since epoch {verdict.since_epoch}"
    follow = [other.name for other in diagnosis.verdicts if other.follows_from == verdict.name]
    texts = [f"{verdict.name}{since}: {'; '.join(verdict.evidence)}"]
    texts += [advice.line(diagnosis.word) or advice.do for advice in verdict.advice[:1]]
    texts += [f"explains {', '.join(follow)}"] if follow else []
    lines: list[str] = []
    for text in texts:
        lines += (
            labelled("", text, indent=VERDICT, width=width)
            if whole
            else [" " * VERDICT + shown(text, width - VERDICT)]
        )
    painted = stream.paint(label, _COLOURS[verdict.severity])
    return [f" {painted}{' ' * (VERDICT - 1 - len(label))}{lines[0][VERDICT:]}", *lines[1:]]


def problem_lines(snapshot: Snapshot, stream: Stream, width: int) -> list[str]:
    """What in the folder could not be read."""
    lines = [
        line
        for problem in snapshot.problems[:3]
        for line in labelled("damaged", problem, indent=VERDICT, width=width)
    ]
    return [stream.paint(line, "warning") for line in lines]


def live_lines(snapshot: Snapshot, stream: Stream, height: int) -> list[str]:
    """The screen of a run that is followed; the last line says how to leave."""
    lines = watch_lines(snapshot, stream, height=max(height - 1, 1))
    lines += [""] * (height - 1 - len(lines))
    return [*lines, stream.paint(" Ctrl-C leaves; the run goes on", "quiet")][:height]


def next_commands(snapshot: Snapshot, word: str) -> list[str]:
    """What to type after looking at a run."""
    if not snapshot.over:
        return [f"dnnlab watch {word}"]
    if snapshot.status.may_resume:
        return [f"dnnlab resume {word}"]
    return [f"dnnlab doctor {word}", f"dnnlab report {word}"]
