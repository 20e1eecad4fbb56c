"""The hardware of a training: device, threads, precision."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from ...config.sections import Training
from ...errors import ConfigError, Problem
from ...nn.seeds import generator_for


@dataclass(frozen=True)
class Hardware:
    """What a training runs on."""

    device: torch.device
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext
    """The context of every forward pass."""
    scaler: torch.amp.GradScaler | None = None
    """Scales the loss so that small gradients survive fp16."""
    threads: int = 1

    @property
    def generator(self) -> torch.Generator:
        """The generator that dropout and the batch effects draw from."""
        return generator_for(self.device)


def choose_hardware(training: Training, recorded: int | None = None) -> Hardware:
    """The hardware that the section `training` asks for; also sets torch's threads and determinism.

    recorded: the threads of the run that is resumed. Raises `ConfigError`.
    """
    device = choose_device(training.device)
    autocast = autocast_for(training.precision, device)
    threads = set_threads(training.threads, recorded)
    set_determinism(training.deterministic, device)
    scaler = torch.amp.GradScaler(device.type) if training.precision == "fp16" else None
    return Hardware(device, autocast, scaler, threads)


def choose_device(word: str) -> torch.device:
    """The device of a word of `training.device`. Raises `ConfigError` if this machine has no such device."""
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
    """The error for a device that this machine lacks."""
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
    """The context of every forward pass; also sets the tf32 mode of the matrix units.

    Raises `ConfigError` for a precision that the device does not have.
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

    The default is one, because two threads collapse on a busy machine, and their number changes the last
    bits.
    """
    threads = word if isinstance(word, int) else recorded or 1
    torch.set_num_threads(threads)
    return threads


def set_determinism(on: bool, device: torch.device) -> None:
    """Ask the device for repeatable kernels. On a CPU all kernels in use are repeatable anyway."""
    if device.type != "cuda":
        return
    torch.use_deterministic_algorithms(on)
    # Filling new memory costs time and changes no result.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # not in the stub
    torch.backends.cudnn.benchmark = not on


def no_memory(error: BaseException) -> bool:
    """Whether an error reports that memory ran out, or that no machine could have so much."""
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
