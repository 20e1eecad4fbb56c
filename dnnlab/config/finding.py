"""A finding of a lint rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Advice on a config that can be trained but is unwise."""

    code: str
    """The name of the rule, for `lint: {ignore: [code]}`."""
    path: str
    """The address that it is about."""
    text: str
    """The observation."""
    reason: str
    """Why it is unwise."""
    fix: str
    """The line to write."""
    source: str
    """The paper or text that the rule comes from."""

    def __str__(self) -> str:
        return f"{self.text}: {self.reason}; {self.fix} ({self.code}; {self.source})"
