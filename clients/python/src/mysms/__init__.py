"""Sends and receives texts through a MySMS Messenger."""

from . import models, operations
from ._async.client import AsyncMySms
from ._async.pages import AsyncPages
from ._call import Call
from ._file import File
from ._page import Page
from ._sync.client import MySms
from ._sync.pages import Pages
from .errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    MySmsError,
    NoAnswerError,
    NotFoundError,
    RateLimitError,
    ServerError,
    WebhookVerificationError,
)
from .events import StreamEvent
from .webhooks import WebhookEvent, verify_webhook

__version__ = "0.1.0"

__all__ = [
    "ApiError",
    "AsyncMySms",
    "AsyncPages",
    "AuthenticationError",
    "Call",
    "ConflictError",
    "File",
    "ForbiddenError",
    "InvalidRequestError",
    "MySms",
    "MySmsError",
    "NoAnswerError",
    "NotFoundError",
    "Page",
    "Pages",
    "RateLimitError",
    "ServerError",
    "StreamEvent",
    "WebhookEvent",
    "WebhookVerificationError",
    "models",
    "operations",
    "verify_webhook",
]
