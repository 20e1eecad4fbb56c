"""A worker in an actor of Ray: the usual worker, whose pipe ends in the actor, which forwards messages."""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ....version import __version__

DATA = "DNNLAB_DATA"
ORPHANED = 7
"""Exit code of a worker whose coordinator has gone."""


def versions() -> dict[str, str]:
    """What must be the same on all nodes, or results would not be."""
    return {"dnnlab": __version__, "torch": version("torch")}


def here() -> dict[str, Any]:
    """Who coordinates: {host, pid, data}; data: what DNNLAB_DATA says."""
    return {"host": platform.node(), "pid": os.getpid(), "data": os.environ.get(DATA)}


def watch(pid: int) -> None:
    """End this process when another one of this machine ends.

    If the whole cluster ends with it, Ray takes some seconds for that.
    """
    with suppress(OSError):
        while True:
            os.kill(pid, 0)
            time.sleep(0.5)
    os._exit(ORPHANED)


class RayWorker:
    """The actor.

    Training has a thread of its own; `messages` hands out what it says, `tell` hands in what it is told.

    settings: for the worker, {sweep, base, origin}. coordinator: as `here` says, in its process.
    """

    def __init__(self, settings: dict[str, Any], coordinator: dict[str, Any]) -> None:
        if coordinator["data"] is not None:
            os.environ.setdefault(DATA, coordinator["data"])
        if os.name == "posix" and coordinator["host"] == platform.node():
            threading.Thread(
                target=watch, args=(coordinator["pid"],), name="dnnlab watch", daemon=True
            ).start()
        from . import preload as preloaded  # in the main thread, and before anything is trained

        self.module, self.settings = preloaded.worker, settings
        self.ours, self.theirs = multiprocessing.Pipe()

    def probe(self, name: str, text: str) -> dict[str, Any]:
        """Write a file into the sweep's folder, so that the coordinator can look for it.

        Returns {host, pid, versions, problem}.
        """
        found = {"host": platform.node(), "pid": os.getpid(), "versions": versions(), "problem": ""}
        try:
            (Path(self.settings["sweep"]) / name).write_text(text, encoding="utf-8")
        except OSError as error:
            found["problem"] = error.strerror or str(error)
        return found

    def messages(self) -> Iterator[bytes]:
        """Begin, and hand out everything that the worker says, until it ends."""
        threading.Thread(target=self.work, name="dnnlab worker", daemon=True).start()
        with suppress(EOFError, OSError):
            while True:
                yield self.ours.recv_bytes()

    def tell(self, message: bytes) -> None:
        """Pass a message of the coordinator on."""
        self.ours.send_bytes(message)

    def work(self) -> None:
        """Be a worker; when it ends, whatever the reason, so do its messages."""
        try:
            self.module.serve(self.theirs, json.dumps(self.settings))
        finally:
            self.theirs.close()
