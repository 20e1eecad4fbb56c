"""`new`: what it writes trains, says what it saw, and overwrites nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dnnlab.commands.new.examples import RECIPES, examples, examples_folder, sweep_examples
from dnnlab.commands.new.new import SCHEMA, Written, new
from dnnlab.commands.new.table_recipe import table_recipe
from dnnlab.commands.schema import schema_text
from dnnlab.commands.sweep.load_spec import read_source
from dnnlab.commands.train.events import Finished
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.errors import DataError, UsageError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder that the shell stands in."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def trained(path: Path, *overrides: str) -> dict[str, Any]:
    """The result of training a config for some epochs."""
    events = list(train(load(path, overrides), path.parent / "runs"))
    return next(event.result for event in events if isinstance(event, Finished))


def table(path: Path, header: str, rows: Sequence[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def patients(folder: Path, rows: int = 400) -> Path:
    """Numbers with holes, texts, a running number, names, a constant, and a price that follows from them."""
    towns = ["north", "<1H: ocean", "", "isle"]
    lines = []
    for i in range(rows):
        a, b = (i * 7) % 19, "" if i % 50 == 3 else (i * 13) % 29
        lines.append(f"{i + 1},person {i},{a},{b},{towns[i % 4]},7,{3.5 * a + 0.5 * (i % 4)}")
    return table(folder / "patients.csv", "id,who,a,b,town,ward,price", lines)


def test_twelve_commented_lines_that_train(folder: Path) -> None:
    written = new(Path("first.yaml"))
    lines = (folder / "first.yaml").read_text().splitlines()
    assert (written.lines, len(lines)) == (12, 12)
    assert lines[0] == f"# yaml-language-server: $schema=./{SCHEMA}"
    assert all(" # " in line or line.startswith("# ") for line in lines)
    assert "dnnlab train first.yaml" in lines[1]
    result = trained(folder / "first.yaml")
    assert result["best"]["metrics"]["val_accuracy"] > 0.96
    assert (folder / SCHEMA).read_text() == schema_text()


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_train_and_nobody_advises_against_them(folder: Path, name: str) -> None:
    new(Path("x.yaml"), like=name)
    assert load(folder / "x.yaml").findings == ()
    assert trained(folder / "x.yaml", "training.epochs=6")["best"]["metrics"]["val_accuracy"] > 0.9


def test_recipes_are_the_books_tables(folder: Path) -> None:
    new(Path("deep.yaml"), like="deep")
    new(Path("self.yaml"), like="self_normalizing")
    deep, selu = load(folder / "deep.yaml").flat(), load(folder / "self.yaml").flat()
    keys = ("initializer", "activation", "normalization", "optimizer", "schedule")
    assert [deep[k] for k in keys] == ["he_normal", "elu", "batch", "nadam", "one_cycle"]
    assert [selu[k] for k in keys] == ["lecun_normal", "selu", "none", "nadam", "one_cycle"]


def test_every_example_can_be_copied_and_says_the_same(folder: Path) -> None:
    assert {"digits", "mnist_mlp", "mnist_cnn", "schedules"} <= set(examples())
    for name, path in examples().items():
        new(Path(f"{name}.yaml"), like=name)
        copied, shipped = load(folder / f"{name}.yaml").flat(), load(path).flat()
        paths = {key for key in shipped if copied[key] != shipped[key]}
        assert all(
            (examples_folder() / shipped[key]).read_bytes() == (folder / copied[key]).read_bytes()
            for key in paths
        ), paths
        assert not re.search(rf"configs/(techniques/)?{name}\.yaml", (folder / f"{name}.yaml").read_text())


def test_a_file_that_an_example_reads_is_copied_and_named_outside_comments(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = folder / "shipped"
    (shipped / "data").mkdir(parents=True)
    table(shipped / "data" / "t.csv", "a,b", ["1,2.5", "2,3.5"])
    lines = [
        "data:",
        "  name: csv",
        "  path: data/t.csv   # data/t.csv is small",
        "  target: b",
        "  drop: [data]",
        "note: data/t.csv",
    ]
    (shipped / "mine.yaml").write_text("\n".join(lines))
    monkeypatch.setattr("dnnlab.commands.new.examples.examples_folder", lambda: shipped)
    new(Path("copy.yaml"), like="mine")
    text = (folder / "copy.yaml").read_text()
    assert "  path: t.csv   # data/t.csv is small" in text
    assert (folder / "t.csv").read_bytes() == (shipped / "data" / "t.csv").read_bytes()
    assert "drop: [data]" in text
    assert "note: data/t.csv" in text


def test_what_an_example_brings_along_never_replaces_a_file(folder: Path) -> None:
    (folder / "optimizers.yaml").write_text("mine")
    written = new(Path("lr.yaml"), like="learning_rate")
    assert written.beside == (Path("lr_optimizers.yaml"),)
    assert (folder / "optimizers.yaml").read_text() == "mine"
    assert "base: lr_optimizers.yaml" in (folder / "lr.yaml").read_text()
    assert "dnnlab train lr_optimizers.yaml\n" in (folder / "lr_optimizers.yaml").read_text()
    (folder / "lr.yaml").unlink()
    assert new(Path("lr.yaml"), like="learning_rate").beside == (), "the copy is there already"
    (folder / "lr.yaml").unlink()
    (folder / "lr_optimizers.yaml").write_text("mine, too")
    with pytest.raises(UsageError, match=r"lr_optimizers\.yaml is there already"):
        new(Path("lr.yaml"), like="learning_rate")
    assert not (folder / "lr.yaml").exists()


def test_nothing_that_new_writes_names_this_installation(folder: Path) -> None:
    for name in (None, *RECIPES, *examples(), *sweep_examples()):
        (folder / f"to {name}").mkdir()
        new(folder / f"to {name}" / "x.yaml", like=name)
    texts = {path: path.read_text() for path in folder.rglob("*.yaml")}
    place = str(examples_folder().parent.resolve())
    assert [str(path) for path, text in texts.items() if place in text] == []


def test_what_new_wrote_works_in_a_folder_of_another_name(folder: Path, tmp_path: Path) -> None:
    for name in ("housing", "coarse_to_fine"):
        (folder / "here").mkdir()
        new(Path("here/x.yaml"), like=name)
        (folder / "here").rename(tmp_path / name)
    assert trained(tmp_path / "housing" / "x.yaml", "training.epochs=1", "data.limit=200")["status"] == "done"
    spec, base, _, _ = read_source(str(tmp_path / "coarse_to_fine" / "x.yaml"), [], [], {}, tmp_path)
    assert spec.base == "optimizers.yaml" and base.path == tmp_path / "coarse_to_fine" / spec.base
    assert trained(base.path, "training.epochs=1")["status"] == "done"


def test_a_table_of_numbers(folder: Path) -> None:
    written = new(Path("mine.yaml"), data=patients(folder), targets=["price"])
    text = (folder / "mine.yaml").read_text()
    data = load(folder / "mine.yaml").experiment.data
    assert data.name == "csv"
    assert data.keys == {
        "path": str(folder / "patients.csv"), "target": "price", "task": "numbers", "categorical": ["town"],
        "missing": "median", "missing_target": "error", "drop": ["id", "who", "ward"],
            "header": "first", "separator": "auto",
        "decimal": ".", "thousands": None, "strip": "", "dates": {}, "rare": None,
    }  # fmt: skip
    assert data.common["target_scale"] == "standardize"
    assert re.search(r"patients.csv +# 400 rows; columns to learn from: 2 of numbers, 1 of texts\n", text)
    assert re.search(r"target: price +# numbers from 0 to 64.5\n", text)
    assert re.search(r"- town +# 3 texts: isle, north, \"<1H: ocean\"\n", text) or re.search(
        r"- town +# 3 texts: ", text
    )
    assert "# empty cells: 8 in b, 100 in town; or mean, zero, drop\n" in text
    assert re.search(r"- id +# it numbers the rows\n", text)
    assert re.search(r"- who +# 400 different texts in 400 rows: too many", text)
    assert re.search(r"- ward +# it is 7 in every row\n", text)
    assert [c["use"] for c in written.json()["data"]["columns"]] == [
        "drop",
        "drop",
        "number",
        "number",
        "category",
        "drop",
    ]
    assert trained(folder / "mine.yaml")["best"]["metrics"]["val_r2"] > 0.95


def test_a_table_of_classes_with_a_recipe(folder: Path) -> None:
    rows = [f"{i % 7};{i % 5};{'yes' if i % 7 + i % 5 > 5 else 'no'}" for i in range(120)]
    new(
        Path("sub.yaml"),
        like="deep",
        data=Path(table(folder / "t.csv", "a;b;label", rows).name),
        targets=["label"],
    )
    text = (folder / "sub.yaml").read_text()
    assert re.search(
        r"target: label +# 2 classes: no 57 %, yes 42 %\n  task: classes\n  missing: error", text
    )
    assert re.search(r"validation: 0.3 +# about 36 rows\n  test: none", text)
    assert "data: digits" not in text
    config = load(folder / "sub.yaml")
    assert config.flat()["activation"] == "elu"
    assert config.experiment.data.keys["path"] == "t.csv"
    assert trained(folder / "sub.yaml", "training.epochs=30")["best"]["metrics"]["val_accuracy"] > 0.8


def test_rows_without_a_target_are_left_out_and_counted(folder: Path) -> None:
    rows = [f"{i},{i % 3 if i % 10 else ''}" for i in (k * 7 % 101 for k in range(100))]
    new(Path("x.yaml"), data=table(folder / "t.csv", "a,y", rows), targets=["y"])
    text = (folder / "x.yaml").read_text()
    assert re.search(r"missing_target: drop +# 11 rows have no target and are left out\n", text)
    assert re.search(r"missing: error +# no cell is empty", text)


def keys_of(folder: Path, header: str, rows: list[str], target: str = "y") -> dict[str, Any]:
    """The data keys that `new` writes for a table, which then trains."""
    new(Path("x.yaml"), data=table(folder / "t.csv", header, rows), targets=[target])
    assert trained(folder / "x.yaml", "training.epochs=1")["status"] == "done"
    return dict(load(folder / "x.yaml").experiment.data.keys)


def test_rows_without_a_target_cost_no_rows_with_empty_inputs(folder: Path) -> None:
    rows = [
        f"{i if i % 2 else ''},{'' if i % 3 == 0 else i * i % 17},{'' if i in (3, 8) else i}.5"
        for i in range(40)
    ]
    rows = [row.replace(",.5", ",NA") for row in rows]
    keys = keys_of(folder, "a,b,y", rows)
    assert (keys["missing"], keys["missing_target"]) == ("median", "drop")


def test_dates_are_inputs(folder: Path) -> None:
    rows = [f"2021-{i % 12 + 1:02d}-{i % 28 + 1:02d},{i % 12}.5" for i in range(60)]
    keys = keys_of(folder, "date,y", rows)
    assert keys["dates"] == {"date": ["days", "season", "weekday"]} and keys["drop"] == []


def test_numbers_that_are_written_otherwise_are_read(folder: Path) -> None:
    rows = [f"1.{i:03d};{i % 7},5;{i},25 €" for i in range(60)]
    keys = keys_of(folder, "a;b;y", rows)
    assert (keys["decimal"], keys["thousands"], keys["strip"]) == (",", ".", "€")
    assert keys["task"] == "numbers" and keys["drop"] == keys["categorical"] == []


@pytest.mark.parametrize(
    ("name", "first", "use"),
    [
        ("year", 1980, "number"),
        ("age", 18, "number"),
        ("id", 1000, "drop"),
        ("k", 1, "drop"),
        ("k", 0, "drop"),
    ],
)
def test_only_what_numbers_the_rows_is_dropped(folder: Path, name: str, first: int, use: str) -> None:
    rows = [f"{first + i},{i * i % 7},{i}.5" for i in range(60)]
    written = new(Path("x.yaml"), data=table(folder / "t.csv", f"{name},b,y", rows), targets=["y"])
    assert written.data is not None and written.data.columns[0].use == use


@pytest.mark.parametrize(
    ("texts", "rows", "use"),
    [(52, 364, "category"), (52, 120, "drop"), (60, 290, "category"), (60, 235, "drop")],
)
def test_texts_with_some_rows_each_are_categories(folder: Path, texts: int, rows: int, use: str) -> None:
    lines = [f"state{i % texts},{i * i % 7},{i}.5" for i in range(rows)]
    written = new(Path("x.yaml"), data=table(folder / "t.csv", "state,b,y", lines), targets=["y"])
    assert written.data is not None and written.data.columns[0].use == use


def test_whole_numbers_with_few_rows_each_are_a_quantity(folder: Path) -> None:
    rows = [f"{i / 7:.2f},{18 + i % 17}" for i in range(60)]
    assert keys_of(folder, "weight,y", rows)["task"] == "numbers"
    (folder / "x.yaml").unlink()
    assert keys_of(folder, "weight,y", [f"{i / 7:.2f},{i % 3}" for i in range(30)])["task"] == "classes"


@pytest.mark.parametrize("rows", [60, 14_000, 100_000])
def test_what_is_written_passes_its_own_check(folder: Path, rows: int) -> None:
    lines = [f"{i * 37 % 1000 / 7:.3f},{i * 91 % 997 / 3:.3f},{i % 1000 / 9:.3f}" for i in range(rows)]
    new(Path("x.yaml"), data=table(folder / "t.csv", "a,b,y", lines), targets=["y"])
    config = load(folder / "x.yaml")
    patience, epochs = (
        config.flat()[key] for key in ("regularizers.early_stopping.patience", "training.epochs")
    )
    assert patience < epochs and config.flat()["schedule.patience"] < patience


def test_a_first_row_of_numbers_is_no_header(folder: Path) -> None:
    path = table(folder / "t.csv", "6.0,1.5,B,9.7", [f"{i}.5,{i * 2}.25,A,{i}.1" for i in range(20)])
    with pytest.raises(DataError, match=r"3 of 4 names in the first line of t\.csv are numbers"):
        new(Path("x.yaml"), data=path, targets=["9.7"])
    assert keys_of(folder, "1990,2000,y", [f"{i},{i * 3 % 7},{i}.5" for i in range(60)])["drop"] == ["1990"]


def test_quotes_behind_a_backslash_are_read(folder: Path) -> None:
    rows = [f'"the \\"{"ab"[i % 2]}\\" kind",{i * i % 11},{i}.5' for i in range(60)]
    assert keys_of(folder, "name,b,y", rows)["categorical"] == ["name"]


def test_the_path_belongs_to_the_new_file(folder: Path) -> None:
    (folder / "a").mkdir()
    patients(folder)
    new(Path("a/x.yaml"), data=Path("patients.csv"), targets=["price"])
    assert load(folder / "a" / "x.yaml").experiment.data.keys["path"] == "../patients.csv"


def test_hostile_names_of_columns_stay_names(folder: Path) -> None:
    header = '"a: {b} # c","no","e, f","\'q\' ""r""",- x,y'
    rows = [f"{i},{i % 3}.5,{'ab'[i % 2]},{i * 3 % 7},{(i * i) % 11},{i % 4}.25" for i in range(60)]
    new(Path("x.yaml"), data=table(folder / "t.csv", header, rows), targets=["y"])
    data = load(folder / "x.yaml").experiment.data
    assert data.keys["categorical"] == ["e, f"]
    assert data.keys["drop"] == ["a: {b} # c"]
    assert trained(folder / "x.yaml", "training.epochs=1")["status"] == "done"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"out": Path("first")}, "received first; expected the name of a YAML file; write first.yaml"),
    (
        {"out": Path("there.yaml")},
        "there.yaml is there already; expected a new name; choose another one, or remove the file first",
    ),
    ({"out": Path("no/x.yaml")}, "the folder no is not there; expected a folder that is; mkdir -p no"),
    ({"like": "digit"}, "did you mean digits?"),
    (
        {"targets": ["y"]},
        "--target without --data; expected the file that has this column; add --data FILE.csv",
    ),
    (
        {"data": Path("t.csv")},
        "--data without --target; expected the column to learn, one of a, y; add --target y",
    ),
    (
        {"data": Path("t.npz"), "targets": ["y"]},
        "received t.npz; expected a table with a header (.csv, .tsv, .txt)",
    ),
    ({"data": Path("t.csv"), "targets": ["y"], "like": "cnn"}, "cnn needs images; t.csv is a table"),
    (
        {"data": Path("t.csv"), "targets": ["y"], "like": "iris"},
        "the example iris brings its own data; expected a recipe",
    ),
]


@pytest.mark.parametrize(("wanted", "text"), REFUSED, ids=[text[:30] for _, text in REFUSED])
def test_what_is_refused(folder: Path, wanted: dict[str, Any], text: str) -> None:
    (folder / "there.yaml").write_text("mine")
    table(folder / "t.csv", "a,y", ["1,2", "2,3"])
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(UsageError, match=re.escape(text)):
        new(**{"out": Path("x.yaml"), **wanted})
    assert sorted(path.name for path in folder.iterdir()) == before
    assert (folder / "there.yaml").read_text() == "mine"


def test_a_pipe_is_refused_at_once(folder: Path) -> None:
    os.mkfifo(folder / "t.csv")
    with pytest.raises(DataError, match=r"^t.csv is a pipe; expected a file; write its content into a file"):
        new(Path("x.yaml"), data=Path("t.csv"), targets=["y"])
    assert not (folder / "x.yaml").exists()


@pytest.mark.parametrize(
    ("header", "rows", "text"),
    [
        ("a,z", ["1,2", "2,3"], 'no column is called "y"'),
        (
            "a,y",
            ["1,no", "2,no"],
            'all 2 rows have the same "y" (no); expected two classes or more; name another target',
        ),
        (
            "a,y",
            ["1,2.5", "2,3.5", "3,4.5"],
            "t.csv holds no column to learn from (a: it numbers the rows); expected one input or more",
        ),
        ("a,y", ["1,2", "2"], "line 3 has 1 cells, the header has 2"),
    ],
)
def test_tables_that_nothing_can_be_learned_from(
    folder: Path, header: str, rows: list[str], text: str
) -> None:
    table(folder / "t.csv", header, rows)
    with pytest.raises(DataError, match=re.escape(text)):
        new(Path("x.yaml"), data=Path("t.csv"), targets=["y"])
    assert not (folder / "x.yaml").exists()


def test_a_foreign_file_with_the_schemas_name_stays(folder: Path) -> None:
    (folder / SCHEMA).write_text("mine")
    with pytest.raises(UsageError, match="is there and is no schema of dnnlab"):
        new(Path("x.yaml"))
    assert (folder / SCHEMA).read_text() == "mine"
    assert not (folder / "x.yaml").exists()


def test_the_json_face(folder: Path) -> None:
    written = new(Path("x.yaml"))
    assert isinstance(written, Written)
    assert written.json() == {
        "config": "x.yaml",
        "schema": SCHEMA,
        "like": "first",
        "data": None,
        "beside": [],
    }


def test_rare_texts_are_joined(folder: Path) -> None:
    town = [*["Rome"] * 40, *["Oslo"] * 40, *(f"town{i}" for i in range(20))]
    rows = [f"{name},{i * i % 7},{i}.5" for i, name in enumerate(town)]
    written = new(Path("x.yaml"), data=table(folder / "t.csv", "town,b,y", rows), targets=["y"])
    assert written.data is not None and written.data.columns[0].use == "category"
    text = (folder / "x.yaml").read_text()
    assert re.search(r"  rare: 5 +# 20 texts of town in fewer rows are one category\n", text)
    raw = load(folder / "x.yaml").experiment.data(folder)
    assert raw.feature_names == ("town=(rare)", "town=Oslo", "town=Rome", "b")


def test_one_rare_text_needs_no_key(folder: Path) -> None:
    rows = [f"{'Bonn' if i == 3 else 'Rome'},{i * i % 7},{i}.5" for i in range(100)]
    assert keys_of(folder, "town,b,y", rows)["rare"] is None


@pytest.mark.parametrize(
    ("rows", "task", "keys"),
    [
        (60, "classes", ("0.1", "", 800, 100, 32, "val_loss")),
        (60, "numbers", ("0.1", "", 800, 100, 32, "")),
        (299, "labels", ("0.1", "", 800, 100, 32, "val_loss")),
        (300, "numbers", ("0.03", "0.2", 800, 100, 32, "")),
        (1499, "classes", ("0.03", "0.2", 800, 100, 32, "val_loss")),
        (1500, "classes", ("0.03", "", 200, 25, 8, "")),
        (4000, "numbers", ("0.01", "", 80, 20, 8, "")),
        (14000, "numbers", ("0.01", "", 23, 5, 2, "")),
        (10**7, "numbers", ("0.01", "", 5, 2, 1, "")),
    ],
)
def test_the_recipe_is_chosen_by_the_rows(rows: int, task: str, keys: tuple[Any, ...]) -> None:
    found = table_recipe(rows, task)
    assert (found.l2, found.dropout, found.epochs, found.patience, found.rate_patience, found.monitor) == keys


@pytest.mark.parametrize("rows", [40, 299, 300, 1500, 4000])
def test_the_recipe_is_written_and_passes_the_lint(folder: Path, rows: int) -> None:
    lines = [f"{i * 7 % 19},{i * i % 23},{'no' if i % 3 else 'yes'}" for i in range(rows)]
    new(Path("x.yaml"), data=table(folder / "t.csv", "a,b,y", lines), targets=["y"])
    config, text, found = (
        load(folder / "x.yaml"),
        (folder / "x.yaml").read_text(),
        table_recipe(rows, "classes"),
    )
    assert config.findings == () and "<" not in text
    flat = config.flat()
    assert flat["regularizers.l2.strength"] == float(found.l2)
    assert flat.get("regularizers.dropout.rate") == (float(found.dropout) if found.dropout else None)
    assert flat["regularizers.early_stopping.patience"] == found.patience
    assert (flat["schedule.patience"], flat["training.epochs"]) == (found.rate_patience, found.epochs)
    assert flat["training.monitor"] == (found.monitor or "auto")
    assert f"did best {found.why} in dnnlab's study" in text


def test_constant_texts_and_stray_texts_are_said(folder: Path) -> None:
    rows = [f"same,{'n/k' if i == 5 else i * 3 % 17},{i % 7},{i}.5" for i in range(94)]
    written = new(Path("x.yaml"), data=table(folder / "t.csv", "unit,a,b,y", rows), targets=["y"])
    assert written.data is not None
    unit, stray, _ = written.data.columns
    assert (unit.use, unit.words) == ("drop", "it is same in every row")
    assert (stray.use, stray.words) == (
        "drop",
        "numbers, but 1 of 94 cells holds text such as n/k; correct it, or name the column under categorical",
    )


def test_codes_with_leading_zeros_are_categories(folder: Path) -> None:
    """A postcode is a name: 04711 is not eleven times as much as 00428."""
    rows = [f"{('00123', '01234', '04711')[i % 3]},{i * i % 7},{i}.5" for i in range(60)]
    written = new(Path("x.yaml"), data=table(folder / "t.csv", "zip,b,y", rows), targets=["y"])
    assert written.data is not None
    assert [column.use for column in written.data.columns] == ["category", "number"]
    raw = load(folder / "x.yaml").experiment.data(folder)
    assert raw.feature_names == ("zip=00123", "zip=01234", "zip=04711", "b")
