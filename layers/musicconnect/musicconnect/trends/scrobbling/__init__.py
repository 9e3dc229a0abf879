"""Scrobbling."""
