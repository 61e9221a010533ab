"""Whether a webhook comes from the messenger, by the rules of Standard Webhooks."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from typing import Mapping, Sequence, Union, cast

from . import models
from .errors import WebhookVerificationError

WebhookEvent = Union[
    models.MessageReceived, models.MessageUpdated, models.MessageDeleted, models.TestEvent
]


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance: float = 300,
    now: float | None = None,
) -> WebhookEvent:
    """The event of a webhook, if the messenger signed it with one of the secrets (`whsec_…`) within the last
    five minutes. Otherwise a `WebhookVerificationError` is raised: answer 400.

    The body has to be as it came, byte by byte. The same `webhook-id` may come twice.
    `tolerance` is by how many seconds the clocks may differ.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp, signatures = (
        _header(lower, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise WebhookVerificationError("webhook-timestamp is not a number")
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance:
        raise WebhookVerificationError("webhook-timestamp is too far from now")
    payload = body.encode() if isinstance(body, str) else body
    signed = f"{event_id}.{timestamp}.".encode() + payload
    secrets = [secret] if isinstance(secret, str) else secret
    if not any(_matches(signed, signatures, one) for one in secrets):
        raise WebhookVerificationError("no signature matches")
    return cast(WebhookEvent, json.loads(payload))


def _matches(signed: bytes, signatures: str, secret: str) -> bool:
    """Whether one of the signatures (`v1,… v1,…`) is made with the secret."""
    mac = hmac.new(_secret_bytes(secret), signed, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(mac)
    return any(hmac.compare_digest(one.encode(), expected) for one in signatures.split(" "))


def _secret_bytes(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret[6:] if secret.startswith("whsec_") else secret, validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("a webhook secret is whsec_ and base64")
    return key


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise WebhookVerificationError(f"{name} is missing")
    return value
