"""Files of well-known data sets from the network: whole, with the published checksum, or not at all."""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from ...errors import Problem, StorageError
from ...version import __version__
from ..progress_notes import send_note

OFFLINE = "DNNLAB_OFFLINE"
SECONDS = 20.0  # without a byte, until the network counts as gone
_CHUNK = 1 << 18


@dataclass(frozen=True)
class Remote:
    """A file in the network. md5: as its publisher gives it; it finds damage."""

    url: str
    md5: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]


class DownloadError(Exception):
    """A file that did not come; the text says why. code: of the problem that the user is shown."""

    def __init__(self, reason: str, code: str = "missing_files") -> None:
        super().__init__(reason)
        self.code = code


def download(remote: Remote, folder: Path) -> Path:
    """The file in `folder`, fetched where it is not there yet. A file that is not whole never bears its name.

    Raises `DownloadError`, and `StorageError` where the folder cannot be written.
    """
    target = folder / remote.name
    if target.is_file():
        return target
    if os.environ.get(OFFLINE, "") not in ("", "0"):
        raise DownloadError(f"{OFFLINE} is set")
    temporary = folder / f".{remote.name}.{secrets.token_hex(4)}.part"
    chunks = _chunks(remote)
    first = next(chunks, b"")  # before the folder is made: without a network nothing is left behind
    try:
        folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.md5(usedforsecurity=False)
        with temporary.open("wb") as file:
            for chunk in chain([first], chunks):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != remote.md5:
            found = f"{remote.url} has the md5 {digest.hexdigest()}"
            text = f"{found}, the published file {remote.md5}; it was not kept"
            raise DownloadError(text, "checksum")
        temporary.replace(target)
    except OSError as error:
        fix = (
            "free space there"
            if error.errno == errno.ENOSPC
            else "set data.root to a folder that can be written"
        )
        text = f"{remote.name} cannot be written to {folder} ({error.strerror or error})"
        raise StorageError(
            Problem(text, "expected a folder that can be written", fix, "root", code="storage")
        ) from error
    finally:
        if temporary.parent.is_dir():
            temporary.unlink(missing_ok=True)
    return target


def _chunks(remote: Remote) -> Iterator[bytes]:
    """The file's bytes as they come. Raises `DownloadError`."""
    request = urllib.request.Request(remote.url, headers={"User-Agent": f"dnnlab/{__version__}"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            told, come = answer.headers.get("Content-Length"), 0
            size = "" if told is None else f" ({max(1, round(int(told) / 1e6)):,} MB)"
            send_note(f"downloading {remote.name}{size} from {urlsplit(remote.url).netloc}")
            while chunk := answer.read(_CHUNK):
                come += len(chunk)
                yield chunk
            if told is not None and come < int(told):
                raise DownloadError(
                    f"{remote.url}: the connection was cut after {come:,} of {int(told):,} bytes"
                )
    except urllib.error.HTTPError as error:
        raise DownloadError(f"{remote.url}: the server answered {error.code} ({error.reason})") from None
    except TimeoutError:
        raise DownloadError(f"{remote.url}: no answer for {SECONDS:g} seconds") from None
    except (OSError, http.client.HTTPException) as error:
        raise DownloadError(f"no connection to {urlsplit(remote.url).netloc} ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", error)
    return str(getattr(inner, "strerror", None) or inner) or type(inner).__name__
