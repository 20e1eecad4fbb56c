"""Which image files a folder holds, and of which class and part they are. Nothing is decoded here."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import DataError, Problem
from ..locate import unreadable

SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm"]
)
_PARTS = {
    "train": "train",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
    "test": "test",
}


@dataclass
class Tree:
    """The images of a folder, by part and class."""

    root: Path
    names: tuple[str, ...]
    """The classes, sorted."""
    parts: dict[str, list[tuple[Path, int]]]
    """Part -> (file, class number), sorted by class and name; "train" alone for one tree of classes."""
    others: Counter[str] = field(default_factory=Counter)
    """How many files of each suffix are no images."""

    @property
    def files(self) -> list[Path]:
        """All images, part after part."""
        return [file for images in self.parts.values() for file, _ in images]


def scan(root: Path) -> Tree:
    """Find the images below `root`: a folder for each class, also below train/, validation/ and test/.

    Raises `DataError` for no classes, one class, classes without images, and classes that only a later part
    has.
    """
    if not root.is_dir():
        raise _refused(f"{root} is a file", "expected a folder with one sub-folder for each class", "")
    above = _folders(root)
    split = "train" in above and bool(_folders(above["train"]))
    sources = (
        {_PARTS[name]: path for name, path in above.items() if name in _PARTS} if split else {"train": root}
    )
    if split and len(sources) < len([name for name in above if name in _PARTS]):
        raise _refused(
            f"{root} has validation/ as well as val/ or valid/",
            "expected one of them",
            "rename or remove the others",
        )
    classes = {part: _folders(path) for part, path in sources.items()}
    names = tuple(sorted(classes["train"]))
    problems = _class_problems(root, names, classes)
    if problems:
        raise DataError(*problems)
    tree = Tree(root, names, {})
    for part in ("train", "validation", "test"):
        if part in classes:
            folders = [
                (number, classes[part][name]) for number, name in enumerate(names) if name in classes[part]
            ]
            tree.parts[part] = [
                (file, number) for number, folder in folders for file in images_below(folder, tree.others)
            ]
    empty = [names[n] for n in range(len(names)) if not any(number == n for _, number in tree.parts["train"])]
    if empty:
        known, more = (
            " ".join(sorted(SUFFIXES)),
            f" and {len(empty) - 5} more classes" if len(empty) > 5 else "",
        )
        text = f"{sources['train']}: no images of {', '.join(empty[:5])}{more}"
        raise _refused(text, f"expected files that end in {known}", "add images, or remove the folder")
    return tree


def images_below(folder: Path, others: Counter[str] | None = None) -> list[Path]:
    """All images below a folder, sorted by path, without hidden ones. others: counts other files."""
    found: list[Path] = []

    def refuse(error: OSError) -> None:
        raise unreadable(Path(error.filename), error, "path") from None

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            suffix = Path(name).suffix.lower()
            if suffix in SUFFIXES and not name.startswith("."):
                found.append(Path(place, name))
            elif others is not None and not name.startswith("."):
                others[suffix or "no suffix"] += 1
    return sorted(found)


def _folders(root: Path) -> dict[str, Path]:
    try:
        return {
            path.name: path
            for path in sorted(root.iterdir())
            if path.is_dir() and not path.name.startswith(".")
        }
    except OSError as error:
        raise unreadable(root, error, "path") from None


def _class_problems(root: Path, names: tuple[str, ...], classes: dict[str, dict[str, Path]]) -> list[Problem]:
    problems = []
    if len(names) < 2:
        found = f"one class folder ({names[0]})" if names else "no class folders"
        fix = "put the images of each class into a folder of its own"
        problems.append(Problem(f"{root} has {found}", "expected two or more", fix, "path", code="one_class"))
    for part, folders in classes.items():
        foreign = sorted(set(folders) - set(names))
        if foreign and names:
            text = f"{root / part} has the class {', '.join(foreign[:5])}, which the training part has not"
            expected = f"expected some of {', '.join(names[:8])}"
            problems.append(
                Problem(text, expected, "correct the folder's name", "path", code="unknown_class")
            )
    for name in names:
        try:
            os.fsencode(name).decode("utf-8")
        except UnicodeDecodeError:
            text = f"{root}: the class folder {name!a} has a name that is no UTF-8"
            problems.append(Problem(text, "expected a readable name", "rename it", "path", code="encoding"))
    return problems


def _refused(received: str, expected: str, fix: str) -> DataError:
    return DataError(Problem(received, expected, fix, "path", code="image_folder"))
