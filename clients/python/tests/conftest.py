from __future__ import annotations

import os
import random
import uuid
from typing import Iterator

import pytest

from mysms import MySms

URL = os.environ["MYSMS_URL"]
PHONE = "+14155550123"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def url() -> str:
    return URL


@pytest.fixture
def phone() -> str:
    """A number that no other test texts."""
    return f"+1415557{random.randrange(10_000):04}"


@pytest.fixture
def sms() -> Iterator[MySms]:
    """A user that nobody else is."""
    with MySms(URL) as client:
        client.sign_up(f"u-{uuid.uuid4()}", "correct horse")
        yield client
