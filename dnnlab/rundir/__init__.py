"""The run folder: only this package makes, writes, reopens, finds and reads it.

Importing it does not import torch; only reading and writing tensors does.
"""

from dnnlab.rundir.atomic import add_file, write_new
from dnnlab.rundir.checkpoint import Checkpoint, Loaded
from dnnlab.rundir.codec import decode, encode
from dnnlab.rundir.find import digits, find_run, list_runs, run_word
from dnnlab.rundir.folder import RunFolder
from dnnlab.rundir.lifecycle import create, create_at, reopen
from dnnlab.rundir.live_view import GrowingView
from dnnlab.rundir.lock import is_locked
from dnnlab.rundir.reader import RunView, is_sweep, read_run
from dnnlab.rundir.status import RunStatus

__all__ = [
    "Checkpoint",
    "GrowingView",
    "Loaded",
    "RunFolder",
    "RunStatus",
    "RunView",
    "add_file",
    "create",
    "create_at",
    "decode",
    "digits",
    "encode",
    "find_run",
    "is_locked",
    "is_sweep",
    "list_runs",
    "read_run",
    "reopen",
    "run_word",
    "write_new",
]
