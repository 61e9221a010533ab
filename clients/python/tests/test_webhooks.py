from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, List

import pytest
from standardwebhooks import Webhook

from mysms import WebhookVerificationError, verify_webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = '{"type":"test","timestamp":"2026-01-01T00:00:00.000Z","data":{"é":1}}'
VECTORS: List[Dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "webhook-vectors.json").read_text("utf-8")
)


def official(secret: str, away: float = 0) -> Dict[str, str]:
    """What the official library makes of it."""
    at = datetime.now(timezone.utc) + timedelta(seconds=away)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, BODY),
    }


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_vectors_of_the_specification_and_what_else_both_clients_agree_on(vector: Dict[str, Any]) -> None:
    def verify() -> object:
        return verify_webhook(vector["body"], vector["headers"], vector["secrets"], now=vector["now"])

    if vector["genuine"]:
        assert verify() == json.loads(vector["body"])
    else:
        with pytest.raises(WebhookVerificationError):
            verify()


def test_what_the_official_library_signs_is_genuine_in_every_form_in_which_it_may_come() -> None:
    headers = official(SECRET)
    expected = json.loads(BODY)
    assert verify_webhook(BODY, headers, SECRET) == expected
    assert verify_webhook(BODY.encode(), headers, SECRET[6:]) == expected
    assert verify_webhook(BODY, {name.title(): value for name, value in headers.items()}, SECRET) == expected
    both = {**headers, "webhook-signature": f"{official(OTHER)['webhook-signature']} v1a,AAAA {headers['webhook-signature']}"}
    assert verify_webhook(BODY, both, SECRET) == Webhook(SECRET).verify(BODY, both)


def test_anything_else_is_refused() -> None:
    headers = official(SECRET)
    with pytest.raises(WebhookVerificationError, match="no signature"):
        verify_webhook(BODY + " ", headers, SECRET)
    with pytest.raises(WebhookVerificationError, match="no signature"):
        verify_webhook(BODY, {**headers, "webhook-signature": "v1,é v1"}, SECRET)
    for away in (-301, 302):
        with pytest.raises(WebhookVerificationError, match="too far"):
            verify_webhook(BODY, official(SECRET, away), SECRET)
        assert verify_webhook(BODY, official(SECRET, away), SECRET, tolerance=400)
    with pytest.raises(ValueError, match="base64"):
        verify_webhook(BODY, headers, "whsec_")
