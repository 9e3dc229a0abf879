"""Spotify and YouTube: clients, account linking, tokens, quota and playlist snapshots."""
