"""Read the records of files in constant memory, from any record on. Pure.

A position is a byte offset into the text of one (unpacked) file, in UTF-8.
"""
