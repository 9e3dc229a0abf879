"""Lastfm."""
