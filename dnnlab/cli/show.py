"""`dnnlab show`: a part, a config or a run in full."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .complete import changed_keys, shown
from .context import Context
from .list import Plugin
from .options import RUNS, Json, RunsDir, TrustPlugins, is_usual

if TYPE_CHECKING:
    from ..registry import RegistryEntry
    from ..registry.model import Section
    from ..render.terminal.result_writer import ResultWriter

_SOURCE = "A part (adam, activation.elu), a section (reuse), a YAML file, a run, or a sweep."
_CHANGES = "Keys of a config to change before it is shown."


def show(
    context: Context,
    source: Annotated[
        str, typer.Argument(metavar="NAME|CONFIG|RUN|SWEEP", help=_SOURCE, autocompletion=shown)
    ],
    changes: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help=_CHANGES, autocompletion=changed_keys)
    ] = None,
    template: Annotated[
        bool,
        typer.Option("--template", help="Print a plugin to copy, for a kind: show activation --template."),
    ] = False,
    plugin: Plugin = None,
    sort: Annotated[
        str | None,
        typer.Option("--sort", metavar="KEY", help="Of a sweep: a searched key, number, stage; -KEY."),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="Of a sweep: write its page, one HTML file.")
    ] = None,
    png: Annotated[
        Path | None, typer.Option("--png", metavar="FILE", help="Of a sweep: draw it, as .png, .svg or .pdf.")
    ] = None,
    runs_dir: RunsDir = RUNS,
    json: Json = False,
    trust_plugins: TrustPlugins = False,
) -> int:
    """Show a part: definition, keys, YAML to copy.

    Of a config, run: the resolved form, layers, data. Of a sweep: what it found.
    """
    from ..commands.show.show import named_part, named_section
    from ..commands.show.show import template as text_of

    answers = context.answers
    if template:
        kind, text = text_of(source, plugin)
        return print_template(kind, text, answers)
    if (section := named_section(source)) is not None:
        refuse_changes(source, changes or [])
        return show_section(source, section, answers)
    entry = named_part(source, runs_dir, plugin)
    if entry is None and (sweep := sweep_of(source, runs_dir)) is not None:
        from .show_sweep import sweep_answer

        refuse_changes(source, changes or [])
        face, lines = sweep_answer(sweep, answers, sort=sort, page=page, png=png)
        answers.result(face, lines, [str(sweep)])
        return 0
    refuse_views(source, {"--sort": sort, "--page": page, "--png": png})
    if entry is None:
        return show_config(source, changes or [], runs_dir, answers, trust_plugins)
    refuse_changes(source, changes or [])
    return show_part(entry, answers)


def print_template(kind: str, text: str, answers: ResultWriter) -> int:
    """The text alone on stdout, so that it can be sent into a file; the next line goes beside it."""
    from ..render.terminal.text import next_lines

    if answers.as_json:
        answers.json({"kind": kind, "template": text})
    else:
        answers.streams.out.lines(text.splitlines())
        file = text.partition("plugins: [")[2].partition("]")[0]
        answers.say(
            next_lines(
                [f"dnnlab show {kind} --template > {file}", f"dnnlab list {kind} --plugin {file}"],
                answers.streams.err.width,
            )
        )
    return 0


def show_section(name: str, section: type[Section], answers: ResultWriter) -> int:
    """The screen of a section of a config."""
    from ..commands.show.show import section_details
    from ..render.screens.show_part import section_lines

    face = section_details(name, section)
    following = ["dnnlab new my.yaml", "dnnlab list"]
    answers.result(face, section_lines(face, following, answers.streams.out.width), [])
    return 0


def show_part(entry: RegistryEntry, answers: ResultWriter) -> int:
    """The screen of a part."""
    from ..commands.show.show import has_picture, part_details
    from ..render.screens.show_part import part_lines

    kind = entry.kind
    following = [
        *([f"dnnlab plot {kind}.{entry.name}"] if has_picture(entry) else []),
        f"dnnlab list {kind}",
        f"dnnlab show {kind} --template",
    ]
    face = part_details(entry)
    answers.result(face, part_lines(face, following, answers.streams.out.width), [])
    return 0


def show_config(
    word: str, changes: list[str], runs_dir: Path, answers: ResultWriter, trust_plugins: bool
) -> int:
    """The screen of a config, or of a run."""
    from ..commands.show.show import is_config
    from ..engine.runtime import prepare
    from ..rundir import RunStatus, find_run
    from ..rundir.run_record import read_record

    path = None if is_config(word) else find_run(word, runs_dir)
    if path is None:
        from ..assembly.reuse.source import with_source
        from ..config import load

        config = with_source(load(Path(word), changes), runs_dir)
        prepare()
        from ..commands.show.describe import describe_config
        from ..render.screens.show_config import described_lines

        face = describe_config(config)
        command = " ".join(shlex.quote(text) for text in (word, *changes))
        following = [f"dnnlab check {command} --static", f"dnnlab train {command}"]
    else:
        from ..rundir import run_word

        refuse_changes(word, changes)
        prepare()
        from ..commands.show.describe import describe_run
        from ..render.screens.show_config import described_lines

        face = describe_run(read_record(path), trust_plugins=trust_plugins)
        name = run_word(path, is_usual(runs_dir))
        status = RunStatus(face["status"])
        ended = status.good or status is RunStatus.DIVERGED
        following = [
            f"dnnlab compare {name}",
            f"dnnlab train {name} seed=1" if ended else f"dnnlab resume {name}",
        ]
    answers.result(face, described_lines(face, following, answers.streams.out.width), [])
    return 0


def sweep_of(word: str, runs_dir: Path) -> Path | None:
    """The folder of the sweep that a word means, None if it means something else. Raises `RunError`."""
    from ..commands.show.show import is_config
    from ..commands.sweep.results.view import is_sweep_like
    from ..rundir import find_run

    if is_config(word):
        return None
    path = find_run(word, runs_dir, sweeps=True)
    return path if is_sweep_like(path) else None


def refuse_views(word: str, given: Mapping[str, object]) -> None:
    """Only a sweep has a ranking, a page and a picture here. Raises `UsageError`."""
    from ..errors import Problem, UsageError

    for option, value in given.items():
        if value is not None:
            fix = "`dnnlab report` writes a run's page, `dnnlab compare` sorts and draws runs"
            raise UsageError(
                Problem(f"received {option} for {word}", "expected a sweep with it", fix, code="no_effect")
            )


def refuse_changes(word: str, changes: list[str]) -> None:
    """Only a config file can be shown with changes. Raises `UsageError`."""
    from ..errors import Problem, UsageError

    if changes:
        fix = f"show the file with them, or `dnnlab show {word}` alone"
        raise UsageError(
            Problem(
                f"received {changes[0]} after {word}",
                "expected changes of a config file only",
                fix,
                code="no_effect",
            )
        )
