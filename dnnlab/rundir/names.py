"""Names that are safe in every file system."""

from __future__ import annotations

import re
import unicodedata

RUN_NAME = re.compile(r"(\d{8}-\d{6})-[A-Za-z0-9._-]+-[0-9a-f]{6}")
"""The name that dnnlab gives a run folder; group 1 is the local time at which it was made."""

TRIAL_NAME = re.compile(r"\d+-\d+-s\d+")
"""A run in the folder `trials` of a sweep: stage, number, seed."""


def trial_name(stage: int, number: int, seed: int) -> str:
    """The folder of one seed of one trial.

    >>> trial_name(0, 12, 3)
    '0-0012-s3'
    """
    return f"{stage}-{number:04d}-s{seed}"


def slug(name: str, length: int = 60) -> str:
    r"""`name` in ASCII letters, digits, dot, underscore and minus, at most `length` characters, never empty.

    >>> slug("Größe: 2/3 ../etc")
    'Gro-e-2-3-..-etc'
    >>> slug("\n")
    'run'
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_name)[:length].strip("-.") or "run"
