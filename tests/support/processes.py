"""Looking at processes that a test started."""

import psutil


def is_running(pid: int) -> bool:
    """Whether it still does anything: an orphan that nobody reaps stays in the list as a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
