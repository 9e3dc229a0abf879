"""Operators: what whoever runs the service may do to an account, each act recorded with who did it."""
