"""Wait longer after each failure in a row."""

import hashlib
from datetime import timedelta


def exponential(attempts: int, *, initial_s: float, max_s: float, seed: str | None = None) -> timedelta:
    """Give the wait after so many failures in a row: doubled with each, up to a limit.

    Args:
        attempts: Failures in a row, the last one included; 1 at least.
        initial_s: Seconds after the first.
        max_s: Seconds at the most.
        seed: Of the jitter, between half of the wait and the whole of it: those who failed together do not
            return together, and the same history always gives the same times. None for no jitter.
    """
    wait = min(max_s, initial_s * 2.0 ** min(max(attempts, 1) - 1, 30))
    if seed is not None:
        digest = hashlib.blake2b(f"{seed}/{attempts}".encode(), digest_size=4).digest()
        wait *= 0.5 + int.from_bytes(digest) / 2**33
    return timedelta(seconds=wait)
