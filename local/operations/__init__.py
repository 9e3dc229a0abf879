"""Rehearse operations on a local stack."""
