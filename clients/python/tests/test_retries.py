from __future__ import annotations

import uuid
from email.utils import formatdate
from typing import Iterator, List
from unittest.mock import patch

import httpx
import pytest

from mysms import MySms, NoAnswerError, RateLimitError, ServerError, models
from mysms._retry import PATIENCE, backoff, pause_before
from mysms.errors import ApiError

from .conftest import PHONE, URL
from .network import BadNetwork, Fate

TEXT: models.SendMessage = {"recipient": PHONE, "content": "Once"}


@pytest.fixture(autouse=True)
def waits() -> Iterator[List[float]]:
    """How long was waited for, without waiting."""
    told: List[float] = []
    with patch("time.sleep", told.append):
        yield told


def user_of(network: BadNetwork, retries: int = 4) -> MySms:
    sms = MySms(URL, retries=retries, client=httpx.Client(transport=network))
    sms.sign_up(f"u-{uuid.uuid4()}", "correct horse")
    network.seen.clear()
    return sms


def test_a_text_whose_answers_are_lost_is_sent_once(waits: List[float]) -> None:
    network = BadNetwork()
    sms = user_of(network)
    network.fates += ["lost", "refused", 503, "lost"]
    sent = sms.send(TEXT)
    keys = [request.headers["Idempotency-Key"] for request in network.seen]
    assert len(keys) == 5 and len(set(keys)) == 1
    assert len(waits) == 4
    assert [message["id"] for message in sms.messages()] == [sent["id"]]


def test_whoever_gives_up_gets_the_key_with_which_the_text_is_still_sent_once() -> None:
    network = BadNetwork()
    sms = user_of(network, retries=1)
    network.fates += ["lost", "lost"]
    with pytest.raises(NoAnswerError) as raised:
        sms.send(TEXT)
    sms.send(TEXT, idempotency_key=raised.value.idempotency_key)
    assert len(list(sms.messages())) == 1


def test_a_delete_whose_answer_was_lost_has_been_done() -> None:
    network = BadNetwork()
    sms = user_of(network)
    text = sms.send(TEXT)
    network.fates += ["lost"]
    sms.delete(text["id"])
    assert list(sms.messages()) == []


def test_what_may_not_be_done_twice_is_not_asked_for_twice() -> None:
    network = BadNetwork()
    sms = user_of(network)
    network.fates += ["lost", 502]
    with pytest.raises(NoAnswerError):
        sms.renew()
    with pytest.raises(ServerError):
        sms.renew()
    assert len(network.seen) == 2


def test_a_wait_that_is_too_long_is_not_begun() -> None:
    network = BadNetwork((429, {"Retry-After": "3600"}))
    with pytest.raises(RateLimitError) as raised:
        MySms(URL, "x", client=httpx.Client(transport=network)).me()
    assert raised.value.retry_after == 3600
    assert len(network.seen) == 1


def problem(status: int, retry_after: str | None = None) -> ApiError:
    return ApiError(status, {} if retry_after is None else {"Retry-After": retry_after}, {})


def test_what_is_repeated_and_when() -> None:
    for status in (408, 429):
        assert pause_before(problem(status), 0, False) is not None
    for status in (502, 503, 504):
        assert pause_before(problem(status), 0, True) is not None
        assert pause_before(problem(status), 0, False) is None
    for status in (400, 401, 403, 404, 409, 413, 415, 422, 500):
        assert pause_before(problem(status), 0, True) is None
    assert pause_before(NoAnswerError(), 0, True) is not None
    assert pause_before(NoAnswerError(), 0, False) is None


def test_no_try_comes_earlier_than_the_server_said_nor_all_at_once() -> None:
    pauses = {pause_before(problem(503, "7"), 0, True) or 0 for _ in range(50)}
    assert all(7 <= pause <= 8 for pause in pauses) and len(pauses) > 1
    wait = pause_before(problem(429, formatdate(usegmt=True)), 0, False)
    assert wait is not None and wait <= 2
    assert pause_before(problem(429, str(int(PATIENCE) + 1)), 0, True) is None
    assert pause_before(problem(429, "soon"), 0, True) is not None
    assert all(0.25 <= backoff(failed) <= 8 for failed in range(50))


def test_fates_are_what_they_say() -> None:
    fates: List[Fate] = ["refused", "lost"]
    network = BadNetwork(*fates)
    with httpx.Client(transport=network) as client:
        for _ in fates:
            with pytest.raises(httpx.TransportError):
                client.get(f"{URL}/healthz")
        assert client.get(f"{URL}/healthz").status_code == 200
