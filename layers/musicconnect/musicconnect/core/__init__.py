"""Accounts, sessions, the limits on signing in, and the register of services."""
