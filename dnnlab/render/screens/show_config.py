"""`dnnlab show CONFIG|RUN`: the resolved config, the layer table, data, steps, advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..terminal.numbers import counted, fitted
from ..terminal.text import clean, columns, labelled, wrap
from ..terminal.yaml import yaml_lines
from .result import next_lines

Face = Mapping[str, Any]
INDENT = 10
TITLES = ("output", "trained", "fixed", "multiply-adds")


def described_lines(face: Face, following: Sequence[str], width: int) -> list[str]:
    """The screen of a config or a run. following: the commands behind `next`."""
    lines = []
    if face["config"] is not None:
        lines += [clean(line) for line in yaml_lines(face["config"], width)]
    elif face.get("text"):
        lines += [clean(line) for line in face["text"].splitlines()]
    lines.append("")
    if face["layers"] is not None:
        lines += [*layer_lines(face["layers"], face["totals"], width), ""]
    labels = [*_run(face), *_data(face), *_training(face)]
    labels += [("warning", finding["text"]) for finding in face["findings"]]
    labels += [("note", note) for note in face["notes"]]
    labels += [("problem", face["problem"])] if face["problem"] else []
    for label, text in labels:
        lines += labelled(label, text, indent=INDENT, width=width, whole=label == "run")
    return [*lines, *next_lines(list(following), width)]


def layer_lines(layers: Sequence[Face], totals: Mapping[str, int], width: int) -> list[str]:
    """The layer table; fixed: numbers that are not trained. The widest texts are wrapped, numbers never."""
    rows = [(clean(r["name"]), clean(r["what"]), shape(r["output"]), *numbers(r)) for r in layers]
    last = ("total", "", "", *numbers(totals))
    widths = [
        max(columns(cell) for cell in column)
        for column in zip(*(row[2:] for row in (*rows, last, ("", "", *TITLES))), strict=True)
    ]
    name_width = min(max(columns(row[0]) for row in (*rows, last)), 26)
    room = max(width - 1 - name_width - sum(widths) - 2 * (len(widths) + 1), 12)
    head = ("layer", "what", *TITLES)
    lines = [line for row in (head, *rows) for line in _row(row, name_width, room, widths)]
    rule = "-" * (sum(widths[1:]) + 2 * (len(widths) - 2))
    return [*lines, rule.rjust(len(lines[0])), *_row(last, name_width, room, widths)]


def _row(row: Sequence[str], name_width: int, room: int, widths: Sequence[int]) -> list[str]:
    name, what, *cells = row
    pieces = wrap(what, room)
    lines = []
    if columns(name) > name_width:  # a deep name stands on a line of its own
        lines.append(f" {name}")
        name = ""
    tail = "".join("  " + cell.rjust(w) for cell, w in zip(cells, widths, strict=True))
    lines.append(
        f" {name}{' ' * (name_width - columns(name))}  {pieces[0]}{' ' * (room - columns(pieces[0]))}{tail}"
    )
    return [*lines, *(f" {' ' * name_width}  {piece}" for piece in pieces[1:])]


def numbers(row: Mapping[str, int]) -> tuple[str, str, str]:
    """The three sums of a row; nothing for zero multiply-adds, since most stages have none."""
    return f"{row['trained']:,}", f"{row['not_trained']:,}", f"{row['multiply_adds']:,}"


def shape(sizes: Sequence[int]) -> str:
    """`16x28x28`, `-` where the layer was never reached."""
    return "x".join(str(n) for n in sizes) or "-"


def _run(face: Face) -> list[tuple[str, str]]:
    if "run" not in face:
        return []
    best = face["best"]
    lines = [("run", face["run"]), ("status", str(face["status"]).replace("_", " "))]
    if best.get("metrics"):
        measured = [
            f"{key} {fitted(value, 8)}" for key, value in best["metrics"].items() if key.startswith("val_")
        ]
        lines.append(("best", f"epoch {best['epoch']}: {', '.join(measured or ['no validation'])}"))
    return lines


def _data(face: Face) -> list[tuple[str, str]]:
    if "data" not in face:
        return []
    return [("data" if i == 0 else "", line) for i, line in enumerate(face["data"]["lines"])]


def _training(face: Face) -> list[tuple[str, str]]:
    if "steps" not in face:
        return []
    metrics = ", ".join(face["metrics"]) or "none"
    measured = f"loss {face['loss']}; metrics {metrics}; monitor {face['monitor']} ({face['better']})"
    batch = counted(face["batch_size"], "row") + (
        f" x {face['accumulate']}" if face["accumulate"] > 1 else ""
    )
    words = f"batches of {batch}: {counted(face['steps_per_epoch'], 'step')} an epoch"
    words += f", {counted(face['steps'], 'step')} in {counted(face['epochs'], 'epoch')}"
    return [("measures", measured), ("steps", words), *_initial(face.get("initializers", {}))]


def _initial(initializers: Mapping[str, str]) -> list[tuple[str, str]]:
    """`he_normal in 2 layers, glorot_uniform in output`."""
    layers: dict[str, list[str]] = {}
    for layer, initializer in initializers.items():
        layers.setdefault(initializer, []).append(layer)
    words = [
        f"{name} in {found[0] if len(found) == 1 else counted(len(found), 'layer')}"
        for name, found in layers.items()
    ]
    return [("initial", f"weights {', '.join(words)}")] if words else []
