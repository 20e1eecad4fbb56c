#!/usr/bin/env bash
# scikit-learn 1.9.1 (NumPy 2.4.6, Python 3.11): MLPClassifier, 20 epochs on the digits, rows in file order.
#
# Expected: warm_start=True with max_iter=1 and 20 calls of fit (the usual way to watch or save a training epoch by epoch) trains
#           as one fit with max_iter=20 does; t_, the count of samples seen, says so.
# Seen:     t_ agrees, the weights do not: each fit makes a new optimizer, so Adam's moments, the momentum of SGD and the falling
#           rate of invscaling start anew in every epoch. 20 calls of partial_fit do give the bits of the one fit.
# Matters:  a net that was trained so is another net (here loss 1.40 instead of 1.26 with Adam, 2.29 instead of 2.20 with SGD), and
#           all three SGD schedules become one. A reference that is logged epoch by epoch needs partial_fit.
#
# Fails (exit 1) if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

x, y = load_digits(return_X_y=True)
x = x / 16
EPOCHS = 20


def net(**keys):
    return MLPClassifier((16,), random_state=0, shuffle=False, n_iter_no_change=1000, **keys)


def same(a, b):
    return all(np.array_equal(p, q) for p, q in zip(a.coefs_, b.coefs_, strict=True))


warm_sgd = []
for keys in (
    {"solver": "adam"},
    {"solver": "sgd"},
    {"solver": "sgd", "learning_rate": "invscaling"},
    {"solver": "sgd", "learning_rate": "adaptive"},
):
    whole = net(max_iter=EPOCHS, **keys).fit(x, y)
    warm, partial = net(max_iter=1, warm_start=True, **keys), net(**keys)
    for _ in range(EPOCHS):
        warm.fit(x, y)
        partial.partial_fit(x, y, classes=np.unique(y))
    print(f"{keys}: loss {whole.loss_:.4f} at once, {warm.loss_:.4f} by warm_start, {partial.loss_:.4f} by partial_fit")
    assert whole.t_ == warm.t_ == partial.t_ == EPOCHS * len(x)
    assert same(whole, partial), "partial_fit no longer repeats fit"
    assert not same(whole, warm) and abs(whole.loss_ - warm.loss_) > 0.05, "warm_start keeps the optimizer now"
    if keys["solver"] == "sgd":
        warm_sgd.append(warm)
assert same(warm_sgd[0], warm_sgd[1]) and same(warm_sgd[0], warm_sgd[2]), "the schedules differ now"
print("as described: warm_start keeps weights only; constant, invscaling and adaptive rates give the same bits")
PYTHON
