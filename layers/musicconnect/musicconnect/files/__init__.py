"""Read what people upload, playlists and histories alike, as streams in constant memory. Pure.

::

    budget = Budget(Limits(...), packed_bytes=size)
    with archives.open_upload(file, budget) as upload:   # a file, or a zip, gzip or tar of files, nested
        for member in upload.members:                    # in a fixed order: an index is a position
            header = tables.find_header(member.head_text(), score)
            with member.open_text(offset) as stream:     # UTF-8 with LF or CR LF, whatever it was
                for line, cells, end in tables.read_rows(stream, header.dialect, offset=offset, line=line):
                    ...
        upload.unread                                    # what is inside and not read, with advice

- `errors`: `UnreadableError` (its text is for the person) and `BudgetError`, when a limit is reached.
- `budget`: one `Budget` of unpacked bytes, members, rows and seconds for a whole upload.
- `archives`: `open_upload`; members know their names, and open as bytes or as text.
- `encodings`: what the bytes of a text say about encoding and line ends; every text comes as UTF-8.
- `tables`: delimiters, quotes, preambles, blanks; rows with the line they begin at and the offset after them.
- `headers`: what the words over columns mean, in the languages of the known exporters.
- `cells`: what a cell is by its content: an id, a URI, an ISRC, a time, a length.

Offsets count the bytes of the text as it comes (`Member.open_text`), not those of the file.
"""
