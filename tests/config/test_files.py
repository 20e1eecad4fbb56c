"""Files that are not there, not readable or not a config; bases and their loops; sources; relative paths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dnnlab import config
from dnnlab.errors import ConfigError

Write = Callable[..., Path]
Refused = Callable[..., list[str]]


def error_of(path: Path, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(path, overrides)
    return str(caught.value).replace(str(path.parent) + "/", "")


def test_no_file_offers_the_nearest(write: Write, tmp_path: Path) -> None:
    write("data: digits", "digits.yaml")
    assert (
        error_of(tmp_path / "digts.yaml")
        == "digts.yaml: no such file; expected a YAML file; did you mean digits.yaml?"
    )
    assert error_of(tmp_path / "digits").endswith("did you mean digits.yaml?")
    assert error_of(tmp_path / "entirely_else.yml").endswith("there are: digits.yaml")
    assert "cannot be read: No such file or directory" in error_of(tmp_path / "nowhere" / "x.yaml")


def test_a_folder(write: Write, tmp_path: Path) -> None:
    write("data: digits", "f/a.yaml")
    assert error_of(tmp_path / "f") == "f is a folder; expected a YAML file; in it: a.yaml"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "x.yaml: the file is empty; expected at least `data: ...`; write `data: digits`"),
        ("# only words\n", "x.yaml: the file is empty; expected at least `data: ...`; write `data: digits`"),
        (
            "- a\n",
            (
                "x.yaml:1:1: received a list; expected a mapping of keys; write `key: value` lines, "
                "such as `data: digits`"
            ),
        ),
        (
            "abc",
            (
                'x.yaml:1:1: received "abc"; expected a mapping of keys; write `key: value` lines, '
                "such as `data: digits`"
            ),
        ),
        (b"a: 1\nb: \xff\xfe", "x.yaml:2:4: the text is not UTF-8; expected UTF-8; save it as UTF-8"),
        ("a: 1".encode("utf-16"), "x.yaml:1:1: the text is UTF-16; expected UTF-8; save it as UTF-8"),
        (
            "#" * 1_000_001,
            "x.yaml has more than 1,000,000 bytes; expected a YAML file; a config is a short text",
        ),
    ],
)
def test_texts_that_are_no_config(refused: Refused, text: str | bytes, expected: str) -> None:
    assert refused(text) == [expected]


def test_a_path_that_no_file_can_have(tmp_path: Path) -> None:
    assert "cannot be read" in error_of(tmp_path / "a\0b")
    assert "cannot be read" in error_of(tmp_path / ("a" * 5000))


def test_bases_merge_and_each_key_keeps_its_place(write: Write, tmp_path: Path) -> None:
    write("data: digits\nseed: 3\ntraining: {epochs: 7, batch_size: 8}\ntags: [a, b]\n", "deep/root.yaml")
    write("base: deep/root.yaml\ntraining: {epochs: 9}\n", "middle.yaml")
    path = write("base: middle.yaml\n\ntags: [c]\n", "top.yaml")
    loaded = config.load(path)
    x = loaded.experiment
    assert (x.name, x.seed, x.training.epochs, x.training.batch_size, x.tags) == ("top", 3, 9, 8, ["c"])
    assert loaded.place("seed") == (str(tmp_path / "deep/root.yaml"), 2, 1)
    assert loaded.place("training.epochs") == (str(tmp_path / "middle.yaml"), 2, 12)
    assert loaded.place("tags") == (str(path), 3, 1)
    assert loaded.folder_of("data") == tmp_path / "deep" and loaded.folder_of("tags") == tmp_path
    assert list(loaded.sources) == [path, tmp_path / "middle.yaml", tmp_path / "deep/root.yaml"]
    assert loaded.sources[path] == "base: middle.yaml\n\ntags: [c]\n"


def test_a_loop_of_bases_names_the_chain(write: Write, tmp_path: Path) -> None:
    write("base: c.yaml\n", "b.yaml")
    write("data: digits\nbase: ./x.yaml\n", "c.yaml")
    text = error_of(write("base: b.yaml\n"))
    expected = (
        "c.yaml:2:1 base: the bases form a loop: x.yaml -> b.yaml -> c.yaml -> x.yaml; expected a "
        "chain that ends; remove one `base:`"
    )
    assert text == expected


def test_a_key_that_the_lost_base_may_hold_is_not_called_missing(write: Write, refused: Refused) -> None:
    assert refused("base: x.yaml\n") == [
        (
            "x.yaml:1:1 base: the bases form a loop: x.yaml -> x.yaml; expected a chain that ends; "
            "remove one `base:`"
        )
    ]
    assert len(refused("base: [a, b]\n")) == 1


def test_a_missing_base_is_placed_where_it_is_named(refused: Refused, write: Write) -> None:
    write("data: digits", "root.yaml")
    assert refused("seed: 1\nbase: roots.yaml") == [
        "x.yaml:2:1 base: roots.yaml: no such file; expected a YAML file; did you mean root.yaml?"
    ]
    assert refused("data: digits\nbase: [a]") == [
        "x.yaml:2:1 base: received [a]; expected one file; write `base: other.yaml`"
    ]


def test_faults_of_file_and_base_come_together_in_file_order(refused: Refused, write: Write) -> None:
    write("data: digits\nepochs: 3\n", "root.yaml")
    lines = refused("base: root.yaml\nseed: -1\nactivation: rellu\n", "training.epochs=0")
    assert [line.split(" ")[0] for line in lines] == [
        "x.yaml:2:1",
        "x.yaml:3:1",
        "root.yaml:2:1",
        "training.epochs:",
    ]


def test_texts_that_somebody_kept_are_read_instead_of_the_disk(tmp_path: Path) -> None:
    kept = {
        tmp_path / "gone/x.yaml": "base: ../root.yaml\n",
        tmp_path / "root.yaml": "data: digits\nseed: 5\n",
    }

    def read(path: Path) -> str:
        try:
            return kept[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    loaded = config.load(tmp_path / "gone/x.yaml", read=read)
    assert loaded.experiment.seed == 5 and loaded.sources == kept
    with pytest.raises(ConfigError, match="no such file"):
        config.load(tmp_path / "other.yaml", read=read)


def test_values_from_the_command_line_belong_to_the_shells_folder(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shell").mkdir()
    monkeypatch.chdir(tmp_path / "shell")
    loaded = config.load(
        write("data: digits"), ["seed=2", config.parse_override("note=x", tmp_path / "kept")]
    )
    assert loaded.folder_of("seed") == tmp_path / "shell" and loaded.folder_of("note") == tmp_path / "kept"
    assert loaded.place("seed") == (None, None, None) and loaded.overrides == ("seed=2", "note=x")
