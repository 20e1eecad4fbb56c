"""The screen of a watched run: what it says, that it fits, that nothing of a name acts."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.memory_terminal import Terminal, shown

from dnnlab.commands.watch.pace import Progress
from dnnlab.commands.watch.snapshot import Curve, Layer, Snapshot
from dnnlab.diagnose import Advice, Diagnosis, Verdict
from dnnlab.render.screens.watch import live_lines, next_commands, watch_lines
from dnnlab.render.screens.watch_layers import chosen, grade
from dnnlab.render.terminal.fullscreen import LiveScreen, height_of
from dnnlab.render.terminal.sparkline import sparkline
from dnnlab.render.terminal.streams import Stream
from dnnlab.render.terminal.text import columns
from dnnlab.rundir import RunStatus

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def verdict(
    name: str = "vanishing_gradients", severity: str = "critical", follows: str | None = None
) -> Verdict:
    advice = (Advice("another activation", ("activation=elu",)),)
    return Verdict(
        name, severity, 1, ("gradient norm: output 3.1e-01, hidden1 2.2e-11",), "", "", advice, follows
    )


def snapshot(count: int = 3, verdicts: tuple[Verdict, ...] = (), **changes: Any) -> Snapshot:
    """A running run of 12 epochs, 7 of which are over."""
    curves = (
        Curve("loss", "epoch", tuple((i, 1 / i) for i in range(1, 8)), (7, 1 / 7)),
        Curve("val_loss", "epoch", tuple((i, 2 / i) for i in range(1, 8)), (7, 2 / 7)),
        Curve("val_accuracy", "epoch", ((1, 0.5), (4, 0.9), (7, 0.85)), (4, 0.9)),
        Curve("lr", "epoch", ((1, 1e-3), (7, 5e-5))),
    )
    weights = tuple(
        Layer(f"hidden{i}.weight", f"hidden{i}", (1e-2, 10.0**-i), (1.0, 0.5), (i, 16), 0.01)
        for i in range(1, count + 1)
    )
    fields: dict[str, Any] = {
        "path": Path("runs/20261122-041833-ex8-7f3a1c"),
        "status": RunStatus.RUNNING,
        "reason": "",
        "monitor": "val_accuracy",
        "progress": Progress(7, 12, 250, 34, 70.0, 45.0, 4640.0, True),
        "age": 2.4,
        "curves": curves,
        "layers": weights,
        "diagnosis": Diagnosis(verdicts, ("overfitting", "plateau"), {}, "7f3a1c"),
        "patience": 10,
        "best": {},
        "last": {},
        "off": {},
        "late": {},
        "problems": (),
    }
    return Snapshot(**fields | changes)


def test_the_whole_screen(pipe: Stream) -> None:
    lines = watch_lines(
        snapshot(verdicts=(verdict(), verdict("not_learning", follows="vanishing_gradients"))),
        pipe,
        ["dnnlab watch 7f3a1c"],
    )
    assert lines == [
        " 20261122-041833-ex8-7f3a1c · running · last row 2 s ago",
        " epoch 7/12 ━━━━━━━━━━━━━━━━────────── step 250/408  4,640/s  at most 45 s left",
        "",
        "                                               now      best  at epoch",
        " loss         █▄▃▂▁▁▁                       0.1429    0.1429  7",
        " val_loss     █▄▃▂▁▁▁                       0.2857    0.2857  7",
        " val_accuracy ▁█▇                           0.8500    0.9000  4, 3 of 10",
        " lr           █▁                             5e-05",
        "",
        " weight          update                        gradient              dead units",
        " hidden1.weight  ▁█         1.0e-01  high      █▁         5.0e-01       1 of 16",
        " hidden2.weight  ▄▄         1.0e-02  ok        █▁         5.0e-01       2 of 16",
        " hidden3.weight  █▁         1.0e-03  ok        █▁         5.0e-01       3 of 16",
        "",
        " CRITICAL vanishing_gradients, since epoch 1: gradient norm: output 3.1e-01,",
        "          hidden1 2.2e-11",
        "          dnnlab train 7f3a1c activation=elu",
        "          explains not_learning",
        " next     dnnlab watch 7f3a1c",
    ]


@pytest.mark.parametrize("height", [*range(1, 30), 60])
@pytest.mark.parametrize("width", [40, 59, 80, 200])
@pytest.mark.parametrize("layers", [0, 3, 40])
def test_it_fits_any_terminal(
    monkeypatch: pytest.MonkeyPatch, terminal: Stream, height: int, width: int, layers: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    seen = snapshot(
        layers, tuple(verdict(f"illness{i}") for i in range(5)), problems=("steps.jsonl: line 3 is damaged",)
    )
    lines = live_lines(seen, terminal, height)
    assert len(lines) == height
    assert max(map(columns, lines)) <= width


def test_at_80x24_everything_has_its_place(terminal: Stream) -> None:
    text = "\n".join(live_lines(snapshot(40, (verdict(), verdict("overfitting", "warning"))), terminal, 24))
    for words in (
        "running",
        "at most 45 s left",
        "val_accuracy",
        "hidden1.weight",
        "hidden40.weight",
        " and ",
        "CRITICAL vanishing_gr",
        "Ctrl-C",
    ):
        assert words in text
    assert "warning  overfitting" in text or "1 more verdict" in text


def test_a_larger_terminal_shows_more(terminal: Stream) -> None:
    few, many = (live_lines(snapshot(40), terminal, height) for height in (24, 60))
    count = [sum("weight" in line for line in lines) for lines in (few, many)]
    assert count[0] < 15 < count[1] == 41
    assert not any("more" in line for line in many)


def test_words_where_there_are_no_colours_and_colours_where_there_are(
    terminal: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = watch_lines(snapshot(), terminal)
    monkeypatch.delenv("NO_COLOR")
    painted = watch_lines(snapshot(), Stream(Terminal()))
    assert not any("\x1b" in line for line in plain)
    assert [line.split()[3] for line in plain if "hidden" in line] == ["high", "ok", "ok"]
    rows = [line for line in painted if "hidden" in line]
    assert ["\x1b[33m" in row for row in rows] == [True, False, False]
    assert ["\x1b[32m" in row for row in rows] == [False, True, True]
    assert not any(" ok " in line or " high " in line for line in painted)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (1e-3, "ok"),
        (1e-2, "ok"),
        (1e-4, "ok"),
        (2e-2, "high"),
        (5e-5, "low"),
        (1.0, "very high"),
        (1e-7, "very low"),
        (0.0, "still"),
        (None, ""),
    ],
)
def test_a_thousandth_is_healthy(value: float | None, word: str) -> None:
    assert grade(value).word == word


def test_the_rows_that_stay_are_the_ends_and_the_sickest() -> None:
    moves = [1e-3, 2e-3, 1e-3, 1e-7, 1e-3, 0.0, 1e-3]
    layers = [Layer(f"w{i}", f"w{i}", (move,)) for i, move in enumerate(moves)]
    assert [layer.name for layer in chosen(layers, 4)] == ["w0", "w3", "w5", "w6"]


def test_records_that_are_off_name_their_key(pipe: Stream) -> None:
    off = {"update ratios": "logging.update_ratio_every", "dead units": "logging.dead_units_every"}
    text = " ".join("\n".join(watch_lines(snapshot(0, off=off), pipe)).split())
    assert (
        "turned off: update ratios (logging.update_ratio_every), dead units (logging.dead_units_every)"
        in text
    )
    late = {"gradient norms": "logging.gradient_norm_every: 50 steps"}
    assert " no row yet: gradient norms" in watch_lines(snapshot(0, late=late), pipe)
    over = " ".join("\n".join(watch_lines(snapshot(0, late=late, status=RunStatus.DONE), pipe)).split())
    assert "not one row in 250 steps: gradient norms (logging.gradient_norm_every: 50 steps)" in over


@pytest.mark.parametrize(
    ("status", "reason", "first"),
    [
        ("done", "", " 20261122-041833-ex8-7f3a1c · done after 7 epochs"),
        ("stopped_early", "val_loss no better", " 20261122-041833-ex8-7f3a1c · stopped early after 7 epochs"),
        ("killed", "", " 20261122-041833-ex8-7f3a1c · killed after 7 epochs"),
    ],
)
def test_how_a_run_ended(pipe: Stream, status: str, reason: str, first: str) -> None:
    lines = watch_lines(snapshot(status=RunStatus(status), reason=reason), pipe)
    assert lines[:2] == [first, f" {reason}" if reason else ""]


def test_what_to_type_next() -> None:
    seen = snapshot()
    assert next_commands(seen, "7f3a1c") == ["dnnlab watch 7f3a1c"]
    assert next_commands(replace(seen, status=RunStatus.KILLED), "7f3a1c") == ["dnnlab resume 7f3a1c"]
    assert next_commands(replace(seen, status=RunStatus.DIVERGED), "7f3a1c") == [
        "dnnlab doctor 7f3a1c",
        "dnnlab report 7f3a1c",
    ]


def test_a_run_that_has_written_nothing_yet(pipe: Stream) -> None:
    young = snapshot(0, curves=(), age=None, progress=Progress(), diagnosis=Diagnosis((), (), {}, "x"))
    lines = watch_lines(young, pipe)
    assert lines[0].endswith("running · waiting for the first row")
    assert " no epoch is over yet" in lines
    assert " no rule could look yet" in lines


HOSTILE = "\x1b[2J\x1b]0;x\x07[bold]‮a\nb"


def test_hostile_names_are_text(monkeypatch: pytest.MonkeyPatch, terminal: Stream) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    layer = Layer(HOSTILE, HOSTILE, (1e-3,), (1.0,), (0, 4))
    said = Verdict(HOSTILE, "note", 1, (HOSTILE,), HOSTILE, "", (Advice(HOSTILE),))
    curve = Curve(HOSTILE, "epoch", ((1, 1.0),), (1, 1.0))
    seen = snapshot(
        0,
        (said,),
        layers=(layer,),
        curves=(curve,),
        reason=HOSTILE,
        status=RunStatus.FAILED,
        problems=(HOSTILE,),
        path=Path("runs") / HOSTILE,
    )
    for lines in (watch_lines(seen, terminal), live_lines(seen, terminal, 24)):
        assert all(line.isprintable() for line in lines)
    with LiveScreen(terminal) as screen:
        screen.show(live_lines(seen, terminal, 24))
    text = ESCAPES.sub("", shown(terminal))
    assert "\x1b" not in text
    assert "[bold]" in text


def test_the_second_screen_comes_and_goes(terminal: Stream) -> None:
    with pytest.raises(KeyboardInterrupt), LiveScreen(terminal) as screen:
        screen.show(live_lines(snapshot(), terminal, screen.height))
        raise KeyboardInterrupt
    text = shown(terminal)
    assert text.startswith("\x1b[?1049h")
    assert text.rstrip("\n").endswith(("\x1b[?1049l", "\x1b[?25h"))
    assert "\x1b[?25h" in text


def test_another_size_ends_the_waiting(monkeypatch: pytest.MonkeyPatch, terminal: Stream) -> None:
    monkeypatch.setattr("dnnlab.render.terminal.fullscreen.SECONDS_BETWEEN_GLANCES", 0.001)
    with LiveScreen(terminal) as screen:
        assert not screen.wait(0.01)
        monkeypatch.setenv("LINES", "50")
        assert screen.wait(60)
        assert screen.height == 50


def test_a_terminal_that_is_gone_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(Terminal):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(Stream, "_drop", lambda stream: setattr(stream, "file", None))
    stream = Stream(Gone())
    with LiveScreen(stream) as screen:
        screen.show(["x"])
        assert not screen.wait(0.0)


def test_an_unknown_height_is_24() -> None:
    assert height_of(Stream(io.StringIO())) == 24


@pytest.mark.parametrize(
    ("values", "width", "expected"),
    [
        ([], 5, ""),
        ([None, None], 5, "  "),
        ([1, 2, 3, 4, 5, 6, 7, 8], 8, "▁▂▃▄▅▆▇█"),
        ([8, None, 1], 8, "█ ▁"),
        ([1, 1, 3, 3], 2, "▁█"),
        ([1, None, None, None], 2, "▄ "),
        ([-1.7e308, 1.7e308], 2, "▁█"),
        ([1.7e308, 1.7e308, 0, 0], 2, "█▁"),
        ([1e-320, 5e-324], 2, "█▁"),
        ([2**-1074, 0.0], 9, "█▁"),
        ([237_671.0, 237_670.0, 237_669.0, 237_668.0], 9, "█▆▃▁"),
    ],
)
def test_sparklines(values: list[float | None], width: int, expected: str) -> None:
    assert sparkline(values, width) == expected


def test_a_curve_over_many_powers_is_drawn_over_its_logarithm() -> None:
    values = [10.0**-i for i in range(8)]
    assert sparkline(values, 8, logarithmic=True) == "█▇▆▅▄▃▂▁"
    assert sparkline(values, 8) == "█▂▁▁▁▁▁▁"


def test_a_stream_without_blocks_gets_other_signs() -> None:
    stream = Stream(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    lines = watch_lines(snapshot(), stream)
    assert all(line.isascii() for line in lines)
    assert " loss         #-..___" in lines[4]
