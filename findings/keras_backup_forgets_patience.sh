#!/usr/bin/env bash
# Keras 3.15.1 (jax 0.10.2, NumPy 2.4.6, Python 3.11): a fit with BackupAndRestore, EarlyStopping(patience=5) and
# ReduceLROnPlateau(patience=3) on a loss that never changes, interrupted after 4 of 20 epochs and started again.
#
# Expected: the second fit goes on as the first would have: rate 0.05 from the fifth epoch on, an end after six epochs in all.
# Seen:     weights, optimizer state and epoch come back, the memory of the other callbacks does not. Both patience counts start
#           at 0: the training ends after 10 epochs instead of 6. If BackupAndRestore precedes ReduceLROnPlateau in the list, the
#           backup of an epoch holds the rate from before that epoch's reduction: epoch five runs at 0.1 instead of 0.05.
# Matters:  on machines that are taken away every few epochs, a patience may never be reached, and early stopping and plateau
#           schedules act differently from an undisturbed run, without a message. dnnlab stores both counts with each checkpoint.
#
# Fails (exit 1) if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 numpy==2.4.6
cd "$work"
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

x, y = np.zeros((8, 2), "float32"), np.zeros((8, 1), "float32")


class Interrupt(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 4:
            raise KeyboardInterrupt


def rates(folder, *, backup_first, interrupt=False):
    """Train on a loss that stays 0; return {epoch: rate at its end}."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    seen = {}
    backup = keras.callbacks.BackupAndRestore(folder)
    others = [
        keras.callbacks.EarlyStopping("loss", patience=5),
        keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=3, min_lr=0),
    ]
    record = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.update({epoch: round(float(model.optimizer.learning_rate), 6)})
    )
    callbacks = [backup, *others, record] if backup_first else [*others, backup, record]
    try:
        model.fit(x, y, batch_size=4, epochs=20, verbose=0, callbacks=callbacks + [Interrupt()] * interrupt)
    except KeyboardInterrupt:
        pass
    return seen


whole = rates("whole", backup_first=True)
print("undisturbed:", whole)
assert whole == {0: 0.1, 1: 0.1, 2: 0.1, 3: 0.05, 4: 0.05, 5: 0.05}, "the undisturbed run is another one"
for backup_first, resumed_rate in ((True, 0.1), (False, 0.05)):
    name = "backup first" if backup_first else "backup last"
    before = rates(name, backup_first=backup_first, interrupt=True)
    after = rates(name, backup_first=backup_first)
    print(f"{name}: {before}, then {after}")
    assert before == {epoch: whole[epoch] for epoch in range(4)}
    assert min(after) == 4 and max(after) == 9, "early stopping counts on now"
    assert after[4] == resumed_rate, "the rate of the first epoch after the backup has changed"
print("as described: 10 epochs instead of 6; the reduced rate is lost if the backup comes first")
PYTHON
