"""The config that all trials of a sweep share.

A snapshot: later edits to the files do not affect the sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...assembly.reuse.source import with_source
from ...config import Config, Override, load, parse_override
from ...errors import DnnlabError, Problem, RunError, UsageError
from ...registry import inline
from ...rundir import find_run, is_sweep
from ...rundir.run_record import RunRecord, read_record
from ...search.space import Point
from ...search.spec import Spec
from ..load_config import check_trusted, kept_sources, kept_text, names_file


@dataclass(frozen=True)
class Base:
    """The files of the shared config as they were when the sweep began."""

    path: Path
    """The config file."""
    texts: dict[Path, str]
    """The texts of the config, its bases and its plugins."""
    overrides: tuple[str, ...]
    """The overrides of a run that is the base."""
    folder: Path
    """The folder of relative paths in overrides."""
    grows: bool = False
    """Whether plugins that `set` or the search name are read and kept while a new sweep is checked."""

    def config(self, changes: Sequence[str | Override] = ()) -> Config:
        """The config of a trial. Raises `ConfigError`."""
        texts = [*self.overrides, *changes]
        both = [
            parse_override(change, self.folder) if isinstance(change, str) else change for change in texts
        ]
        return load(self.path, both, read=self._read)

    def _read(self, path: Path) -> str:
        if path not in self.texts:
            if not self.grows:
                raise FileNotFoundError(2, "No such file or directory", str(path))
            self.texts[path] = path.read_text(encoding="utf-8")
        return self.texts[path]


def find_base(word: str, folder: Path, runs_dir: Path, *, trust_plugins: bool = False) -> Base:
    """The base that a sweep names: a YAML file (relative paths belong to `folder`), or a run.

    Raises `DnnlabError`.
    """
    path = folder / word
    if names_file(path):
        config = load(path)
        return Base(next(iter(config.sources)), dict(config.sources), (), folder, grows=True)
    try:
        run = find_run(str(path) if path.exists() else word, runs_dir)
    except RunError as error:
        fix = error.problems[0].fix or "`dnnlab runs` lists the runs"
        text = f"received {word}: there is no such file, and no run of that name"
        raise UsageError(Problem(text, "expected a YAML file or a run", fix, code="no_config")) from None
    if is_sweep(run):
        fix = f"{run / 'best.yaml'} is its best config"
        raise UsageError(
            Problem(
                f"{word} is a sweep",
                "expected the config or run that all trials share",
                fix,
                code="no_config",
            )
        )
    return kept_base(read_record(run), trust_plugins=trust_plugins)


def settled(base: Base, spec: Spec, runs_dir: Path) -> Base:
    """The base whose `reuse.from` is a path: a name such as `last` would mean another run in a later trial.

    Raises `ConfigError` if there is no such source.
    """
    source = with_source(base.config(spec.overrides(spec.set)), runs_dir).source
    if source is None:
        return base
    return replace(base, overrides=(*base.overrides, f"reuse.from={inline(str(source))}"))


def kept_base(
    run: RunRecord,
    path: Path | None = None,
    named: Sequence[str] = (),
    *,
    trust_plugins: bool = False,
) -> Base:
    """The base from what a run or a sweep kept. path: of the config among its sources, by default the first.

    named: the plugins that a sweep names beside its base. Raises `RunError`.
    """
    kept = kept_sources(run)
    texts = {Path(source.path): kept_text(run, source.file) for source in kept}
    config = path or Path(kept[0].path)
    for plugin in (p for p in texts if p.suffix == ".py" and not trust_plugins):
        check_trusted(run, plugin, texts[plugin], config, named)
    folder = Path(run.folder or ".")
    return Base(config, texts, tuple(run.overrides), folder)


def allows(spec: Spec, base: Base, point: Point) -> Callable[[str, float], bool]:
    """Whether the config of a point would take another value at an address."""

    def allowed(address: str, value: float) -> bool:
        changes = {**spec.changes(spec.space, point, spec.stages[0])}
        try:
            base.config(spec.overrides({**changes, address: value}))
        except DnnlabError:
            return False
        return True

    return allowed
