"""Merge what two playlists show with what they showed before. Pure."""
