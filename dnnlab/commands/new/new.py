"""Write a first config, with comments and checked, and the schema for editors in the same folder."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...config import load
from ...config.files import absolute_path
from ...config.yaml_reader import read_yaml
from ...data.locate import check_ordinary
from ...data.readers.csv_file import SUFFIXES as TEXT_SUFFIXES
from ...errors import ConfigError, Problem, UsageError
from ...rundir import write_new
from ...rundir.atomic import storing
from ...search.spec import read_spec
from ..load_config import SUFFIXES
from ..schema import schema_text, write_schema
from .companions import Companions, called
from .csv_survey import Survey, open_table, survey
from .data_section import data_section
from .examples import MODELINE, RECIPES, example, recipe, sweep_examples, text_of
from .table_recipe import epochs_for, table_recipe

SCHEMA = ".dnnlab-schema.json"


@dataclass(frozen=True)
class Written:
    """What `new` wrote."""

    path: Path
    """The config or sweep."""
    schema: Path | None
    """The schema beside it; None for a sweep."""
    like: str
    """The recipe or example that it was made from."""
    lines: int
    data: Survey | None = None
    """What the data hold, if data were given."""
    beside: tuple[Path, ...] = ()
    """The files that were written beside it because it reads them."""

    def json(self) -> dict[str, Any]:
        """The JSON face."""
        seen = None if self.data is None else self.data.json()
        return {
            "config": str(self.path),
            "schema": None if self.schema is None else str(self.schema),
            "like": self.like,
            "data": seen,
            "beside": [str(path) for path in self.beside],
        }


def new(out: Path, like: str | None = None, data: Path | None = None, targets: Sequence[str] = ()) -> Written:
    """Write a config: digits, a shipped example, a recipe, a sweep, or one for a CSV file.

    Nothing is ever overwritten but an older schema.

    Raises `UsageError` (a name that is taken, options that do not go together), `DataError` (a file that
    cannot be read), `StorageError`.
    """
    check_place(out)
    check_options(like, data, targets)
    beside = Companions(out)
    seen = None if data is None else survey(data, targets)
    name = like or ("table" if data is not None else "first")
    try:
        text = recipe(name) if like is None else text_of(like, beside)
    except FileExistsError as error:
        raise taken(error.args[0]) from None
    if seen is not None:
        text = with_data(text, seen, out)
    text = called(text, name, out)
    schema = None if like in sweep_examples() else out.parent / SCHEMA
    if schema is not None:
        text = f"{MODELINE}./{SCHEMA}\n{text}"
    check_text(text, out, beside, sweep=schema is None)
    if schema is not None:
        write_schema(schema, schema_text())
    for path, content in [*beside.copies.items(), (out, text.encode())]:
        write_file_new(path, content)
    return Written(out, schema, name, text.count("\n"), seen, tuple(beside.copies))


def write_file_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet. Raises `UsageError`, `StorageError`."""
    with storing(path, "or choose another place"):
        try:
            write_new(path, content)
        except FileExistsError:
            raise taken(path) from None


def check_text(text: str, out: Path, beside: Companions, *, sweep: bool) -> None:
    """Check a config, or a sweep's base, as if all files were written. Raises `ConfigError`."""
    contents = {absolute_path(path): content for path, content in beside.copies.items()}
    contents[absolute_path(out)] = text.encode()
    config = out
    if sweep:
        node, problems = read_yaml(text, str(out), absolute_path(out).parent)
        if node is None or problems:
            raise ConfigError(*problems)
        config = out.parent / read_spec(node, out.stem).base
    load(config, read=lambda path: (contents.get(path) or path.read_bytes()).decode())


def check_place(out: Path) -> None:
    """Refuse a name that is taken, is no YAML file's, or lies in a folder that is not there."""
    if out.suffix not in SUFFIXES:
        fix = f"write {out.with_name((out.name or 'first') + '.yaml')}"
        raise UsageError(
            Problem(f"received {out}", "expected the name of a YAML file", fix, code="no_config")
        )
    if os.path.lexists(out):
        raise taken(out)
    if not out.parent.is_dir():
        raise UsageError(
            Problem(
                f"the folder {out.parent} is not there",
                "expected a folder that is",
                f"mkdir -p {out.parent}",
                code="no_folder",
            )
        )


def taken(out: Path) -> UsageError:
    """The error for a file that is there already."""
    return UsageError(
        Problem(
            f"{out} is there already",
            "expected a new name",
            "choose another one, or remove the file first",
            code="exists",
        )
    )


def check_options(like: str | None, data: Path | None, targets: Sequence[str]) -> None:
    """Refuse options that do not go together, and files that are no tables."""
    if data is None and targets:
        raise UsageError(
            Problem(
                "--target without --data",
                "expected the file that has this column",
                "add --data FILE.csv",
                code="usage",
            )
        )
    if data is None:
        return
    check_ordinary(data, "")
    if data.suffix.lower() not in TEXT_SUFFIXES:
        text = f"{data} is a folder" if data.is_dir() else f"received {data}"
        fix = "for images and arrays see `dnnlab show data.image_folder`, `dnnlab show data.npz`"
        raise UsageError(
            Problem(text, "expected a table with a header (.csv, .tsv, .txt)", fix, code="no_csv")
        )
    if like == "cnn":
        raise UsageError(
            Problem(
                f"cnn needs images; {data.name} is a table",
                "expected --like deep, or none",
                "leave --like out",
                code="usage",
            )
        )
    if like is not None and like not in RECIPES:
        example(like)  # a name that nothing has is the first mistake to be said
        text = f"the example {like} brings its own data"
        raise UsageError(
            Problem(
                text, "expected a recipe (deep, self_normalizing)", "leave --like or --data out", code="usage"
            )
        )
    if not targets:
        columns = list(open_table(data)[0].columns)
        listed = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
        raise UsageError(
            Problem(
                "--data without --target",
                f"expected the column to learn, one of {listed}",
                f"add --target {columns[-1]}",
                code="usage",
            )
        )


def with_data(text: str, seen: Survey, out: Path) -> str:
    """A recipe for surveyed data: `data:` becomes a section; strength, epochs and patience fit the rows."""
    rows = seen.rows - seen.target_empty
    text = table_recipe(rows, seen.task).fill(re.sub(r"epochs: \d+", f"epochs: {epochs_for(rows)}", text))
    kept = [line for line in text.splitlines() if not line.startswith("# It needs inputs")]
    at = next(i for i, line in enumerate(kept) if line.startswith("data:"))
    lines = [*kept[:at], *data_section(seen, data_path(seen.path, out)), *kept[at + 1 :]]
    return "\n".join(lines).replace("DATA:", f"{seen.path.name}:") + "\n"


def data_path(path: Path, out: Path) -> str:
    """The data file as the config names it: relative to the config, or whole if it was given so."""
    if path.is_absolute() or path.drive != out.drive:
        return str(path)
    return Path(os.path.relpath(path, out.parent)).as_posix()
