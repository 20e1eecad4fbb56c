"""How much memory there is: the machine's, this process's limits, and the device's. No torch until `fits`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ...errors import OutOfMemoryError, Problem
from ...lazy_torch import torch

_SURE = 1 << 28  # data of up to 256 MB are not worth a question
_LIMITS = (
    ("/sys/fs/cgroup", "memory.max", "memory.current"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)


def fits(size: int, device: torch.device) -> bool:
    """Whether `size` bytes of data fit: they take at most half of the free memory, here and on the device."""
    if size <= _SURE:
        return True
    rooms = [free_memory()] if device.type != "cuda" else [free_memory(), torch.cuda.mem_get_info(device)[0]]
    return all(room is None or 2 * size <= room for room in rooms)


def check_room(size: int, what: str, path: str, fix: str) -> None:
    """Raise `OutOfMemoryError`, before anything is allocated, if `size` bytes are more than what is free."""
    free = free_memory() if size > _SURE else None
    if free is not None and size > free:
        text = f"{what} need {size / 1e9:,.0f} GB of memory, {free / 1e9:,.1f} GB are free"
        raise OutOfMemoryError(Problem(text, "expected what fits", fix, path, code="out_of_memory"))


def free_memory() -> int | None:
    """Bytes that machine, control group and own limit leave to this process; None if unknown."""
    rooms = [room for room in (_of_machine(), *_of_group(), _of_limit()) if room is not None]
    return min(rooms) if rooms else None


def _of_machine() -> int | None:
    if (kilobytes := _field("/proc/meminfo", "MemAvailable")) is not None:
        return kilobytes * 1024
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):  # neither Linux nor another Unix
        return None


def _of_group() -> list[int]:
    """What control groups leave, where they limit at all.

    Cached files count as used there but are given back when needed.
    """
    rooms = []
    for folder, limit, used in _LIMITS:
        try:
            most, now = (Path(folder, name).read_text().strip() for name in (limit, used))
        except OSError:
            continue
        if most.isdigit() and now.isdigit():
            cached = _field(f"{folder}/memory.stat", "inactive_file") or 0
            rooms.append(max(0, int(most) - int(now) + cached))
    return rooms


def _of_limit() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    rooms = []
    for limit, used in ((resource.RLIMIT_DATA, "VmData"), (resource.RLIMIT_AS, "VmSize")):
        most = resource.getrlimit(limit)[0]
        if most != resource.RLIM_INFINITY:
            rooms.append(max(0, most - 1024 * (_field("/proc/self/status", used) or 0)))
    return min(rooms) if rooms else None


def _field(path: str, name: str) -> int | None:
    """The number behind a name in one of the kernel's lists."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    words = next((line.split() for line in lines if line.split()[:1] in ([name], [f"{name}:"])), None)
    return None if words is None else int(words[1])
