"""What the tab key is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from dnnlab.commands import completion as complete


def words(offers: complete.Words) -> list[str]:
    return [word for word, _ in offers]


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "x.yaml"
    path.write_text("data: digits\noptimizer: {name: sgd}\n")
    return str(path)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    for name in ("20261122-041833-first-7f3a1c", "20261122-051833-second-aa3a1c"):
        (folder / name).mkdir(parents=True)
    (folder / "notes").mkdir()
    return folder


def test_runs_newest_first(runs: Path) -> None:
    assert words(complete.runs("", runs)) == [
        "last",
        "last~1",
        "20261122-051833-second-aa3a1c",
        "20261122-041833-first-7f3a1c",
    ]
    assert complete.runs("la", runs)[0] == ("last", "20261122-051833-second-aa3a1c")
    assert words(complete.runs("20261122-04", runs)) == ["20261122-041833-first-7f3a1c"]
    assert complete.runs("7f", runs) == [("7f3a1c", "20261122-041833-first-7f3a1c")]
    assert complete.runs("", runs / "nowhere") == []


def test_configs_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.yaml", "b.yml", "c.txt", ".hidden.yaml", "sub/d.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    assert words(complete.configs("")) == ["a.yaml", "b.yml", "sub/"]
    assert words(complete.configs("sub/")) == ["sub/d.yaml"]
    assert words(complete.configs(f"{tmp_path}/a")) == [f"{tmp_path}/a.yaml"]
    assert complete.configs("nowhere/x") == []


def test_kinds_and_parts() -> None:
    assert words(complete.kinds("a")) == ["activation", "architecture", "augment"]
    assert "sgd" in words(complete.parts("s"))
    assert {"activation.relu", "activation.selu"} <= set(words(complete.parts("activation.")))
    assert words(complete.parts("nothing.at")) == []


def test_addresses_of_the_parts_that_the_config_chose(config: str, tmp_path: Path) -> None:
    found = words(complete.changes("optimizer", config, tmp_path))
    assert {"optimizer=", "optimizer.lr=", "optimizer.momentum=", "optimizer.nesterov="} <= set(found)
    assert "optimizer.betas=" not in found, "sgd has no such key"
    assert "optimizer.betas=" in words(complete.changes("optimizer", None, tmp_path)), (
        "without a config: keys of all parts"
    )
    assert "training.epochs=" in words(complete.changes("training.", config, tmp_path))
    assert "regularizers.dropout.rate=" in words(complete.changes("regularizers.dr", config, tmp_path))
    assert dict(complete.changes("optimizer.", config, tmp_path))["optimizer.lr="] == "learning rate, > 0."


def test_the_only_address_keeps_the_word_open(config: str, tmp_path: Path) -> None:
    assert words(complete.changes("optimizer.l", config, tmp_path)) == ["optimizer.lr=", "optimizer.lr=0.01"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("activation=sig", ["activation=sigmoid"]),
        (
            "training.precision=",
            [
                "training.precision=fp32",
                "training.precision=tf32",
                "training.precision=bf16",
                "training.precision=fp16",
            ],
        ),
        ("training.deterministic=", ["training.deterministic=true", "training.deterministic=false"]),
        ("normalization=no", ["normalization=none"]),
        ("metrics=[acc", ["metrics=[accuracy]"]),
        ("optimizer.nesterov=f", ["optimizer.nesterov=false"]),
        ("training.epochs=", ["training.epochs=20"]),
        ("nothing.here=", []),
    ],
)
def test_values(config: str, tmp_path: Path, typed: str, offered: list[str]) -> None:
    assert words(complete.changes(typed, config, tmp_path)) == offered


def test_a_config_that_cannot_be_read_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("data: [\n")
    for source in ("nowhere.yaml", "last", str(tmp_path / "bad.yaml"), "\0.yaml"):
        assert words(complete.changes("optimizer.betas", source, tmp_path)) == [
            "optimizer.betas=",
            "optimizer.betas=[0.9, 0.999]",
        ]


def test_the_tab_key_runs_no_plugin(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    (tmp_path / "x.yaml").write_text("data: digits\nplugins: [mine.py]\n")
    assert complete.changes("optimizer.l", str(tmp_path / "x.yaml"), tmp_path)
    assert not (tmp_path / "ran").exists()


def test_weights_and_averages_by_their_suffix() -> None:
    assert words(complete.weights("")) == ["best", "last", "ema", "swa"]
    assert words(complete.weights("s")) == ["swa"]
