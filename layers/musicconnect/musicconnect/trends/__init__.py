"""Plays in, trends out: listening events, and the daily figures drawn from them."""
