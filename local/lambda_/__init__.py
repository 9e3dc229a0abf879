"""Run functions as Lambda does."""
