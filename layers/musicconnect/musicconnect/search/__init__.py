"""Unified search of the providers' catalogues, what was searched, pins, and links to the other side."""
