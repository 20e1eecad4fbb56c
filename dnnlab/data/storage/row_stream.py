"""Inputs that do not fit into memory: one thread reads their rows a few steps ahead."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from ..raw import Array
from .memory_mapped import backing, changed

DEPTH = 3  # batches that wait for the net
Key = Tensor | slice


class Streamed:
    """The inputs of one part, indexed like a float32 tensor; only the rows that are read are in memory.

    source: (n, ...) array, usually memory-mapped. rows: which of them, None: all. scale: (array, rows or
    None) -> float32 tensor; it decides the bits, so they are those of the tensor that it would make of
    everything.
    """

    def __init__(
        self, source: Array, rows: Array | None, scale: Callable[[Array, Array | None], Tensor]
    ) -> None:
        self.source, self.chosen, self.scale = source, rows, scale
        self.device, self.images_last = torch.device("cpu"), False
        self.dtype = torch.float32
        self._backing = backing(source)
        self._reader: Reader | None = None

    @property
    def shape(self) -> torch.Size:
        """(rows, ...)."""
        return torch.Size((len(self), *self.source.shape[1:]))

    @property
    def ndim(self) -> int:
        """Axes, that of the rows included."""
        return len(self.shape)

    def __len__(self) -> int:
        return len(self.source) if self.chosen is None else len(self.chosen)

    def numel(self) -> int:
        """How many numbers all rows have."""
        return self.shape.numel()

    def split(self, size: int) -> Iterator[Tensor]:
        """All rows, `size` at a time."""
        for start in range(0, len(self), size):
            yield self[start : start + size]

    def to(self, device: torch.device, *, images_last: bool) -> Streamed:
        """The same rows, delivered on a device and in a memory format."""
        other = Streamed(self.source, self.chosen, self.scale)
        other.device, other.images_last = device, images_last
        return other

    def __getitem__(self, key: Key) -> Tensor:
        """The rows of a slice, or of a tensor of row numbers on the CPU.

        Raises `DataError` where they cannot be read any more.
        """
        found = None if self._reader is None else self._reader.take(key)
        return (self.read(key) if found is None else found).to(self.device, non_blocking=True)

    @contextmanager
    def ahead(self, keys: Iterable[Key]) -> Iterator[None]:
        """Within this, a thread reads what will be asked for, in this order.

        Anything else may be asked for too.
        """
        with Reader(self.read, keys) as self._reader:
            try:
                yield
            finally:
                self._reader = None

    def read(self, key: Key) -> Tensor:
        """The rows in memory. Raises `DataError`."""
        if self._backing is not None:
            self._backing.check()
        try:
            rows = self._read(key)
        except OSError as error:
            raise changed(f"the data cannot be read any more ({error.strerror or error})") from error
        if self.images_last:
            rows = rows.contiguous(memory_format=torch.channels_last)
        return rows.pin_memory() if self.device.type == "cuda" else rows

    def _read(self, key: Key) -> Tensor:
        if isinstance(key, slice):
            return (
                self.scale(self.source[key], None)
                if self.chosen is None
                else self.scale(self.source, self.chosen[key])
            )
        places: Array = key.numpy()
        return self.scale(self.source, places if self.chosen is None else self.chosen[places])


class Reader:
    """One thread that reads `keys` in their order; `take` hands the results over.

    Used as a context, at whose end the thread is gone.
    """

    def __init__(self, read: Callable[[Key], Tensor], keys: Iterable[Key]) -> None:
        self._read, self._keys = read, iter(keys)
        self._results: queue.Queue[tuple[Key, Tensor | BaseException] | None] = queue.Queue(DEPTH)
        self._head: tuple[Key, Tensor | BaseException] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dnnlab data", daemon=True)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        while self._thread.is_alive():
            self._empty()  # it may be waiting for room
            self._thread.join(0.01)

    def take(self, key: Key) -> Tensor | None:
        """What was read for this key; None when it is not the next one. Raises what the reading raised."""
        if self._head is None:
            self._head = self._results.get()
        if self._head is None:
            self._results.put(None)  # nothing more will come, however often it is asked for
            return None
        wanted, found = self._head
        if not _same(key, wanted):
            return None
        self._head = None
        if isinstance(found, BaseException):
            raise found
        return found

    def _work(self) -> None:
        for key in self._keys:
            try:
                found: Tensor | BaseException = self._read(key)
            except BaseException as error:  # it belongs to the one who asks
                found = error
            if not self._put((key, found)) or isinstance(found, BaseException):
                break
        self._put(None)

    def _put(self, item: tuple[Key, Tensor | BaseException] | None) -> bool:
        while not self._stop.is_set():
            try:
                self._results.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def _empty(self) -> None:
        while True:
            try:
                self._results.get_nowait()
            except queue.Empty:
                return


def _same(a: Key, b: Key) -> bool:
    if isinstance(a, slice) or isinstance(b, slice):
        return isinstance(a, slice) and isinstance(b, slice) and a == b
    return a is b or torch.equal(a, b)
