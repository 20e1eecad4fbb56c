"""Well-known sets from the network (a server on this machine): whole and checked, or not at all and
said why.
"""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from helpers.idx_files import NAMES, cifar_archive, small_mnist

from dnnlab import registry
from dnnlab.data.progress_notes import listener
from dnnlab.data.raw import RawDataset
from dnnlab.data.readers import cifar_data, mnist_data
from dnnlab.data.readers import download as download_data
from dnnlab.errors import DataError, StorageError


@dataclass
class Server:
    """What it serves by path, how many bytes of it (None: all), and what was asked for."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    cut: int | None = None
    silent: bool = False
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    found: Server
    answered = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            if found.silent:
                answered.wait(5)
                return
            content = found.files.get(self.path.lstrip("/"))
            if content is None:
                self.send_error(404, "Not Found")
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: found.cut])

        def log_message(self, *_: object) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Server(f"http://127.0.0.1:{http.server_port}/")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    answered.set()
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def published(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server offers a small kmnist and a small cifar10, which the sums fit; no files are
    anywhere else.
    """
    small_mnist(tmp_path / "origin")
    server.files = {f"{name}.gz": (tmp_path / "origin" / f"{name}.gz").read_bytes() for name in NAMES}
    sums = tuple(hashlib.md5(server.files[f"{name}.gz"]).hexdigest() for name in NAMES)
    monkeypatch.setitem(mnist_data.SOURCES, "kmnist", (server.url, sums))
    archive = cifar_archive(tmp_path / "origin" / "cifar-10-binary.tar.gz")
    server.files[archive.name] = archive.read_bytes()
    remote = download_data.Remote(server.url + archive.name, hashlib.md5(archive.read_bytes()).hexdigest())
    monkeypatch.setattr(cifar_data, "ARCHIVE", remote)
    for variable in ("DNNLAB_OFFLINE", "DNNLAB_DATA", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))
    return server


def load(folder: Path, name: str = "kmnist", **keys: str) -> RawDataset:
    return registry.build("data", {"name": name, **keys}, folder)


def reason(folder: Path, name: str = "kmnist", **keys: str) -> str:
    with pytest.raises(DataError) as caught:
        load(folder, name, **keys)
    return str(caught.value)


@pytest.mark.parametrize("root", [None, "mine"])
@pytest.mark.parametrize("name", ["kmnist", "cifar10"])
def test_missing_files_are_fetched_once(
    published: Server, tmp_path: Path, name: str, root: str | None
) -> None:
    keys = {} if root is None else {"root": root}
    raw = load(tmp_path, name, **keys)
    assert raw.test is not None and len(raw.class_names) == 10 and raw.train[0].dtype == np.uint8
    place = tmp_path / "cache" / name if root is None else tmp_path / root
    assert len(published.asked) == len(list(place.iterdir())) == (4 if name == "kmnist" else 1)
    assert load(tmp_path, name, **keys).fingerprint() == raw.fingerprint()
    assert len(published.asked) == (4 if name == "kmnist" else 1)


def test_a_download_says_what_comes_from_where(published: Server, tmp_path: Path) -> None:
    heard: list[str] = []
    before = listener.set(heard.append)
    load(tmp_path, "cifar10")
    listener.reset(before)
    assert heard == [f"downloading cifar-10-binary.tar.gz (1 MB) from {published.url.split('/')[2]}"]


def test_a_file_that_is_not_the_published_one_is_not_kept(published: Server, tmp_path: Path) -> None:
    published.files[f"{NAMES[2]}.gz"] = b"something else"
    text = reason(tmp_path)
    found = hashlib.md5(b"something else").hexdigest()
    assert (
        f"and not downloaded: {published.url}{NAMES[2]}.gz has the md5 {found}, the published file " in text
    )
    assert (
        "; it was not kept; expected train-images-idx3-ubyte.gz," in text
        and f"put them into {tmp_path}/data/kmnist, or set" in text
    )
    assert sorted(path.name for path in (tmp_path / "cache" / "kmnist").iterdir()) == sorted(
        f"{name}.gz" for name in NAMES[:2]
    )


def test_a_server_without_the_file(published: Server, tmp_path: Path) -> None:
    published.files = {}
    assert (
        f"and not downloaded: {published.url}{NAMES[0]}.gz: the server answered 404 (Not Found); expected"
        in reason(tmp_path)
    )
    assert not (tmp_path / "cache").exists()


def test_a_connection_that_is_cut(published: Server, tmp_path: Path) -> None:
    published.cut = 20
    size = len(published.files[f"{NAMES[0]}.gz"])
    assert f"{NAMES[0]}.gz: the connection was cut after 20 of {size} bytes; expected" in reason(tmp_path)
    assert list((tmp_path / "cache" / "kmnist").iterdir()) == []


def test_a_server_that_never_answers(
    published: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.silent = True
    monkeypatch.setattr(download_data, "SECONDS", 0.2)
    assert f"not downloaded: {published.url}{NAMES[0]}.gz: no answer for 0.2 seconds; expected" in reason(
        tmp_path
    )


def test_no_network(published: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setitem(
        mnist_data.SOURCES, "kmnist", (f"http://127.0.0.1:{port}/", mnist_data.SOURCES["kmnist"][1])
    )
    assert f"and not downloaded: no connection to 127.0.0.1:{port} (Connection refused); expected" in reason(
        tmp_path
    )


def test_a_folder_that_cannot_be_written(published: Server, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a file")
    with pytest.raises(StorageError) as caught:
        load(tmp_path, root="mine")
    assert str(caught.value) == (
        f"root: train-images-idx3-ubyte.gz cannot be written to {tmp_path}/mine (File exists); "
        "expected a folder that can be written; "
        "set data.root to a folder that can be written"
    )


def test_nothing_is_fetched_where_that_is_forbidden(
    published: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DNNLAB_OFFLINE", "1")
    assert "and not downloaded: DNNLAB_OFFLINE is set; expected" in reason(tmp_path)
    assert published.asked == []
