"""Trains on a Ray cluster: workers are actors, placed by Ray; everything else is as on one machine.

The sweep's folder must lie on a file system that all nodes share: every worker proves it with a file before
it gets an order.
"""

from __future__ import annotations

import json
import os
import queue
import secrets
import threading
import time
import warnings
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ....errors import Problem, RunError
from .executor import Message
from .ray_cluster import Cluster, loaded
from .ray_worker import RayWorker, here, versions

SEEN = 10.0  # seconds that a shared file system may take to show a new file


@dataclass(eq=False)
class _Hand:
    """One worker as seen from here. actor: None until Ray has taken the request."""

    actor: Any = None
    orders: list[Message] = field(default_factory=list)
    ready: bool = False
    gone: bool = False
    host: str = ""


class RayExecutor:
    """Actors of a Ray cluster. settings: for the worker. cpus, device: what one worker needs."""

    def __init__(self, settings: Message, address: str, workers: int | None, cpus: int, device: str) -> None:
        self.settings, self.cpus, self.device = settings, cpus, device
        self.folder = Path(settings["sweep"])
        here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.cluster = Cluster(address, max(here, cpus * (workers or 1)), self.folder / "workers.log")
        self.hands: list[_Hand] = []
        self.waiting: deque[Message] = deque()
        self.said: queue.Queue[tuple[_Hand, Message | BaseException | None]] = queue.Queue()
        self.gpus = 0.0

    def places(self) -> int:
        """How many workers the cluster has room for: one a GPU where they need one, else one for each `cpus`."""
        size = self.cluster.size()
        if self.device.startswith("cuda"):
            return max(1, int(size.get("GPU", 0)))
        return max(1, int(size.get("CPU", 0)) // self.cpus)

    def notes(self) -> list[str]:
        """What whoever watches should know at the beginning."""
        busy = (
            ["all of its CPUs are taken by now: workers begin as soon as they are free"]
            if self.cluster.busy()
            else []
        )
        return [self.cluster.words(), *busy]

    def start(self, count: int) -> None:
        """Ask for workers; they join as Ray finds places for them."""
        gpus = (
            self.cluster.size().get("GPU", 0.0)
            if self.device == "auto" or self.device.startswith("cuda")
            else 0.0
        )
        self.gpus = min(1.0, gpus / count)
        for _ in range(count):
            self.hands.append(self._hand())

    def room(self, ahead: int) -> int:
        """How many orders can be taken by workers that have found a place."""
        free = sum(max(0, 1 + ahead - len(hand.orders)) for hand in self.hands if hand.ready)
        return max(0, free - len(self.waiting))

    def submit(self, order: Message) -> None:
        """Give an order to the worker that has the fewest, or to the first that joins."""
        ready = [hand for hand in self.hands if hand.ready]
        if not ready:
            self.waiting.append(order)
            return
        hand = min(ready, key=lambda hand: len(hand.orders))
        hand.orders.append(order)
        self._tell(hand, order)

    def events(self, seconds: float) -> list[Message]:
        """What the workers have said; waits at most so long for the first word.

        Raises `RunError` for a node that will not do.
        """
        found: list[Message] = []
        deadline = time.monotonic() + seconds
        with suppress(queue.Empty):
            while True:
                hand, message = (
                    self.said.get(timeout=max(0.0, deadline - time.monotonic()))
                    if not found
                    else self.said.get_nowait()
                )
                if not hand.gone:
                    found.append(
                        self._heard(hand, message)
                        if isinstance(message, dict)
                        else self._buried(hand, message)
                    )
        return found

    def verdict(self, job: str, go_on: bool) -> None:
        """The answer to a worker's epoch."""
        if (hand := self._holder(job)) is not None:
            self._tell(hand, {"kind": "verdict", "go_on": go_on})

    def ask(self, job: str | None, status: str, reason: str) -> None:
        """Ask one run to end, or all of them (and nothing that waits is begun)."""
        for hand in self.hands if job is None else [self._holder(job)]:
            if hand is not None:
                self._tell(hand, {"kind": "stop", "job": job, "status": status, "reason": reason})
        for order in [order for order in self.waiting if job is None or order.get("job") == job]:
            self.waiting.remove(order)
            self.said.put(
                (_Hand(orders=[order]), {"kind": "ended", "job": order.get("job"), "status": "cancelled"})
            )

    def kill(self, job: str) -> None:
        """End the process that works on a run which does not listen; that it died is said as ever."""
        if (hand := self._holder(job)) is not None:
            self._kill(hand)

    def close(self) -> None:
        """End all workers and leave the cluster."""
        for hand in self.hands:
            hand.gone = True
            self._kill(hand)
        self.hands = []
        self.cluster.leave()

    def _hand(self) -> _Hand:
        hand = _Hand()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind = loaded().remote(concurrency_groups={"talk": 1})(RayWorker)
            hand.actor = kind.options(num_cpus=self.cpus, num_gpus=self.gpus, max_restarts=0).remote(
                self.settings, here()
            )
        threading.Thread(target=self._listen, args=(hand,), name="dnnlab listener", daemon=True).start()
        return hand

    def _listen(self, hand: _Hand) -> None:
        """A thread for each worker: what it says goes into the queue, and how it ends."""
        ray = loaded()
        end: BaseException | None = None
        try:
            name, text = f".probe-{secrets.token_hex(4)}", secrets.token_hex(16)
            found = ray.get(hand.actor.probe.remote(name, text))
            hand.host = found["host"]
            self._check(found, name, text)
            for word in hand.actor.messages.options(num_returns="streaming").remote():
                self.said.put((hand, json.loads(ray.get(word))))
        except (
            Exception,
            SystemExit,
            # of Ray when the worker or this process' part in the cluster is gone, or ours of `_check`
        ) as error:
            end = error
        self.said.put((hand, end))

    def _check(self, found: Message, name: str, text: str) -> None:
        """Raise `RunError` for a node whose folder or versions are not ours."""
        node = f"the node {found['host']}"
        if found["problem"]:
            raise RunError(self._unshared(f"{node} cannot write into {self.folder}: {found['problem']}"))
        if not seen(self.folder / name, text):
            raise RunError(self._unshared(f"what {node} wrote into {self.folder} did not arrive here"))
        ours = versions()
        for package, version in found["versions"].items():
            if version != ours[package]:
                text = f"{node} has {package} {version}, and this machine {ours[package]}"
                raise RunError(
                    Problem(
                        text,
                        "expected the same, or results would differ",
                        "install the same on all nodes",
                        code="ray",
                    )
                )

    def _unshared(self, text: str) -> Problem:
        fix = "--runs-dir FOLDER on a file system that all nodes share, or executor: {name: ray, address: local}"
        return Problem(text, "expected a folder that all nodes share", fix, code="ray")

    def _heard(self, hand: _Hand, message: Message) -> Message:
        hand.ready = True
        if message["kind"] in ("ended", "data", "refused"):
            hand.orders.pop(0)
        while self.waiting and len(hand.orders) < 2 and hand in self.hands:
            hand.orders.append(self.waiting.popleft())
            self._tell(hand, hand.orders[-1])
        if message.get("status") == "out_of_memory":  # its heap is in pieces; another one takes its place
            returned, hand.orders = hand.orders, []
            self._replace(hand)
            for order in returned:
                self.submit(order)
        return message

    def _buried(self, hand: _Hand, end: BaseException | None) -> Message:
        if isinstance(end, RunError):
            raise end
        job, *returned = [order.get("job") for order in hand.orders] or [None]
        self._replace(hand)
        return {
            "kind": "died",
            "job": job,
            "returned": returned,
            "reason": words(end, hand.host),
            "code": None,
            "early": not hand.ready,
        }

    def _replace(self, hand: _Hand) -> None:
        hand.gone = True
        self._kill(hand)
        self.hands[self.hands.index(hand)] = self._hand()

    def _kill(self, hand: _Hand) -> None:
        with suppress(Exception):  # gone already, or the whole cluster is
            loaded().kill(hand.actor, no_restart=True)

    def _holder(self, job: str) -> _Hand | None:
        return next(
            (hand for hand in self.hands if any(order.get("job") == job for order in hand.orders)), None
        )

    def _tell(self, hand: _Hand, message: Message) -> None:
        with suppress(Exception):  # it has died; its stream of messages says so
            hand.actor.tell.options(concurrency_group="talk").remote(json.dumps(message).encode())


def seen(file: Path, text: str) -> bool:
    """Whether a file holds this text, now or soon; it is removed."""
    deadline = time.monotonic() + SEEN
    while True:
        with suppress(OSError):
            if file.read_text(encoding="utf-8") == text:
                file.unlink()
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def words(error: BaseException | None, host: str) -> str:
    """How a worker ended, in words: `its process died (on node-3)`."""
    text, where = str(error or ""), f" (on {host})" if host else ""
    if "creation task" in text:
        return "it could not begin: " + text.strip().splitlines()[-1]
    if "low on memory" in text:
        return f"its node ran low on memory, and Ray ended its process{where}"
    if "node has died" in text or "node was terminated" in text or "node died" in text:
        return f"its node died{where}"
    return f"its process died{where}"
