"""Uses the simulator as programs use Twilio: with Twilio's own library, which has to find texts and their
files, open them, remove them, and take the webhooks for genuine.

usage: SIM_URL=http://127.0.0.1:4010 official_client.py
"""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

SIM = os.environ["SIM_URL"]
ACCOUNT, TOKEN = os.environ["SIM_ACCOUNT_SID"], os.environ["SIM_AUTH_TOKEN"]
OURS, PHONE = "+15005550006", "+14155550123"
TWILIO = "https://api.twilio.com"
# In seconds.
TIMEOUT = 10


class Redirected(TwilioHttpClient):
    """Asks the simulator whatever Twilio is to be asked."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        assert url.startswith(TWILIO), url
        return super().request(method, SIM + url.removeprefix(TWILIO), *args, **kwargs)


class Receiver(HTTPServer):
    """Where texts from phones are posted."""

    def __init__(self) -> None:
        self.taken: Queue[tuple[str, dict[str, str]]] = Queue()
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/sms?line=1"
        Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
        self.server.taken.put((self.headers["X-Twilio-Signature"], form))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def control(method: str, path: str, body: object = None) -> Any:
    answer = requests.request(method, SIM + path, json=body, timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.json()


def is_gone(resource: Any) -> bool:
    try:
        resource.fetch()
    except TwilioRestException as error:
        return error.status == 404 and error.code == 20404
    return False


def sends(client: Client) -> None:
    """Texts with files, and files alone."""
    addresses = ["https://example.com/offer.jpg", "https://example.com/menu.pdf"]
    with_words = client.messages.create(to=PHONE, from_=OURS, body="This week:", media_url=addresses)
    alone = client.messages.create(to=PHONE, from_=OURS, media_url=addresses[:1])
    assert (with_words.num_media, alone.num_media) == ("2", "1")
    assert (with_words.body, alone.body) == ("This week:", "")
    for message, count in ((with_words, 2), (alone, 1)):
        files = message.media.list()
        assert [file.parent_sid for file in files] == [message.sid] * count
    sent = {message.sid for message in client.messages.list(to=PHONE)}
    assert sent == {with_words.sid, alone.sid}


def receives(receiver: Receiver) -> str:
    """A text with files is posted with a signature that Twilio's library takes, and nothing else."""
    files = [{"picture": "hills"}, {"content_type": "audio/amr", "size": 5}]
    control("POST", "/sim/inbound", {"from": PHONE, "to": OURS, "body": "Look: ä+b &c", "media": files})
    signature, form = receiver.taken.get(timeout=TIMEOUT)
    assert form["Body"] == "Look: ä+b &c" and form["NumMedia"] == "2"
    assert (form["MediaContentType0"], form["MediaContentType1"]) == ("image/png", "audio/amr")
    validator = RequestValidator(TOKEN)
    assert validator.validate(receiver.url, form, signature)
    assert not validator.validate(receiver.url, {**form, "NumMedia": "1"}, signature)
    assert not RequestValidator("0" * 32).validate(receiver.url, form, signature)
    return form["MessageSid"]


def reads(client: Client, sid: str) -> None:
    """What was received is listed, with its files, which lead to their content."""
    (listed,) = client.messages.list(to=OURS)
    fetched = client.messages(sid).fetch()
    assert listed.sid == fetched.sid == sid
    assert (fetched.direction, fetched.status, fetched.num_media) == ("inbound", "received", "2")
    assert fetched.date_created is not None
    picture, sound = fetched.media.list()
    assert (picture.content_type, sound.content_type) == ("image/png", "audio/amr")
    assert client.messages(sid).media(picture.sid).fetch().parent_sid == sid

    address = SIM + picture.uri.removesuffix(".json")
    assert requests.get(address, timeout=TIMEOUT).status_code == 401
    content = requests.get(address, auth=(ACCOUNT, TOKEN), timeout=TIMEOUT)
    assert [one.status_code for one in content.history] == [307]
    assert content.headers["Content-Type"] == "image/png"
    assert content.content.startswith(b"\x89PNG")
    assert control("GET", "/sim/stats")["leaked_credentials"] == 0


def removes(client: Client, sid: str) -> None:
    """A file, the words and the record, one after the other."""
    message = client.messages(sid)
    picture, sound = message.media.list()
    assert message.media(picture.sid).delete()
    assert is_gone(message.media(picture.sid))
    assert [file.sid for file in message.media.list()] == [sound.sid]
    assert message.update(body="").body == ""
    assert message.delete()
    assert is_gone(message)
    assert client.messages.list(to=OURS) == []


def main() -> None:
    receiver = Receiver()
    # Contents are on another host, which has no business with credentials.
    elsewhere = SIM.replace("127.0.0.1", "localhost")
    control("PUT", "/sim/settings", {"inbound_url": receiver.url, "content_url": elsewhere})
    client = Client(ACCOUNT, TOKEN, http_client=Redirected(timeout=TIMEOUT))
    sends(client)
    print("Twilio's library: texts with files are sent")
    sid = receives(receiver)
    print("Twilio's library: the webhook of a text with files is genuine")
    reads(client, sid)
    print("Twilio's library: what was received is listed, and its files are opened")
    removes(client, sid)
    print("Twilio's library: files and texts are removed")


if __name__ == "__main__":
    main()
