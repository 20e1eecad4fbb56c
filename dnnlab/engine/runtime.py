"""Process-wide settings that make training faster or its bits repeatable.

They must be made before torch is imported.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_DONE: dict[str, str] = {}


def prepare() -> dict[str, str]:
    """Make the settings once; which took effect (they are recorded with the run).

    - MKL_CBWR=AUTO,STRICT: matrix products give the same bits for every alignment of the memory.
    - GOMP_SPINCOUNT: idle OpenMP threads release the core soon, instead of spinning.
    - CUBLAS_WORKSPACE_CONFIG: cuBLAS needs it for repeatable results.
    - malloc: large blocks stay in the heap (glibc). Mapping them anew costs up to a third of a step.
    """
    if _DONE:
        return dict(_DONE)
    early = "torch" not in sys.modules
    wanted = {"MKL_CBWR": "AUTO,STRICT", "GOMP_SPINCOUNT": "20000", "CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
    for name, value in wanted.items():
        if early:
            os.environ.setdefault(name, value)
        _DONE[name] = os.environ.get(name, "not set: torch was imported before dnnlab trained")
    _DONE["malloc"] = "heap" if _keep_blocks() else "default"
    return dict(_DONE)


def _keep_blocks() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library than glibc
        return False
    mmap_threshold, trim_threshold, top_pad = -3, -1, -2
    settings = ((mmap_threshold, 1 << 30), (trim_threshold, 2**31 - 1), (top_pad, 64 << 20))
    return all(mallopt(option, value) == 1 for option, value in settings)


def ignore_group_signals() -> None:
    """Ignore the signals that a terminal or a cluster sends to all processes of a job.

    The coordinator alone acts on them.
    """
    for name in ("SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"):
        if name in signal.Signals.__members__:  # Windows has only the first
            signal.signal(signal.Signals[name], signal.SIG_IGN)
