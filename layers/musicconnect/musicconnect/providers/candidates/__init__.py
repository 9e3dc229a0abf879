"""Candidates that cost no search: what artists' own channels list."""
