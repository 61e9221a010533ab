#!/usr/bin/env python3
"""Checks a running simulator with Twilio's own Python client (pip install twilio==9.13.0).

usage: official_client.py http://127.0.0.1:4010

The simulator must have been started with its test credentials and no faults. Exits with 1 on the
first thing the client sees that Twilio would not have shown it.
"""

import datetime
import http.server
import json
import sys
import threading
import time
import urllib.parse
import urllib.request

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

ACCOUNT_SID = "AC5104e1a70c0d4a4f9b0e6d3c2b1a0f9e"
AUTH_TOKEN = "5104e1a7000000000000000000000001"
SENDER = "+15005550006"
SERVICE = "MG5104e1a70c0d4a4f9b0e6d3c2b1a0f9e"


class Redirected(TwilioHttpClient):
    """Sends what is meant for Twilio to the simulator."""

    def __init__(self, base):
        super().__init__(timeout=10)
        self.base = base

    def request(self, method, url, *args, **kwargs):
        url = url.replace("https://api.twilio.com", self.base)
        return super().request(method, url, *args, **kwargs)


class Callbacks(http.server.BaseHTTPRequestHandler):
    """Notes each callback, and whether Twilio's validator accepts its signature."""

    received = []

    def do_POST(self):
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        params = dict(urllib.parse.parse_qsl(form, keep_blank_values=True))
        url = f"http://127.0.0.1:{self.server.server_port}{self.path}"
        signature = self.headers["X-Twilio-Signature"]
        valid = RequestValidator(AUTH_TOKEN).validate(url, params, signature)
        self.received.append((params["MessageSid"], params["SmsStatus"], valid))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def check(what, seen, expected):
    if seen != expected:
        sys.exit(f"{what}: {seen!r} instead of {expected!r}")


def control(base, method, path, body):
    request = urllib.request.Request(base + path, json.dumps(body).encode(), method=method)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def wait(what, ready):
    end = time.monotonic() + 20
    while not (found := ready()):
        if time.monotonic() > end:
            sys.exit(f"{what}: nothing came")
        time.sleep(0.02)
    return found


def refused(what, code, status, act):
    try:
        act()
    except TwilioRestException as error:
        check(what, (error.code, error.status), (code, status))
        return
    sys.exit(f"{what}: was not refused")


def main(base):
    client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=Redirected(base))
    messages = client.messages
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Callbacks)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # A number of its own, so that the check can be repeated against the same ledger.
    to = f"+1415{time.time_ns() % 10_000_000:07d}"
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)

    sent = messages.create(
        to=to,
        from_=SENDER,
        body="Größe & co: 100 % + 1",
        status_callback=f"http://127.0.0.1:{server.server_port}/status?message=a%20b#rc=5&rp=all",
        validity_period=600,
    )
    check("body", sent.body, "Größe & co: 100 % + 1")
    check("numbers", (sent.to, sent.from_), (to, SENDER))
    check("status", sent.status, "queued")
    check("direction", sent.direction, "outbound-api")
    check("segments", (sent.num_segments, sent.num_media), ("1", "0"))
    check("error", (sent.error_code, sent.error_message), (None, None))
    check("date_sent", sent.date_sent, None)
    if not begin < sent.date_created:
        sys.exit(f"date_created: {sent.date_created}")

    def delivered():
        message = messages(sent.sid).fetch()
        return message if message.status == "delivered" else None

    fetched = wait("delivery", delivered)
    check("fetched sid", fetched.sid, sent.sid)
    if not begin < fetched.date_sent:
        sys.exit(f"date_sent: {fetched.date_sent}")
    wait("callbacks", lambda: len(Callbacks.received) >= 2)
    expected = [(sent.sid, "sent", True), (sent.sid, "delivered", True)]
    check("callbacks", Callbacks.received, expected)

    for number in range(4):
        messages.create(to=to, from_=SENDER, body=str(number))
    listed = messages.list(to=to, page_size=2)
    check("list over pages", [m.body for m in listed], ["3", "2", "1", "0", sent.body])
    check("limit", len(messages.list(to=to, limit=3, page_size=2)), 3)
    page = messages.page(to=to, page_size=2)
    second = page.next_page()
    check("second page", [m.body for m in second], ["1", "0"])
    check("previous page", [m.body for m in second.previous_page()], ["3", "2"])
    check("sender", len(messages.list(to=to, from_=SENDER)), 5)
    check("other sender", messages.list(to=to, from_="+14155550199"), [])
    wait("sent after", lambda: len(messages.list(to=to, date_sent_after=begin)) == 5)
    check("sent before", messages.list(to=to, date_sent_before=begin), [])

    served = messages.create(to=to, messaging_service_sid=SERVICE, body="service")
    check("service", (served.status, served.from_), ("accepted", None))
    check("service segments", served.num_segments, "0")

    Callbacks.received.clear()
    url = f"http://127.0.0.1:{server.server_port}/inbound?a=%20b#rc=5&rp=all"
    control(base, "PUT", "/sim/settings", {"inbound_url": url})
    stop = control(base, "POST", "/sim/inbound", {"from": to, "to": SENDER, "body": "Stop "})
    wait("text from a handset", lambda: Callbacks.received)
    check("text from a handset", Callbacks.received, [(stop["sid"], "received", True)])
    received = messages(stop["sid"]).fetch()
    check("direction of it", (received.direction, received.status), ("inbound", "received"))

    Callbacks.received.clear()
    picture = control(base, "POST", "/sim/inbound", {"from": to, "to": SENDER, "media": [{"picture": "hills"}]})
    wait("picture from a handset", lambda: Callbacks.received)
    check("picture from a handset", Callbacks.received, [(picture["sid"], "received", True)])
    check("files of it", messages(picture["sid"]).fetch().num_media, "1")
    files = messages(picture["sid"]).media.list()
    check("list of files", [(f.content_type, f.parent_sid) for f in files], [("image/png", picture["sid"])])
    file = messages(picture["sid"]).media(files[0].sid)
    check("file", file.fetch().sid, files[0].sid)
    content = requests.get(base + file.fetch().uri.removesuffix(".json"), auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=10)
    check("content", (content.headers["Content-Type"], content.content[:4]), ("image/png", b"\x89PNG"))
    check("deleted", file.delete(), True)
    check("no files", messages(picture["sid"]).media.list(), [])
    shown = messages.create(to="+14155550199", from_=SENDER, media_url=["https://a.example/1.png"] * 2)
    check("files sent", (shown.num_media, len(messages(shown.sid).media.list())), ("2", 2))

    create = messages.create
    refused("opted out", 21610, 400, lambda: create(to=to, from_=SENDER, body="x"))
    control(base, "POST", "/sim/inbound", {"from": to, "to": SENDER, "body": "start"})
    check("opted in", create(to=to, from_=SENDER, body="x").status, "queued")
    refused("invalid recipient", 21211, 400, lambda: create(to="1", from_=SENDER, body="x"))
    refused("magic recipient", 21610, 400, lambda: create(to="+15005550004", from_=SENDER, body="x"))
    refused("magic sender", 21212, 400, lambda: create(to=to, from_="+15005550001", body="x"))
    refused("no sender", 21603, 400, lambda: create(to=to, body="x"))
    refused("no body", 21602, 400, lambda: create(to=to, from_=SENDER))
    refused("long body", 21617, 400, lambda: create(to=to, from_=SENDER, body="x" * 1601))
    refused("unknown message", 20404, 404, lambda: messages("SM" + "0" * 32).fetch())
    stranger = Client(ACCOUNT_SID, "wrong", http_client=Redirected(base))
    refused("wrong token", 20003, 401, lambda: stranger.messages.create(to=to, from_=SENDER, body="x"))
    print("the official client sees what it would see at Twilio")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1].rstrip("/"))
