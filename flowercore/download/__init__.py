"""Fetching one file from the internet: whole and the expected one, or not at all."""

from flowercore.download.fetching import digest, fetch

__all__ = ["digest", "fetch"]
