"""What the thresholds of `doctor` are read from: trains all cells, writes what the rules measure of each into statistics.csv.

    OMP_NUM_THREADS=1 python benchmarks/thresholds/study.py [--part 0.1]      (about 4 minutes on one core)

Then `python benchmarks/thresholds/table.py` says what separates the healthy from the sick.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from cells import Cell, arrays, cells

from dnnlab.commands.doctor.read_records import records_of
from dnnlab.commands.load_config import from_python
from dnnlab.commands.train.train import train
from dnnlab.data.readers.arrays import from_arrays
from dnnlab.diagnose import Records, judge
from dnnlab.diagnose.chance_level import final, skills
from dnnlab.errors import DivergedError
from dnnlab.rundir import list_runs
from dnnlab.rundir.run_record import read_record

HERE = Path(__file__).parent
FILE = HERE / "statistics.csv"


def statistics() -> dict[str, Callable[[Records], float | None]]:
    """What is measured of a run, by the very functions that the rules use."""
    from importlib import import_module

    def of(rule: str, name: str) -> Callable[[Records], Any]:
        return getattr(import_module(f"dnnlab.diagnose.rules.{rule}"), name)  # type: ignore[no-any-return]

    swing, turn, clipped = (
        of("oscillating", "swing"),
        of("overfitting", "turn"),
        of("clipping_always_active", "over_threshold"),
    )
    return {
        "peak_ratio": of("learning_rate_too_high", "peak_ratio"),
        "blow_up": of("learning_rate_too_high", "blow_up"),
        "typical_ratio": of("learning_rate_too_low", "typical_ratio"),
        "still_falling": of("learning_rate_too_low", "still_falling"),
        "lost": of("vanishing_gradients", "typical_loss"),
        "first_norm": of("exploding_gradients", "first_norm"),
        "apart": of("exploding_gradients", "layers_apart"),
        "growth": of("exploding_gradients", "growth"),
        "dead": of("dead_units", "worst_share"),
        "saturated": of("saturated_units", "worst_saturation"),
        "swing": lambda r: None if swing(r) is None else swing(r)[0],
        "rises": lambda r: None if swing(r) is None else swing(r)[1],
        "noise": of("noisy_loss", "noise"),
        "penalty": of("penalty_dominates", "penalty_share"),
        "drop_cost": of("dropout_too_strong", "cost"),
        "mismatch": of("batchnorm_mismatch", "mismatch"),
        "size": of("unscaled_inputs", "size"),
        "rare": lambda r: (
            None if of("class_imbalance", "rarest")(r) is None else of("class_imbalance", "rarest")(r)[2]
        ),
        "excess": of("collapsed_predictions", "excess"),
        "unused": of("collapsed_predictions", "unused"),
        "clip_times": lambda r: None if clipped(r) is None else clipped(r)[1],
        "rise": lambda r: None if turn(r) is None else turn(r).rise,
        "rise_share": lambda r: None if turn(r) is None else turn(r).share,
        "gap": lambda r: None if turn(r) is None else turn(r).gap,
        "flat_since": of("plateau", "flat_since"),
        "restless": of("plateau", "restless"),
        "learned": of("not_learning", "learned"),
        "skill": lambda r: final(skills(r)),
        "val_skill": lambda r: final(skills(r, "val")),
    }


def trained(cell: Cell, folder: Path) -> Records:
    """Train a cell, unless the folder holds it from an earlier time, and read its records."""
    before = list_runs(folder)
    if before:
        return records_of(read_record(before[0]), before[0].name)
    x, y = arrays(cell.data, cell.seed)
    scaled = {"target_scale": "standardize"} if cell.data == "friedman" else {}
    data = {"validation": 0.3, "test": "none", **scaled, **cell.config.get("data", {})}
    config = from_python({**cell.config, "data": data, "seed": cell.seed}, {}, folder, True)
    path = None
    try:
        for event in train(config, folder, raw=from_arrays(x, y)):
            path = getattr(event, "path", path) if path is None else path
    except DivergedError:
        pass
    assert path is not None
    return records_of(read_record(path), path.name)


def harms(rows: list[dict[str, Any]]) -> None:
    """Add to each row how much less it learned than the best of its group: of the training rows and of the validation rows."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["family"], row["group"]].append(row)
    for group in groups.values():
        for key, harm in (("skill", "harm"), ("val_skill", "val_harm")):
            best = max(row[key] if row[key] is not None else -1.0 for row in group)
            for row in group:
                row[harm] = best - max(row[key] if row[key] is not None else -1.0, -1.0)
        top = max(group, key=lambda row: -1.0 if row["skill"] is None else row["skill"])["value"]
        for row in group:
            row["side"] = (row["value"] > top) - (row["value"] < top)


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", type=float, default=1.0, help="train only this share of the cells")
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument(
        "--runs", type=Path, help="keep the runs in this folder, and use those that are there"
    )
    options = parser.parse_args()
    chosen = cells(range(options.seed, options.seed + 5))
    chosen = chosen[:: max(1, round(1 / options.part))]
    measures, rows, began = statistics(), [], time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for i, cell in enumerate(chosen):
            records = trained(cell, Path(options.runs or folder) / cell.name)
            row = {
                "family": cell.family,
                "group": cell.group,
                "value": cell.value,
                "seed": cell.seed,
                "status": records.status,
            }
            row["verdicts"] = " ".join(v.name for v in judge(records).at_least("warning"))
            rows.append({**row, **{name: measure(records) for name, measure in measures.items()}})
            if i % 50 == 49:
                print(f"{i + 1} of {len(chosen)}, {time.perf_counter() - began:.0f} s", file=sys.stderr)
    harms(rows)
    with FILE.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(
            {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )
    print(f"{len(rows)} trainings in {time.perf_counter() - began:.0f} s: {FILE}")


if __name__ == "__main__":
    main()
