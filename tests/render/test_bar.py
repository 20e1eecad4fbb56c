"""The moving line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.clock import Clock
from helpers.memory_terminal import Terminal, screen_after, shown

from dnnlab.render.screens import bar as bars
from dnnlab.render.screens.bar import Bar
from dnnlab.render.screens.run_facts import RunFacts
from dnnlab.render.terminal.streams import Stream


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(bars, "perf_counter", clock)
    return clock


def run_steps(bar: Bar, clock: Clock, epoch: int, steps: int, seconds: float) -> None:
    for step in range(1, steps + 1):
        clock.now += seconds
        bar.step(epoch, step)


def test_it_shows_epoch_steps_speed_and_both_times(terminal: Stream, facts: RunFacts, clock: Clock) -> None:
    bar = Bar(terminal, facts)
    run_steps(bar, clock, 13, 811, 0.0069)
    bar.next_draw = 0.0
    bar.step(13, 812)
    line = screen_after(shown(terminal))[-1]
    assert line.startswith("  13/100 ━━━━━━")
    assert " 812/1407   4,6" in line
    assert "5 s left   all: 14 min left" in line
    assert len(line) == 79


def test_it_draws_at_most_ten_times_a_second(terminal: Stream, facts: RunFacts, clock: Clock) -> None:
    bar = Bar(terminal, facts)
    run_steps(bar, clock, 1, 1000, 0.001)
    assert 9 <= shown(terminal).count("\r") <= 11


@pytest.mark.parametrize("columns", ["40", "50", "80", "200"])
@pytest.mark.parametrize(("epochs", "steps"), [(1, 1), (100, 1407), (1_000_000, 12_345_678)])
def test_it_never_reaches_the_last_column(
    monkeypatch: pytest.MonkeyPatch, facts: RunFacts, clock: Clock, columns: str, epochs: int, steps: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    stream = Stream(Terminal())
    bar = Bar(stream, replace(facts, epochs=epochs, steps_per_epoch=steps))
    bar.draw()
    for pace in (1e-5, 1.0, 90_000.0):
        clock.now += pace
        bar.next_draw = 0.0
        bar.step(1, 1)
    assert max(len(line) for line in shown(stream).split("\r")) < min(int(columns), 80)


def test_it_is_full_at_the_end_of_an_epoch_and_empty_at_its_start(
    terminal: Stream, facts: RunFacts, clock: Clock
) -> None:
    bar = Bar(terminal, replace(facts, steps_per_epoch=4))
    bar.draw()
    assert "━" not in shown(terminal)
    run_steps(bar, clock, 1, 4, 1.0)
    assert "─" not in screen_after(shown(terminal))[-1]


def test_clear_leaves_an_empty_line(terminal: Stream, facts: RunFacts) -> None:
    bar = Bar(terminal, facts)
    bar.draw()
    bar.clear()
    assert screen_after(shown(terminal)) == [""]
    assert "\x1b" not in shown(terminal)


def test_the_last_epoch_needs_no_time_for_all(terminal: Stream, facts: RunFacts, clock: Clock) -> None:
    bar = Bar(terminal, replace(facts, epochs=3))
    run_steps(bar, clock, 3, 20, 0.2)
    line = screen_after(shown(terminal))[-1]
    assert "left" in line
    assert "all:" not in line


def test_the_measured_epoch_counts_for_those_to_come(terminal: Stream, facts: RunFacts, clock: Clock) -> None:
    bar = Bar(terminal, replace(facts, epochs=11, steps_per_epoch=10))
    run_steps(bar, clock, 1, 10, 1.0)
    bar.epoch_over(60.0, whole=True)  # 50 of them went into the measurements
    run_steps(bar, clock, 2, 10, 1.0)
    assert "all: 9 min left" in screen_after(shown(terminal))[-1]


def test_a_slow_first_step_is_soon_forgotten(terminal: Stream, facts: RunFacts, clock: Clock) -> None:
    bar = Bar(terminal, replace(facts, epochs=1, rows=48_000, steps_per_epoch=48_000))
    clock.now += 0.1
    bar.step(1, 1)
    for step in range(2, 1002):
        clock.now += 0.001
        bar.step(1, step)
    assert "916/s  52 s left" in screen_after(shown(terminal))[-1], (
        "all steps in all seconds, not the mean of the paces"
    )


def test_an_encoding_without_line_signs_gets_plain_ones(facts: RunFacts) -> None:
    class Ascii(Terminal):
        encoding = "ascii"  # type: ignore[assignment]

    stream = Stream(Ascii())
    bar = Bar(stream, facts)
    bar.draw()
    assert shown(stream).isascii()


def test_colours_only_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch, facts: RunFacts) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    stream = Stream(Terminal())
    bar = Bar(stream, facts)
    bar.draw()
    assert "\x1b[2m─" in shown(stream)
