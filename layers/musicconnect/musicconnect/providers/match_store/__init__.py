"""Match store."""
