"""The net memorizes the training rows and gets worse on all others."""

from __future__ import annotations

from dataclasses import dataclass

from ..advice import drops, normalized, shrinks, stops
from ..chance_level import chance_loss, final, skills
from ..curves import smooth
from ..records import Curve, Records
from ..verdict import Advice, Finding, rule

RISE = 0.05  # of the loss of a constant answer; the study: benchmarks/thresholds/README.md
LOSS = 0.2  # above its best: Prechelt stops at 5 % already, but knows that a single dip is no minimum
GAP = 0.1  # in accuracy, r2 or what counts; the study
# in accuracy: with training rows known by heart it needs no rise; the largest gaps of sound trainings were
# 0.15
APART = 0.17
APART_NUMBERS = 0.3  # in r2, where the noise of few validation rows weighs more
BY_HEART = 0.95
EPOCHS = 4


@dataclass(frozen=True)
class Turn:
    """How the validation loss turned.

    The changes start at the minimum of the smoothed loss, so that a single low value makes no turn.
    """

    since: int
    """The epoch of the lowest validation loss."""
    best: float
    """The lowest validation loss."""
    end: float
    """The validation loss at the end."""
    rise: float
    """The rise of the validation loss, relative to the loss of a constant answer."""
    share: float
    """The rise of the validation loss, relative to the minimum."""
    fell: float
    """The fall of the training loss in the same time."""
    apart: float
    """The measure (accuracy, r2) on training rows minus that on validation rows, each the median of the last
    epochs: the generalization gap of screens is that of the best epoch."""


def turn(records: Records) -> Turn | None:
    """The turn of the validation loss; None if there are too few epochs."""
    chance, curve = chance_loss(records), smooth(records.curve("val_loss"))
    trained = smooth(records.trained("loss"))
    if not chance or len(curve) < EPOCHS or len(trained) < EPOCHS:
        return None
    calm, low = min(curve, key=lambda point: point[1])
    since, best = min(records.curve("val_loss"), key=lambda point: point[1])
    end = final(curve) or 0.0
    at_best = next((value for epoch, value in trained if epoch >= calm), trained[-1][1])
    sides = [final(side) for side in measured(records)]
    apart = sides[0] - sides[1] if sides[0] is not None and sides[1] is not None else 0.0
    fell = at_best - (final(trained) or 0.0)
    return Turn(since, best, end, (end - low) / chance, (end - low) / low if low > 0 else 0.0, fell, apart)


@rule(
    why="what the net learns of the training rows no longer holds for rows that it has not seen",
    source="Prechelt 1998, Early stopping - but when?; Goodfellow, Bengio & Courville 2016, 5.2 and 7.8",
    needs=("metrics",),
    follows=("unlearnable_labels",),
    unless=("batchnorm_mismatch", "learning_rate_too_high", "diverged"),
)
def overfitting(records: Records) -> Finding | None:
    """The training loss falls on while the validation loss has risen, and the measures are apart."""
    found = turn(records)
    if found is None or found.apart < GAP:
        return None
    turned = found.fell > 0 and found.share >= LOSS and found.rise >= RISE
    if not turned:
        known = (
            found.apart >= (APART if records.classifies else APART_NUMBERS)
            and (final(measured(records)[0]) or 0.0) >= BY_HEART
        )
        return (
            Finding("warning", apart_words(records, found), cures(records), apart_since(records))
            if known
            else None
        )
    evidence = (
        f"loss fell {found.fell:.2g}, val_loss rose {found.end - found.best:.2g}",
        f"val_loss was {found.best:.4g} at epoch {found.since} and is {found.end:.4g}",
        *apart_words(records, found),
    )
    return Finding("warning", evidence, cures(records), min(found.since + 1, records.epochs))


def measured(records: Records) -> tuple[Curve, Curve]:
    """Accuracy on training and on validation rows; if there is none, the skill between chance and perfect."""
    found = records.trained("accuracy"), records.curve("val_accuracy")
    return found if all(found) else (skills(records), skills(records, "val"))


def apart_words(records: Records, found: Turn) -> tuple[str, ...]:
    """How far the measures of the two parts are apart."""
    name = "accuracy" if records.trained("accuracy") else "r2" if records.trained("r2") else "learned"
    on_training = final(measured(records)[0]) or 0.0
    beside = f"{on_training - found.apart:.2f} on validation rows in the last epochs"
    return (f"{name} {on_training:.2f} on training rows, {beside}",)


def apart_since(records: Records) -> int | None:
    """The first epoch in which the parts were as far apart as that."""
    trained, beside = measured(records)
    known = dict(beside)
    return next((epoch for epoch, value in trained if epoch in known and value - known[epoch] >= APART), None)


def cures(records: Records) -> tuple[Advice, ...]:
    """Those of dropout, a penalty, augmentation and early stopping that the config does not use yet."""
    advice = []
    if not drops(records):
        selu = records.has("activation", "self_normalizing")
        advice.append(
            Advice("drop units", ("regularizers.alpha_dropout=0.1" if selu else "regularizers.dropout=0.3",))
        )
    if not shrinks(records) and len(advice) < 2:
        advice.append(Advice("punish large weights", ("regularizers.l2=1e-3",)))
    if not stops(records) and not records.has("schedule", "whole"):
        advice.append(Advice("stop at the best epoch", ("regularizers.early_stopping={patience: 10}",)))
    if not advice and normalized(records) is None:
        advice.append(Advice("normalize each layer", ("normalization=batch",)))
    return tuple(advice[:3]) or (Advice("more rows, or a smaller net"),)
