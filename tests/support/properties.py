"""How much the property tests try."""

import os
import random

from hypothesis import settings


def examples(count: int) -> settings:
    """Make settings that draw so many examples in the profile ``ci``, and in others in proportion."""
    return settings(max_examples=count * settings().max_examples // 100)


def seeds(count: int) -> range:
    """Give so many seeds in the profile ``ci``, always the same; in others in proportion, and other ones.

    ``FIRST_SEED`` says from which one, and ``HISTORIES`` how many times as many.
    """
    times = int(os.environ.get("HISTORIES") or settings().max_examples // 100)
    is_random = not settings().derandomize
    first = int(os.environ.get("FIRST_SEED") or (random.SystemRandom().randrange(10**9) if is_random else 0))
    return range(first, first + count * times)
