"""Find the entries of a playlist that play no more, propose others, replace them by one order, undo it."""
