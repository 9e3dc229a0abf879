"""Settings of the property tests.

Seeded by default, so that every run draws the same examples. ``HYPOTHESIS_PROFILE=fuzz`` draws twenty times as
many, other ones in each run.
"""

import os

from hypothesis import HealthCheck, settings

_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", _COMMON, derandomize=True, max_examples=100)
settings.register_profile("fuzz", _COMMON, derandomize=False, max_examples=2000, print_blob=True)


def load_profile() -> None:
    """Load the profile that the environment names."""
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def examples(count: int) -> settings:
    """Make settings that draw so many examples in the profile ``ci``, and in others in proportion."""
    return settings(max_examples=count * settings().max_examples // 100)
