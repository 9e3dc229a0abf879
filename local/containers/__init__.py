"""Run functions in containers."""
