"""The async client is what the blocking one is made from: here only what differs is tried."""

from __future__ import annotations

import uuid

import anyio
import pytest

from mysms import AsyncMySms, InvalidRequestError, models

from .conftest import PHONE, URL

pytestmark = pytest.mark.anyio


async def test_texts_are_sent_at_once_and_followed() -> None:
    async with AsyncMySms(URL) as sms:
        await sms.sign_up(f"u-{uuid.uuid4()}", "correct horse")
        async for event in sms.events():
            if event["type"] == "ready":
                async with anyio.create_task_group() as group:
                    for word in ("one", "two", "three"):
                        text: models.SendMessage = {"recipient": PHONE, "content": word}
                        group.start_soon(sms.send, text)
            if event["type"] == "message" and event["data"]["status"] == "delivered":
                break
        assert {message["content"] async for message in sms.messages(limit=2)} == {"one", "two", "three"}
        assert [len(page.items) async for page in sms.messages(limit=2).pages()] == [2, 1]
        with pytest.raises(InvalidRequestError):
            await sms.send({"recipient": "12", "content": "Hello"})


async def test_whoever_is_cancelled_lets_go_of_the_stream() -> None:
    async with AsyncMySms(URL) as sms:
        await sms.sign_up(f"u-{uuid.uuid4()}", "correct horse")
        with anyio.CancelScope() as scope:
            async for event in sms.events():
                assert event["type"] == "ready"
                scope.cancel()
        assert scope.cancelled_caught
        assert (await sms.me())["username_hash"]
