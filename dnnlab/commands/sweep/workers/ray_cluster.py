"""The Ray cluster of a sweep: found, or started on this machine; said in words; left as it was."""

from __future__ import annotations

import importlib.util
import logging
import os
import secrets
import signal
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ....errors import Problem, RunError, UsageError
from .executor import findable

LOCAL, AUTO = "local", "auto"
ANSWER = 5.0  # seconds that a cluster has to answer
STORE = 100 * 2**20  # bytes of Ray's object store; nothing but short messages goes through it
SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0", "RAY_DEDUP_LOGS": "0"}


def require_ray() -> None:
    """Raise `UsageError` if Ray is not installed."""
    if importlib.util.find_spec("ray") is None:
        problem = Problem(
            "executor: ray, but Ray is not installed",
            "expected the extra `ray`",
            'pip install "dnnlab[ray]"',
            code="extra",
        )
        raise UsageError(problem)


def loaded() -> Any:
    """The library; loading it takes a while."""
    import ray

    return ray


class Cluster:
    """A connection to a cluster.

    address: `auto` for a running one, `local` for one of this machine alone, or HOST:PORT.

    cpus: that a cluster of our own is to have. log: where Ray's own words go. Raises `UsageError` and
    `RunError`.
    """

    def __init__(self, address: str, cpus: int, log: Path) -> None:
        require_ray()
        self.address, self.own = address, address == LOCAL
        with _kept_handlers(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Ray about its own future
            self._connect(cpus, log)

    def size(self) -> dict[str, float]:
        """CPU, GPU and more, in all and now."""
        return {str(name): float(amount) for name, amount in loaded().cluster_resources().items()}

    def words(self) -> str:
        """`Ray cluster 10.0.0.1:6379, 3 nodes, 24 CPUs`."""
        ray, size = loaded(), self.size()
        nodes = [node for node in ray.nodes() if node["Alive"]]
        parts = [f"{len(nodes)} node{'s' if len(nodes) > 1 else ''}", f"{size.get('CPU', 0):g} CPUs"]
        parts += [f"{size['GPU']:g} GPUs"] if size.get("GPU") else []
        name = "of this machine, for this sweep" if self.own else ray.get_runtime_context().gcs_address
        return f"Ray cluster {name}: {', '.join(parts)}"

    def busy(self) -> bool:
        """Whether no worker would find a place now."""
        return bool(loaded().available_resources().get("CPU", 0.0) < 1.0)

    def leave(self) -> None:
        """Disconnect; a cluster of our own ends."""
        with _kept_handlers():
            loaded().shutdown()

    def _connect(self, cpus: int, log: Path) -> None:
        for name, value in SETTINGS.items():
            os.environ.setdefault(name, value)
        if self.own:  # Ray listens on all of a machine's interfaces: nobody else may give our workers orders
            os.environ.setdefault("RAY_AUTH_MODE", "token")
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        ray = loaded()
        _send_words(log)
        own = {"num_cpus": cpus, "include_dashboard": False, "object_store_memory": STORE} if self.own else {}
        try:
            _knock(os.environ.get("RAY_ADDRESS", AUTO) if self.address == AUTO else self.address)
            with findable():
                ray.init(address=self.address, log_to_driver=False, logging_level=logging.ERROR, **own)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            if self.own:
                problem = Problem(
                    f"Ray did not start: {first}",
                    "expected a cluster of this machine",
                    "executor: local",
                    code="ray",
                )
            else:
                fix = (
                    "`ray start --head` starts one, and `executor: {name: ray, address: local}` does without"
                )
                problem = Problem(
                    f"no Ray cluster answers at address {self.address}: {first}",
                    "expected one that runs",
                    fix,
                    code="ray",
                )
            raise RunError(problem) from None


def _knock(address: str) -> None:
    """Raise `OSError` if nothing listens at HOST:PORT, which Ray would try for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), ANSWER).close()


def _send_words(log: Path) -> None:
    """Ray says on stdout, which is the sweep's, which workers died: let it say so in a file.

    There is no public switch.
    """

    def write(data: Any, *_: Any, **__: Any) -> None:
        with (
            suppress(OSError, KeyError, TypeError),
            log.open("a", encoding="utf-8", errors="backslashreplace") as file,
        ):
            file.writelines(f"ray: {line}\n" for line in data["lines"])

    with suppress(ImportError):
        from ray._private import worker

        if hasattr(worker, "print_to_stdstream"):
            worker.print_to_stdstream = write


@contextmanager
def _kept_handlers() -> Iterator[None]:
    """Ray takes SIGTERM for itself: give it back to whoever had it."""
    main = threading.current_thread() is threading.main_thread()
    before: Callable[..., Any] | int | None = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if main and before is not None:
            signal.signal(signal.SIGTERM, before)
