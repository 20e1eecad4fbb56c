"""What `dnnlab` says when nothing was asked."""

from __future__ import annotations

LINES = (
    "   dnnlab new first.yaml                a config to begin with: 12 lines, explained",
    "   dnnlab train first.yaml              train it; seconds",
    "   dnnlab train last activation=tanh    again, with one key changed",
    "   dnnlab compare last last~1           what differs, and what came of it",
    "   dnnlab --help                        all commands (dnnlab COMMAND --help: one)",
)
