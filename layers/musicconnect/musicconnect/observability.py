"""The logger that everything in a function shares."""

from aws_lambda_powertools import Logger

from musicconnect.settings import service_name

logger = Logger(service=service_name(), log_uncaught_exceptions=False, utc=True)
