"""Makes the demo catalogue out of the hand-written lists in ``data/``, for ``make_catalogue``.

``source`` reads the lists, ``releases`` makes the Spotify side of them, ``uploads`` the YouTube side,
``people`` the accounts. Everything is deterministic: the same lists give the same file, byte for byte.
"""
