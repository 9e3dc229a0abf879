"""Call a provider many times, as often at a time as it takes."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from musicconnect.providers.errors import NotFoundError, ProviderError, RejectedError, TransientError
from musicconnect.providers.protocol import Client
from musicconnect.search import errors

MAX_TRANSIENT_FAILURES = 3
"""Failures after which a provider counts as down."""


class ConcurrentCalls:
    """Calls one provider for a user, until a monotonic time."""

    def __init__(self, client: Client, until: float) -> None:
        self.client = client
        self._until = until
        self._transient_failures = 0
        self._failure: ProviderError | None = None
        """Why nothing more is asked."""

    def ask[Question, Answer](
        self, call: Callable[[Question], Answer], questions: Sequence[Question]
    ) -> list[Answer | ProviderError]:
        """Give the answers in the order of the questions; in place of one its failure.

        A failure that would meet every question (no allowance, no consent, no provider) is the answer to all
        further ones.
        """

        def one(question: Question) -> Answer | ProviderError:
            if self._failure is not None:
                return self._failure
            if not self.has_time():
                return errors.slow_provider(self.client.name)
            try:
                return call(question)
            except ProviderError as error:
                self._record(error)
                return error

        if len(questions) < 2:
            return [one(question) for question in questions]
        with ThreadPoolExecutor(min(self.client.limits.reads_at_once, len(questions))) as pool:
            return list(pool.map(one, questions))

    def has_time(self) -> bool:
        """Tell whether another call may begin."""
        return time.monotonic() < self._until

    def _record(self, error: ProviderError) -> None:
        match error:
            case RejectedError() | NotFoundError():
                return
            case TransientError():
                self._transient_failures += 1
                if self._transient_failures < MAX_TRANSIENT_FAILURES:
                    return
        self._failure = error
