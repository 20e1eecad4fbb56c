"""The sections as classes: typed, documented key by key, and unchangeable after the check."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from dnnlab.config import load_mapping
from dnnlab.config.sections import Checkpoint, Experiment, LayerSettings, Lint, Logging, Training
from dnnlab.registry import KINDS, Section
from dnnlab.registry.key_docs import field_texts
from dnnlab.search.spec_keys import StageKeys, SweepKeys

ROOT = Path(__file__).parents[2]
COMMON = [kind.common for kind in KINDS.values() if kind.common is not None]
SECTIONS = [Experiment, Training, Checkpoint, Logging, Lint, LayerSettings, SweepKeys, StageKeys, *COMMON]
SNIPPET = """
from dnnlab.config import Experiment

def threads(x: Experiment) -> object:
    return x.training.{key}
"""


def mypy(folder: Path, key: str) -> tuple[int, str]:
    """Exit code and answer of mypy, in the settings of the package, for a snippet that reads a key."""
    # A file of its own for each key: mypy's cache takes files of one name, size and second for the same.
    snippet = folder / f"reads_{key}.py"
    snippet.write_text(SNIPPET.format(key=key))
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(snippet)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_misspelt_key_fails_the_type_check(tmp_path: Path) -> None:
    assert mypy(tmp_path, "threads") == (0, "Success: no issues found in 1 source file\n")
    code, answer = mypy(tmp_path, "threadz")
    assert code == 1 and '"Training" has no attribute "threadz"' in answer


def test_a_checked_config_cannot_be_changed() -> None:
    x = load_mapping({"data": "digits", "per_layer": {"hidden1": {"dropout": 0.5}}}).experiment
    (settings,) = x.per_layer.values()
    for section, key in ((x, "architecture"), (x.training, "epochs"), (settings, "dropout")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(section, key, getattr(section, key))


@pytest.mark.parametrize("section", dict.fromkeys(SECTIONS), ids=lambda section: section.__name__)
def test_every_key_is_documented_under_its_field(section: type[Section]) -> None:
    texts = field_texts(section)
    assert [key for key in section.yaml_keys if not texts.get(key, "").strip()] == []
