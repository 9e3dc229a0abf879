"""Simulators of the providers, for the local stack, the tests and the benchmarks.

``server`` runs one, ``control`` and ``faults`` are the ``/_control`` endpoint that both have, ``oauth`` is
what their authorization servers share, ``catalogue`` is what they serve. ``spotify`` and ``youtube``
behave like the provider they are named after.
"""
