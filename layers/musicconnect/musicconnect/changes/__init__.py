"""Store edits of a playlist before they are written, write each exactly once, and undo them."""
