"""The child process that reads a torch state dict: `python -m dnnlab.weights.torch_child FILE TARGET`.

It writes the tensors to TARGET as safetensors and one line of JSON to stdout.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

NESTED = ("state_dict", "model_state_dict", "model", "module", "net", "network", "weights", "params", "ema")
"""Where checkpoints keep the weights, beside an optimizer and counters."""
PREFIX = re.compile(r"^(?:module\.|_orig_mod\.)+")
"""What DataParallel and torch.compile put before the names."""


def main() -> None:
    """Read, write, answer."""
    source, target = map(Path, sys.argv[1:])
    print(json.dumps(answer(source, target)))


def answer(source: Path, target: Path) -> dict[str, Any]:
    """`order` and `notes`, or the parts of a problem."""
    import torch
    from safetensors.torch import save_file

    limit_memory(6 * source.stat().st_size + (1 << 30))
    try:
        loaded = torch.load(source, map_location="cpu", weights_only=True)
        tensors, notes = weights_of(loaded)
        if tensors:
            save_file(
                {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}, target
            )
            return {"order": list(tensors), "notes": notes}
    except MemoryError:
        return {"received": "its tensors need more memory than the file is long", "code": "too_large"}
    except Exception as error:  # whatever a file made of anything makes torch raise
        return problem_of(error)
    return {
        "received": "it holds no tensors by name",
        "fix": "torch.save(net.state_dict(), FILE)",
        "code": "weight_file",
    }


def problem_of(error: Exception) -> dict[str, str]:
    """The parts of a problem."""
    text, fix = str(error), "torch.save(net.state_dict(), FILE)"
    found = re.search(r"GLOBAL (\S+)", text) or re.search(r"unsupported (?:class|operand) (\S+)", text)
    if found is not None or "weights_only" in text.lower() or "WeightsUnpickler" in text:
        what = f" ({found[1]})" if found else ""
        received = f"it holds Python objects{what}, which run code when they are read"
        return {
            "received": received,
            "expected": "expected tensors by name",
            "fix": fix,
            "code": "weight_objects",
        }
    if "memory" in text.lower():
        return {"received": "its tensors need more memory than the file is long", "code": "too_large"}
    words = text.strip().splitlines() or [type(error).__name__]
    return {
        "received": f"torch cannot read it ({words[0]})",
        "expected": "expected a whole file",
        "code": "truncated",
    }


def weights_of(loaded: Any) -> tuple[dict[str, Any], list[str]]:
    """The tensors by name, and what was left out or renamed."""
    import torch

    notes: list[str] = []
    while isinstance(loaded, Mapping) and not any(
        isinstance(value, torch.Tensor) for value in loaded.values()
    ):
        inside = next((key for key in NESTED if isinstance(loaded.get(key), Mapping)), None)
        if inside is None:
            return {}, notes
        left = [str(key) for key in loaded if key != inside]
        notes += [f"taken from {inside!r}" + (f"; left: {', '.join(left[:5])}" if left else "")]
        loaded = loaded[inside]
    if not isinstance(loaded, Mapping):
        return {}, notes
    found = {
        PREFIX.sub("", str(name)): value
        for name, value in loaded.items()
        if isinstance(value, torch.Tensor) and value.layout is torch.strided and not value.is_quantized
    }
    odd = [str(name) for name in loaded if PREFIX.sub("", str(name)) not in found]
    return found, notes + ([f"left, since they are no plain tensors: {', '.join(odd[:5])}"] if odd else [])


def limit_memory(more: int) -> None:
    """Let this process take at most `more` bytes beyond what it has, where the system can do that."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main()
