"""`dnnlab lr-find`: which learning rate?"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from .arguments import Changes, ConfigOrRun
from .context import Context
from .options import RUNS, Json, RunsDir, TrustPlugins, is_usual

_OUT = "Write a config with this rate: base: CONFIG and one key; never over a file."


def lr_find(
    context: Context,
    source: ConfigOrRun,
    changes: Changes = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FOUND.yaml", help=_OUT)] = None,
    low: Annotated[float, typer.Option("--from", metavar="LR", help="The first rate.")] = 1e-7,
    high: Annotated[float, typer.Option("--to", metavar="LR", help="The last rate.")] = 10.0,
    steps: Annotated[
        int, typer.Option("--steps", metavar="N", help="Steps from the first to the last.")
    ] = 300,
    png: Annotated[
        Path | None, typer.Option("--png", metavar="FILE", help="Draw the curve: .png, .svg or .pdf.")
    ] = None,
    runs_dir: RunsDir = RUNS,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only KEY=VALUE, to pass on to train.")
    ] = False,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> int:
    """Find a learning rate: train a few hundred steps at a rising rate.

    The suggestion lies between where the loss falls and where it turns up. Nothing is written but what --out
    and --png ask for. Exit 1 if no rate can be suggested.
    """
    from ..commands.lr_find.find import check_out, lr_find, write_found
    from ..commands.lr_find.range_test import checked
    from ..commands.output_file import PICTURES, checked_out
    from ..config.peak_rate import typed
    from ..render.screens.lr_find import Walked, found_lines

    answers = context.answers
    if out is not None:
        check_out(source, out)
    if png is not None:
        checked_out(png, PICTURES, "--png")
    walked = Walked(answers.streams.err, steps)
    try:
        found = lr_find(
            source,
            changes or [],
            runs_dir,
            checked(low, high, steps),
            trust_plugins=trust_plugins,
            heard=walked,
        )
    finally:
        walked.clear()
    written = out if found.best is not None else None
    if written is not None:
        write_found(found, written)
    if png is not None:
        from ..commands.lr_find.picture import save_picture

        save_picture(found, png)
    screen = answers.streams.out
    lr = typed(found.changes)
    kept = [change for change in changes or [] if change.partition("=")[0] not in found.changes]
    following = next_commands(source, written, lr, found.further, kept, runs_dir)
    lines = found_lines(found, screen.width, screen.can_show("⣿┤"), written, png, following)
    face = {
        **found.json(),
        "out": None if written is None else str(written),
        "picture": None if png is None else str(png),
    }
    answers.result(face, lines, lr)
    return 0 if lr else 1


def next_commands(
    source: str,
    written: Path | None,
    lr: list[str],
    further: tuple[float, float] | None,
    changes: list[str],
    runs_dir: Path,
) -> list[str]:
    """The next commands: `dnnlab train` with the found rate; without a rate a longer walk, or `check`."""
    runs = "" if is_usual(runs_dir) else f" --runs-dir {shlex.quote(str(runs_dir))}"
    if not lr and further is not None:
        words = ["lr-find", source, *changes, "--from", f"{further[0]:g}", "--to", f"{further[1]:g}"]
    elif not lr:
        words = ["check", source, *changes]
    elif written is not None:
        words = ["train", str(written), *changes]
    else:
        words = ["train", source, *changes, *lr]
    return [shlex.join(["dnnlab", *words]) + runs]
