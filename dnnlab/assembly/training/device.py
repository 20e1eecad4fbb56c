"""Where training runs: device, threads, precision."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import torch

from ...errors import ConfigError, Problem


def choose_device(word: str) -> torch.device:
    """The device of a word of `training.device`. Raises `ConfigError` where it is not there."""
    if word == "auto":
        kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device(kind, 0) if kind == "cuda" else torch.device(kind)
    device = torch.device(word)
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            raise missing(
                word,
                f"this machine has {count} CUDA devices"
                if count
                else "this machine has no CUDA device, or torch is a CPU build",
            )
        return torch.device("cuda", device.index or 0)
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise missing(word, "this machine has no Apple GPU")
    return device


def missing(word: str, why: str) -> ConfigError:
    """The error for a device that is not there."""
    return ConfigError(
        Problem(
            f"received {word}; {why}",
            "expected a device that is there",
            "auto, or cpu",
            "training.device",
            code="device",
        )
    )


def autocast_for(precision: str, device: torch.device) -> Callable[[], AbstractContextManager[Any]]:
    """The context of every forward pass.

    Sets the matrix units' tf32 mode. Raises `ConfigError` for what cannot act on the device.
    """
    if precision == "fp16" and device.type == "cpu":
        text = "received fp16; on a CPU it is several times slower than fp32"
        raise ConfigError(
            Problem(text, "expected fp32 or bf16", "precision: bf16", "training.precision", code="precision")
        )
    if precision == "tf32" and device.type != "cuda":
        text = f"received tf32; it is a mode of NVIDIA GPUs and changes nothing on {device.type}"
        raise ConfigError(
            Problem(text, "expected fp32 or bf16", "precision: fp32", "training.precision", code="precision")
        )
    if device.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    if precision in ("fp32", "tf32"):
        return nullcontext
    return partial(
        torch.autocast, device.type, dtype={"bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    )


def set_threads(word: int | str, recorded: int | None) -> int:
    """Set torch's threads: the config's number, else those of the run that is resumed, else 1.

    One is the default because two threads collapse on a busy machine and their number changes the last bits.
    """
    threads = word if isinstance(word, int) else recorded or 1
    torch.set_num_threads(threads)
    return threads


def set_determinism(on: bool, device: torch.device) -> None:
    """Ask the device for repeatable kernels. On a CPU all kernels in use are repeatable already."""
    if device.type != "cuda":
        return
    torch.use_deterministic_algorithms(on)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # costs time and changes no result
    torch.backends.cudnn.benchmark = not on


def no_memory(error: BaseException) -> bool:
    """Whether an error says that the device or the machine has no memory left, or that no machine could have so much."""
    words = (
        "out of memory",
        "can't allocate memory",
        "not enough memory",
        "size calculation overflowed",
        "Overflow when unpacking",
    )
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        word in str(error) for word in words
    )
