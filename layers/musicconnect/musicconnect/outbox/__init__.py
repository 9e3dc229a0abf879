"""Outbox: what happened that a person is told of, recorded with the change itself.

Below every package that has something to tell; `musicconnect.notices` hands it on.
"""
