"""Completion in the shell: configs, runs, kinds and parts, addresses of keys and their values.

Each function takes the text typed so far and returns (word, help) pairs. Nothing raises, and nothing needs
torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

from ..config import Config, load
from ..config.sections import ROOT
from ..errors import DnnlabError
from ..registry import KINDS, REQUIRED, UNWRITTEN, Bound, Field, RegistryEntry, entries, inline, plain
from ..registry.key_docs import field_texts, key_texts
from ..registry.model import alternatives
from ..rundir import find_run, list_runs
from ..rundir.run_record import read_record
from .load_config import SUFFIXES, load_run_config
from .new.examples import RECIPES, examples, sweep_examples

Words = list[tuple[str, str]]
_MOST_RUNS = 30


def runs(typed: str, runs_dir: Path) -> Words:
    """`last`, `last~1`, and the names of the newest runs."""
    try:
        names = [path.name for path in list_runs(runs_dir)]
    except DnnlabError:
        return []
    counted = [("last", names[0])] if names else []
    counted += [(f"last~{i}", name) for i, name in enumerate(names[1:4], 1)]
    # The six digits of a name complete to themselves; a name is also found from its beginning.
    digits = [(name.rpartition("-")[2], name) for name in names if typed and "-" in name]
    whole = [(name, "") for name in names]
    return [pair for pair in (*counted, *whole, *digits) if pair[0].startswith(typed)][:_MOST_RUNS]


def weights(typed: str) -> Words:
    """The weights of a run: the best, the last, and the suffixes of the averages."""
    averages = [entry for entry in entries("regularizers") if entry.flags.get("effect") == "average"]
    names = ["best", "last", *(entry.flags.get("suffix") or entry.name for entry in averages)]
    return [(name, "") for name in names if name.startswith(typed)]


def configs(typed: str) -> Words:
    """YAML files and folders that begin with a piece of a path."""
    above, slash, start = typed.rpartition("/")
    found: Words = []
    try:
        for path in sorted(Path(above + slash).expanduser().iterdir()):
            if path.name.startswith(start) and (start.startswith(".") or not path.name.startswith(".")):
                folder = path.is_dir()
                found += (
                    [(f"{above}{slash}{path.name}{'/' * folder}", "")]
                    if folder or path.suffix in SUFFIXES
                    else []
                )
    except (
        OSError,
        RuntimeError,
        ValueError,
    ):  # no such folder, no such user, a name that no folder can have
        return []
    return found


def kinds(typed: str) -> Words:
    """Kinds of parts."""
    return [(kind, "") for kind in KINDS if kind.startswith(typed)]


def parts(typed: str) -> Words:
    """Names of parts, and `kind.name` if a kind and a dot are typed."""
    kind, dot, _ = typed.partition(".")
    if dot:
        return [
            (f"{kind}.{e.name}", e.summary)
            for e in (entries(kind) if kind in KINDS else [])
            if f"{kind}.{e.name}".startswith(typed)
        ]
    names = [(word, e.summary) for k in KINDS for e in entries(k) for word in (e.name, *e.aliases)]
    return [*{word: (word, text) for word, text in names if word.startswith(typed)}.values()]


def example_names(typed: str) -> Words:
    """Names for `new --like`."""
    return [(name, "") for name in (*examples(), *sweep_examples(), *RECIPES) if name.startswith(typed)]


def changes(typed: str, source: str | None, runs_dir: Path) -> Words:
    """`optimizer.lr=` for the beginning of an address; after the `=` names of parts and other values."""
    config = _config(source, runs_dir)
    key, sign, start = typed.partition("=")
    if sign:
        return [
            (f"{key}={word}", text)
            for word, text in values(key.removesuffix("+"), config)
            if word.startswith(start)
        ]
    found = [(f"{where}=", text) for where, (_, text) in keys(config).items() if where.startswith(typed)]
    if len(found) == 1:  # a second word keeps the shell from closing the word with a space
        where = found[0][0]
        first = next(iter(values(where[:-1], config)), ("", ""))[0]
        found += [(where + first, "")] if first else []
    return found


def keys(config: Config | None) -> dict[str, tuple[Field, str]]:
    """Address -> key and its text, of all sections and of the parts in the config (None: of all parts)."""
    found: dict[str, tuple[Field, str]] = {}
    for name, field in ROOT.fields.items():
        found[name] = (field, "")
        if (section := field.section_class) is not None:
            texts = field_texts(section)
            found |= {
                f"{name}.{key}": (inner, texts.get(key, "")) for key, inner in section.yaml_keys.items()
            }
        for prefix, entry in _parts_at(name, field, config):
            texts = key_texts(entry.doc, entry.fields)
            for key, inner in entry.fields.items():
                found.setdefault(f"{prefix}.{key}", (inner, texts.get(key, "")))
    return found


def values(where: str, config: Config | None) -> Words:
    """The values that an address takes: names of parts, words, true and false, else the default."""
    known = keys(config).get(where)
    if known is None:
        return []
    field = known[0]
    words: Words = []
    if field.reference is not None:
        form, kind = field.reference
        words = (
            [(e.name if form == "one" else f"[{e.name}]", e.summary) for e in entries(kind)]
            if form != "map"
            else []
        )
    for member in alternatives(field.annotation):
        words += [(inline(word), "") for word in get_args(member)] if get_origin(member) is Literal else []
    words += [("true", ""), ("false", "")] if field.annotation is bool else []
    words += [("none", "")] if field.optional else []
    if not words and field.default is not REQUIRED and field.default is not UNWRITTEN:
        words = [(inline(plain(field.default)), "the default")]
    return words


def _parts_at(name: str, field: Field, config: Config | None) -> Iterator[tuple[str, RegistryEntry]]:
    """The parts whose keys can be written below a key of the file, with their addresses."""
    form, kind = field.reference or ("", "")
    if form == "map":
        yield from ((f"{name}.{entry.name}", entry) for entry in entries(kind))
    elif form == "one" and config is None:
        yield from ((name, entry) for entry in entries(kind))
    elif form == "one" and config is not None:
        chosen = vars(config.experiment)[name]
        if isinstance(chosen, Bound):
            yield name, chosen.entry


def _config(source: str | None, runs_dir: Path) -> Config | None:
    """The config that is on the command line already, None if it cannot be read. Plugins are not run."""
    if not source:
        return None
    try:
        if Path(source).suffix in SUFFIXES:
            return load(source, run_plugins=False)
        return load_run_config(read_record(find_run(source, runs_dir)), run_plugins=False)
    except DnnlabError:
        return None
