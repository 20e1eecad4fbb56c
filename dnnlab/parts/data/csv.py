"""Any table in a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge

from ...registry import part

DatePart = Literal["year", "month", "day", "weekday", "hour", "days", "season", "daytime"]

if TYPE_CHECKING:
    from ...data.raw import RawDataset


@part(
    "data",
    source="RFC 4180; one-hot and filled cells as scikit-learn's OneHotEncoder and SimpleImputer",
    example={
        "path": "table.csv",
        "target": "price",
        "categorical": ["town"],
        "missing": "median",
        "drop": ["id"],
    },
    hints={
        "label": "target: {value}",
        "labels": "target: {value}",
        "sep": "separator: {value}",
        "delimiter": "separator: {value}",
        "file": "path: {value}",
        "cat": "categorical: {value}",
        "impute": "missing: median",
        "fillna": "missing: median",
    },
    files=("path",),
)
def csv(
    folder: Path,
    *,
    path: str,
    target: str | int | list[str | int],
    task: Literal["auto", "classes", "numbers", "labels"] = "auto",
    categorical: list[str | int] = [],  # noqa: B006 (never changed)
    missing: Literal["error", "median", "mean", "zero", "drop"] = "error",
    missing_target: Literal["error", "drop", "keep"] = "error",
    drop: list[str | int] = [],  # noqa: B006 (never changed)
    header: Literal["first"] | None = "first",
    separator: Literal["auto", ",", ";", "tab", "|", ":", "space"] = "auto",
    decimal: Literal[".", ","] = ".",
    thousands: Literal[",", ".", " ", "'"] | None = None,
    strip: str = "",
    dates: dict[str, list[DatePart]] = {},  # noqa: B006 (never changed)
    rare: Annotated[int, Ge(2)] | None = None,
) -> RawDataset:
    """A table in a text file; all columns but target and dropped ones are inputs, in the file's order.

    path: the file, relative to the file that names it, else to $DNNLAB_DATA. target: the column to learn,
    or a list of several. task: classes, numbers or labels (0 or 1 in each target); auto: text is classes;
    decimals are numbers; whole numbers are classes where at most 20 different ones occur. categorical:
    columns of texts or codes; each becomes one feature of 0 and 1 for every value of the whole file, in
    sorted order, which scaling leaves alone. missing: what becomes of empty cells (also NA, NaN, ?):
    error names them; median, mean: of the training part's column; zero; drop leaves such rows out. An
    empty categorical cell is a category of its own unless they are errors or dropped; an empty target is
    never filled. missing_target: what becomes of rows without a target (also NA, null): error names them;
    drop leaves them out; keep: NA is the name of a class. drop: columns that are not used. header:
    first: the first line holds the columns' names; none: it is a row, and the columns are column1, column2
    and so on, which target, categorical and drop may also name by number (from 1; pandas counts from 0).
    separator: between cells; auto takes the one of `,`, `;` and tab that gives the first line most cells;
    space: any number of spaces and tabs. decimal,
    thousands, strip: how numbers are written, such as `decimal: ","`, `thousands: "."` for 1.234,5 and
    `strip: "$%"` for signs around them; new tables for predict are read alike. dates: {column: parts};
    the column becomes one feature for each part: year, month, day, weekday (1 is Monday), hour, days
    (since 1970), or two, a sine and a cosine, for season (over the year) and daytime (over the day).
    rare: texts of a categorical column in fewer rows of the file become one category, (rare), as do texts
    that predict meets for the first time; without it each has its own.
    Raises `DataError` with all problems of the file at once.
    """
    from ...data.locate import find_data
    from ...data.readers.csv_data import raw_of_table
    from ...data.readers.csv_dialect import named_columns, positional
    from ...data.readers.csv_file import read_table
    from ...data.readers.number_format import NumberFormat
    from ...data.readers.table_format import in_format

    table = read_table(find_data(folder, path, "path"), separator, None if header else positional)
    given = {"target": target, "categorical": categorical, "drop": drop}
    names = {
        key: named_columns(words, list(table.columns), key, header=header is not None)
        for key, words in given.items()
    }
    return raw_of_table(
        in_format(table, NumberFormat(decimal, thousands or "", strip), dates, names["categorical"], rare),
        names["target"],
        task,
        names["categorical"],
        missing,
        names["drop"],
        missing_target,
    )
