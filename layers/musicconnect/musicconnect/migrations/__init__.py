"""Moving playlists between providers: starting, watching, and the engine that works in bounded steps.

The engine is a pure core under a thin driver. ``stages`` decides what comes next, ``wording`` says it in
plain words, ``counterparts`` decides what to ask the target's catalogue, ``sequences`` compares what stands
in a playlist with what should. ``engine`` takes the lease and gives it back; ``reading``, ``finding``,
``creating`` and ``writing`` are its stages; ``store`` holds its SQL. ``starting`` and ``watching`` serve the
API, ``messages``, ``steps`` and ``dispatching`` the queue.
"""
