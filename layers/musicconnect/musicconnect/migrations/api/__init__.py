"""Serve migrations over HTTP."""
