"""Settings of the property tests."""

from hypothesis import settings


def examples(count: int) -> settings:
    """Make settings that draw so many examples in the profile ``ci``, and in others in proportion."""
    return settings(max_examples=count * settings().max_examples // 100)
