"""Lambda's context object, as far as anything reads it."""

import uuid


class Context:
    """The part of Lambda's context object that handlers and Powertools read."""

    function_name = "test"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:test"

    def __init__(self, remaining_ms: int = 30_000) -> None:
        self.aws_request_id = str(uuid.uuid4())
        self.remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function would be ended."""
        return self.remaining_ms
