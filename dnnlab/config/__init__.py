"""Configs: YAML text becomes a tree with positions, is merged with bases and overrides, and is checked."""

from __future__ import annotations

from .address import Override, override_of, parse_address, parse_override
from .config import Config
from .lint import CODES, Finding
from .load import counted, load, load_mapping
from .sections import Experiment, LayerSettings
from .target_size import target_size

__all__ = [
    "CODES",
    "Config",
    "Experiment",
    "Finding",
    "LayerSettings",
    "Override",
    "counted",
    "load",
    "load_mapping",
    "override_of",
    "parse_address",
    "parse_override",
    "target_size",
]
