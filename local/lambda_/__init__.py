"""Lambda ."""
