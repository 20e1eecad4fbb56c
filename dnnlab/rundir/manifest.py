"""MANIFEST.json: sha256 and size of the files of a folder, so that no flipped bit passes in silence.

A checkpoint is committed by its manifest, which is written last. The files of a run change while it trains:
its manifest is written first, and names both the file that is there and the one that replaces it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from dnnlab.rundir import atomic
from dnnlab.rundir.json_values import STRICT_ERRORS, read_object

FORMAT = 1
MANIFEST = "MANIFEST.json"
SEAL = "sha256"
"""The key under which a JSON file holds the digest of its other keys."""
Entry = dict[str, Any]
"""{sha256, size} of a file, in a run also its crc32; of a file that grows, of its first `size` bytes."""
_POLYNOMIAL = 0xEDB88320
"""Of crc32, the lowest power first."""


@dataclass
class Manifest:
    """What the files of a folder have to be."""

    files: dict[str, Entry] = field(default_factory=dict)
    """File in the folder -> its entry."""
    before: dict[str, Entry] = field(default_factory=dict)
    """File that is being replaced -> its entry until then."""

    def write(self, folder: Path) -> None:
        """Write the manifest of a folder, durably. Raises `OSError`."""
        content: dict[str, Any] = {"format": FORMAT, "files": self.files}
        if self.before:
            content["before"] = self.before
        atomic.write_json(folder / MANIFEST, sealed(content))

    def wrong(self, folder: Path, name: str) -> str | None:
        """What is wrong with a file (`has 3 bytes instead of 8`); None if nothing is, or it is not listed.

        Raises `OSError` if it cannot be read.
        """
        known = [entries[name] for entries in (self.files, self.before) if name in entries]
        size = (folder / name).stat().st_size if known else 0
        fitting = [
            entry for entry in known if size == entry["size"] or (grows(name) and size > entry["size"])
        ]
        if known and not fitting:
            return f"has {size} bytes instead of {known[0]['size']}"
        if known and not any(
            Prefix().upto(folder / name, entry["size"])["sha256"] == entry["sha256"] for entry in fitting
        ):
            return "does not match its sha256"
        return None

    def unflipped(self, folder: Path, name: str) -> bytes | None:
        """A file as it was before a single bit of it was flipped; None if that is not what is wrong with it.

        Raises `OSError` if it cannot be read.
        """
        entry = self.files.get(name, {})
        content = (folder / name).read_bytes()
        whole, rest = content[: entry.get("size", 0)], content[entry.get("size", 0) :]
        if "crc32" not in entry or len(whole) != entry["size"] or (rest and not grows(name)):
            return None
        place = _flipped_place(zlib.crc32(whole) ^ entry["crc32"], len(whole))
        if place is None:
            return None
        mended = bytearray(whole)
        mended[place // 8] ^= 1 << place % 8
        return bytes(mended) + rest if hashlib.sha256(mended).hexdigest() == entry["sha256"] else None


def _flipped_place(difference: int, size: int) -> int | None:
    """The bit whose flip changes the crc32 of so many bytes by this; None if a single one does not.

    crc32 is linear: a flipped bit changes it by the remainder of its power of x, from the last bit backward.
    """
    remainder = _POLYNOMIAL
    for place in range(8 * size - 1, -1, -1):
        if remainder == difference:
            return place
        remainder = (remainder >> 1) ^ (_POLYNOMIAL if remainder & 1 else 0)
    return None


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder. Raises `OSError`, and one of `STRICT_ERRORS` if it is damaged."""
    return parse_manifest(read_object((folder / MANIFEST).read_bytes()))


def parse_manifest(content: Mapping[str, Any]) -> Manifest:
    """The manifest in the content of a file. Raises `ValueError` if it is damaged."""
    found = unsealed(content)
    files, before = found.get("files"), found.get("before", {})
    if not (_entries(files) and _entries(before)) or found.keys() - {"format", "files", "before"}:
        raise ValueError("its entries are damaged")
    return Manifest(files, before)


def _entries(found: Any) -> TypeGuard[dict[str, Entry]]:
    return isinstance(found, dict) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("sha256"), str)
        and isinstance(entry.get("size"), int)
        and not Path(name).is_absolute()
        and ".." not in Path(name).parts
        for name, entry in found.items()
    )


def grows(name: str) -> bool:
    """Whether rows are appended to a file, so that its entry is about its beginning."""
    return name.endswith(".jsonl")


def entry_of(path: Path) -> Entry:
    """{sha256, size} of a file. Raises `OSError`."""
    entry = Prefix().upto(path, path.stat().st_size)
    return {key: entry[key] for key in ("sha256", "size")}


class Prefix:
    """The digest of the beginning of a file; only what was appended since is read."""

    def __init__(self) -> None:
        self._digest, self._crc, self._size = hashlib.sha256(), 0, 0

    def upto(self, path: Path, size: int) -> Entry:
        """The entry of the first `size` bytes of the file. Raises `OSError`."""
        if size < self._size:  # it was cut back
            self._digest, self._crc, self._size = hashlib.sha256(), 0, 0
        with path.open("rb") as file:
            file.seek(self._size)
            while self._size < size and (piece := file.read(min(size - self._size, 1 << 20))):
                self._digest.update(piece)
                self._crc = zlib.crc32(piece, self._crc)
                self._size += len(piece)
        return {"sha256": self._digest.hexdigest(), "crc32": self._crc, "size": self._size}


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a JSON file that nothing else vouches for, with the digest of its other keys."""
    return {**content, SEAL: seal_of(content)}


def unsealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content without its seal. Raises `ValueError` if it does not fit; a content without one is old."""
    rest = {key: value for key, value in content.items() if key != SEAL}
    if SEAL in content and content[SEAL] != seal_of(rest):
        raise ValueError("it does not match its sha256")
    return rest


def seal_of(content: Mapping[str, Any]) -> str:
    """The digest of the content of a JSON file."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class ManifestKeeper:
    """Keeps the manifest of a run folder true while its files are replaced and grow.

    A folder without a manifest (of an older dnnlab) gets none before `seal`. `problem` says what is wrong
    with a damaged one, which stays as it is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prefixes: dict[str, Prefix] = {}
        self.manifest, self.problem, self._kept = Manifest(), "", True
        try:
            self.manifest = read_manifest(folder)
        except FileNotFoundError:
            self._kept = False
        except STRICT_ERRORS as error:
            self._kept, self.problem = False, damaged_manifest(error)

    def seal(self) -> None:
        """Write the manifest, and keep it from now on. Raises `OSError`."""
        self._kept = True
        self.write()

    def enter(self, name: str, new: Path) -> None:
        """`new` is going to replace a file of the folder at once. Raises `OSError`."""
        self._settle()
        old = self.manifest.files.get(name)
        self._prefixes.pop(name, None)
        self.manifest.files[name] = Prefix().upto(new, new.stat().st_size)
        self.manifest.before = {} if old is None else {name: old}
        self.write()

    def mend(self) -> None:
        """Write a damaged manifest anew: without its flipped bit, else of the files as they are."""
        found = _unflipped_manifest((self._folder / MANIFEST).read_bytes())
        if found is None:
            kinds = ("*.json", "*.yaml", "*.safetensors", "sources/*")
            files = {path for kind in kinds for path in self._folder.glob(kind)} - {self._folder / MANIFEST}
            sizes = {path: path.stat().st_size for path in sorted(files)}
            found = Manifest(
                {str(p.relative_to(self._folder)): Prefix().upto(p, size) for p, size in sizes.items()}
            )
        self.manifest, self.problem = found, ""
        self.seal()

    def forget(self, name: str) -> None:
        """A file of the folder is gone. Raises `OSError`."""
        self.manifest.files.pop(name, None)
        self.write()

    def shorten(self, sizes: Mapping[str, int]) -> None:
        """Growing files are going to be cut back to these sizes at once. Raises `OSError`."""
        if not self._kept:
            return
        for name, size in sizes.items():
            self._prefixes[name] = Prefix()
            self.manifest.files[name] = self._prefixes[name].upto(self._folder / name, size)
        self.manifest.write(self._folder)

    def write(self) -> None:
        """Write the manifest with what the growing files hold by now. Raises `OSError`."""
        if not self._kept:
            return
        for path in sorted(self._folder.glob("*.jsonl")):
            self._grown(path)
        self.manifest.write(self._folder)

    def _grown(self, path: Path) -> None:
        """Enter the rows that were appended, unless those before them are damaged."""
        size, entry = path.stat().st_size, self.manifest.files.get(path.name)
        prefix = self._prefixes.get(path.name, Prefix())
        if entry is not None and (
            size <= entry["size"] or prefix.upto(path, entry["size"])["sha256"] != entry["sha256"]
        ):
            return
        atomic.sync_file(path)  # what the manifest says must be there after a power cut
        self._prefixes[path.name] = prefix
        self.manifest.files[path.name] = prefix.upto(path, size)

    def _settle(self) -> None:
        """Forget a replacement that failed or was killed before the new file was there."""
        for name, old in self.manifest.before.items():
            with suppress(FileNotFoundError):
                if Manifest({name: old}).wrong(self._folder, name) is None:
                    self.manifest.files[name] = old


def _unflipped_manifest(content: bytes) -> Manifest | None:
    """The manifest before a single bit of its file was flipped, by its own digest; None after more."""
    for place in range(8 * len(content)):
        mended = bytearray(content)
        mended[place // 8] ^= 1 << place % 8
        with suppress(*STRICT_ERRORS):
            return parse_manifest(read_object(bytes(mended)))
    return None


def damaged_manifest(error: Exception) -> str:
    """What is said of a manifest that cannot be read."""
    return f"{MANIFEST} is damaged ({error}): the files of the folder are not checked"
