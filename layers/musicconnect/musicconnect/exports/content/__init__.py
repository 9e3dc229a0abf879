"""Read what is exported, and write it in its format."""
