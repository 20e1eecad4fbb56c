"""What `dnnlab` says when nothing was asked."""

from __future__ import annotations

LINES = (
    "   dnnlab new first.yaml                a config of 12 explained lines",
    "   dnnlab train first.yaml              train it; seconds",
    "   dnnlab train last activation=tanh    again, one key changed",
    "   dnnlab compare last last~1           what differs, and what came of it",
    "   dnnlab --help                        all commands",
)
