"""What sweep_rate.py measures beside dnnlab, each in processes of its own that stay alive: imported by them, not run.

All train MLP 784-300-100-10 with ELU and Adam for one epoch of 10,000 images in batches of 32 and measure the
accuracy on 1,000 others.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

from dnnlab.engine.runtime import prepare

if not os.environ.get("AS_IT_COMES"):
    prepare()  # before torch, as dnnlab does: the loop written by hand gets the same settings

import numpy as np
import torch
from torch import nn

SIZE = 32
SPLITS = ("train", "validation")
DATA: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}


def load(folder: Path, threads: int | None) -> None:
    """The arrays that dnnlab prepared, and how many threads torch may take (None: as many as it likes)."""
    import torch._dynamo  # the first optimizer does, which takes a second that is no trial's

    if threads is not None:
        torch.set_num_threads(threads)
    for split in SPLITS:
        inputs, targets = (
            torch.from_numpy(np.load(folder / f"{split}_{part}.npy")) for part in ("inputs", "targets")
        )
        DATA[split] = inputs, targets


def net_of() -> nn.Sequential:
    """The net."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 300), nn.ELU(), nn.Linear(300, 100), nn.ELU(), nn.Linear(100, 10)
    )


def by_hand(lr: float, keep: Path | None) -> tuple[float, float]:
    """One trial: (its start, its end).

    keep: a folder: as one writes it, with torch.optim.Adam as it comes, and weights and a line of results
    kept there. None: as fast as it gets, Adam fused, and nothing kept.
    """
    began = monotonic()
    torch.manual_seed(0)
    net, (inputs, targets) = net_of(), DATA["train"]
    optimizer = torch.optim.Adam(net.parameters(), lr=lr, fused=keep is None)
    total = torch.zeros(())
    for rows in torch.randperm(len(inputs)).split(SIZE):
        loss = nn.functional.cross_entropy(net(inputs[rows]), targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach()
    with torch.no_grad():
        inputs, targets = DATA["validation"]
        accuracy = float((net(inputs).argmax(1) == targets).float().mean())
    if keep is not None:
        torch.save(net.state_dict(), keep / f"{lr:g}.pt")
        with (keep / "results.jsonl").open("a") as file:
            file.write(json.dumps({"lr": lr, "train_loss": float(total), "val_accuracy": accuracy}) + "\n")
    return began, monotonic()


def by_lightning(lrs: list[float], folder: Path) -> float:
    """A study of Optuna whose objective is a fit of Lightning, with a CSV logger and without checkpoints: its seconds."""
    import logging
    import warnings

    import lightning as pl
    import optuna
    from lightning.pytorch.loggers import CSVLogger
    from torch.utils.data import DataLoader, TensorDataset

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")

    class Module(pl.LightningModule):
        def __init__(self, lr: float) -> None:
            super().__init__()
            self.net, self.lr = net_of(), lr

        def training_step(self, batch: Any, _: int) -> Any:
            loss = nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("train_loss", loss)
            return loss

        def validation_step(self, batch: Any, _: int) -> None:
            self.log("val_accuracy", (self.net(batch[0]).argmax(1) == batch[1]).float().mean())

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), lr=self.lr)

    def objective(trial: optuna.Trial) -> float:
        lr = trial.suggest_float("lr", 1e-4, 1e-2, log=True)
        train, validation = (TensorDataset(*DATA[split]) for split in SPLITS)
        quiet = {"enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
        trainer = pl.Trainer(
            accelerator="cpu", max_epochs=1, logger=CSVLogger(folder), num_sanity_val_steps=0, **quiet
        )
        trainer.fit(
            Module(lr),
            DataLoader(train, batch_size=SIZE, shuffle=True),
            DataLoader(validation, batch_size=1000),
        )
        return float(trainer.callback_metrics["val_accuracy"])

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    for lr in lrs:
        study.enqueue_trial({"lr": lr})
    began = perf_counter()
    study.optimize(objective, n_trials=len(lrs))
    return perf_counter() - began


def by_engine(configs: list[dict[str, Any]]) -> float:
    """dnnlab's engine alone, without run folders: the seconds of its fits, what building them takes not counted."""
    from dnnlab.assembly.data import prepare
    from dnnlab.assembly.session import build
    from dnnlab.assembly.training.device import choose_device
    from dnnlab.config import load_mapping
    from dnnlab.engine.loop import fit

    seconds, data = 0.0, prepare(load_mapping(configs[0]), device=choose_device("cpu"))
    for config in configs:
        session = build(load_mapping(config), None, None, data).session
        began = perf_counter()
        for _ in fit(session):
            pass
        seconds += perf_counter() - began
    return seconds
