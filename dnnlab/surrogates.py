"""Texts with surrogates, the two halves that JSON and UTF-16 make of one character."""

from __future__ import annotations


def joined(text: str) -> str | None:
    r"""The text with both halves of a character joined; None if one half stands alone.

    >>> joined("\ud83d\ude00") == "\U0001f600", joined("\ud83d"), joined("é")
    (True, None, 'é')
    """
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return None
