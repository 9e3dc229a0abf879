"""A little of everything in one answer: what a person sees first."""
