"""Verdicts on single photos."""
