"""Which image files a folder holds, and of which class and part they are. Nothing is decoded here."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import DataError, Problem
from ..locate import unreadable

SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm"]
)
PART_NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "validate", "val", "valid", "dev"),
    "test": ("test", "testing"),
}
"""Names of folders that are parts of the data, in any capitals."""
_PARTS = {name: part for part, names in PART_NAMES.items() for name in names}


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
    loose: int = 0
    """How many images lie in no class folder."""
    twice: list[Path] = field(default_factory=list)
    """Links to folders that are read already."""

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
    sources = _sources(root, _folders(root))
    classes = {part: _folders(path) for part, path in sources.items()}
    names = tuple(sorted(classes["train"]))
    problems = _class_problems(root, names, classes)
    DataError.raise_if_any(problems)
    tree = Tree(root, names, {})
    for folder in {root, *sources.values()}:
        _count_loose(folder, tree)
    for part in ("train", "validation", "test"):
        if part in classes:
            folders = [
                (number, classes[part][name]) for number, name in enumerate(names) if name in classes[part]
            ]
            tree.parts[part] = [
                (file, number)
                for number, folder in folders
                for file in images_below(folder, tree.others, tree.twice)
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


def images_below(
    folder: Path, others: Counter[str] | None = None, twice: list[Path] | None = None
) -> list[Path]:
    """All images below a folder, sorted by path, without hidden ones; links to folders are followed.

    others: counts files that are no images. twice: gets the links to folders that are read already.
    """
    found: list[Path] = []
    seen = {os.path.realpath(folder)}

    def refuse(error: OSError) -> None:
        raise unreadable(Path(error.filename), error, "path") from None

    for place, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        kept = []
        for name in sorted(folders):
            inside = Path(place, name)
            if name.startswith("."):
                continue
            if os.path.realpath(inside) in seen:  # also a link to a folder above, which would never end
                twice = [] if twice is None else twice
                twice.append(inside)
                continue
            seen.add(os.path.realpath(inside))
            kept.append(name)
        folders[:] = kept
        for name in files:
            suffix = Path(name).suffix.lower()
            if suffix in SUFFIXES and not name.startswith("."):
                found.append(Path(place, name))
            elif others is not None and not name.startswith("."):
                others[suffix or "no suffix"] += 1
    return sorted(found)


def _sources(root: Path, above: dict[str, Path]) -> dict[str, Path]:
    """The folder of each part; the root itself for one tree of classes. Raises `DataError` in doubt."""
    parts = {name: _PARTS[name.lower()] for name in above if name.lower() in _PARTS}
    divided = [name for name in parts if _folders(above[name])]
    if not divided:
        if above and (len(parts) == len(above) or len(set(parts.values())) > 1):
            text = f"{root} has {_listed(parts)}, which hold no class folders"
            raise _refused(text, "expected a folder for each class in each part", "sort the images into them")
        return {"train": root}
    if strange := [name for name in above if name not in parts]:
        text = f"{root} has the parts {_listed(parts)} and beside them {_listed(strange)}"
        known = ", ".join(name for names in PART_NAMES.values() for name in names)
        fix = (
            f"rename or move {'it' if len(strange) == 1 else 'them'}, or rename the parts if they are classes"
        )
        raise _refused(text, f"expected only parts ({known})", fix)
    for part, names in PART_NAMES.items():
        if len(same := [name for name, its in parts.items() if its == part]) > 1:
            text = f"{root} has {' as well as '.join(f'{name}/' for name in same)} for the {part} part"
            fix = "rename or remove the others"
            raise _refused(text, f"expected one of {', '.join(names)}", fix)
    if "train" not in parts.values():
        text = f"{root} has {_listed(parts)}, but no training part"
        raise _refused(text, "expected train/", "rename the folder that trains to train")
    return {part: above[name] for name, part in parts.items()}


def _listed(names: Iterable[str]) -> str:
    """`a/, b/ and 3 more`."""
    shown = [f"{name}/" for name in names]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")


def _count_loose(folder: Path, tree: Tree) -> None:
    """Count the files beside class folders."""
    for path in folder.iterdir():
        if path.name.startswith(".") or path.is_dir():
            continue
        if path.suffix.lower() in SUFFIXES:
            tree.loose += 1
        else:
            tree.others[path.suffix.lower() or "no suffix"] += 1


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
