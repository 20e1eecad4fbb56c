"""Plugins: parts from files, relative to the file that names them; only read where nothing may run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dnnlab import config
from dnnlab.errors import ConfigError

Write = Callable[..., Path]
PLUGIN = '''
from dnnlab.registry import Positive, part

@part("activation", source="tests")
def zz_from_plugin(width: int, *, alpha: Positive = 1.0):
    """A part of a plugin."""
'''


def test_a_plugin_of_a_base_is_found_beside_the_base(write: Write, tmp_path: Path) -> None:
    plugin = write(PLUGIN, "deep/parts.py")
    write("data: digits\nplugins: [parts.py]\n", "deep/root.yaml")
    path = write("base: deep/root.yaml\nactivation: {zz_from_plugin: 0.5}\n")
    loaded = config.load(path)
    assert loaded.experiment.activation.keys == {"alpha": 0.5}
    assert loaded.sources[plugin] == PLUGIN


def test_a_plugin_from_the_command_line(
    write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(PLUGIN, "deep/parts.py")
    monkeypatch.chdir(tmp_path / "deep")
    loaded = config.load(write("data: digits"), ["plugins+=parts.py", "activation=zz_from_plugin"])
    assert loaded.experiment.activation.name == "zz_from_plugin"


def test_where_nothing_may_run_a_plugin_is_only_read(write: Write, tmp_path: Path) -> None:
    plugin = write("raise SystemExit", "deep/parts.py")
    loaded = config.load(write("data: digits\nplugins: [deep/parts.py]"), run_plugins=False)
    assert loaded.sources[plugin] == "raise SystemExit"


def test_a_plugin_that_fails_is_placed_at_its_own_line(write: Write, tmp_path: Path) -> None:
    write("x = 1\ny = x / 0\n", "bad.py")
    with pytest.raises(ConfigError) as caught:
        config.load(write("data: digits\nplugins: [bad.py]\nactivation: zz_of_that_plugin\n"))
    (problem,) = caught.value.problems
    assert str(problem).replace(str(tmp_path), "") == (
        "/bad.py:2 plugins.0: the plugin failed: ZeroDivisionError: division by zero; expected "
        "parts registered with @part"
    )


def test_a_plugin_that_is_missing(refused: Callable[..., list[str]]) -> None:
    (line,) = refused("data: digits\nplugins: [nowhere.py]")
    assert line == "x.yaml:2:11 plugins.0: the plugin nowhere.py: no such file; expected a Python file"


def test_a_name_used_twice(write: Write, tmp_path: Path) -> None:
    write(PLUGIN.replace("zz_from_plugin", "relu"), "again.py")
    with pytest.raises(
        ConfigError, match="activation part 'relu' exists already \\(dnnlab\\); choose another name"
    ):
        config.load(write("data: digits\nplugins: [again.py]"))


def test_a_changed_text_is_run_again(write: Write, tmp_path: Path) -> None:
    write(PLUGIN, "again.py")
    path = write("data: digits\nplugins: [again.py]\nactivation: zz_from_plugin")
    assert config.load(path).experiment.activation.keys == {"alpha": 1.0}
    write(PLUGIN.replace("1.0", "3.0"), "again.py")
    assert config.load(path).experiment.activation.keys == {"alpha": 3.0}
