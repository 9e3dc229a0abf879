"""What a person owns, in files that others read."""
