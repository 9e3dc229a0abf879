"""Playlists as files that others read, and back: Exportify's CSV, JSON, XSPF, JSPF, M3U8. Pure.

``writers.writer(format)`` turns a `PlaylistHeader` and its `Entry`s into bytes, ``readers.read_playlists``
turns files of any of these formats, whoever wrote them, into headers and entries again;
``file_names.file_name`` gives a file the name that brings the playlist's name back. docs/exports.md says
what each format loses.
"""
