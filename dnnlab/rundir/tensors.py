"""Named tensors in a safetensors file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from dnnlab.lazy_torch import torch


def save_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write tensors of any device and layout.

    Tied tensors are written once for each name. Raises `OSError`. Not atomic by itself.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        save_file(_apart(tensors), path)
    except SafetensorError as error:
        number = re.search(r"os error (\d+)", str(error))  # the library hides the OSError in its text
        if number is None:
            raise
        raise OSError(
            int(number[1]), re.sub(r".*error: | \(os error.*", "", str(error)), str(path)
        ) from error


def load_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Read all tensors of a file into own memory, on the CPU.

    They are cloned because the library returns views at 4-byte alignment, and with MKL the last bits of a
    product depend on alignment. Raises `OSError`, and `ValueError` for a file that is not safetensors.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return {name: tensor.clone() for name, tensor in load_file(path).items()}
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _apart(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Contiguous tensors of which no two share memory, since the format has no aliases.

    Tensors are copied only if needed.
    """
    seen: set[int] = set()
    result: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        packed = tensor.detach().resolve_conj().resolve_neg().contiguous()
        start = packed.untyped_storage().data_ptr()
        result[name] = packed.clone() if start in seen else packed
        seen.add(start)
    return result
