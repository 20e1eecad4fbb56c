"""`dnnlab show`: what a word names, and everything about a part. Configs and runs: `describe.py`."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from ...config.sections import ROOT
from ...errors import Problem, RunError, UsageError
from ...registry import KINDS, RegistryEntry, close_key, find, known_parts, load_plugin, nearest
from ...registry.key_docs import field_texts
from ...registry.model import Section
from ...registry.problems import kind_word
from ...rundir import find_run
from ..load_config import names_file
from .catalogue import part_info
from .keys import forms_of, long_sample, short_sample
from .templates import template_of

PLOTTED = ("activation", "schedule", "augment", "initializer")
"""Kinds of which `dnnlab plot` draws a picture."""


def part_details(entry: RegistryEntry) -> dict[str, Any]:
    """Everything about a part: its entry in `list`, its definition, YAML to copy, conversions, its plugin."""
    return {
        **part_info(entry),
        "definition": entry.doc,
        "common": [name for name in entry.fields if name not in entry.own_fields],
        "conversions": dict(entry.conversions),
        "hints": dict(entry.hints),
        "plugin": entry.origin,
        "yaml": {"short": short_sample(entry), "long": long_sample(entry)},
    }


def named_section(word: str) -> type[Section] | None:
    """The section of a config of that name; None if a file or a part has it, or nothing."""
    if is_config(word) or word not in ROOT.fields or part_of(word) is not None:
        return None
    return ROOT.fields[word].section_class


def section_details(name: str, section: type[Section]) -> dict[str, Any]:
    """Everything about a section of a config: what it is for, and its keys."""
    keys = forms_of(section.yaml_keys, field_texts(section))
    return {"section": name, "definition": inspect.getdoc(section) or "", "keys": keys}


def has_picture(entry: RegistryEntry) -> bool:
    """Whether `dnnlab plot` draws the part by itself.

    It draws neither an activation of several numbers nor an initializer of whole nets.
    """
    return (
        entry.kind in PLOTTED
        and entry.flags.get("widens", 1) == 1
        and not entry.flags.get("after_build", False)
    )


def named_part(word: str, runs_dir: Path, plugin: Path | None = None) -> RegistryEntry | None:
    """The part that NAME or KIND.NAME means; None if the word is a config, a run or a sweep.

    A file comes first, then parts, then runs. Raises `UsageError` for an ambiguous or unknown name.
    """
    if plugin is not None:
        load_plugin(plugin)
    if is_config(word):
        return None
    if (found := part_of(word)) is not None:
        return found
    try:
        find_run(word, runs_dir, sweeps=True)
    except RunError as error:
        if error.problems[0].code == "ambiguous_run" or "/" in word or word.startswith("last"):
            raise
        raise UsageError(unknown(word)) from None
    return None


def is_config(word: str) -> bool:
    """Whether the word names a file: one that exists, or one with the suffix of a config."""
    return names_file(Path(word))


def part_of(word: str) -> RegistryEntry | None:
    """The part of that name (or alias), `KIND.NAME` or alone.

    A kind's name alone means the kind, even if a part has that name too. Raises `UsageError` if several parts
    have the name, or if KIND has no such part.
    """
    if word in KINDS:
        return None
    kind, dot, name = word.partition(".")
    if dot and kind in KINDS:
        if (entry := find(kind, name)) is None:
            raise UsageError(unknown(name, kind))
        return entry
    found = [entry for kind in KINDS if (entry := find(kind, word)) is not None]
    if len(found) > 1:
        forms = [f"{entry.kind}.{entry.name} ({first_words(entry)})" for entry in found]
        fix = f"write {' or '.join(forms)}"
        raise UsageError(
            Problem(
                f"{word} is a part of {len(found)} kinds", "expected one part", fix, code="ambiguous_name"
            )
        )
    return found[0] if found else None


def first_words(entry: RegistryEntry) -> str:
    """The summary of a part up to its first full stop, colon or semicolon."""
    return re.split(r"[.;:](?: |$)", entry.summary)[0]


def unknown(word: str, kind: str | None = None) -> Problem:
    """The problem of an unknown word, with the nearest names and where to look."""
    if kind is None and word in KINDS:
        named_so = [
            f", `dnnlab show {k}.{word}` the {k} of this name" for k in KINDS if find(k, word) is not None
        ]
        listed = f"`dnnlab list {word}` shows its parts{''.join(named_so)}"
        fix = f"{listed}, `dnnlab show {word} --template` prints one to copy"
        return Problem(f"{word} is a kind of parts", "expected a part, a config or a run", fix, code="kind")
    kinds = list(KINDS) if kind is None else [kind]
    near = [(close, k) for k in kinds for close in nearest(k, word)]
    names = [f"{k}.{entry.name}" for name, k in near if (entry := find(k, name)) is not None]
    best = close_key(word, [name.partition(".")[2] for name in names])
    names.sort(key=lambda name: name.partition(".")[2] != best)
    fix = (
        f"did you mean {' or '.join(dict.fromkeys(names[:3]))}?"
        if names
        else f"`dnnlab list{f' {kind}' if kind else ''}` shows all parts"
    )
    if kind is not None:
        known = known_parts(kind, [name for name, _ in near])
        return Problem(
            f'no {kind_word(kind).partition(" ")[2]} is called "{word}"', known, fix, code="unknown_part"
        )
    return Problem(
        f'nothing is called "{word}": no part, no file, no run',
        "expected NAME, KIND.NAME, CONFIG or RUN",
        fix,
        code="unknown_name",
    )


def template(word: str, plugin: Path | None = None) -> tuple[str, str]:
    """(kind, text) of a plugin file to copy, for a kind or for the kind of a part. Raises `UsageError`."""
    if plugin is not None:
        load_plugin(plugin)
    entry = None if word in KINDS else part_of(word)
    if entry is None and word not in KINDS:
        close = close_key(word, list(KINDS))
        fix = f"did you mean {close}?" if close else f"kinds: {', '.join(KINDS)}"
        raise UsageError(
            Problem(
                f'no kind or part is called "{word}"',
                "expected a kind whose template is wanted",
                fix,
                code="unknown_kind",
            )
        )
    kind = word if entry is None else entry.kind
    effect = None if entry is None else entry.flags.get("effect")
    return kind, template_of(kind, effect)
