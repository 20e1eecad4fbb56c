"""Plugin files: run once a text, forgotten when they change or fail, their errors at their own line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dnnlab.errors import ConfigError
from dnnlab.registry import find, load_plugin, register

TEXT = '''
from dnnlab.registry import part

@part("activation", source="tests")
def zz_plugged(width: int) -> None:
    """A part."""

runs.append(1)
'''


def test_a_text_runs_once_and_again_when_it_changes_or_was_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    monkeypatch.setattr("builtins.runs", runs, raising=False)
    path = tmp_path / "mine.py"
    path.write_text(TEXT)
    assert load_plugin(path) == TEXT and load_plugin(path) == TEXT and len(runs) == 1
    entry = find("activation", "zz_plugged")
    assert entry is not None and entry.origin == str(path.resolve())
    path.write_text(TEXT.replace("zz_plugged", "zz_changed"))
    load_plugin(path)
    assert (
        len(runs) == 2
        and find("activation", "zz_plugged") is None
        and find("activation", "zz_changed") is not None
    )
    register.forget(str(path.resolve()))
    assert find("activation", "zz_changed") is None
    load_plugin(path, TEXT)
    assert len(runs) == 3 and find("activation", "zz_plugged") is not None
    register.forget(str(path.resolve()))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("x = 1\ny = (\n", 2, "the plugin failed: SyntaxError: '(' was never closed"),
        ("\n\nraise KeyError('a')\n", 3, "the plugin failed: KeyError: 'a'"),
        (
            TEXT + "import nowhere_at_all\n",
            9,
            "the plugin failed: ModuleNotFoundError: No module named 'nowhere_at_all'",
        ),
    ],
)
def test_a_plugin_that_fails_leaves_nothing(
    tmp_path: Path, text: str, line: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.runs", [], raising=False)
    path = tmp_path / "bad.py"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_plugin(path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.code) == (
        str(path),
        line,
        "plugin",
    ) and problem.received.startswith(said)
    assert find("activation", "zz_plugged") is None


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match="cannot be read: No such file or directory; expected a Python file"
    ):
        load_plugin(tmp_path / "nowhere.py")
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'")
    with pytest.raises(ConfigError, match="cannot be read: it is not UTF-8 text; expected a Python file"):
        load_plugin(tmp_path / "latin.py")


def test_a_package_beside_dnnlab_registers_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dnnlab.registry import load_entry_points

    (tmp_path / "zz_package.py").write_text(TEXT.replace("runs.append(1)", ""))
    info = tmp_path / "zz_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: zz-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[dnnlab.parts]\nmine = zz_package\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    load_entry_points()
    entry = find("activation", "zz_plugged")
    assert entry is not None and entry.origin == "zz_package"
    register.forget("zz_package")
