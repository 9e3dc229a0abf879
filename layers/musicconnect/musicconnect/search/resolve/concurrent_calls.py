"""Asking a provider many things, as many at a time as it takes."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from musicconnect.providers.errors import NotFoundError, ProviderError, RejectedError, TransientError
from musicconnect.providers.protocol import Client
from musicconnect.search import errors

MAX_TRANSIENT_FAILURES = 3
"""Questions without an answer after which a provider counts as down."""


class ConcurrentCalls:
    """One provider, for the time of one request.

    Args:
        client: Of the person's account.
        until: Monotonic time after which nothing more is asked.
    """

    def __init__(self, client: Client, until: float) -> None:
        self.client = client
        self._until = until
        self._missing = 0
        self._failure: ProviderError | None = None
        """Why there is no use in asking anything more."""

    def ask[Question, Answer](
        self, call: Callable[[Question], Answer], questions: Sequence[Question]
    ) -> list[Answer | ProviderError]:
        """The answers in the order of the questions; in place of one its failure.

        A failure that would meet every question (no allowance, no consent, nobody at home) ends the asking,
        and is what the others get as well.
        """

        def one(question: Question) -> Answer | ProviderError:
            if self._failure is not None:
                return self._failure
            if time.monotonic() >= self._until:
                return errors.slow_provider(self.client.name)
            try:
                return call(question)
            except ProviderError as error:
                self._note(error)
                return error

        if len(questions) < 2:
            return [one(question) for question in questions]
        with ThreadPoolExecutor(min(self.client.limits.reads_at_once, len(questions))) as pool:
            return list(pool.map(one, questions))

    def _note(self, error: ProviderError) -> None:
        match error:
            case RejectedError() | NotFoundError():
                return
            case TransientError():
                self._missing += 1
                if self._missing < MAX_TRANSIENT_FAILURES:
                    return
        self._failure = error
