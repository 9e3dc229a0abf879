"""Move playlists between providers.

`api` serves HTTP, `engine` advances one playlist by one bounded step at a time, `imports` makes migrations of
uploaded files. `engine.transitions` decides what comes next, `status_text` says it in words.
"""
