"""Playlists."""
