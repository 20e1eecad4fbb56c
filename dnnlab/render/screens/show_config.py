"""`dnnlab show CONFIG|RUN`: the resolved config, the layer table, data, steps, advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..terminal.numbers import counted, fitted
from ..terminal.text import clean, columns, labelled, next_lines, wrap
from ..terminal.yaml import yaml_lines
from .reuse import reuse_labels

Face = Mapping[str, Any]
INDENT = 10
TITLES = ("output", "trained", "fixed", "multiply-adds")
SPARE = (2, 3)  # columns that are left out without room, the first one first
NARROWEST = 12  # columns of the layer in words
GAP = 2


def described_lines(face: Face, following: Sequence[str], width: int) -> list[str]:
    """The screen of a config or a run. following: the commands after `next`."""
    lines = []
    if face["config"] is not None:
        lines += [clean(line) for line in yaml_lines(face["config"], width)]
    elif face.get("text"):
        lines += [clean(line) for line in face["text"].splitlines()]
    lines.append("")
    if face["layers"] is not None:
        lines += [*layer_lines(face["layers"], face["totals"], width), ""]
    labels = [*_run(face), *_data(face), *reuse_labels(face.get("reuse", {})), *_training(face)]
    labels += [("warning", finding["text"]) for finding in face["findings"]]
    labels += [("note", note) for note in face["notes"]]
    labels += [("problem", face["problem"])] if face["problem"] else []
    for label, text in labels:
        lines += labelled(label, text, indent=INDENT, width=width, whole=label == "run")
    return [*lines, *next_lines(list(following), width)]


def layer_lines(layers: Sequence[Face], totals: Mapping[str, int], width: int) -> list[str]:
    """The layer table; fixed: numbers that are not trained. The widest texts are wrapped, numbers never.

    Columns of numbers that have no room are left out and named below.
    """
    first = [("layer", "what"), *((clean(row["name"]), clean(row["what"])) for row in layers), ("total", "")]
    table = [TITLES, *((shape(row["output"]), *numbers(row)) for row in layers), ("", *numbers(totals))]
    widths = [max(map(columns, column)) for column in zip(*table, strict=True)]
    name_width = min(max(columns(name) for name, _ in first), 26)

    def room(kept: Sequence[int]) -> int:
        return width - 3 - name_width - sum(widths[i] + GAP for i in kept)

    left = next((n for n in range(len(SPARE)) if room(_without(SPARE[:n])) >= NARROWEST), len(SPARE))
    kept = _without(SPARE[:left])
    wide = [widths[i] for i in kept]
    rows = [
        _row(named, [cells[i] for i in kept], name_width, max(room(kept), NARROWEST), wide)
        for named, cells in zip(first, table, strict=True)
    ]
    rule = "-" * (sum(wide[1:]) + GAP * (len(wide) - 2))
    missing = ", ".join(TITLES[i] for i in sorted(SPARE[:left]))
    below = labelled("", f"no room for: {missing} (a wider terminal)", indent=1, width=width) if left else []
    lines = [line for row in rows[:-1] for line in row]
    return [*lines, rule.rjust(len(lines[0])), *rows[-1], *below]


def _without(left_out: Sequence[int]) -> list[int]:
    return [i for i in range(len(TITLES)) if i not in left_out]


def _row(
    named: tuple[str, str], cells: Sequence[str], name_width: int, room: int, widths: Sequence[int]
) -> list[str]:
    name, what = named
    pieces = wrap(what, room)
    lines = []
    if columns(name) > name_width:  # a deep name gets a line of its own
        lines.append(f" {name}")
        name = ""
    tail = "".join(" " * GAP + cell.rjust(w) for cell, w in zip(cells, widths, strict=True))
    start = f" {name}{' ' * (name_width - columns(name))}  "
    lines.append(f"{start}{pieces[0]}{' ' * (room - columns(pieces[0]))}{tail}")
    return [*lines, *(f" {' ' * name_width}  {piece}" for piece in pieces[1:])]


def numbers(row: Mapping[str, int]) -> tuple[str, str, str]:
    """The three sums of a row; nothing for zero multiply-adds, since most stages have none."""
    return f"{row['trained']:,}", f"{row['not_trained']:,}", f"{row['multiply_adds']:,}"


def shape(sizes: Sequence[int]) -> str:
    """`16x28x28`, `-` if the layer was never reached."""
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
    if linear := face.get("baseline"):
        shown = [f"{k} {fitted(v, 8)}" for k, v in linear["metrics"].items() if k.startswith("val_")]
        lines.append(("beside", f"{linear['model']} regression: {linear['skipped'] or ', '.join(shown)}"))
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
