"""A real language server reads the schema as editors do: nothing underlined in shipped configs, names and
keys completed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.language_server import COMMAND, LanguageServer

from dnnlab.commands.new.new import SCHEMA, new

CONFIGS = Path(__file__).parents[2] / "configs"
HEAD = f"# yaml-language-server: $schema=./{SCHEMA}\ndata: digits\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        COMMAND is None,
        reason=(
            "no yaml-language-server (npm install yaml-language-server; PATH or DNNLAB_YAML_LANGUAGE_SERVER)"
        ),
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    with LanguageServer() as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `dnnlab new` has written a config."""
    folder = tmp_path_factory.mktemp("editor")
    new(folder / "first.yaml")
    return folder


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_nothing_is_underlined_in_shipped_configs(server: LanguageServer, path: Path) -> None:
    assert server.problems(path.parent, path.read_text(encoding="utf-8")) == []


def test_nothing_is_underlined_in_what_new_writes(server: LanguageServer, folder: Path) -> None:
    assert server.problems(folder, (folder / "first.yaml").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("optimizr: adam\n", "3: Property optimizr is not allowed."),
        ("training: {epochs: -3}\n", "3: Value is below the minimum of 1."),
        (
            "training: {precision: bf61}\n",
            '3: Value is not accepted. Valid values: "fp32", "tf32", "bf16", "fp16".',
        ),
        ("optimizer: {name: sgd, learnin_rate: 1}\n", "3: Property learnin_rate is not allowed."),
        ("seed: 1\nregularizers: {dropout: {rate: 1.5}}\n", "4: Value is above the exclusive maximum of 1."),
    ],
)
def test_mistakes_are_underlined(server: LanguageServer, folder: Path, text: str, problem: str) -> None:
    assert server.problems(folder, HEAD + text) == [problem]


def test_names_of_parts_are_offered(server: LanguageServer, folder: Path) -> None:
    assert {"elu", "relu", "selu", "sigmoid", "tanh"} <= set(
        server.completions(folder, HEAD + "activation: |\n")
    )
    assert {"adam", "sgd", "nadam"} <= set(server.completions(folder, HEAD + "optimizer:\n  name: |\n"))
    assert {"dropout", "l2", "early_stopping"} <= set(
        server.completions(folder, HEAD + "regularizers:\n  |\n")
    )


def test_keys_of_the_chosen_part_are_offered_and_no_others(server: LanguageServer, folder: Path) -> None:
    assert set(server.completions(folder, HEAD + "optimizer:\n  name: sgd\n  |\n")) == {
        "lr",
        "momentum",
        "nesterov",
    }
    assert {"rate", "layers", "input_rate"} <= set(
        server.completions(folder, HEAD + "regularizers:\n  dropout:\n    |\n")
    )
    assert {"epochs", "batch_size", "monitor"} <= set(server.completions(folder, HEAD + "training:\n  |\n"))
    top = set(server.completions(folder, HEAD + "|\n"))
    assert {"optimizer", "schedule", "training", "seed"} <= top
    assert "data" not in top, "it is written already"


def test_a_key_is_explained_where_the_mouse_rests(server: LanguageServer, folder: Path) -> None:
    assert "learning rate, > 0." in server.hover(folder, HEAD + "optimizer: {name: sgd, l|r: 0.1}\n")
    assert "passes over the training rows" in server.hover(folder, HEAD + "training: {epo|chs: 3}\n")
