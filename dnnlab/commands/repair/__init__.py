"""Mending a damaged run or sweep."""
