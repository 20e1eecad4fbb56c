"""What penalties, constraints and gradient clipping add to a step: the reference MLP with the part beside the same net without it, in turn.

    DNNLAB_DATA=~/data python benchmarks/cost_of_parts.py                  # all rows; or some of: l1 max_norm
    global_norm ...

MLP 784-300-100-10, ELU, Adam, batches of 32 of MNIST, one thread; of every epoch of 100 steps the time from
its beginning to its last step. Each part is written so that it acts in every step: weights decay, units stand
at their limit, gradients are longer than the threshold (`acts`); clipping is measured too with a threshold
that nothing reaches (`idle`). Both nets are built anew several times, since where their weights lie in memory
is worth some per cent. Gate: at most 1.10 of the step without the part.
"""

from __future__ import annotations

import argparse
from typing import Any

from engine import MLP, MNIST, ByEngine, session_of
from paired import LEAST_PAIRS, Comparison, compare, interleave

from dnnlab import registry

GATE = 1.10
ROWS = 3_200  # 100 steps an epoch
BUILDS = 5
REGULARIZERS: dict[str, dict[str, Any]] = {
    "l1": {"strength": 1e-5},
    "l2": {"strength": 1e-4},
    "l1_l2": {},
    "max_norm": {"limit": 0.5},
    "unit_norm": {},
    "non_negative": {},
}
LIMITS = {"acts": 1e-4, "idle": 1e6}


def rows() -> dict[str, dict[str, Any]]:
    """Name of a row -> the sections that its config adds. A clipping's first key is its limit."""
    parts: dict[str, dict[str, Any]] = {
        name: {"regularizers": {name: keys or True}} for name, keys in REGULARIZERS.items()
    }
    for entry in registry.entries("gradient_clipping"):
        for word, limit in LIMITS.items():
            parts[f"{entry.name} {word}"] = {
                "gradient_clipping": {"name": entry.name, str(entry.first_key): limit}
            }
    return parts


def measure(name: str, sections: dict[str, Any], pairs: int) -> Comparison:
    """Epochs with the part and without it, in turn, in each of the builds."""
    base: dict[str, Any] = {"data": {**MNIST, "limit": ROWS}, **MLP}
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(BUILDS):
        nets = [ByEngine(session_of(config, 32), steps_only=True) for config in ({**base, **sections}, base)]
        for column, more in zip(seconds, interleave([net.epoch for net in nets], pairs), strict=True):
            column += more
    result = compare(name, *seconds, GATE)
    print(result.row(), flush=True)
    return result


def main() -> int:
    """Measure the rows asked for, by their first word; exit code 1 when a gate is missed."""
    every = rows()
    names = sorted({name.split()[0] for name in every})
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "rows",
        nargs="*",
        choices=[[], *names],
        help=f"which to measure, of {', '.join(names)} (default: all)",
    )
    parser.add_argument(
        "--pairs", type=int, default=LEAST_PAIRS, help="pairs of epochs in each build (default 9)"
    )
    options = parser.parse_args()
    wanted = {
        name: sections
        for name, sections in every.items()
        if not options.rows or name.split()[0] in options.rows
    }
    return int(sum(measure(name, sections, options.pairs).missed for name, sections in wanted.items()) > 0)


if __name__ == "__main__":
    raise SystemExit(main())
