"""The `data:` section that `new` writes for a CSV file, with the facts of the file as comments."""

from __future__ import annotations

from dataclasses import asdict

from ...data.readers.number_format import NumberFormat
from ...registry import inline
from .csv_survey import ROWS_A_TEXT, Column, Survey

_FEW, _MANY, _HUGE = (
    300,
    20_000,
    200_000,
)  # rows: below, a test part would be noise; above, smaller shares are large enough
_AT = 34  # column of the comments


def data_section(seen: Survey, path: str) -> list[str]:
    """The lines of the section. path: as the config is to name the file."""
    inputs = [
        f"{len(seen.using(use))} {word}"
        for use, word in (("number", "of numbers"), ("category", "of texts"), ("date", "of dates"))
        if seen.using(use)
    ]
    lines = [
        "data:",
        "  name: csv",
        note(f"  path: {inline(path)}", f"{seen.rows:,} rows; columns to learn from: {', '.join(inputs)}"),
    ]
    lines += [] if seen.header else [note("  header: none", "the first line is a row")]
    lines += [] if seen.separator == "auto" else [f"  separator: {inline(seen.separator)}"]
    names = inline(seen.targets[0]) if len(seen.targets) == 1 else inline(list(seen.targets))
    lines.append(note(f"  target: {names}", seen.target_words))
    lines.append(note(f"  task: {seen.task}", seen.task_note))
    lines += block("categorical", [(c.name, c.words) for c in seen.using("category")])
    lines += rare(seen)
    lines += missing(seen)
    lines += [f"  {key}: {inline(value)}" for key, value in number_keys(seen).items()]
    if dates := seen.using("date"):
        lines += [
            "  dates:",
            *(note(f"    {inline(c.name)}: [days, season, weekday]", c.words) for c in dates),
        ]
    lines += block("drop", [(c.name, c.words) for c in seen.using("drop")])
    lines += (
        [note("  target_scale: standardize", "errors are reported in the target's own units")]
        if seen.task == "numbers"
        else []
    )
    return [*lines, *parts(seen)]


def number_keys(seen: Survey) -> dict[str, str]:
    """The keys for numbers that are written otherwise."""
    plain = asdict(NumberFormat())
    return {key: value for key, value in asdict(seen.numbers).items() if value != plain[key]}


def rare(seen: Survey) -> list[str]:
    """The line that joins rare texts, if a column has two or more of them."""
    found = [f"{c.rare:,} texts of {inline(c.name)}" for c in seen.using("category") if c.rare > 1]
    more = f" and {len(found) - 1} more columns" if len(found) > 1 else ""
    words = f"{found[0]}{more} in fewer rows are one category" if found else ""
    return [note(f"  rare: {ROWS_A_TEXT}", words)] if found else []


def missing(seen: Survey) -> list[str]:
    """The lines for empty cells."""
    holes = [f"{c.empty:,} in {inline(c.name)}" for c in used(seen) if c.empty]
    words = ", ".join(holes[:4]) + (f", {len(holes) - 4} more columns" if len(holes) > 4 else "")
    lines = [
        note("  missing: median", f"empty cells: {words}; or mean, zero, drop")
        if holes
        else note("  missing: error", "no cell is empty; one that is will be an error")
    ]
    if seen.target_empty:
        rows = "1 row has" if seen.target_empty == 1 else f"{seen.target_empty:,} rows have"
        are = "is" if seen.target_empty == 1 else "are"
        lines.append(note("  missing_target: drop", f"{rows} no target and {are} left out"))
    return lines


def parts(seen: Survey) -> list[str]:
    """The lines that split off validation and test."""
    rows = seen.rows - seen.target_empty
    if rows < _FEW:
        words = f"about {round(0.3 * rows)} rows"
        return [
            note("  validation: 0.3", words),
            note("  test: none", "so few rows make no test worth its name; or 0.2"),
        ]
    share = "0.2" if rows < _MANY else "0.1" if rows < _HUGE else str(_MANY)
    count = round(float(share) * rows) if rows < _HUGE else _MANY
    return [
        note(f"  validation: {share}", f"about {count:,} rows"),
        note(f"  test: {share}", "kept until dnnlab evaluate asks for it"),
    ]


def used(seen: Survey) -> list[Column]:
    """The columns that become inputs."""
    return [column for column in seen.columns if column.use != "drop"]


def block(key: str, items: list[tuple[str, str]]) -> list[str]:
    """`key:` and its items, one a line with its comment."""
    return [f"  {key}:", *(note(f"    - {inline(name)}", words) for name, words in items)] if items else []


def note(line: str, words: str) -> str:
    """A line with its comment, in one column with the others if there is room."""
    return f"{line.ljust(_AT)} # {words}" if words else line
