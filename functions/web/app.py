"""The welcome page and the documentation of the API, for browsers: Starlette under Mangum."""

import asyncio
from typing import Any

from mangum import Mangum

from web.site import site

TEXT = ["text/", "application/json", "application/problem+json"]
"""Content types whose answers go to API Gateway as they are; all others in base64."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request.

    Mangum runs the application on the calling thread's event loop and expects one to be there, which only the
    main thread of older Pythons had. A loop costs a tenth of a millisecond.
    """
    with asyncio.Runner() as runner:
        runner.get_loop()
        # No lifespan: nothing is opened at the start that would have to be closed.
        answer: dict[str, Any] = Mangum(site, lifespan="off", text_mime_types=TEXT)(event, context)
        return answer
