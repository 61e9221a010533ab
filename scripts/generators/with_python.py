"""Imports all that openapi-python-client made, then signs up, sends and lists by it."""

import importlib
import os
import pkgutil

import messenger as made
from messenger import AuthenticatedClient, Client
from messenger.api.accounts import sign_up
from messenger.api.messages import (
    list_messages,
    preview_message,
    send_message,
    send_messages,
)
from messenger.models import (
    AcceptedMessage,
    BatchAnswer,
    BatchToMany,
    LoggedIn,
    NewCredentials,
    Preview,
    Problem,
    SendMessage,
)

for module in pkgutil.walk_packages(made.__path__, made.__name__ + "."):
    importlib.import_module(module.name)

url = os.environ["MYSMS_URL"]
new = NewCredentials(username=f"python_{os.getpid()}", password="password123")
user = sign_up.sync(client=Client(base_url=url), body=new)
assert isinstance(user, LoggedIn), user

client = AuthenticatedClient(base_url=url, token=user.token)
text = SendMessage(recipient="+14155550123", content="Hello from Python")
told = preview_message.sync(client=client, body=text)
assert isinstance(told, Preview) and told.acceptable, told
sent = send_message.sync(client=client, body=text)
assert isinstance(sent, AcceptedMessage), sent
messages = list_messages.sync(client=client)
assert isinstance(messages, list), messages
assert [message.id for message in messages] == [sent.id]

batch = BatchToMany(recipients=["+14155550124"], content="Hello")
answers = send_messages.sync(client=client, body=batch)
assert isinstance(answers, BatchAnswer) and answers.accepted == 1, answers
refused = send_message.sync(client=client, body=SendMessage(recipient="1", content=""))
assert isinstance(refused, Problem), refused
