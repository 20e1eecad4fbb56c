"""Make the page of a run from its records, its weights and its validation part."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ...report import sections
from ...report.figures import figure
from ...report.pictures import image_uri
from ...report.sections import Example, Missing, Share
from ...report.shell import Section, page
from ...rundir.json_values import number
from ...rundir.run_record import Row, mapping
from . import curves
from .facts import data_words, environment, top_facts, when
from .histograms import histogram_section
from .inside import activation_section, update_section, weight_section
from .missing import missing
from .outcomes import Confusion, ValidationOutcome, Wrong, kept_confusion, validation_outcome
from .records import Records
from .verdicts import verdict_section

NO_DATA = "--no-data was given"
MOST_CLASSES = 30


@dataclass(frozen=True)
class Made:
    """A page."""

    html: str
    """The content of the file."""
    left_out: list[str]
    """Sentences about the content that the page could not show."""


def make_page(records: Records, word: str, *, no_data: bool = False, trust_plugins: bool = False) -> Made:
    """The page of a run.

    word: RUN in the proposed commands. no_data: do not read the data, so that the net makes no predictions.
    """
    outcome = (
        ValidationOutcome(why=NO_DATA)
        if no_data
        else validation_outcome(records, trust_plugins=trust_plugins)
    )
    summary, run = records.summary, records.run
    folder = run.name
    confusion = kept_confusion(records) or outcome.confusion
    parts = [
        verdict_section(records, word),
        learning_section(records, word),
        update_section(records, word),
        activation_section(records, word),
        histogram_section(records, word),
        weight_section(records),
        prediction_section(records, word),
        confusion_section(records, confusion, outcome),
        example_section(outcome),
        sections.config(run.view.text("resolved.yaml") or "resolved.yaml cannot be read", run.overrides),
        sections.pairs("environment", "Environment", environment(records)),
    ]
    tags = f"tags: {', '.join(summary.tags)}" if summary.tags else ""
    created = "" if run.created is None else when(run.created)
    over = [words for words in (created, data_words(records), tags) if words]
    head = sections.head(
        summary.name,
        folder,
        run.status,
        over,
        top_facts(records),
        run.note,
        records.problems,
    )
    left_out = [f"worst examples: {outcome.why}"] if outcome.why else []
    return Made(page(f"{summary.name} · {folder}", head, parts, f"dnnlab report of {run.path}"), left_out)


def learning_section(records: Records, word: str) -> Section:
    """Loss, metrics, gap and rate."""
    charts = [curves.measure_chart(records, name) for name in curves.measures(records)]
    charts += [
        curves.gap_chart(records, name) for name in dict.fromkeys(["loss", *curves.metrics(records)[:1]])
    ]
    charts += [curves.batch_chart(records), curves.rate_chart(records)]
    gone = [missing(records, kind, word) for kind in ("metrics", "steps") if not records.run.rows(kind)]
    return sections.curves("learning", "Learning", [chart for chart in charts if chart is not None], gone)


def prediction_section(records: Records, word: str) -> Section:
    """How often each class is predicted."""
    chart = curves.prediction_chart(records)
    if chart is None and records.run.data.target == "real":
        return Section("predictions", "Predictions per class", sections.missed([]))
    if chart is None:
        return sections.curves(
            "predictions", "Predictions per class", [], [missing(records, "predictions", word)]
        )
    return sections.curves(
        "predictions",
        "Predictions per class",
        [chart],
        beside=class_bars(records.run.rows("predictions")[-1]),
    )


def class_bars(row: Row) -> Markup:
    """The share of each class in the last recorded predictions and in the labels.

    Only the most frequent classes are shown if there are very many.
    """
    found, known = mapping(row.get("shares")), mapping(row.get("labels"))
    shares = [
        Share(str(name), number(share) or 0.0, number(known.get(name))) for name, share in found.items()
    ]
    often = sorted(shares, key=lambda share: -max(share.predicted, share.true or 0.0))
    most = often[:MOST_CLASSES] if len(shares) > MOST_CLASSES else shares
    note = f"The {len(shares) - len(most)} rarest classes are left out." if len(most) < len(shares) else ""
    return sections.classes(f"Predicted and true, epoch {row.get('epoch')}", most, note)


def confusion_section(records: Records, found: Confusion | None, outcome: ValidationOutcome) -> Section:
    """Which classes are taken for which."""
    title = "Confusion matrix"
    if found is None and outcome.rows:  # the net was asked, and does not choose one of several classes
        return Section("confusion", title, sections.missed([]))
    if found is None:
        why = f"Not known: {outcome.why}." if outcome.why else "Not known."
        return Section("confusion", title, sections.missed([Missing(why)]))
    return Section(
        "confusion", title, sections.confusion(found.names, found.counts, found.mistakes), found.source
    )


def example_section(outcome: ValidationOutcome) -> Section:
    """The rows of the validation part with the highest loss."""
    if not outcome.worst:
        return Section("examples", "Worst examples", sections.missed([Missing(f"Not shown: {outcome.why}.")]))
    note = (
        f"The {len(outcome.worst)} rows with the highest loss of {outcome.rows:,} in the validation part, "
        f"weights of epoch {outcome.epoch}."
    )
    return Section(
        "examples", "Worst examples", sections.examples([_example(wrong) for wrong in outcome.worst], note)
    )


def _example(wrong: Wrong) -> Example:
    picture = "" if wrong.pixels is None else image_uri(wrong.pixels)
    values = [(name, figure(value)) for name, value in wrong.values]
    return Example(
        f"row {wrong.row + 1:,}", wrong.predicted, wrong.true, wrong.loss, wrong.sure, picture, values
    )
