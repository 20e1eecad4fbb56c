#!/usr/bin/env bash
# skorch 1.4.0 (torch 2.13.0, scikit-learn 1.9.1, Python 3.11): 5 epochs with Checkpoint and LRScheduler, then 5 more in a new net with
# LoadInitState, beside 10 epochs at once.
#
# Expected: LoadInitState loads model, optimizer and history, so epochs 6 to 10 have the rates of the undisturbed run.
# Seen:     the history goes on at epoch 6, the schedule does not: it starts at its first epoch, with the rate that the optimizer
#           had reached as its peak. CosineAnnealingLR(T_max=10) from 0.1 gives 0.0488 ... 0.025 instead of 0.0345 ... 0. Only
#           ExponentialLR, whose factor does not depend on the epoch, agrees.
# Matters:  an interrupted training with cosine, step or one-cycle rates is another training, and the plots show one history
#           without a gap. dnnlab computes the rate from the step that the checkpoint holds.
#
# Fails (exit 1) if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 skorch==1.4.0 scikit-learn==1.9.1
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import skorch
import torch
from skorch.callbacks import Checkpoint, LoadInitState, LRScheduler

x = np.linspace(0, 1, 32, dtype="float32")[:, None]


class Rates(skorch.callbacks.Callback):
    def __init__(self):
        self.seen = []

    def on_epoch_end(self, net, **kwargs):
        self.seen.append(round(net.optimizer_.param_groups[0]["lr"], 6))


def rates(folder, epochs, policy, keys):
    checkpoint, recorded = Checkpoint(dirname=folder, monitor=None), Rates()
    net = skorch.NeuralNetRegressor(
        torch.nn.Linear,
        module__in_features=1,
        module__out_features=1,
        optimizer=torch.optim.SGD,
        lr=0.1,
        max_epochs=epochs,
        batch_size=8,
        train_split=None,
        verbose=0,
        callbacks=[LRScheduler(policy=policy, **keys), checkpoint, recorded, LoadInitState(checkpoint)],
    )
    net.fit(x, 2 * x)
    return recorded.seen, len(net.history)


for policy, keys, agrees in (
    ("CosineAnnealingLR", {"T_max": 10}, False),
    ("StepLR", {"step_size": 4, "gamma": 0.5}, False),
    ("ExponentialLR", {"gamma": 0.9}, True),
):
    whole, _ = rates(f"{policy}-whole", 10, policy, keys)
    first, _ = rates(f"{policy}-cut", 5, policy, keys)
    second, epochs = rates(f"{policy}-cut", 5, policy, keys)
    print(f"{policy}: {whole} at once; {first} and then {second}")
    assert first == whole[:5] and epochs == 10, "the checkpoint or the history is another one"
    assert np.allclose(second, whole[5:], atol=1e-6) == agrees, f"{policy} behaves differently now"
    if policy == "CosineAnnealingLR":
        again = [first[-1] * (1 + np.cos(np.pi * epoch / 10)) / 2 for epoch in range(1, 6)]
        assert np.allclose(second, again, atol=1e-6), "not a cosine from its first epoch"
print("as described: the schedule starts anew from the rate reached")
PYTHON
