"""A run folder, whole, damaged, old or still training, as the `Records` that rules read."""

from __future__ import annotations

from ...config.target_size import target_size
from ...diagnose import Records
from ...diagnose.records import many_samples, numbers, samples
from ...registry import PartFacts
from ...rundir.record_files import RECORD_FILES
from ...rundir.run_record import RunRecord


def records_of(run: RunRecord, word: str) -> Records:
    """Everything that rules read of a run.

    What is missing or damaged stays empty, and `run.problems` says so. word: RUN for a command.
    """
    data, linear = run.data, run.baseline
    return Records(
        word=word,
        parts=PartFacts(run.plugin_parts),
        status=run.status,
        reason=run.reason,
        config=run.config,
        target=data.target,
        names=data.names,
        class_counts=data.class_counts,
        rows=data.rows,
        monitor=run.monitor or "val_loss",
        scaled_target=data.scaled_target,
        spread=numbers(data.spread),
        baseline={} if linear is None else linear.metrics,
        baseline_model="" if linear is None else linear.model,
        targets=target_size(data.names, data.target_spread),
        **{
            kind: samples(run.rows(kind), record.inside) if record.inside else many_samples(run.rows(kind))
            for kind, record in RECORD_FILES.items()
        },
    )
