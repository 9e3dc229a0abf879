"""Run the stages of a playlist."""
