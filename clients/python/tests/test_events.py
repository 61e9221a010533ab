from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from typing import List
from unittest.mock import patch

import httpx
import pytest

from mysms import AuthenticationError, MySms, models, operations
from mysms._sse import Block, BlockParser

from .conftest import PHONE, URL
from .network import BadNetwork


def scheduled() -> models.SendMessage:
    send_at = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()
    return {"recipient": PHONE, "content": "Later", "send_at": send_at}


def test_a_text_is_followed_until_it_is_delivered(sms: MySms) -> None:
    versions: List[int] = []
    for event in sms.events():
        if event["type"] == "ready":
            sms.send({"recipient": PHONE, "content": "Hello"})
        elif event["type"] == "message":
            versions.append(event["data"]["version"])
            if event["data"]["status"] == "delivered":
                break
    assert versions == sorted(versions)


def test_after_a_gap_the_stream_goes_on_where_it_was(sms: MySms) -> None:
    network = BadNetwork("cut", "refused", 503)
    with httpx.Client(transport=network) as client, patch("time.sleep") as slept:
        ready = ""
        for event in MySms(URL, sms.token, client=client).events():
            if event["type"] == "ready":
                ready = event["id"]
                # The stream is cut by now.
                text = sms.send(scheduled())
            elif event["type"] == "message":
                assert event["data"]["id"] == text["id"]
                break
        asked = [request.headers.get("Last-Event-ID") for request in network.seen]
    assert asked == [None, ready, ready, ready]
    assert slept.call_count == 3


def test_whoever_was_away_for_too_long_is_told_to_read_the_list_again(sms: MySms) -> None:
    event = next(sms.events(after="5"))
    assert event["type"] == "reset"
    assert event["id"] != "5"


def test_a_deleted_text_is_told(sms: MySms) -> None:
    for event in sms.events():
        if event["type"] == "ready":
            text = sms.send(scheduled())
        elif event["type"] == "message":
            sms.delete(text["id"])
        elif event["type"] == "deleted":
            assert event["data"] == {"id": text["id"]}
            break


def test_a_webhook_that_is_called_no_more_is_told(sms: MySms) -> None:
    webhook = sms.call(operations.create_webhook({"url": "https://example.com/sms"}))
    for event in sms.events():
        if event["type"] == "ready":
            sms.call(operations.disable_webhook(webhook["id"]))
        elif event["type"] == "webhook.disabled":
            assert event["data"]["id"] == webhook["id"]
            assert event["data"]["disabled_by"] == "owner"
            break


def test_a_token_that_is_no_good_ends_the_stream(sms: MySms) -> None:
    sms.log_out()
    with pytest.raises(AuthenticationError):
        next(sms.events())


def test_what_only_a_later_server_tells_is_passed_over() -> None:
    text = 'event: news\nid: 1\ndata: {}\n\n: alive\nid: 2\n\nevent: deleted\nid: 3\ndata: {"id":"x"}\n\n'
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=text))
    with httpx.Client(transport=transport) as client:
        event = next(MySms(URL, str(uuid.uuid4()), client=client).events())
    assert event == {"type": "deleted", "id": "3", "data": {"id": "x"}}


def test_a_stream_means_the_same_wherever_it_is_cut() -> None:
    stream = "retry: 10\r\n\r\n: hi\r\rid: 7\rdata: a\rdata\rdata:  b\r\rid:8\n\nevent: x\ndata:é\nother: 1\n\ndata: unfinished"
    expected = [
        Block(retry=0.01), Block(), Block(id="7", data="a\n\n b"), Block(id="8"), Block(event="x", data="é"),
    ]
    for cut in range(len(stream) + 1):
        parser = BlockParser()
        assert [*parser.push(stream[:cut]), *parser.push(stream[cut:])] == expected, f"cut at {cut}"
