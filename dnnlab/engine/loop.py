"""The training loop: epochs of steps, a measurement after each epoch, and records of both."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter

import torch

from ..nn.seeds import mix
from ..rundir.status import RunStatus
from .measure import Running, evaluate
from .nonfinite import NonFiniteError, first_bad_weight
from .plan import batch_bounds
from .records import End, Epoch, Record, Row, Step
from .session import LateAverage, Session
from .step import pieces_of, train_step

EVALUATION_ROWS = 256


def fit(session: Session) -> Iterator[Record]:
    """Train from `session.progress` on until the last epoch, the stopper's end or a request to stop.

    Yields a `Step` after each update, an `Epoch` after each epoch (the moment for a checkpoint), and one
    `End`. Raises `NonFiniteError` if a loss, gradient or weight is found not to be finite, `DivergedError` in
    careful mode.
    """
    s, at = session, session.progress
    clock = Clock(at.seconds)
    while at.epoch < s.plan.epochs and not at.stopped:
        for step in train_epoch(s, clock):
            yield step
            if at.in_epoch < s.steps_per_epoch and (cut := cut_short(s, clock)):
                at.seconds = clock.total()
                yield End(cut[0], at.epoch, at.step, cut[1], at.best, at.last)
                return
        record = end_epoch(s, clock)
        if s.stopper is not None and s.stopper.observe(oriented(s, record.value), at.epoch):
            at.stopped = f"{s.plan.monitor} was best at epoch {at.best.get('epoch', at.epoch)}"
        over = at.epoch == s.plan.epochs or bool(at.stopped)
        yield replace(record, final=over)
        if not over and (cut := cut_short(s, clock)):
            yield End(cut[0], at.epoch, at.step, cut[1], at.best, at.last)
            return
    put_best_back(s)
    status = RunStatus.STOPPED_EARLY if at.stopped else RunStatus.DONE
    yield End(status, at.epoch, at.step, at.stopped, at.best, at.last)


def train_epoch(s: Session, clock: Clock) -> Iterator[Step]:
    """The remaining steps of the current epoch, in the epoch's own order."""
    at = s.progress
    if not s.net.training:
        s.net.train()
    if s.running is None:
        s.running = Running(s.metrics(), s.device)
    order = epoch_order(s)
    clock.start_epoch(at.in_epoch)
    bounds = s.plan.step_bounds()[at.in_epoch :]
    inputs = s.train if s.cached is None else s.cached.train
    with inputs.ahead(piece for first, last in bounds for piece in pieces_of(s, order[first:last])):
        for first, last in bounds:
            if s.phases is not None:
                s.phases.begin_step(s, at.step)
            rows = train_step(s, order[first:last])
            at.step += 1
            at.in_epoch += 1
            yield Step(at.step, at.epoch + 1, at.in_epoch, rows)


def epoch_order(s: Session) -> torch.Tensor:
    """The rows of the current epoch in their order, drawn from the seed and the epoch's number alone.

    A permutation; or, if the split has `sampling`, as many draws with replacement. The draws invert the
    cumulated proportions, because torch.multinomial takes at most 2^24 rows.
    """
    generator = torch.Generator().manual_seed(mix(s.plan.seed, f"epoch {s.progress.epoch}"))
    rows, sampling = len(s.train), s.train.sampling
    if sampling is None:
        order = torch.randperm(rows, generator=generator)
    else:
        cumulated = sampling.double().cumsum(0)
        draws = torch.rand(rows, dtype=torch.float64, generator=generator) * cumulated[-1]
        order = torch.searchsorted(cumulated, draws, right=True).clamp_(max=rows - 1)
    return order.to(s.train.order_device)


def end_epoch(s: Session, clock: Clock) -> Epoch:
    """Measure, pass the monitor to the schedule, and note whether this epoch is the best."""
    at = s.progress
    train = s.running.values("train")
    if not math.isfinite(train["train_loss"]) or first_bad_weight(s) is not None:
        raise NonFiniteError(at.step)
    speed = clock.samples_per_second(s, at.in_epoch)
    # The next step makes the gradients anew; until then validation and a checkpoint need their memory.
    s.optimizer.zero_grad(set_to_none=True)
    at.epoch += 1
    lr, _ = s.rates(max(at.step - 1, 0))
    finish_averages(s)
    due = at.epoch % s.plan.eval_every == 0 or at.epoch == s.plan.epochs
    row: Row = {
        "epoch": at.epoch,
        "step": at.step,
        "seconds": 0.0,
        "samples_per_second": speed,
        "lr": lr,
        **train,
    }
    if due:
        s.net.eval()
        row |= measure_training_again(s) | measure_validation(s)
        s.net.train()
    value = row.get(s.plan.monitor)
    s.rates.observe(oriented(s, value), at.epoch)
    is_best = note_best(s, value, row)
    at.in_epoch, s.running = 0, None
    at.seconds = row["seconds"] = clock.total()
    at.last = {"epoch": at.epoch, "metrics": row}
    return Epoch(at.epoch, at.step, row, value, is_best, at.epoch - int(at.best.get("epoch", at.epoch)))


def finish_averages(s: Session) -> None:
    """Bring each average into the form in which it is evaluated and saved.

    An average that needs data gets the training inputs without augmentation. The generator is seeded as for a
    step, because an average may draw from it.
    """
    for average in s.averages:
        s.generator.manual_seed(mix(s.plan.seed, f"{average.suffix} {s.progress.epoch}"))
        with s.autocast():
            average.finish(TrainingInputs(s))


@dataclass(frozen=True)
class TrainingInputs:
    """The training inputs in their own order, in batches of several rows; each iteration starts anew."""

    session: Session

    def __iter__(self) -> Iterator[torch.Tensor]:
        s = self.session
        size = max(s.plan.batch_size, EVALUATION_ROWS)
        spans = [slice(*bounds) for bounds in batch_bounds(len(s.train), size)]
        with s.train.ahead(spans):
            for span in spans:
                yield s.train.rows(span).inputs


def measure_training_again(s: Session) -> Row:
    """`train_eval_...`: the raw weights on a fixed sample of the training rows, measured as in validation.

    That is: in evaluation mode, without augmentation and batch effects, all rows alike. It differs from
    `train_...` by the epoch's progress and the regularizers, and from `val_...` by the rows, which were
    learned.
    """
    if not s.plan.train_eval_rows:
        return {}
    size, rows = max(s.plan.batch_size, EVALUATION_ROWS), s.sample[: s.plan.train_eval_rows]
    if s.cached is None:
        split = replace(s.train, weights=None, sampling=None)
        measured = evaluate(s.net, split, s.loss, s.metrics(), size, s.autocast, rows)
    else:
        measured = evaluate(s.cached.top, s.cached.sample, s.loss, s.metrics(), size, s.autocast)
    return {f"train_eval_{key.removeprefix('val_')}": value for key, value in measured.items()}


def measure_validation(s: Session) -> Row:
    """`val_...` of the raw weights, then of each average that exists already."""
    if s.validation is None:
        return {}
    size = max(s.plan.batch_size, EVALUATION_ROWS)
    net, split = s.net, s.validation
    if s.cached is not None and s.cached.validation is not None:
        net, split = s.cached.top, s.cached.validation
    row: Row = dict(evaluate(net, split, s.loss, s.metrics(), size, s.autocast))
    for average in s.averages:
        if isinstance(average, LateAverage) and not average.ready:
            continue
        measured = evaluate(average.net, s.validation, s.loss, s.metrics(), size, s.autocast)
        row |= {f"{key}_{average.suffix}": value for key, value in measured.items()}
    return row


def note_best(s: Session, value: float | None, row: Row) -> bool:
    """Copy the weights if the monitor is the best so far; an average's weights if the monitor is its own."""
    score, best = oriented(s, value), s.progress.best
    if score is None or (best and score <= s.plan.sign * best["value"]):
        return False
    s.progress.best = {"epoch": s.progress.epoch, "value": value, "metrics": row}
    watched = next((a.net for a in s.averages if s.plan.monitor.endswith(f"_{a.suffix}")), None)
    source = s.net.state_dict() if watched is None else watched.state_dict()
    if s.best_weights is None:
        s.best_weights = {name: tensor.detach().clone() for name, tensor in source.items()}
    else:
        for name, tensor in source.items():
            s.best_weights[name].copy_(tensor)
    return True


def put_best_back(s: Session) -> None:
    """Load the best weights into the net, unless the stopper keeps the last ones."""
    if s.best_weights is not None and (s.stopper is None or s.stopper.restore_best):
        s.net.load_state_dict(s.best_weights)


def oriented(s: Session, value: float | None) -> float | None:
    """The monitor, signed so that higher is better; None if it was not measured or is not finite."""
    return s.plan.sign * value if value is not None and math.isfinite(value) else None


def cut_short(s: Session, clock: Clock) -> tuple[RunStatus, str] | None:
    """Status and reason if training must stop before its end."""
    if s.stop.status is not None:
        return s.stop.status, s.stop.reason
    if s.plan.max_seconds is not None and clock.here() >= s.plan.max_seconds:
        return RunStatus.STOPPED_EARLY, f"training.max_minutes: {s.plan.max_seconds / 60:g} minutes are over"
    return None


class Clock:
    """Seconds of training, including those before a resume."""

    def __init__(self, before: float) -> None:
        self.before, self.began = before, perf_counter()
        self.epoch_began, self.skipped = self.began, 0

    def total(self) -> float:
        """Seconds since training began."""
        return self.before + self.here()

    def here(self) -> float:
        """Seconds of this process alone."""
        return perf_counter() - self.began

    def start_epoch(self, done: int) -> None:
        """Start an epoch, `done` steps of which an earlier process made."""
        self.epoch_began, self.skipped = perf_counter(), done

    def samples_per_second(self, s: Session, steps: int) -> float:
        """Training rows per second in the steps that this process made in the epoch."""
        share = (steps - self.skipped) / max(steps, 1)
        return share * len(s.train) / max(perf_counter() - self.epoch_began, 1e-9)
