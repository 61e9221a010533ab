"""What the client raises."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any, Mapping

from .models import FieldError


class MySmsError(Exception):
    """Whatever this client raises by itself.

    `idempotency_key` is the key of the send that failed. Whether the text was accepted may be unknown: the
    same text with the same key gives the same answer, or sends it now, but never twice.
    """

    idempotency_key: str | None = None


class NoAnswerError(MySmsError):
    """There was no answer, or only a part of one. Whether the request was carried out is unknown."""


class ApiError(MySmsError):
    """The server said no."""

    def __init__(self, status: int, headers: Mapping[str, str], problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("detail") or f"The server answered {status}")
        self.status = status
        # What went wrong, in a word that never changes, such as `invalid-request`. Empty if something
        # before the server answered.
        self.code: str = problem.get("type", "").replace("urn:mysms:problem:", "")
        # What is wrong with which field of the request.
        self.errors: list[FieldError] = problem.get("errors", [])
        # Names the request in the server's logs.
        self.request_id: str | None = problem.get("request_id") or headers.get("X-Request-Id")
        # Seconds after which the request may be repeated, if the server said so.
        self.retry_after: float | None = _retry_after(headers.get("Retry-After"))


class InvalidRequestError(ApiError):
    """400, 413, 415 or 422: the request cannot be right, however often it is sent. `errors` says why."""


class AuthenticationError(ApiError):
    """401: the token is not good, or not any more."""


class ForbiddenError(ApiError):
    """403: the caller may not do this."""


class NotFoundError(ApiError):
    """404: there is no such thing, or it belongs to somebody else."""


class ConflictError(ApiError):
    """409: it is too late, or the recipient wants no texts."""


class RateLimitError(ApiError):
    """429: a limit is used up for `retry_after` seconds."""


class ServerError(ApiError):
    """5xx: the server, or something before it, is in trouble."""


class WebhookVerificationError(MySmsError):
    """A webhook that does not come from the messenger, or came long ago."""


_KINDS: dict[int, type[ApiError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitError,
}


def error_of(status: int, headers: Mapping[str, str], body: object) -> ApiError:
    """What an answer that says no means."""
    kind = _KINDS.get(status, ServerError if status >= 500 else ApiError)
    return kind(status, headers, body if isinstance(body, dict) else {})


def _retry_after(value: str | None) -> float | None:
    """Seconds, whether the header has a number or a date."""
    if value is None:
        return None
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
