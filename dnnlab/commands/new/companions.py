"""The files that an example needs beside it: the base of a sweep, a table, a plugin."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Companions:
    """Copies to write into the folder of a new config, which then names no path of this installation."""

    out: Path
    """The new config."""
    copies: dict[Path, bytes] = field(default_factory=dict)
    """The files to write, with their contents."""

    def put(self, source: Path, content: str | bytes) -> str:
        """Copy a file of the package; its name beside the config.

        It keeps its name, unless another file has that name already; a text calls itself by its new name.
        Raises `FileExistsError`.
        """
        for name in (source.name, f"{self.out.stem}_{source.name}"):
            path = self.out.parent / name
            copy = content if isinstance(content, bytes) else called(content, source.stem, path).encode()
            if path in self.copies or path == self.out:
                continue
            if not os.path.lexists(path):
                self.copies[path] = copy
                return name
            if path.is_file() and path.read_bytes() == copy:
                return name
        raise FileExistsError(path)


def called(text: str, name: str, path: Path) -> str:
    """The text of an example with the path of its copy, for a command line, in its comments."""
    word = shlex.quote(str(path))
    return re.sub(rf"\bFILE\b|configs/(?:techniques/|sweeps/)?{re.escape(name)}\.yaml", lambda _: word, text)
