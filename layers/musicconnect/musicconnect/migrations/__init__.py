"""Move playlists between providers.

`engine` advances one playlist by one bounded step at a time; `engine.transitions` decides what comes next.
`api` and `imports` stand on it: they serve HTTP, and make migrations of uploaded files. What several of them
need stands beside them: schemas, rules, jobs, tracks of files; `status_text` puts states into words.
"""
