"""Start and stop the whole system on one machine."""
