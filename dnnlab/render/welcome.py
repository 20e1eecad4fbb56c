"""What `dnnlab` says when nothing was asked."""

from __future__ import annotations

LINES = (
    " dnnlab trains deep networks from a YAML file. To begin:",
    "   dnnlab train configs/digits.yaml                      train; seconds",
    "   dnnlab train last optimizer.lr=0.003                  again, one key changed",
    "   dnnlab resume last --epochs 40                        go on with a run",
    "   dnnlab train --help                                   all options",
)
