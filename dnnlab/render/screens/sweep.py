"""The screen of a running sweep: a header, a row per finished trial, and a moving line below them."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any, assert_never

from ...commands.sweep.events import Begun, Moment, Over, StageBegun, SweepEvent, TrialOver
from ...commands.train.events import Note
from ...registry import inline
from ..terminal.numbers import counted, fitted, remaining, seconds
from ..terminal.streams import Colour, Stream
from ..terminal.text import clean, columns, cut, labelled

INDENT = 11
SECONDS_BETWEEN_DRAWS = 0.1
SECONDS_BETWEEN_ROWS = 0.5  # on a terminal; the best ones and failures are always shown
FEWEST_SIGNS = 8  # columns of the bar
NARROWEST_BAR = 40  # columns of a terminal that has one


class SweepScreen:
    """Shows the events of one sweep on a stream.

    A table with a moving line on a terminal, one plain line per trial elsewhere.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.monitor = ""
        self.drawn = 0  # columns of the moving line
        self.next_draw = self.next_row = 0.0
        self.titled = False
        self.skipped = 0  # trials that were not shown, for there were too many
        full = "━╸─"
        self.signs = full if stream.can_show(full) else "=>-"

    def __call__(self, event: SweepEvent) -> None:
        """Show one event."""
        match event:
            case Moment():
                self.moment(event)
            case TrialOver():
                self.trial(event)
            case Begun():
                self.begin(event)
            case StageBegun():
                self.stage(event)
            case Note():
                self.note(event.text, event.kind)
            case Over():
                self.clear()
            case _:
                assert_never(event)

    def begin(self, event: Begun) -> None:
        """The header."""
        self.monitor = event.monitor
        self.write(header_lines(event, self.stream.width))

    def stage(self, event: StageBegun) -> None:
        """A line for a stage, and what it narrowed."""
        words = f"{counted(event.trials, 'trial')} of {counted(event.epochs, 'epoch')}" + (
            f": {event.why}" if event.why else ""
        )
        lines = labelled(f"stage {event.stage + 1}/{event.of}", words, indent=INDENT, width=self.stream.width)
        for key, (before, now) in event.narrowed.items():
            lines += labelled("", f"{key}: {before} -> {now}", indent=INDENT, width=self.stream.width)
        self.write(lines)
        self.titled = False

    def note(self, text: str, kind: str) -> None:
        """A sentence."""
        lines = labelled(kind, text, indent=INDENT, width=self.stream.width)
        self.write([self.stream.paint(line, "warning") if kind == "warning" else line for line in lines])

    def trial(self, event: TrialOver) -> None:
        """A row, or a plain line."""
        if not self.stream.terminal:
            self.stream.lines([plain_line(event, self.monitor)])
            return
        now = monotonic()
        if now < self.next_row and not event.best and event.state != "failed":
            self.skipped += 1
            return
        self.next_row = now + SECONDS_BETWEEN_ROWS
        lines = []
        if not self.titled:
            lines += ["", self.stream.paint(f" trial  {cut(clean(self.monitor), 14):>14}      s", "strong")]
            self.titled = True
        self.write([*lines, self.row(event)])

    def row(self, event: TrialOver) -> str:
        """`    17          0.9744    1.2  best  optimizer.lr 0.01, activation elu`."""
        value = fitted(event.value, 7) if event.value is not None else event.status.replace("_", " ")
        mark = "best" if event.best else ""
        words = f"{event.trial:6d}  {value:>14}  {seconds(event.seconds):>5}  "
        room = self.stream.width - columns(words) - 6
        text = words + f"{mark:4}  " + cut(clean(point_words(event.shown, short=True)), max(room, 0))
        return self.stream.paint(text.rstrip(), row_colour(event))

    def moment(self, event: Moment) -> None:
        """Draw the moving line again, at most ten times a second."""
        now = monotonic()
        if not self.stream.live or self.stream.width < NARROWEST_BAR or now < self.next_draw:
            return
        self.next_draw = now + SECONDS_BETWEEN_DRAWS
        self.draw(event)

    def draw(self, event: Moment) -> None:
        """`  34/100 ━━━╸─── 2 running, 31 done, 1 failed  best 0.9744 (17)  98/min  40 s left`."""
        bar, rest, words = moment_words(event, self.stream.width - 1, self.signs)
        before, behind = words
        width = columns(before + bar + rest + behind)
        line = f"{before}{self.stream.paint(bar, 'bar')}{self.stream.paint(rest, 'quiet')}{behind}"
        self.stream.write(f"\r{line}{' ' * (self.drawn - width)}")
        self.drawn = width

    def write(self, lines: list[str]) -> None:
        """Whole lines above the moving one."""
        self.clear()
        self.stream.lines(lines)

    def clear(self) -> None:
        """Take the moving line away."""
        if self.drawn:
            self.stream.write(f"\r{' ' * self.drawn}\r")
            self.drawn = 0


def row_colour(event: TrialOver) -> Colour:
    """The best so far and failures stand out; a trial without a value steps back."""
    if event.best:
        return "good"
    if event.state == "failed":
        return "bad"
    return "quiet" if event.value is None else "plain"


def header_lines(event: Begun, width: int) -> list[str]:
    """What is searched, how, on how many workers, where."""
    trials = " + ".join(str(count) for count in event.stages)
    how = f"{trials} {'case' if event.sampler == 'cases' else 'trial'}{'s' if trials != '1' else ''}"
    how += (
        ""
        if event.sampler == "cases"
        else f" in {counted(len(event.stages), 'stage')}"
        if len(event.stages) > 1
        else ""
    )
    how += "" if event.sampler == "cases" else f", {event.sampler.replace('_', ' ')}"
    how += f"; {counted(event.seeds, 'seed')} each" if event.seeds > 1 else ""
    how += f"; pruned by {event.pruner.replace('_', ' ')}" if event.pruner else ""
    how += f"; {counted(event.workers, 'worker')}"
    direction = "higher" if event.better == "max" else "lower"
    goal = f"{event.monitor}, {direction} is better, at each run's best epoch"
    lines = labelled("base", event.base, indent=INDENT, width=width)
    for i, (address, words) in enumerate(event.searched.items()):
        lines += labelled("" if i else "search", f"{address}: {words}", indent=INDENT, width=width)
    lines += labelled("trials", how, indent=INDENT, width=width)
    lines += labelled("measure", goal, indent=INDENT, width=width)
    for note in event.notes:
        lines += labelled("note", note, indent=INDENT, width=width)
    if event.resumed is not None:
        there = ", ".join(
            f"{count} {state}" for state, count in event.resumed.items() if count and state != "planned"
        )
        lines += labelled(
            "resumed", f"{there} of {event.resumed['planned']} planned", indent=INDENT, width=width
        )
    return [
        *lines,
        *labelled(
            "sweep",
            str(event.path),
            indent=INDENT,
            width=width,
            right="Ctrl-C saves; then resume",
            whole=True,
        ),
    ]


def moment_words(event: Moment, width: int, signs: str) -> tuple[str, str, tuple[str, str]]:
    """The two halves of the bar, and the text before and after it; the least important is left out first."""
    over = event.done + event.pruned + event.failed
    before = f" {over:>{len(str(event.planned))}}/{event.planned} "
    kept: dict[str, str] = {}
    for pieces in moment_pieces(event):
        found = fitting_pieces(pieces, width - len(before) - FEWEST_SIGNS)
        kept = found if len(found) > len(kept) else kept
    behind = "".join(kept[name] for name in ("counts", "best", "rate", "left") if name in kept)
    room = max(width - len(before) - len(behind), 0)
    halves = min(2 * room, round(2 * room * over / max(event.planned, 1)))
    done = signs[0] * (halves // 2) + signs[1] * (halves % 2)
    return done, signs[2] * (room - len(done)), (before, behind)


def moment_pieces(event: Moment) -> list[dict[str, str]]:
    """What the moving line may say, the most telling first; then the same in fewer words."""
    states = {"running": event.running, "done": event.done, "pruned": event.pruned, "failed": event.failed}
    counts = " " + ", ".join(
        f"{count} {state}" for state, count in states.items() if count or state in ("running", "done")
    )
    left = {} if event.left is None else {"left": f"  {remaining(event.left)} left"}
    rate = (
        {}
        if event.rate is None
        else {"rate": f"  {event.rate:,.0f}/min" if event.rate >= 10 else f"  {event.rate:.1f}/min"}
    )
    if event.best is None:
        return [{"counts": counts, **left, **rate}]
    number, value = event.best
    return [
        {"counts": counts, "best": f"  best {fitted(value)}{more}", **left, **rate}
        for more in (f" ({number})", "")
    ]


def fitting_pieces(pieces: Mapping[str, str], room: int) -> dict[str, str]:
    """Those that fit, in their order."""
    kept = {}
    for name, text in pieces.items():
        if len(text) <= room:
            kept[name] = text
            room -= len(text)
    return kept


def plain_line(event: TrialOver, monitor: str) -> str:
    """One trial in one line for a log.

    `trial 17  done  val_accuracy 0.9744  1.2 s  optimizer.lr 0.01, activation elu  best`.
    """
    words = [f"trial {event.trial}", event.status if event.state == "failed" else event.state]
    words += [f"{monitor} {fitted(event.value)}"] if event.value is not None else []
    words += [f"{seconds(event.seconds)} s", point_words(event.shown), "best" if event.best else ""]
    words += [event.reason.splitlines()[0]] if event.reason and event.state != "done" else []
    return clean("  ".join(word for word in words if word))


def point_words(shown: Mapping[str, Any], *, short: bool = False) -> str:
    """`optimizer.lr 0.01, activation elu`; short: `lr 0.01, activation elu`, if that is unambiguous."""
    last = [address.rpartition(".")[2] for address in shown]
    names = [
        name if short and last.count(name) == 1 else address
        for address, name in zip(shown, last, strict=True)
    ]
    return ", ".join(f"{name} {_short(value)}" for name, value in zip(names, shown.values(), strict=True))


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else value if isinstance(value, str) else inline(value)
