"""Turn exceptions into problems."""

import psycopg

from musicconnect.platform import database, problems
from musicconnect.platform.logging import logger
from musicconnect.platform.problems import Problem, ReportableError


def problem_for(error: Exception) -> Problem:
    """Make the problem of an exception; log what is nobody's fault but ours."""
    match error:
        case Problem():
            return error
        case ReportableError():
            return error.problem()
        case psycopg.OperationalError() | psycopg.InterfaceError():
            database.log_unavailable(error)
            return problems.database_unavailable()
        case _:
            logger.exception("unexpected error", exc_info=error)
            return Problem(
                500, "internal", "Something went wrong on our side", "It has been recorded. Try again later."
            )
