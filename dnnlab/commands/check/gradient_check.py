"""Backpropagation against centred differences, at the initial weights and after a few steps.

Source: CS231n, "Gradient checks".
"""

from __future__ import annotations

import math

from ...lazy_torch import torch
from ...registry import Bound
from .bench import Bench
from .gradients import SUSPECT, WRONG, Worst, batch_of, entries_of, in_double, in_words, limit, worst_of
from .result import Check
from .short_training import largest_rate, start, step_loss

NAME = "gradient_check"
ROWS, IMAGES = 8, 4
STEEP = 0.2  # share of numbers at kinks from which the others cannot be trusted, either
STEPS = 5  # of burn-in: at the initial weights biases are 0 and many units lie just on a corner


def gradient_check(bench: Bench) -> Check:
    """Every tensor in float64, without dropout, other randomness and penalties.

    Normalization is over the batch, as in training.
    """
    heavy = len(bench.data.in_shape) > 1 and "light" not in bench.experiment.architecture.flag("traits")
    rows = bench.sample(IMAGES if heavy else ROWS)
    try:
        found = compared(bench, rows, steps=0)
    except RuntimeError as error:  # a part that insists on float32
        if "dtype" not in str(error):
            raise
        return Check(NAME, None, f"the net does not compute in float64: {str(error).splitlines()[0]}")
    later = compared(bench, rows, steps=STEPS)
    return judged(bench, found + later, burned=bool(later))


def compared(bench: Bench, rows: torch.Tensor, steps: int) -> list[Worst]:
    """Each tensor's worst number after so many steps of training; nothing if these diverge."""
    from ...nn.seeds import mix

    session = start(bench, rows, largest_rate(bench, max(steps, 1)))
    if not all(math.isfinite(step_loss(session)) for _ in range(steps)):
        return []
    in_double(session)
    batch = batch_of(session)

    def value() -> torch.Tensor:
        session.generator.manual_seed(mix(session.plan.seed, "gradient check"))
        loss: torch.Tensor = session.loss(session.net(batch.inputs), batch)
        return loss

    session.net.zero_grad(set_to_none=True)
    torch.autograd.backward(value())
    with torch.no_grad():  # the loss itself may be near 0, but logits of this size went into it
        size = float(session.net(batch.inputs).abs().max())
    return worst_of(value, entries_of(session), session.plan.seed, size)


def judged(bench: Bench, found: list[Worst], burned: bool) -> Check:
    """The verdict on all tensors."""
    if not any(w.compared for w in found):
        return Check(NAME, None, "all gradients are too small to be told from rounding")
    worst = max(found, key=lambda w: w.error)
    words = in_words(found)
    if worst.error <= SUSPECT:
        return Check(NAME, True, words, limit(found), "" if burned else "a few steps diverge")
    if sum(w.kinks for w in found) > STEEP * sum(
        w.compared for w in found
    ):  # a very deep net: other numbers are kinks unnoticed
        return Check(
            NAME, None, f"{words}: the net is so steep that differences do not settle (initial_gradients)"
        )
    at = worst.number()
    place = "[" + ", ".join(map(str, at.place)) + "]" if at.place else ""
    slopes = f"backward gives {at.analytic:.4g}, differences {at.numeric:.4g}"
    where = f"{worst.entry.name}{place} (layer {worst.entry.layer}): {slopes}"
    degree = "" if worst.error > WRONG else "doubtful; "
    return Check(NAME, False, words, f"< {SUSPECT:.0e}", f"{degree}{where}. {suspicion(bench, found)}")


def suspicion(bench: Bench, found: list[Worst]) -> str:
    """The part that is probably wrong.

    An error spreads from its origin to all layers below, so it arises in the last layer that has it.
    """
    layers = [
        layer
        for layer in bench.session(bench.sample(2)).table.layers
        if any(w.entry.layer == layer for w in found)
    ]
    wrong = {w.entry.layer for w in found if w.error > SUSPECT}
    last = max((i for i, layer in enumerate(layers) if layer in wrong), default=0)
    if last == len(layers) - 1:
        loss = bench.objective.loss_part.name
        return f"All layers are concerned, the last one too: look at the backward of the loss {loss}"
    layer = layers[last]
    return f"{layers[last + 1]} is right, {layer} is the last that is not: look at {parts_of(bench, layer)}"


def parts_of(bench: Bench, layer: str) -> str:
    """`the backward of the activation my_relu`, or of what else the layer consists of."""
    from ...assembly.network.per_layer import layer_choices

    table = bench.session(bench.sample(2)).table
    choice = layer_choices(bench.experiment, table.own)(layer)
    if not backward_is_right(choice.activation):
        return f"the backward of the activation {choice.activation.name}"
    others = [choice.normalization.name] if choice.normalization is not None else []
    return f"the backward of its parts ({', '.join([choice.activation.name, *others])})"


def backward_is_right(activation: Bound) -> bool:
    """The activation alone, on a few numbers away from 0."""
    from ...nn.probes.numeric_gradient import compare

    width = 4
    module = activation(width).double().eval()
    inputs = (
        torch.linspace(-2.05, 1.93, 8 * width * activation.flag("widens"), dtype=torch.float64)
        .view(8, -1)
        .requires_grad_()
    )
    weights = torch.linspace(0.5, 1.5, 8 * width, dtype=torch.float64).view(8, -1)

    def value() -> torch.Tensor:
        total: torch.Tensor = (module(inputs) * weights).sum()
        return total

    torch.autograd.backward(value())
    slope = inputs.grad if inputs.grad is not None else torch.zeros_like(inputs)
    found = compare(value, inputs, slope, inputs.numel(), torch.Generator().manual_seed(0))
    return all(c.error <= SUSPECT or c.kink or c.weak for c in found)
