"""The status of a run: the only place that spells the values of `status` in meta.json."""

from __future__ import annotations

from enum import StrEnum


class RunStatus(StrEnum):
    """The status of a run. Its values are the words in meta.json, in JSON answers and after `--status`."""

    RUNNING = "running"
    """A process is training it."""
    DONE = "done"
    """All epochs are over."""
    STOPPED_EARLY = "stopped_early"
    """A stopping rule or `training.max_minutes` ended it."""
    PRUNED = "pruned"
    """A sweep stopped it because other trials were better."""
    DIVERGED = "diverged"
    """A loss, gradient or weight was not finite."""
    INTERRUPTED = "interrupted"
    """Ctrl-C; a checkpoint was saved."""
    TERMINATED = "terminated"
    """Another signal or a limit of time; a checkpoint was saved."""
    OUT_OF_MEMORY = "out_of_memory"
    """The memory did not suffice."""
    FAILED = "failed"
    """Any other error."""
    KILLED = "killed"
    """meta.json has the status running, but no process holds the lock. Only readers use this status."""
    DAMAGED = "damaged"
    """meta.json has no status that this dnnlab knows. Only readers use this status."""

    @property
    def written(self) -> bool:
        """Whether meta.json may name it; readers derive the others."""
        return self not in (RunStatus.KILLED, RunStatus.DAMAGED)

    @property
    def over(self) -> bool:
        """Whether no process trains the run any more."""
        return self is not RunStatus.RUNNING

    @property
    def good(self) -> bool:
        """Whether the run came to its own end: it is then a sample of what its config gives."""
        return self in (RunStatus.DONE, RunStatus.STOPPED_EARLY)

    @property
    def asked(self) -> bool:
        """Whether a signal or a limit of time asked the run to end."""
        return self in (RunStatus.INTERRUPTED, RunStatus.TERMINATED)

    @property
    def may_resume(self) -> bool:
        """Whether the run was cut off and `resume` can continue it."""
        return self.asked or self is RunStatus.KILLED

    @property
    def unended(self) -> bool:
        """Whether no process wrote an end: metrics.jsonl then holds more than meta.json."""
        return self in (RunStatus.RUNNING, RunStatus.KILLED)

    @property
    def settled(self) -> bool:
        """Whether the same config and seed would end the same way again."""
        return self.good or self in (RunStatus.PRUNED, RunStatus.DIVERGED)

    @property
    def rows_complete(self) -> bool:
        """Whether metrics.jsonl ends with the last epoch that meta.json names."""
        return self.good or self.asked

    @property
    def tone(self) -> str:
        """The colour that reports give it: good, warning, critical, or "" while it is running."""
        if self is RunStatus.RUNNING:
            return ""
        bad = (RunStatus.DIVERGED, RunStatus.FAILED, RunStatus.DAMAGED)
        return "good" if self.good else "critical" if self in bad else "warning"

    @property
    def text(self) -> str:
        """The status in a sentence: `stopped early`."""
        return self.value.replace("_", " ")

    @property
    def exit_code(self) -> int:
        """The exit code of a command whose training ended so without an error: 128 + the signal's number."""
        return {RunStatus.INTERRUPTED: 130, RunStatus.TERMINATED: 143}.get(self, 0)


WRITTEN = tuple(status for status in RunStatus if status.written)
"""Every status that meta.json may name."""
GOOD = tuple(status for status in RunStatus if status.good)
"""The statuses of runs that came to their own end."""
SETTLED = tuple(status for status in RunStatus if status.settled)
"""The statuses after which the same config and seed would end the same way again."""
