"""Advance playlists step by step."""
