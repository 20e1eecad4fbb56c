"""Every sentence of `conversions` was executed with torch or Keras (tests/golden/conversions); dnnlab gives
the numbers that it promises.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.parameter_tables import build, table_of
from torch import Tensor, nn

from dnnlab import registry
from dnnlab.assembly.training.lr_and_momentum import ScheduledRates, build_rates
from dnnlab.nn.batch import Batch, Task
from dnnlab.nn.layers.linear_maps import Dense
from dnnlab.nn.parameter_table import Fans

FOLDER = Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((FOLDER / "conversions.json").read_text())
STEPS = json.loads((FOLDER / "optimizers.json").read_text())
CASES = GOLDEN["cases"]
KINDS = [
    "activation",
    "initializer",
    "normalization",
    "schedule",
    "optimizer",
    "gradient_clipping",
    "loss",
    "metrics",
    "regularizers",
]
DRAWN = {"inside", "batch"}
"""Effects of regularizers that draw; their tests measure frequencies. Of these, only what smooths
has cases.
"""
OF_DNNLAB = {
    "biases are 0 here",
    "it looks at a batch, so it comes after the net",
    "lecun_normal weights are set here by initializer: auto",
    "its beta is 1 here",
    "pieces linear maps side by side, then amax over them",
    "not for the output layer, which gives logits here",
    "that of Keras 2 has the slope 0.2 in place of 1/6",
    "eps 1e-5 here",
    "decay_steps is the whole training here",
    "the steps are counted here",
    "the books write it as a callback",
    "factor is 0.5 by default here",
    "factor is 0.5 by default here, monitor is training.monitor",
    "end is 0 by default here",
    "biases do not decay here",
    "exclude_from_weight_decay is not needed here",
    "its rate is ten times the default here",
    "here lr 0.02 and no decay by default, and AdamW for the rest is included",
    "the default lr is 1e-3 here",
    "lr 1e-3 and alpha 0.9 by default here",
    "restore_best is true by default here, monitor is training.monitor",
    "the weights are averaged beside here, never overwritten",
    "here in training alone",
    # A subclass of torch's own; test_optimizers.py takes steps with both.
    (
        "torch.optim.LBFGS(history_size, line_search_fn=None): history and line_search, which is "
        "strong_wolfe by default here"
    ),
}
"""Clauses that say something of dnnlab alone, of Keras 2, which is no more, or nothing that has numbers."""


def clauses() -> Counter[tuple[str, str, str]]:
    """(part, library, clause) of every claim: sentences are cut at semicolons and full stops; what "no such" exists has no
    numbers.
    """
    found: Counter[tuple[str, str, str]] = Counter()
    for kind in KINDS:
        for entry in registry.entries(kind):
            drawn = entry.flags.get("effect") in DRAWN and "smooths" not in entry.flags["traits"]
            if entry.origin is not None or drawn:
                continue
            for library, sentence in entry.conversions.items():
                for clause in re.split(r"; |\. (?=[A-Z])", sentence):
                    if clause not in OF_DNNLAB and not clause.startswith(("no ", "torch has none")):
                        found[f"{kind}.{entry.name}", library, clause] += 1
    return found


def test_every_claim_has_an_executed_case_and_every_case_a_claim() -> None:
    executed = {(case["part"], case["library"], case["clause"]) for case in CASES}
    assert executed == set(clauses())


def inputs(name: str) -> Tensor:
    return torch.tensor(GOLDEN["inputs"][name])


def double(name: str) -> Tensor:
    return inputs(name).double()


def activation(name: str, ours: Any) -> Any:
    return registry.build("activation", {"name": name, **ours}, 1).double().eval()(double("points")[:, None])


def slopes(name: str, ours: Any) -> Any:
    """How many numbers the activation learns for so many channels."""
    width = ours.pop("width")
    return sum(p.numel() for p in registry.build("activation", {"name": name, **ours}, width).parameters())


def drawn(name: str, ours: Any) -> Tensor:
    shape, fans = {
        "dense": ((900, 400), Fans(400, 900)),
        "conv": ((160, 64, 5, 5), Fans(64 * 25, 160 * 25)),
    }[ours.pop("form")]
    weight = torch.empty(shape)
    registry.build("initializer", {"name": name, **ours}, weight, fans, torch.Generator().manual_seed(0))
    return weight


def deviation(name: str, ours: Any) -> Any:
    return drawn(name, ours).square().mean().sqrt()


def largest(name: str, ours: Any) -> Any:
    return drawn(name, ours).abs().max()


def normalization(name: str, ours: Any) -> tuple[Any, Tensor]:
    x = double(ours.pop("inputs"))
    return registry.build("normalization", {"name": name, **ours}, x.shape[1], x.ndim - 2).double(), x


def outputs(name: str, ours: Any) -> Any:
    module, x = normalization(name, ours)
    return module(x)


def running(name: str, ours: Any) -> Any:
    module, x = normalization(name, ours)
    module(x)
    return [*module.running_mean, *module.running_var]


def running_mean(name: str, ours: Any) -> Any:
    return running(name, ours)[:4]


def variance_gain(name: str, ours: Any) -> Any:
    """What one batch adds to a running variance that starts at 1."""
    return [v - ours["decay"] for v in running(name, ours)[4:]]


def mean_square(name: str, ours: Any) -> Any:
    return outputs(name, ours).square().mean((1, 2, 3))


def uneven_places(name: str, ours: Any) -> Any:
    """The largest mean square of a place, divided by the smallest."""
    places = outputs(name, ours).square().mean(1)
    return places.max() / places.min()


def parametrized(name: str, ours: Any) -> Dense:
    linear = Dense(4, 6).double()
    linear.weight.data = double(ours.pop("inputs"))
    registry.build("normalization", {"name": name, **ours}, linear)
    for function in linear.after_initialization:
        function(linear)
    return linear


def row_lengths(name: str, ours: Any) -> Any:
    return parametrized(name, ours).gain


def spectral(name: str, ours: Any) -> Any:
    module = parametrized(name, ours)
    for _ in range(20):
        module.train()(torch.eye(4, dtype=torch.float64))
    return module.eval().weight_in_use()


def scheduled(spec: Any) -> ScheduledRates:
    optimizer = registry.bind("optimizer", {"name": "sgd", "lr": 0.5, "momentum": 0.9})
    return build_rates(registry.bind("schedule", spec), optimizer, False, 5, 12)


def rates(name: str, ours: Any) -> Any:
    made = scheduled(ours["schedule"])
    return [made(t)[0] for t in ours["at"]]


def plateau(name: str, ours: Any) -> Any:
    made, found = scheduled(ours["schedule"]), []
    for epoch, score in enumerate(ours["scores"], start=1):
        made.observe(score, epoch)
        found.append(made(0)[0])
    return found


def parameters_after(name: str, ours: Any) -> list[list[Tensor]]:
    """The two parameters after each step."""
    params = [torch.tensor(p, dtype=torch.float64).requires_grad_() for p in STEPS["start"]]
    roles = ours.get("roles", ["weight", "weight"])
    groups = [
        {"params": [p], "lr_factor": 1.0, "weight_decay": 0.0, "role": r}
        for p, r in zip(params, roles, strict=True)
    ]
    optimizer, after = registry.build("optimizer", ours["optimizer"], groups), []
    for t in range(ours["steps"]):
        for p, g in zip(params, STEPS["gradients"][ours["gradients"]][t], strict=True):
            p.grad = ours["times"] * torch.tensor(g, dtype=torch.float64)
        params[0].grad += ours.get("decay", 0.0) * params[0].detach()
        for group in optimizer.param_groups:
            group["lr"] = ours["rates"][t] if "rates" in ours else group["lr"]
        optimizer.step()
        after.append([p.detach().clone() for p in params])
    return [after[0], after[-1]]


def moved(name: str, ours: Any) -> Any:
    return torch.cat([p.flatten() for params in parameters_after(name, ours) for p in params])


def lengths(name: str, ours: Any) -> Any:
    start = [torch.tensor(p, dtype=torch.float64) for p in STEPS["start"]]
    return [
        sum((p - s).abs().sum() for p, s in zip(params, start, strict=True))
        for params in parameters_after(name, ours)
    ]


def moves(optimizer: Any, weight: Tensor, gradients: list[float], learning_rates: list[float]) -> list[float]:
    """How far each step goes."""
    found = []
    for gradient, rate in zip(gradients, learning_rates, strict=True):
        before, weight.grad = float(weight.detach()), torch.full_like(weight, gradient)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        found.append(before - float(weight.detach()))
    return found


def single(ours: Any) -> tuple[Any, Tensor]:
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    group = {"params": [weight], "lr_factor": 1.0, "weight_decay": 0.0, "role": "weight"}
    return registry.build("optimizer", ours["optimizer"], [group]), weight


def flat(name: str, ours: Any) -> Any:
    """The step number `at` on a constant gradient."""
    count = ours.get("at", 0) + 1
    steps = ours.get("rates", [ours["optimizer"]["lr"]] * count)[:count]
    return moves(*single(ours), [ours["size"]] * count, steps)[-1]


def jump(name: str, ours: Any) -> Any:
    """The step on a gradient of 0 after the rate fell to a tenth."""
    lr = ours["optimizer"]["lr"]
    return abs(moves(*single(ours), [1.0, 0.0], [lr, lr / 10])[1])


def first_muon_step(weight: Tensor, matrix: bool, **keys: float) -> Tensor:
    hidden = torch.zeros(2, 2, requires_grad=True)
    groups = [{"params": [weight], "lr_factor": 1.0, "role": "weight", "matrix": matrix}]
    groups += [{"params": [hidden], "lr_factor": 1.0, "role": "weight", "matrix": True}]
    registry.build("optimizer", {"name": "muon", **keys}, groups).step()
    return weight.detach()


def matrix_step(name: str, ours: Any) -> Any:
    gradient = torch.tensor(ours["gradient"])
    weight = torch.zeros_like(gradient).requires_grad_()
    weight.grad = gradient
    return first_muon_step(weight, True, lr=ours["lr"]).norm()


def bias_step(name: str, ours: Any) -> Any:
    weight = torch.zeros(4, requires_grad=True)
    weight.grad = torch.ones(4)
    return -first_muon_step(weight, False, **ours)[0]


def clipped(name: str, ours: Any) -> Any:
    params = [nn.Parameter(torch.zeros(n, dtype=torch.float64)) for n in (3, 2)]
    for p, g in zip(params, ([3.0, 4.0, -1.0], [0.6, -0.8]), strict=True):
        p.grad = torch.tensor(g, dtype=torch.float64)
    registry.build("gradient_clipping", {"name": name, **ours})(params)
    return torch.cat([p.grad for p in params])


def task_and_batch(ours: Any) -> tuple[Task, Batch, Tensor]:
    answers, targets = double(ours.pop("outputs")), inputs(ours.pop("targets"))
    if not targets.is_floating_point():
        return Task("index", max(2, answers.shape[1]), answers.shape[1]), Batch(answers, targets), answers
    kind = "multi" if set(targets.flatten().tolist()) == {0.0, 1.0} else "real"
    return Task(kind, targets.shape[1], targets.shape[1]), Batch(answers, targets.double()), answers


def loss(name: str, ours: Any) -> Any:
    task, batch, answers = task_and_batch(ours)
    return registry.build("loss", {"name": name, **ours}, task)(answers, batch)


def metrics(name: str, ours: Any) -> Any:
    task, batch, answers = task_and_batch(ours)
    metric = registry.build("metrics", {"name": name, **ours}, task)
    metric.update(answers, batch)
    return metric.value()


def penalty_of(name: str, ours: Any) -> tuple[float, Tensor]:
    weight = nn.Parameter(double("rows"))
    made = build({"name": name, **ours}, table_of(name, {"a": weight}))
    made.add_slopes()
    return float(made.value()), weight.grad


def penalty(name: str, ours: Any) -> Any:
    return penalty_of(name, ours)[0]


def slopes_of_penalty(name: str, ours: Any) -> Any:
    return penalty_of(name, ours)[1]


def constrained(name: str, ours: Any) -> Any:
    weight = nn.Parameter(double(ours.pop("inputs")))
    build({"name": name, **ours}, table_of(name, {"a": weight}))()
    return weight


def averaged(name: str, keys: Any, values: list[float], net: Any) -> Any:
    table = table_of(name, {})
    table.net, table.steps_per_epoch, table.total_steps = net, 1, len(values)
    average = build({"name": name, **keys}, table)
    for value in values:
        net.weight.data.fill_(value)
        for _, buffer in net.named_buffers():
            buffer.fill_(-value)
        average.update()
    return average.net


def ema(name: str, ours: Any) -> Any:
    net = averaged(name, {"decay": ours["decay"]}, ours["values"], nn.BatchNorm1d(1).double())
    return [net.weight, net.running_mean]


def swa(name: str, ours: Any) -> Any:
    return averaged(
        name, {"start": f"{ours['start']} epochs"}, ours["values"], nn.Linear(1, 1).double()
    ).weight


def stop(name: str, ours: Any) -> Any:
    stopper = build({"name": name, "patience": ours["patience"]}, table_of(name, {}))
    return next(
        epoch for epoch, score in enumerate(ours["scores"], start=1) if stopper.observe(-score, epoch)
    )


def smoothed(name: str, ours: Any) -> Any:
    batch = Batch(double("scores"), inputs("classes"))
    soft = build({"name": name, **ours}, table_of(name, {}))(batch).targets
    return nn.functional.cross_entropy(double("scores"), soft)


def smoothed_with_weights(name: str, ours: Any) -> Any:
    rows = torch.tensor(ours.pop("weights"), dtype=torch.float64)[inputs("classes")]
    batch = Batch(double("scores"), inputs("classes"), rows)
    soft = build({"name": name, **ours}, table_of(name, {}))(batch)
    return registry.build("loss", "cross_entropy", Task("index", 4, 4))(double("scores"), soft)


def number(name: str, ours: Any) -> Any:
    """A figure that the clause itself states."""
    return ours


MEASURES: tuple[Callable[[str, Any], Any], ...] = (
    activation, slopes, deviation, largest, outputs, running, running_mean, variance_gain, mean_square, uneven_places, row_lengths,
    spectral, rates, plateau, moved, lengths, flat, jump, matrix_step, bias_step, clipped, loss, metrics, penalty, slopes_of_penalty,
    constrained, ema, swa, stop, smoothed, smoothed_with_weights, number,
)  # fmt: skip
BY_NAME = {measure.__name__: measure for measure in MEASURES}


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{c['part']}-{c['library']}-{c['measure']}-{i}" for i, c in enumerate(CASES)]
)
def test_dnnlab_does_what_the_clause_says(case: Any) -> None:
    ours = case["ours"] if case["measure"] == "number" else dict(case["ours"])
    found = BY_NAME[case["measure"]](case["part"].partition(".")[2], ours)
    parts = found if isinstance(found, list) else [found]
    values = [
        float(x) for part in parts for x in (part.detach().flatten() if isinstance(part, Tensor) else [part])
    ]
    assert len(values) == len(case["theirs"]) > 0
    if "within" in case:
        absolute = case["within"] if case["measure"] == "moved" else 1e-9  # weights that pass through 0
        assert values == pytest.approx(case["theirs"], rel=case["within"], abs=absolute), case["clause"]
    else:
        low, high = case["ratio"]
        for mine, other in zip(values, case["theirs"], strict=True):
            assert low <= mine / other <= high, (mine / other, case["clause"])
