"""CONFIG|RUN: the checked config that a word of the command line means, from a file or a run folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..assembly.reuse.source import with_kept_source, with_source
from ..config import Config, Override, load, load_mapping, override_of, parse_override
from ..config.files import absolute_path, read_chain
from ..config.python_values import from_python as plain_data
from ..errors import ConfigError, Problem, RunError, UsageError
from ..registry.register import plugin_texts
from ..rundir import find_run
from ..rundir.run_record import RunRecord, Source, read_record
from ..special_files import special_kind
from .yaml_text import yaml_text

SUFFIXES = (".yaml", ".yml")
MAPPING = "experiment"  # the name of a config that is a Python mapping


def load_source(
    word: str | Path, overrides: Sequence[str | Override], runs_dir: Path, *, trust_plugins: bool = False
) -> Config:
    """The config of a YAML file, or of a run (its own sources and overrides) with new overrides on top.

    Raises `DnnlabError`.
    """
    path = Path(word)
    if names_file(path):
        return with_source(load(path, overrides), runs_dir)
    try:
        run = find_run(str(word), runs_dir)
    except RunError as error:
        if error.problems[0].code == "sweep":
            raise
        if path.exists():
            raise UsageError(
                Problem(
                    f"received {word}, which is a folder but no run",
                    "expected a YAML file or a run",
                    code="no_config",
                )
            ) from None
        text = f"received {word}: there is no such file, and no run of that name"
        raise UsageError(
            Problem(
                text,
                "expected a YAML file or a run",
                error.problems[0].fix or "`dnnlab runs` lists the runs",
                code="no_config",
            )
        ) from None
    record = read_record(run)
    config = load_run_config(record, overrides, trust_plugins=trust_plugins)
    return with_source(with_kept_source(config, record), runs_dir)


def names_file(path: Path) -> bool:
    """Whether a word of the command line means a YAML file (which may be missing), and not a run."""
    return path.is_file() or path.suffix in SUFFIXES or special_kind(path) is not None


def source_run(word: str | Path, runs_dir: Path) -> Path | None:
    """The folder of the run that a CONFIG|RUN names, None for a file and for what `load_source` refuses."""
    path = Path(word)
    if names_file(path):
        return None
    try:
        return find_run(str(word), runs_dir)
    except RunError:
        return None


def load_run_config(
    run: RunRecord,
    overrides: Sequence[str | Override] = (),
    *,
    trust_plugins: bool = False,
    run_plugins: bool = True,
) -> Config:
    """The config that a run was started from: the texts it kept, its overrides, then new ones."""
    kept = kept_sources(run)
    texts = {Path(source.path): kept_text(run, source.file) for source in kept}
    plugins = [Path(source.path) for source in kept if source.path.endswith(".py")]
    if plugins and run_plugins and not trust_plugins:
        for plugin in plugins:
            check_trusted(run, plugin, texts[plugin], Path(kept[0].path))
    # Relative paths in the kept overrides belong to the folder of the shell that gave them.
    folder = Path(run.folder or ".")
    both = [*(parse_override(text, folder) for text in run.overrides), *overrides]
    try:
        return load(
            Path(kept[0].path),
            both,
            read=lambda path: texts[path] if path in texts else missing(run, path),
            run_plugins=run_plugins,
        )
    except ConfigError:
        for source in kept:  # not the user's mistake, if it is not the user's text
            if (damage := run.view.damage(source.file)) is not None:
                raise unreadable(run, source.file, damage) from None
        raise


def kept_sources(run: RunRecord) -> tuple[Source, ...]:
    """The texts that the run kept, the config's own first.

    Raises `RunError` if meta.json does not say.
    """
    lost = "" if run.sources_whole else "what it was made from"
    lost = lost or ("" if run.overrides_whole else "what was overridden")
    if lost:
        text = f"{run.name} does not say {lost} (meta.json)"
        raise RunError(Problem(text, "expected a run of dnnlab", code="damaged"))
    return run.sources


def kept_text(run: RunRecord, relative: str) -> str:
    """A text of the run's sources. Raises `RunError` when it is gone or would lie outside the folder."""
    target = (run.path / relative).resolve()
    if not target.is_relative_to(run.path.resolve()):
        raise RunError(
            Problem(
                f"{run.name} names a source outside its folder: {relative}",
                "expected a file inside it",
                code="damaged",
            )
        )
    try:
        damage = run.view.damage(relative) if relative.endswith(".py") else None  # a config's values tell
        if damage is None:
            return target.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        damage = str(error.strerror) if isinstance(error, OSError) else "it is no UTF-8 text"
    raise unreadable(run, relative, damage)


def unreadable(run: RunRecord, relative: str, why: str) -> RunError:
    """The error for a text among the run's sources that cannot be used."""
    return RunError(
        Problem(
            f"{run.name}: {relative} cannot be read ({why})",
            "expected the run's own sources",
            f"`dnnlab repair {run.name}`",
            code="damaged",
        )
    )


def missing(run: RunRecord, path: Path) -> str:
    """A file that the run did not keep: its sources are not complete."""
    raise RunError(
        Problem(f"{run.name} did not keep {path}", "expected all files that its config names", code="damaged")
    )


def check_trusted(run: RunRecord, plugin: Path, text: str, config: Path, named: Sequence[str] = ()) -> None:
    """Refuse a plugin in a run folder unless the user's own config, or a change to it, names the same text.

    named: the plugins that a sweep names beside its base; those of a run stand in its overrides.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    try:
        known = named_plugins(config) | changed_plugins(run, named)
        own = plugin in known and hashlib.sha256(plugin.read_bytes()).hexdigest() == digest
    except OSError:
        own = False
    if not own and not (
        plugin_texts.get(str(plugin.resolve())) == digest and not config.exists()
    ):  # a mapping of this very process
        brought = f"{run.name} brings the plugin {plugin.name}"
        what = f"{brought}, which is not (or no longer) the one that {config.name} names"
        raise RunError(
            Problem(
                what,
                "expected a plugin of your own",
                "read it in the run's sources/, then pass --trust-plugins",
                code="plugin",
            )
        )


def named_plugins(config: Path) -> set[Path]:
    """The plugin files that a config on the disk names; nothing is run, and nothing else of it is checked."""
    trees = read_chain(config).trees
    node = next((found for tree in trees if (found := tree.child("plugins")) is not None), None)
    items = node.value if node is not None and node.sequence else []
    return {
        absolute_path((item.place.folder or Path.cwd()) / item.value)
        for item in items
        if isinstance(item.value, str)
    }


def changed_plugins(run: RunRecord, named: Sequence[str]) -> set[Path]:
    """The plugin files of these names, and those that the overrides of a run name; none in its own folder."""
    folder, names = Path(run.folder or "."), list(named)
    for text in run.overrides:
        override = parse_override(text, folder)
        if override.address[0] == "plugins":
            value = override.value.plain()
            names += [
                item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)
            ]
    paths = {absolute_path(folder / name) for name in names}
    return {path for path in paths if not path.is_relative_to(absolute_path(run.path))}


def from_python(
    config: str | Path | Mapping[str, Any], overrides: Mapping[str, Any], runs_dir: Path, arrays: bool
) -> Config:
    """The config for `dnnlab.train`: a file, a run, or a mapping.

    With arrays, `data` may be left out or hold only its common keys.
    """
    if isinstance(config, Mapping):
        data = config.get("data")
        named = isinstance(data, str) or (isinstance(data, Mapping) and "name" in data)
        whole = {**config, "data": {"name": "arrays", **(data or {})}} if arrays and not named else config
        checked = load_mapping(whole, overrides)
        # The folder keeps the mapping as the file that it might have been: so the run can be resumed and
        # loaded like any other.
        return replace(
            checked,
            sources={absolute_path(f"{MAPPING}.yaml"): yaml_text(plain_data(whole)), **checked.sources},
        )
    given = [override_of(key, value) for key, value in overrides.items()]
    return load_source(config, [*(["data=arrays"] if arrays else []), *given], runs_dir)
