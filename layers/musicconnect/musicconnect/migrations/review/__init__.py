"""Review: what a person has to decide about, and deciding it."""
