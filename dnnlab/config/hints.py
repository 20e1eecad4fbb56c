"""Keys of other tools, and the keys of dnnlab for the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..registry import inline


@dataclass(frozen=True)
class Hint:
    """The advice for a key of another tool: an address and the value to write there, or a text."""

    address: str = ""
    """The address in dnnlab; "" for advice that is a text."""
    write: str = "{value}"
    """The value to write; {value} is the user's own."""
    text: str = ""
    """The whole advice, if there is no address."""

    def value(self, value: Any) -> str:
        """The value to write at the address."""
        return self.write.replace("{value}", inline(value))


_FOREIGN_KEYS = {
    "optimizer.lr": "learning_rate eta step_size base_lr init_lr initial_lr initial_learning_rate "
    "max_learning_rate",
    "regularizers.l2": "weight_decay l2_regularization l2_penalty wd",
    "regularizers.l1": "l1_regularization l1_penalty",
    "regularizers.dropout": "dropout_rate drop_rate dropout_p",
    "regularizers.early_stopping.patience": "patience early_stopping_patience",
    "schedule": "lr_scheduler scheduler lr_schedule learning_rate_schedule learning_rate_scheduler",
    "schedule.warmup": "warmup warmup_steps warmup_epochs num_warmup_steps",
    "training.epochs": "num_epochs max_epochs n_epochs nb_epoch nb_epochs total_epochs num_train_epochs",
    "training.batch_size": "batchsize batch minibatch_size mini_batch_size train_batch_size bs",
    "training.accumulate": "accumulate_grad_batches gradient_accumulation_steps accumulation_steps",
    "training.eval_every": "check_val_every_n_epoch validation_freq eval_interval val_interval",
    "architecture": "model network net arch",
    "data": "dataset datamodule train_data",
    "data.validation": "validation_split val_split val_size validation_size valid_size",
    "data.test": "test_split test_size",
    "activation": "activation_function nonlinearity hidden_activation act",
    "initializer": "kernel_initializer weight_init weight_initializer init initialization initialisation",
    "loss": "criterion objective loss_function loss_fn",
    "optimizer": "optim solver optimiser",
    "seed": "random_state random_seed manual_seed",
    "name": "experiment_name run_name",
    "note": "description comment notes",
    "gradient_clipping.global_norm": "gradient_clip_val max_grad_norm clip_grad_norm grad_clip "
    "global_clipnorm clip_norm",
    "gradient_clipping.norm": "clipnorm",
    "gradient_clipping.value": "clipvalue clip_value clip_grad_value",
    "checkpoint.every": "save_every checkpoint_every save_freq",
    "logging.steps_every": "log_every log_every_n_steps logging_steps",
    "logging.histograms": "histogram_freq log_histograms histograms_every",
    "base": "defaults extends inherit include",
}

HINTS: dict[str, Hint] = {
    **{key: Hint(address) for address, keys in _FOREIGN_KEYS.items() for key in keys.split()},
    **dict.fromkeys(("units", "hidden_units", "n_units", "width"), Hint("architecture.hidden", "[{value}]")),
    **dict.fromkeys(
        ("hidden_sizes", "layer_sizes", "hidden_layers", "hidden_layer_sizes"), Hint("architecture.hidden")
    ),
    **dict.fromkeys(
        ("batch_norm", "batchnorm", "batch_normalization", "use_batch_norm"), Hint("normalization", "batch")
    ),
    **dict.fromkeys(("amp", "use_amp", "mixed_precision", "fp16"), Hint("training.precision", "bf16")),
    **dict.fromkeys(("gpus", "gpu", "accelerator", "use_cuda"), Hint("training.device", "cuda")),
    "callbacks": Hint("regularizers.early_stopping", "{patience: 10}"),
    "earlystopping": Hint("regularizers.early_stopping", "true"),
    "kernel_regularizer": Hint("regularizers.l2", "1e-4"),
    "shuffle": Hint(text="leave it out: training rows come in a new order every epoch"),
    "num_workers": Hint(text="leave it out: data that fits stays in memory, larger data is read ahead"),
}


def special(kind: str, key: str, value: Any) -> str | None:
    """Advice for a key that means something else in each tool."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if (kind, key) != ("normalization", "momentum"):
        return None
    if not number:
        return "write `decay: ...` (torch: decay = 1 - momentum; Keras: decay = momentum)"
    torch = inline(float(f"{1 - value:.12g}"))
    return f"write `decay: {torch}` if it is torch's momentum, `decay: {inline(value)}` if it is Keras'"
