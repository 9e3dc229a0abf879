"""Listenbrainz."""
