"""Any table in a Parquet file."""

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
    source="Apache Parquet, read by pyarrow; one-hot and filled cells "
    "as scikit-learn's OneHotEncoder and SimpleImputer",
    example={
        "path": "table.parquet",
        "target": "price",
        "categorical": ["town"],
        "missing": "median",
        "drop": ["id"],
    },
    hints={
        "label": "target: {value}",
        "labels": "target: {value}",
        "file": "path: {value}",
        "cat": "categorical: {value}",
        "impute": "missing: median",
        "fillna": "missing: median",
        "header": "leave it out: a Parquet file holds the names of its columns",
        "separator": "leave it out: nothing parts the cells of a Parquet file",
    },
    files=("path",),
)
def parquet(
    folder: Path,
    *,
    path: str,
    target: str | list[str],
    task: Literal["auto", "classes", "numbers", "labels"] = "auto",
    categorical: list[str] = [],  # noqa: B006 (never changed)
    missing: Literal["error", "median", "mean", "zero", "drop"] = "error",
    missing_target: Literal["error", "drop", "keep"] = "error",
    drop: list[str] = [],  # noqa: B006 (never changed)
    decimal: Literal[".", ","] = ".",
    thousands: Literal[",", ".", " ", "'"] | None = None,
    strip: str = "",
    dates: dict[str, list[DatePart]] = {},  # noqa: B006 (never changed)
    rare: Annotated[int, Ge(2)] | None = None,
) -> RawDataset:
    """A table with types, of any size; all columns but target and dropped ones are inputs, in file order.

    path: the file, relative to the file that names it, else to $DNNLAB_DATA. target: the column to learn,
    or a list of several. task: classes, numbers or labels (0 or 1 in each target); auto: text is classes;
    decimals are numbers; whole numbers are classes where at most 20 different ones occur. categorical:
    columns of texts or codes; each becomes one feature of 0 and 1 for every value of the whole file, in
    sorted order, which scaling leaves alone. missing: what becomes of empty cells (nulls and NaN; among
    texts also NA, ?): error names them; median, mean: of the training part's column; zero; drop leaves
    such rows out. An empty categorical cell is a category of its own unless they are errors or dropped;
    an empty target is never filled. missing_target: what becomes of rows without a target (also NA,
    null): error names them; drop leaves them out; keep: NA is the name of a class. drop: columns that are
    not used. decimal, thousands, strip: how numbers are written, such as `decimal: ","`, `thousands: "."`
    for 1.234,5 and `strip: "$%"` for signs around them; new tables for predict are read alike. dates:
    {column: parts}; the column becomes one feature for each part: year, month, day, weekday (1 is
    Monday), hour, days (since 1970), or two, a sine and a cosine, for season (over the year) and daytime
    (over the day). rare: texts of a categorical column in fewer rows of the file become one category,
    (rare), as do texts that predict meets for the first time; without it each has its own. The inputs of
    a large file are written once into a memory-mapped file below $DNNLAB_CACHE (~/.cache/dnnlab), which
    is removed when nothing used it for 60 days. Needs the extra `parquet` (pyarrow). Raises `DataError`
    with all problems of the file at once.
    """
    from ...data.locate import find_data
    from ...data.readers.csv_data import raw_of_table
    from ...data.readers.number_format import NumberFormat
    from ...data.readers.parquet_data import encode_parquet, read_parquet
    from ...data.readers.table_format import in_format

    table = read_parquet(find_data(folder, path, "path"), drop)
    return raw_of_table(
        in_format(table, NumberFormat(decimal, thousands or "", strip), dates, categorical, rare),
        target,
        task,
        categorical,
        missing,
        drop,
        missing_target,
        encode_parquet,
    )
