"""Seeds for every draw of a run, made from the run's seed and the purpose of the draw.

So no generator's state needs saving, looking at a run cannot disturb it, and a new layer leaves the others'
weights alone.
"""

from __future__ import annotations

import hashlib

import torch

_MASK = (1 << 64) - 1


def mix(seed: int, what: int | str) -> int:
    """A seed for `what` (a step, an epoch, a parameter's name), from the run's seed. In [0, 2^63).

    Source of the finalizer: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"
    (SplitMix64).
    """
    if isinstance(what, str):
        what = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "little")
    z = (seed * 0x9E3779B97F4A7C15 + what + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return (z ^ (z >> 31)) >> 1


def generator_for(device: torch.device) -> torch.Generator:
    """The default generator of a device, which dropout and the batch effects draw from."""
    if device.type == "cuda":
        torch.cuda.init()  # type: ignore[no-untyped-call]  # torch's, without types
        return torch.cuda.default_generators[device.index or 0]
    if device.type == "mps":
        return torch.mps._get_default_mps_generator()
    return torch.default_generator
