"""A simulator of the YouTube Data API v3 and of Google's authorization server.

Everything hangs on one base address: the API under ``/youtube/v3``, the consent page at
``/o/oauth2/v2/auth``, ``/token``, ``/revoke``, and the control endpoint under ``/_control`` (see
``local.simulators.control``). ``app.create_app`` makes it, ``python -m local.simulators.youtube --port 0``
runs it, ``settings.Settings`` lists its switches, ``faults.READY_MADE`` its ready-made faults. One control
route is its own: ``PUT /_control/videos/{video_id}`` with
``{"privacy": "public" | "unlisted" | "private" | "deleted"}`` changes what has become of a video; with
``"owner": <person>`` a private one is that person's own, who still sees it.
"""
