"""What each augmentation costs a batch, beside kornia's counterpart, in turn in one process; and shift + rotate + zoom as one resampling.

    python benchmarks/augmentations.py                  # one to two minutes; kornia where it is installed:
    pip install kornia python benchmarks/augmentations.py --pairs 9        # fewer measurements

Both get pixels in [0, 1], 128 images of 1x28x28 and of 3x32x32, and draw new parameters in every call, on one
thread. kornia's classes with other meanings are not used (RandomBrightness adds, RandomContrast multiplies
the pixel): its ColorJitter is the counterpart.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from dnnlab.engine.runtime import prepare

prepare()  # before torch, as the command line does: kornia gets the same settings

import numpy as np  # noqa: E402
import torch  # noqa: E402
from paired import compare, interleave  # noqa: E402
from torch import Tensor  # noqa: E402

from dnnlab import registry  # noqa: E402
from dnnlab.data.augment.color_ops import Colors  # noqa: E402
from dnnlab.data.augment.compose import Augmentation, Pixels  # noqa: E402

try:
    import kornia.augmentation as peer
except ImportError:
    peer = None

SHAPES = [(128, 1, 28, 28), (128, 3, 32, 32)]
MOST_MS = 2.5
MAPS = [
    {"name": "shift", "fraction": 0.1},
    {"name": "rotate", "degrees": 15},
    {"name": "zoom", "fraction": 0.1},
]
Rows = Iterator[tuple[str, list[dict[str, Any]], Callable[[], Any] | None]]


def rows(height: int) -> Rows:
    """What is measured: a name, dnnlab's list, kornia's counterpart (None: it has none)."""
    colors = {"brightness": 0.2, "contrast": 0.2, "saturation": 0.2}
    yield (
        "shift, rotate, zoom",
        MAPS,
        lambda: peer.RandomAffine(15, (0.1, 0.1), (0.9, 1.1), padding_mode="border", p=1.0),
    )
    yield (
        "shift",
        MAPS[:1],
        lambda: peer.RandomTranslate((-0.1, 0.1), (-0.1, 0.1), padding_mode="border", p=1.0),
    )
    yield "rotate", MAPS[1:2], lambda: peer.RandomRotation(15, p=1.0)
    yield "zoom", MAPS[2:], lambda: peer.RandomAffine(0, None, (0.9, 1.1), padding_mode="border", p=1.0)
    yield "crop", [{"name": "crop"}], lambda: peer.RandomCrop((height, height), padding=4, p=1.0)
    yield "flip", [{"name": "flip"}], lambda: peer.RandomHorizontalFlip()
    yield "vertical_flip", [{"name": "vertical_flip"}], lambda: peer.RandomVerticalFlip()
    for name, amount in colors.items():
        yield (
            name,
            [{"name": name}],
            lambda name=name, amount=amount: peer.ColorJitter(**{name: amount}, p=1.0),
        )
    yield "hue", [{"name": "hue", "degrees": 20}], lambda: peer.ColorJitter(hue=20 / 360, p=1.0)
    yield (
        "all four colours",
        [*({"name": name} for name in (*colors, "hue"))],
        lambda: peer.ColorJitter(**colors, hue=20 / 360, p=1.0),
    )
    yield "pca_color", [{"name": "pca_color"}], None
    yield "cutout", [{"name": "cutout"}], lambda: peer.RandomErasing((0.0625, 0.0625), (1.0, 1.0), p=1.0)
    yield "noise", [{"name": "noise"}], lambda: peer.RandomGaussianNoise(std=0.05, p=1.0)


def made(specs: list[dict[str, Any]], channels: int) -> Augmentation:
    """dnnlab's list on inputs that are pixels already."""
    colors = Colors(torch.full((channels,), 0.5), 0.1 * torch.eye(channels))
    bound = [registry.bind("augment", spec) for spec in specs]
    return Augmentation(
        [b(colors) if b.flag("fits") else b() for b in bound], Pixels(torch.ones(()), torch.zeros(()))
    )


def seconds(function: Callable[[Tensor], Tensor], images: Tensor, calls: int) -> Callable[[], float]:
    """Measures the mean of some calls."""

    def measure() -> float:
        start = perf_counter()
        for _ in range(calls):
            function(images)
        return (perf_counter() - start) / calls

    return measure


def run(pairs: int, calls: int) -> list[str]:
    """Print the table; returns what missed its gate."""
    missed: list[str] = []
    for shape in SHAPES:
        images, size = torch.rand(shape), f"{shape[1]}x{shape[2]}x{shape[3]}"
        for name, specs, build_peer in rows(shape[2]):
            if shape[1] == 1 and any(registry.bind("augment", spec).flag("rgb") for spec in specs):
                continue
            measures = [seconds(made(specs, shape[1]), images, calls)]
            left_out = "" if build_peer is not None else "has none"
            left_out = (
                "refuses one channel" if shape[1] == 1 and name in ("brightness", "contrast") else left_out
            )
            left_out = left_out if peer is not None else "is not installed"
            measures += (
                [seconds(build_peer(), images, calls)] if build_peer is not None and not left_out else []
            )
            times = interleave(measures, pairs)
            ours = 1e3 * float(np.median(times[0]))
            row = f"{name:20s} {size:8s} {ours:8.3f} ms"
            if left_out:
                row += f"  kornia {left_out}"
            else:
                result = compare(name, *times, 1.0)
                row += f"  kornia {1e3 * np.median(times[1]):8.3f} ms  ratio {result.ratio:.2f} [{result.low:.2f}, {result.high:.2f}]"
                row += f"  gate 1.00 {'MISSED' if result.missed else 'met'}"
                missed += [f"{name} {size}"] if result.missed else []
            if specs is MAPS:
                row += f"  gate {MOST_MS} ms {'MISSED' if ours > MOST_MS else 'met'}"
                missed += [f"{name} {size}: {MOST_MS} ms"] if ours > MOST_MS else []
            print(row, flush=True)
    return missed


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=25)
    parser.add_argument("--calls", type=int, default=20)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    if peer is None:
        print("kornia is not installed: its columns are left out (pip install kornia)")
    missed = run(chosen.pairs, chosen.calls)
    raise SystemExit(f"missed: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
