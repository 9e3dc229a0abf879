"""Work that stands still: a worker died, and nothing says when anybody is to come back to it."""

from musicconnect.maintenance import store
from musicconnect.maintenance.task import AT_A_TIME, Done, Work, in_batches
from musicconnect.platform.logging import logger


def free(work: Work) -> Done:
    """Make it due; the dispatchers send it within a minute. What is due or leased is theirs anyway."""
    done = in_batches(work, lambda connection: store.release_stuck(connection, work.at, AT_A_TIME))
    if done.count:
        logger.warning("stuck work freed", count=done.count)
    return done
