"""Checks of the project itself, beside those of the linters: ``python -m tools.checks``."""
