"""What a rule of the lint says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Advice on a config that can be trained but had better not be as it is.

    code: the rule's name, for `lint: {ignore: [code]}`. path: the address it is about. text: what was seen.
    reason: why it is unwise. fix: the line to write. source: who says so.
    """

    code: str
    path: str
    text: str
    reason: str
    fix: str
    source: str

    def __str__(self) -> str:
        return f"{self.text}: {self.reason}; {self.fix} ({self.code}; {self.source})"
