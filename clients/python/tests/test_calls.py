from __future__ import annotations

import inspect
import re
import uuid
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from mysms import AuthenticationError, ConflictError, InvalidRequestError, MySms, NotFoundError, models, operations

from .conftest import PHONE, URL
from .network import BadNetwork


def later() -> str:
    return (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()


def test_a_text_is_sent_read_back_listed_and_deleted(sms: MySms) -> None:
    sent = sms.send({"recipient": PHONE, "content": "Grüße"})
    assert sent["recipient"] == PHONE
    read = sms.message(sent["id"])
    assert read["content"] == "Grüße"
    assert read["timeline"][0]["status"] == "queued"
    assert [message["id"] for message in sms.messages()] == [sent["id"]]
    sms.delete(sent["id"])
    with pytest.raises(NotFoundError):
        sms.message(sent["id"])


def test_a_scheduled_text_can_be_canceled_and_one_that_was_sent_cannot(sms: MySms) -> None:
    scheduled = sms.send({"recipient": PHONE, "content": "Later", "send_at": later()})
    assert sms.cancel(scheduled["id"])["status"] == "canceled"
    sent = sms.send({"recipient": PHONE, "content": "Now"})
    for event in sms.events():
        if (event["data"] if event["type"] == "message" else sms.message(sent["id"]))["status"] == "delivered":
            break
    with pytest.raises(ConflictError):
        sms.cancel(sent["id"])


def test_an_error_says_which_field_is_wrong_and_why(sms: MySms) -> None:
    with pytest.raises(InvalidRequestError, match="recipient must be a phone number") as raised:
        sms.send({"recipient": "12", "content": ""})
    error = raised.value
    assert (error.status, error.code) == (400, "invalid-request")
    assert [one["field"] for one in error.errors] == ["recipient", "content"]
    assert re.fullmatch(r"[0-9a-f-]{36}", error.request_id or "")


def test_logging_in_renewing_and_logging_out() -> None:
    name = f"u-{uuid.uuid4()}"
    with MySms(URL) as sms:
        first = sms.sign_up(name, "correct horse")["token"]
        with pytest.raises(AuthenticationError):
            sms.log_in(name, "wrong horse")
        sms.log_in(name, "correct horse")
        assert sms.token != first
        second = sms.token
        sms.renew()
        assert sms.token != second
        assert sms.me()["username"] == name
        sms.log_out()
        with pytest.raises(AuthenticationError):
            sms.me()


def test_a_token_that_was_kept_is_enough(sms: MySms) -> None:
    with MySms(f"{URL}/", sms.token) as other:
        text = other.send({"recipient": PHONE, "content": "Hello"})
        assert other.message(text["id"])["id"] == text["id"]


def test_a_preview_says_what_is_wrong_and_sends_nothing(sms: MySms) -> None:
    preview = sms.preview({"recipient": PHONE, "content": "It’s ready"})
    assert preview["acceptable"] and preview["encoding"] == "UCS-2"
    wrong = sms.preview({"recipient": "12", "content": "Hello"})
    assert [one["field"] for one in wrong["errors"]] == ["recipient"]
    assert list(sms.messages()) == []


def test_each_text_of_a_batch_has_its_answer_and_is_sent_once(sms: MySms) -> None:
    batch: models.Batch = {"recipients": [PHONE, "12", "+14155550124"], "content": "Hello"}
    first = sms.send_batch(batch, idempotency_key="campaign-7")
    assert [one["status"] for one in first["results"]] == [200, 400, 200]
    second = sms.send_batch(batch, idempotency_key="campaign-7")
    assert [one["replayed"] for one in second["results"]] == [True, False, True]
    assert len(list(sms.messages())) == 2


def test_lists_are_read_page_by_page_as_far_as_somebody_goes(sms: MySms) -> None:
    words = ["one", "two", "three", "four", "five"]
    sms.send_batch({"messages": [{"recipient": PHONE, "content": word, "send_at": later()} for word in words]})
    network = BadNetwork()
    with httpx.Client(transport=network) as client:
        reader = MySms(URL, sms.token, client=client)
        assert [message["content"] for message in reader.messages(limit=2)] == words
        assert [len(page.items) for page in reader.messages(limit=2).pages()] == [2, 2, 1]
        network.seen.clear()
        assert next(iter(reader.messages(limit=2, order="desc")))["content"] == "five"
        assert len(network.seen) == 1
        page = next(iter(reader.messages(limit=3).pages()))
        assert [message["content"] for message in reader.messages(cursor=page.next)] == ["four", "five"]


def test_filters_are_those_of_the_api(sms: MySms) -> None:
    sms.send({"recipient": PHONE, "content": "An order", "send_at": later()})
    other = sms.send({"recipient": "+14155550124", "content": "Another order", "send_at": later()})
    sms.cancel(other["id"])
    long_ago = datetime.fromtimestamp(0, timezone.utc)
    found = sms.messages(status=["canceled", "failed"], q="ORDER", since=long_ago)
    assert [message["content"] for message in found] == ["Another order"]
    assert list(sms.messages(until=long_ago)) == []
    tags = {"order": "4711", "kind": "reminder"}
    noted = sms.send({"recipient": PHONE, "content": "Noted", "reference": "order 4711", "tags": tags})
    for filters in ({"reference": "order 4711"}, {"tag": "order:4711"}, {"tag": ["order:4711", "kind:reminder"]}):
        assert [message["id"] for message in sms.messages(**filters)] == [noted["id"]]
    assert list(sms.messages(tag=["order:4711", "kind:bill"])) == []


def test_every_filter_of_the_api_is_one_here() -> None:
    document = httpx.get(f"{URL}/openapi.json").json()
    named = {one.get("name") for one in document["paths"]["/messages"]["get"]["parameters"]}
    filters = named - {None, "If-None-Match"}
    assert filters <= set(inspect.signature(MySms.messages).parameters)


def answered(sms: MySms, phone: str, answer: dict[str, object]) -> models.Message:
    """The phone is asked and answers."""
    sms.send({"recipient": phone, "content": "Are you coming?"})
    simulator = httpx.get(f"{URL}/client.json").json()["simulator_page"]
    wrote = False
    for event in sms.events():
        if event["type"] == "message" and event["data"]["direction"] == "inbound":
            return event["data"]
        if not wrote and any(text["provider_sid"] for text in sms.messages(recipient=phone)):
            httpx.post(f"{simulator}/inbound", json={"from": phone, **answer}).raise_for_status()
            wrote = True
    raise AssertionError("the stream ended")


def test_a_picture_that_was_received_is_opened_also_over_a_bad_network(sms: MySms, phone: str) -> None:
    files = [{"picture": "hills"}, {"content_type": "audio/amr", "size": 3}]
    message = answered(sms, phone, {"media": files})
    assert [one["content_type"] for one in message["media"]] == ["image/png", "audio/amr"]
    with httpx.Client(transport=BadNetwork("lost", 503)) as client:
        picture = MySms(URL, sms.token, client=client).media(message["id"], 0)
    assert picture.content_type == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert sms.media(message["id"], 1).content_type == "audio/amr"
    with pytest.raises(NotFoundError):
        sms.media(message["id"], 2)


def test_the_answer_to_a_text_with_pictures_lists_them(sms: MySms) -> None:
    url = "https://example.com/offer.jpg"
    sent = sms.send({"recipient": PHONE, "media_urls": [url]})
    assert sent["content"] is None
    assert [one["url"] for one in sent["media"]] == [url]
    assert sms.message(sent["id"])["media"] == sent["media"]


def test_what_was_received_stands_in_its_conversation_until_it_is_read(sms: MySms, phone: str) -> None:
    answered(sms, phone, {"body": "Yes"})
    (conversation,) = sms.conversations()
    assert (conversation["counterpart"], conversation["unread"]) == (phone, 1)
    assert [one["content"] for one in sms.conversation(phone, limit=1)] == ["Are you coming?", "Yes"]
    sms.mark_read(phone)
    assert [one["unread"] for one in sms.conversations()] == [0]


def test_any_other_call_is_typed_by_the_document(sms: MySms) -> None:
    (session,) = sms.call(operations.list_sessions())
    assert session["current"]
    assert sms.call(operations.put_settings({"smart_encoding": True}))["smart_encoding"]
    assert sms.senders()[0]["state"] == "active"
