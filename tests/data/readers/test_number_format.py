"""Numbers and dates as people write them: the keys that read them, and the words that name the key to add."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.csv_files import prepared_csv, problems, read_csv, write_csv

from dnnlab import registry
from dnnlab.data.new_inputs.encode import encode_inputs
from dnnlab.data.readers.dates import date_order, parse_date
from dnnlab.data.readers.number_format import NumberFormat, guessed_format
from dnnlab.errors import DataError

# (decimal, thousands, strip) -> cells and what they are; None: no number in this format
NUMBERS: dict[tuple[str, str, str], dict[str, float | None]] = {
    (".", "", ""): {"1": 1, "-1.5": -1.5, ".5": 0.5, "1e3": 1000, "1,5": None, "$1": None, "1 000": None},
    (",", "", ""): {"1": 1, "3,50": 3.5, "-,5": -0.5, "1.5": None, "1.000,5": None, "1,5e2": 150},
    (",", ".", ""): {"1.234,5": 1234.5, "1.000": 1000, "12": 12, "1234,5": 1234.5, "1.5": None, "1.2345": None},
    (".", ",", ""): {"1,000": 1000, "12,345,678.9": 12345678.9, "0,500": None, "1,00": None, "999": 999},
    (".", " ", ""): {"1 000.5": 1000.5, "1\u00a0000": 1000, "1\u202f000": 1000, "1 00": None},
    (".", "'", ""): {"1'000": 1000, "1'000'000.25": 1000000.25, "1'00": None},
    (".", ",", "$%"): {"$1,000": 1000, "-$5": -5, "$ -5": -5, "45 %": 45, "45%": 45, "€5": None},
    (",", ".", "€"): {"1.000,50 €": 1000.5, "€3": 3, "+€3,5": 3.5},
}  # fmt: skip


@pytest.mark.parametrize("keys", NUMBERS, ids=str)
def test_every_format_reads_its_own_numbers_and_no_others(keys: tuple[str, str, str]) -> None:
    found = NumberFormat(*keys)
    assert {cell: found.number(cell) for cell in NUMBERS[keys]} == NUMBERS[keys]


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        (["1,5", "2,25", "3"], '`decimal: ","`'),
        (["1.234,5", "2"], '`decimal: ","` and `thousands: "."`'),
        (["1,000", "999"], '`thousands: ","`'),
        (["1,000", "0,5"], '`decimal: ","`'),
        (["1 000", "20"], '`thousands: " "`'),
        (["$5", "$1,000"], '`thousands: ","` and `strip: "$"`'),
        (["4 %", "5.5 %"], '`strip: "%"`'),
        (["1'000", "3"], "`thousands: \"'\"`"),
        (["1", "2.5", "NA"], None),
        (["1,5", "many"], None),
        (["", "NA"], None),
    ],
)  # fmt: skip
def test_the_format_of_a_column_is_guessed_from_all_cells(cells: list[str], lines: str | None) -> None:
    found = guessed_format(cells)
    assert (None if found is None else found.lines()) == lines


def prices(folder: Path, spell: str, rows: int = 40) -> Path:
    cells = {"comma": "{:.2f}".format, "thousands": lambda v: f"{1000 + 137 * v:,.0f}"}[spell]
    lines = [
        f"{i};{i % 3};{cells(i / 4).replace('.', ',' if spell == 'comma' else '.')}" for i in range(rows)
    ]
    return write_csv(folder, "\n".join(["a;b;price", *lines]))


@pytest.mark.parametrize(("spell", "line"), [("comma", '`decimal: ","`'), ("thousands", '`thousands: ","`')])
def test_a_target_in_another_form_is_no_class(tmp_path: Path, spell: str, line: str) -> None:
    path = prices(tmp_path, spell)
    for task in ("auto", "numbers", "classes"):
        (found,) = problems(path, "price", task=task)
        assert line in found and found.startswith('target: the target "price" holds ')
    keys = {"decimal": ","} if spell == "comma" else {"thousands": ","}
    raw = read_csv(path, "price", **keys)
    expected = [i / 4 if spell == "comma" else float(f"{1000 + 137 * (i / 4):.0f}") for i in range(40)]
    assert raw.target == "real" and raw.train[1][:, 0].tolist() == expected


def test_a_target_of_names_is_refused_as_classes(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "\n".join(["a,y", *(f"{i},name{i}" for i in range(30))]))
    for task in ("auto", "classes"):
        assert problems(path, task=task) == [
            'target: the target "y" holds 30 different texts in 30 rows (name0 and 29 more); '
            "expected classes with several rows each; name another target"
        ]


def test_inputs_with_thousands_name_the_key_that_reads_them(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a,y\n" + "\n".join(f'"{1000 + i * 137:,}",{i}.5' for i in range(30)))
    (found,) = problems(path)
    assert found == (
        'path: column "a" holds a thousands separator (",") (1,000 and 29 more); plain numbers '
        "were expected; "
        'add `thousands: ","` (or `decimal: ","` if that comma parts decimals)'
    )
    raw = read_csv(path, thousands=",")
    assert raw.train[0][:, 0].tolist() == [1000 + i * 137 for i in range(30)]


def test_a_plain_decimal_among_decimal_commas_is_no_number(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "a;y\n1,5;u\n2.5;v\n3,5;u\n4,5;v\n")
    assert 'holds text in 1 of 4 cells (first: "2.5"' in problems(path, decimal=",")[0]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"thousands": "."}, 'thousands: decimal and thousands are both "."'),
        ({"strip": "$1"}, 'strip: strip holds "1"'),
        ({"dates": {"when": ["year"]}}, 'dates: no column is called "when"'),
        ({"dates": {"a": ["year"]}}, 'dates: "a" holds "1" (row 1, line 2)'),
    ],
)
def test_formats_that_cannot_be(tmp_path: Path, keys: dict[str, object], words: str) -> None:
    path = write_csv(tmp_path, "a,b,y\n1,2,2.5\n2,3,3.5\n3,5,4.5\n")
    assert problems(path, **keys)[0].startswith(words)


DATES = {
    "2021-03-14": ("ymd", (2021, 3, 14, 0, 0)),
    "2021/3/4": ("ymd", (2021, 3, 4, 0, 0)),
    "2021-03-14 15:30": ("ymd", (2021, 3, 14, 15, 30)),
    "2021-03-14T15:30:10.5Z": ("ymd", (2021, 3, 14, 15, 30)),
    "14.3.2021": ("dmy", (2021, 3, 14, 0, 0)),
    "1.3.2021": ("dmy", (2021, 3, 1, 0, 0)),
    "14/03/2021": ("dmy", (2021, 3, 14, 0, 0)),
    "03/14/2021": ("mdy", (2021, 3, 14, 0, 0)),
    "03/04/2021": ("?", None),
    "2021-13-14": ("", None),
    "2021-02-30": ("", None),
    "21-02-03": ("", None),
    "1.5": ("", None),
    "Monday": ("", None),
}


@pytest.mark.parametrize("text", DATES)
def test_dates_over_all_forms(text: str) -> None:
    order, expected = DATES[text]
    assert date_order([text]) == order
    if expected is not None:
        when = parse_date(text, order)
        assert when is not None and (when.year, when.month, when.day, when.hour, when.minute) == expected


def test_one_day_after_the_twelfth_decides_the_order_of_a_column() -> None:
    assert (
        date_order(["03/04/2021", "13/04/2021"]) == "dmy"
        and date_order(["03/04/2021", "04/13/2021"]) == "mdy"
    )
    assert date_order(["13/04/2021", "04/13/2021"]) == ""


def dated(folder: Path) -> Path:
    start = np.datetime64("2021-01-01")
    lines = [f"{start + 9 * i},{i % 5},{i}.5" for i in range(60)]
    return write_csv(folder, "\n".join(["day,b,y", *lines]))


def test_dates_become_the_features_that_are_asked_for(tmp_path: Path) -> None:
    path = dated(tmp_path)
    assert problems(path)[0].endswith(
        "numbers were expected; add `dates: {day: [year, month, weekday, days]}`"
    )
    raw = read_csv(path, dates={"day": ["year", "month", "weekday", "days", "season"]})
    names = ("day.year", "day.month", "day.weekday", "day.days", "day.season_sin", "day.season_cos", "b")
    assert raw.feature_names == names
    days = np.datetime64("2021-01-01") + 9 * np.arange(60)
    x = raw.train[0]
    np.testing.assert_array_equal(x[:, 0], days.astype("datetime64[Y]").astype(int) + 1970)
    np.testing.assert_array_equal(x[:, 1], days.astype("datetime64[M]").astype(int) % 12 + 1)
    np.testing.assert_array_equal(x[:, 2], (days.astype(int) + 3) % 7 + 1)
    np.testing.assert_array_equal(x[:, 3], days.astype(int))
    of_year = (days - days.astype("datetime64[Y]")).astype(int) / 365
    np.testing.assert_allclose(x[:, 4], np.sin(2 * np.pi * of_year), atol=1e-12)
    np.testing.assert_allclose(x[:, 5], np.cos(2 * np.pi * of_year), atol=1e-12)


def test_new_tables_are_read_in_the_format_of_the_run(tmp_path: Path) -> None:
    dates = [f"{i % 28 + 1:02d}/01/2021" for i in range(40)]
    rows = [f"{day};1.{i:03d};{i},5" for i, day in enumerate(dates)]
    path = write_csv(tmp_path, "\n".join(["day;a;y", *rows]))
    data = prepared_csv(
        path, decimal=",", thousands=".", dates={"day": ["day", "days"]}, validation="none", test="none"
    )
    assert data.encoding["numbers"] == {"decimal": ",", "thousands": ".", "strip": ""}
    assert data.encoding["dates"] == {"day": {"parts": ["day", "days"], "order": "dmy"}}
    inputs, targets = encode_inputs(data.to_json(), data.tensors(), path)
    assert (
        torch.equal(inputs, data.train.inputs)
        and targets is not None
        and torch.equal(targets, data.train.targets)
    )
    one = write_csv(tmp_path, "a;day\n1.003;04/01/2021\n", "one.csv")
    assert torch.equal(encode_inputs(data.to_json(), data.tensors(), one)[0][0], data.train.inputs[3])
    with pytest.raises(DataError, match='no column is called "day"'):
        encode_inputs(data.to_json(), data.tensors(), write_csv(tmp_path, "a\n1.003\n", "no_day.csv"))


def test_parquet_reads_texts_alike(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = range(40)
    columns = {
        "day": [f"2021-{i % 12 + 1:02d}-{i % 28 + 1:02d}" for i in rows],
        "a": [f"{1000 + i:,}" for i in rows],
        "b": [i / 8 for i in rows],
        "y": [f"${i}.5" for i in rows],
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    text = "\n".join(["day;a;b;y", *(";".join(str(columns[k][i]) for k in columns) for i in rows)])
    path = write_csv(tmp_path, text)
    keys = {"thousands": ",", "strip": "$", "dates": {"day": ["month", "days"]}}
    raw = registry.build("data", {"name": "parquet", "path": "t.parquet", "target": "y", **keys}, tmp_path)
    other = read_csv(path, **keys)
    np.testing.assert_array_equal(raw.train[0], other.train[0])
    np.testing.assert_array_equal(raw.train[1], other.train[1])
    assert raw.feature_names == other.feature_names and raw.encoding == other.encoding
