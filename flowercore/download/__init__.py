"""Fetching one file from the internet: whole and the expected one, or not at all."""
