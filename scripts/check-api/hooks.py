"""What no document can hold: the provider's signature, users to throw away, texts judged alone."""

import base64
import hashlib
import hmac
import os
import uuid
from urllib.parse import parse_qsl

import requests
import schemathesis
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

URL = os.environ["MYSMS_URL"]
TOKEN = "Bearer " + os.environ["MYSMS_TOKEN"]
SIGNATURE = "X-Twilio-Signature"

# The simulator's, which is no secret.
PROVIDER_TOKEN = b"5104e1a7000000000000000000000001"

# They end a token, or its session when they come twice, so each call of theirs has a user of its own.
ENDS_TOKENS = {"deleteMe", "changePassword", "logOut", "renewToken"}


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    operation = case.operation.definition.raw.get("operationId")
    if operation in ENDS_TOKENS and headers.get("Authorization") == TOKEN:
        case.headers["Authorization"] = "Bearer " + sign_up()
    is_sound = case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE
    # With it the answer is that of another operation.
    if operation == "sendMessage" and case.query:
        case.query.pop("dry_run", None)
    if operation == "reportStatus" and is_sound and SIGNATURE in headers:
        kwargs["auth"] = sign


@schemathesis.check
def texts_of_a_batch_are_refused_alone(ctx, response, case):
    """What the document forbids in one text is answered in its place; all else refuses the batch."""
    operation = case.operation.definition.raw.get("operationId")
    # Other methods are tried at the same path, too.
    if operation != "sendMessages" or case.method != "POST":
        return
    if response.status_code == 200 and response.json()["refused"] > 0:
        return
    negative_data_rejection(ctx, response, case)


def sign_up():
    user = {"username": uuid.uuid4().hex, "password": "password123"}
    answer = requests.post(URL + "/signup", json=user, timeout=20)
    answer.raise_for_status()
    return answer.json()["token"]


def sign(request):
    """Names and values one after the other, sorted, behind the URL."""
    body = request.body or ""
    if isinstance(body, bytes):
        body = body.decode()
    form = sorted(parse_qsl(body, keep_blank_values=True))
    text = request.url + "".join(name + value for name, value in form)
    mac = hmac.new(PROVIDER_TOKEN, text.encode(), hashlib.sha1)
    request.headers[SIGNATURE] = base64.b64encode(mac.digest()).decode()
    return request
