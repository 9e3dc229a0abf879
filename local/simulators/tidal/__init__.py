"""A simulator of TIDAL: its sign-in service and the part of its API v2 (JSON:API) that a transfer needs.

``app.create_app`` makes the application; ``python -m local.simulators.tidal`` serves it. The sign-in service
answers at ``/authorize`` and ``/v1/oauth2/token``, the API below ``/v2``, the control endpoint at
``/_control``. Where nobody outside knows how TIDAL behaves, a switch in ``settings`` has both.
"""
