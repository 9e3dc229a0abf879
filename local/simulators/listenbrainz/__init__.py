"""A simulator of ListenBrainz' playlists and look-ups, and of MusicBrainz' web service as far as we ask it.

``app.create_app`` makes the application; ``python -m local.simulators.listenbrainz`` serves it. ListenBrainz
answers below ``/1``, MusicBrainz below ``/ws/2``, the control endpoint at ``/_control``.
"""
