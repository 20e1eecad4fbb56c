"""Penalties, constraints, averages, stopping, smoothed targets."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch
from torch import nn

from .cases import CLASSES, IMAGES, ROWS, SCORES, SEEN, says

T, K = torch.optim, keras.optimizers
VALUES = [1.0, 3.0, -2.0, 0.5, 4.0, -1.0, 2.0, 8.0]


def regularizers() -> None:
    """Slopes of penalties, weights after constraints, averages, stopping, smoothed targets."""
    weight = torch.tensor(ROWS, requires_grad=True)

    def slopes(value: torch.Tensor) -> torch.Tensor:
        return torch.autograd.grad(value, weight)[0]

    def kerases(regularizer: Any) -> float:
        return float(regularizer(keras.ops.convert_to_tensor(ROWS)))

    def penalty(name: str, library: str, clause: str, theirs: Any, **keys: float) -> None:
        says(
            f"regularizers.{name}",
            library,
            clause,
            "slopes_of_penalty" if library == "torch" else "penalty",
            keys,
            theirs,
        )

    penalty(
        "l1", "torch", "add strength * sum of |w| to the loss", slopes(0.3 * weight.abs().sum()), strength=0.3
    )
    penalty(
        "l1",
        "keras",
        "kernel_regularizer=L1(x): strength: x on every layer",
        kerases(keras.regularizers.L1(0.3)),
        strength=0.3,
    )
    clause = "add l1 * sum of |w| + l2 / 2 * sum of w^2 to the loss"
    penalty(
        "l1_l2",
        "torch",
        clause,
        slopes(0.3 * weight.abs().sum() + 0.2 * weight.square().sum()),
        l1=0.3,
        l2=0.4,
    )
    clause = "kernel_regularizer=L1L2(l1=a, l2=b): l1: a, l2: 2 b"
    penalty("l1_l2", "keras", clause, kerases(keras.regularizers.L1L2(0.3, 0.2)), l1=0.3, l2=0.4)
    clause = "weight_decay=d of SGD: strength: d (there on biases too)"
    p = torch.tensor(ROWS, requires_grad=True)
    p.grad = torch.zeros_like(p)
    T.SGD([p], lr=1.0, weight_decay=0.3).step()
    penalty("l2", "torch", clause, torch.tensor(ROWS) - p.detach(), strength=0.3)
    q = torch.tensor(ROWS, requires_grad=True)
    q.grad = torch.ones_like(q)
    T.AdamW([q], lr=1.0, weight_decay=0.3).step()
    says(
        "regularizers.l2",
        "torch",
        "the decay of AdamW is another thing",
        "number",
        (0.7 * ROWS - 1).ravel().tolist(),
        q,
    )
    penalty(
        "l2",
        "keras",
        "kernel_regularizer=L2(x) adds x * sum w^2: strength: 2 x",
        kerases(keras.regularizers.L2(0.15)),
        strength=0.3,
    )

    def constraint(
        name: str, library: str, clause: str, theirs: Any, inputs: str = "rows", **keys: float
    ) -> None:
        says(f"regularizers.{name}", library, clause, "constrained", {"inputs": inputs, **keys}, theirs)

    rows, kernel = torch.tensor(ROWS), np.transpose(IMAGES, (2, 3, 1, 0))
    C = keras.constraints  # noqa: N806
    constraint(
        "max_norm",
        "torch",
        "torch.renorm(weight, 2, 0, limit) after each step",
        torch.renorm(rows, 2, 0, 2.0),
        limit=2.0,
    )
    constraint(
        "max_norm",
        "keras",
        "kernel_constraint=MaxNorm(max_value=2): limit: 2",
        np.asarray(C.MaxNorm()(ROWS.T)).T,
        limit=2.0,
    )
    constraint("non_negative", "torch", "weight.clamp_(min=0) after each step", rows.clamp(min=0))
    constraint(
        "non_negative", "keras", "kernel_constraint=NonNeg(): the same", np.asarray(C.NonNeg()(ROWS.T)).T
    )
    constraint(
        "unit_norm",
        "torch",
        "weight / weight.norm(dim=1, keepdim=True) after each step",
        rows / rows.norm(dim=1, keepdim=True),
    )
    constraint(
        "unit_norm", "keras", "kernel_constraint=UnitNorm(): the same", np.asarray(C.UnitNorm()(ROWS.T)).T
    )
    clause = "for Conv2D its axis must be [0, 1, 2], which is always so here"
    for name, made, keys in (
        ("max_norm", C.MaxNorm(axis=[0, 1, 2]), {"limit": 2.0}),
        ("unit_norm", C.UnitNorm([0, 1, 2]), {}),
    ):
        constraint(
            name, "keras", clause, np.transpose(np.asarray(made(kernel)), (3, 2, 0, 1)), "images", **keys
        )
    averages()
    clause = "EarlyStopping(patience=0, restore_best_weights=False): the same patience"
    for patience in (1, 2, 3):
        says(
            "regularizers.early_stopping",
            "keras",
            clause,
            "stop",
            {"scores": SEEN, "patience": patience},
            stopped(patience),
        )
    says(
        "regularizers.early_stopping",
        "keras",
        "0, refused here, stops there as 1 does",
        "stop",
        {"scores": SEEN, "patience": 1},
        stopped(0),
    )
    logits, classes = torch.tensor(SCORES), torch.tensor(CLASSES)
    clause = "CrossEntropyLoss(label_smoothing): the same amount, but in evaluation as well"
    smooth = nn.CrossEntropyLoss(label_smoothing=0.3)
    says(
        "regularizers.label_smoothing", "torch", clause, "smoothed", {"amount": 0.3}, smooth(logits, classes)
    )
    says(
        "regularizers.label_smoothing",
        "torch",
        clause,
        "smoothed",
        {"amount": 0.3},
        smooth.eval()(logits, classes),
    )
    smoothed_with_weights(logits, classes)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.3)
    clause = "Categorical" + clause.replace("CrossEntropyLoss", "Crossentropy")
    says(
        "regularizers.label_smoothing",
        "keras",
        clause,
        "smoothed",
        {"amount": 0.3},
        float(loss(np.eye(4)[CLASSES], SCORES)),
    )


def smoothed_with_weights(logits: torch.Tensor, classes: torch.Tensor) -> None:
    """torch's loss with class weights, beside its formula, and what it would be with weights of rows."""
    weights, amount = torch.tensor([1.0, 3.0, 0.5, 2.0], dtype=torch.float64), 0.3
    logs, of_rows = logits.log_softmax(1), weights[classes]
    true = (1 - amount) * of_rows * logs.gather(1, classes[:, None])[:, 0]
    shared = amount / 4 * (logs * weights).sum(1)
    formula = float(-(true + shared).sum() / of_rows.sum())
    theirs = nn.CrossEntropyLoss(weights, label_smoothing=amount)(logits, classes)
    part, measure = "regularizers.label_smoothing", "smoothed_with_weights"
    clause = "With class weights torch weighs the shared `amount` by the weight of each class"
    says(part, "torch", clause, "number", formula, theirs)
    single = nn.CrossEntropyLoss(label_smoothing=amount, reduction="none")(logits, classes)
    clause = "here all of a row counts by the weight of its true class"
    ours = {"amount": amount, "weights": weights.tolist()}
    says(part, "torch", clause, measure, ours, (of_rows * single).sum() / of_rows.sum())


def stopped(patience: int) -> int:
    """The epoch, from 1, after which Keras stops; the score has to fall."""
    callback = keras.callbacks.EarlyStopping("score", mode="min", patience=patience)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    for epoch, score in enumerate(SEEN):
        callback.on_epoch_end(epoch, {"score": score})
        if model.stop_training:
            return epoch + 1
    raise AssertionError("it never stopped")


def averages() -> None:
    """One weight that takes the values one after the other."""
    S_ = torch.optim.swa_utils  # noqa: N806
    net = nn.BatchNorm1d(1).double()
    average = S_.AveragedModel(net, multi_avg_fn=S_.get_ema_multi_avg_fn(0.9), use_buffers=True)
    for value in VALUES:
        net.weight.data.fill_(value)
        net.running_mean.fill_(-value)
        net.num_batches_tracked += 1
        average.update_parameters(net)
    clause = "torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn(decay) and use_buffers=True"
    says(
        "regularizers.ema",
        "torch",
        clause,
        "ema",
        {"decay": 0.9, "values": VALUES},
        average.module.weight,
        average.module.running_mean,
    )
    clause = "it keeps the first count of batches, here the count is the net's"
    says("regularizers.ema", "torch", clause, "number", 1, average.module.num_batches_tracked)
    weight, optimizer = keras.Variable(np.zeros(1)), K.SGD(1.0, use_ema=True)
    optimizer.ema_momentum = 0.9
    optimizer.build([weight])
    for before, value in zip([0.0, *VALUES], VALUES, strict=False):
        optimizer.apply_gradients([(keras.ops.convert_to_tensor(np.full(1, before - value)), weight)])
    mean = float(optimizer._model_variables_moving_average[0].value[0])
    clause = "use_ema=True, ema_momentum=0.99 of the optimizer: decay: 0.99"
    says("regularizers.ema", "keras", clause, "ema", {"decay": 0.9, "values": VALUES}, [mean, -mean])
    says("regularizers.ema", "keras", clause, "number", 0.99, K.SGD(use_ema=True).ema_momentum)
    plain = nn.Linear(1, 1).double()
    for swa_start, ours, clause in (
        (1, 3, "torch.optim.swa_utils.AveragedModel, update_parameters after each epoch from start on"),
        (2, 4, "its usual loop, epoch > swa_start, is start: swa_start + 2 epochs"),
    ):
        swa = S_.AveragedModel(plain)
        for epoch, value in enumerate(VALUES):
            plain.weight.data.fill_(value)
            if epoch > swa_start:
                swa.update_parameters(plain)
        says("regularizers.swa", "torch", clause, "swa", {"start": ours, "values": VALUES}, swa.module.weight)
    norm = nn.BatchNorm1d(1).double()
    batches = [torch.full((rows, 1), float(mean)).double() for rows, mean in ((4, 1), (4, 2), (1, 6))]
    S_.update_bn([(batch,) for batch in batches[:2]] + [(batches[2].repeat(2, 1),)], norm)
    clause = "update_bn takes the mean over batches, where here every row counts once"
    says("regularizers.swa", "torch", clause, "number", 3.0, norm.running_mean)
    optimizer = T.SGD([{"params": [torch.zeros(1)], "lr": 1.0}, {"params": [torch.zeros(1)], "lr": 0.1}])
    scheduler, rates = S_.SWALR(optimizer, swa_lr=0.05, anneal_epochs=4), []
    for _ in range(5):
        optimizer.step()
        scheduler.step()
        rates.append([group["lr"] for group in optimizer.param_groups])
    clause = "SWALR(swa_lr) goes to its rate over some epochs, lr is there at once, times a layer's lr_factor"
    says("regularizers.swa", "torch", clause, "number", [0.05, 0.05], rates[-1])
    says("regularizers.swa", "torch", clause, "number", 1, float(0.05 < rates[0][0] < 1.0))
