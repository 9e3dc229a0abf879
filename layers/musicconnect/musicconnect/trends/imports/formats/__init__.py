"""Parsers of the files that users have of their listening."""
