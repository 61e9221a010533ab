from __future__ import annotations

import random
from typing import Any, AsyncGenerator

import anyio

from .._call import Call
from .._retry import backoff
from .._sse import BlockParser
from ..errors import NoAnswerError, RateLimitError, ServerError
from ..events import StreamEvent, event_of
from .http import AsyncHttp

# The stream shows every 15 seconds that it is alive.
SILENCE = 40.0
LONGEST_PAUSE = 15.0


async def follow(http: AsyncHttp, after: str | None) -> AsyncGenerator[StreamEvent, None]:
    """Goes on after every gap where it was. What cannot get better is raised."""
    last, retry, failed = after, 2.0, 0
    while True:
        wait = retry * (1 + random.random() / 2)
        parser = BlockParser()
        call: Call[Any] = Call("GET", "/events", header={"Last-Event-ID": last})
        try:
            async for text in http.pieces(call, SILENCE):
                for block in parser.push(text):
                    failed = 0
                    last = last if block.id is None else block.id
                    retry = retry if block.retry is None else block.retry
                    event = event_of(block, last or "")
                    if event is not None:
                        yield event
        except (NoAnswerError, RateLimitError, ServerError) as error:
            told = getattr(error, "retry_after", None) or 0.0
            wait = told + backoff(failed, LONGEST_PAUSE)
            failed += 1
        await anyio.sleep(wait)
