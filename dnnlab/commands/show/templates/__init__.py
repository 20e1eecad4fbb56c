"""Plugin files to copy, one a kind (regularizers: one an effect). They are read as text, never imported."""

from __future__ import annotations

from importlib.resources import files

EFFECTS = ("penalty", "inside", "batch", "constraint", "average", "stop")


def template_of(kind: str, effect: str | None = None) -> str:
    """The text of a complete plugin with one part of the kind.

    effect: of a regularizer, by default a penalty.
    """
    name = f"regularizers_{effect or EFFECTS[0]}" if kind == "regularizers" else kind
    return files(__package__).joinpath(f"{name}.py").read_text(encoding="utf-8")
