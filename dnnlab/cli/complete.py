"""What the tab key offers, in typer's form.

`commands/completion.py` finds the offers, without torch.
"""

from __future__ import annotations

import os
from pathlib import Path

import typer

from .options import RUNS

Offers = list[tuple[str, str]]
_WIDTH = 70


def runs(context: typer.Context, incomplete: str) -> Offers:
    """RUN."""
    from ..commands import completion

    return _short(completion.runs(incomplete, _runs_dir(context)))


def configs(incomplete: str) -> Offers:
    """CONFIG."""
    from ..commands import completion

    return completion.configs(incomplete)


def configs_and_runs(context: typer.Context, incomplete: str) -> Offers:
    """CONFIG|RUN."""
    return [*configs(incomplete), *runs(context, incomplete)]


def kinds(incomplete: str) -> Offers:
    """KIND."""
    from ..commands import completion

    return completion.kinds(incomplete)


def parts(incomplete: str) -> Offers:
    """NAME or KIND.NAME."""
    from ..commands import completion

    return _short(completion.parts(incomplete) or completion.kinds(incomplete))


def shown(context: typer.Context, incomplete: str) -> Offers:
    """NAME|KIND.NAME|CONFIG|RUN."""
    return [*parts(incomplete), *configs_and_runs(context, incomplete)]


def weights(incomplete: str) -> Offers:
    """WEIGHTS: the best or the last ones, or those of an average."""
    from ..commands import completion

    return completion.weights(incomplete)


def example_names(incomplete: str) -> Offers:
    """The examples and recipes of `new --like`."""
    from ..commands import completion

    return completion.example_names(incomplete)


def changed_keys(context: typer.Context, incomplete: str) -> Offers:
    """KEY=VALUE."""
    from ..commands import completion

    before, typed = _whole_word(incomplete)
    source = context.params.get("source") or context.params.get("run")
    offers = completion.changes(typed, source if isinstance(source, str) else None, _runs_dir(context))
    return _short([(word.removeprefix(before), text) for word, text in offers])


def _short(offers: Offers) -> Offers:
    """The offers with help texts of one line.

    Typer wraps longer texts, and a shell takes each line for an offer.
    """
    return [(word, text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "...") for word, text in offers]


def _whole_word(incomplete: str) -> tuple[str, str]:
    """The piece that bash has cut off before its word, and the whole word.

    To bash `=` ends a word, to other shells it does not.
    """
    words, at = os.environ.get("COMP_WORDS", "").split(), os.environ.get("COMP_CWORD", "")
    if not at.isdigit():
        return "", incomplete
    here = words[int(at) : int(at) + 1]
    before = words[: int(at) + (here == ["="])]  # right behind the sign, the sign is the word
    if len(before) < 2 or before[-1] != "=":
        return "", incomplete
    return f"{before[-2]}=", f"{before[-2]}={incomplete}"


def _runs_dir(context: typer.Context) -> Path:
    """The runs folder as far as the command line says."""
    given = context.params.get("runs_dir")
    return Path(given or os.environ.get("DNNLAB_RUNS") or RUNS)
