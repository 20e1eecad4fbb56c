"""All parts as plain data: `dnnlab list`, and the front of `dnnlab show`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import Problem, UsageError
from ...registry import KINDS, RegistryEntry, close_key, entries, find, load_plugin
from .keys import keys_of

PartInfo = dict[str, Any]


def catalogue(kind: str | None = None, plugin: Path | None = None) -> list[PartInfo]:
    """`{kind, name, aliases, summary, keys, source}` of every part, in the order of the kinds, then by name.

    plugin: a file whose parts are listed too. Raises `UsageError` for a kind that does not exist,
    `ConfigError` for a bad plugin.
    """
    if plugin is not None:
        load_plugin(plugin)
    kinds = list(KINDS) if kind is None else [checked_kind(kind)]
    return [part_info(entry) for name in kinds for entry in entries(name)]


def part_info(entry: RegistryEntry) -> PartInfo:
    """The entry of a part in `list`."""
    return {
        "kind": entry.kind,
        "name": entry.name,
        "aliases": list(entry.aliases),
        "summary": entry.summary,
        "keys": keys_of(entry),
        "source": entry.source,
    }


def checked_kind(word: str) -> str:
    """The kind of that name.

    Raises `UsageError` with the nearest one, or with the kind of the part that `word` is.
    """
    if word in KINDS:
        return word
    known = f"known: {', '.join(KINDS)}"
    if holders := [kind for kind in KINDS if find(kind, word) is not None]:
        fix = f"`dnnlab show {holders[0]}.{word}` shows it, `dnnlab list {holders[0]}` its kind"
        raise UsageError(
            Problem(
                f"received {word}, which is a part",
                f"expected a kind of parts; {known}",
                fix,
                code="unknown_kind",
            )
        )
    close = close_key(word.lower(), list(KINDS))
    fix = f"did you mean {close}?" if close else "`dnnlab list` shows everything"
    raise UsageError(Problem(f'no kind of parts is called "{word}"', known, fix, code="unknown_kind"))
