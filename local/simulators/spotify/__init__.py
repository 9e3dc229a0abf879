"""A simulator of Spotify: its accounts service and the part of its Web API that is current in November 2026.

``app.create_app`` makes the application; ``python -m local.simulators.spotify`` serves it. The accounts
service answers at ``/authorize`` and ``/api/token``, the Web API below ``/v1``, the control endpoint at
``/_control``.
"""
