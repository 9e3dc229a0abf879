"""Make migrations of uploaded files."""
