from __future__ import annotations

import random

from .errors import ApiError, NoAnswerError

# Longer than this nothing waits for its next try, in seconds; what would have to is raised.
PATIENCE = 60.0

# The server has refused these before it did anything.
REFUSED = (408, 429)

# Something before the server may answer these after the server has done what was asked.
UNCLEAR = (502, 503, 504)


def pause_before(error: Exception, failed: int, repeatable: bool) -> float | None:
    """How long to wait before a request that failed is sent again; nothing if it must not be, or need not be tried.

    `failed` is how often it has failed before, `repeatable` whether doing it twice is the same as doing it once.
    """
    if isinstance(error, NoAnswerError):
        return backoff(failed) if repeatable else None
    if not isinstance(error, ApiError):
        return None
    if error.status not in REFUSED and not (repeatable and error.status in UNCLEAR):
        return None
    if error.retry_after is None:
        return backoff(failed)
    # Never earlier than told, and not everybody at once.
    return None if error.retry_after > PATIENCE else error.retry_after + random.random()


def backoff(failed: int, longest: float = 8.0) -> float:
    """Longer each time, up to `longest`, and not for all clients at once."""
    full = min(longest, 0.5 * 2.0 ** min(failed, 10))
    return full * (0.5 + random.random() / 2)
