"""Read titles: clean them, parse them, align them with a known recording."""
