# Made by `make clients` from `_async`; not to be changed by hand.
from __future__ import annotations

import uuid
from datetime import datetime
from types import TracebackType
from typing import Any, Generator, Literal, Mapping, Sequence
from urllib.parse import quote

import httpx

from .. import models, operations
from .._call import Call, T
from .._file import File
from ..errors import MySmsError
from ..events import StreamEvent
from .http import Http
from .pages import Pages
from .stream import follow

# The largest part of a list that the server gives at once.
LARGEST_PAGE = 200

Order = Literal["asc", "desc"]
Directions = Literal["outbound", "inbound", "any"]


class MySms:
    """A caller of one messenger: whoever the key or the token belongs to.

    `url` is where the messenger is, `token` an API key (`mk_…`) or the token of a login. A request that
    failed is sent again up to `retries` times, if that is harmless and may help. `client` is one of httpx,
    with settings of your own, which you close yourself.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        retries: int = 4,
        timeout: float = 30.0,
        client: httpx.Client | None = None,
    ) -> None:
        self._owns_client = client is None
        client = httpx.Client(timeout=timeout) if client is None else client
        self._http = Http(url, token, retries, client)
        self._user: str | None = None

    def __enter__(self) -> MySms:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._owns_client:
            self._http.client.close()

    @property
    def token(self) -> str | None:
        """The key or token that requests carry now."""
        return self._http.token

    def log_in(self, username: str, password: str) -> models.LoggedIn:
        """By name and password, for a person. Programs use a key. The token is good for a day: see `renew`."""
        return self._enter(self.call(operations.log_in({"username": username, "password": password})))

    def sign_up(self, username: str, password: str, invite: str | None = None) -> models.LoggedIn:
        """Makes a user, and logs them in."""
        wanted: models.NewCredentials = {"username": username, "password": password}
        if invite is not None:
            wanted["invite"] = invite
        return self._enter(self.call(operations.sign_up(wanted)))

    def renew(self) -> models.LoggedIn:
        """Gets a new token for the one of a login.

        It is asked for once: if that fails, the old one stays good for its time.
        """
        return self._enter(self.call(operations.renew_token()))

    def log_out(self, *, everywhere: bool = False) -> None:
        """Ends this login, or all of the user's."""
        self.call(operations.log_out(everywhere=everywhere))

    def me(self) -> models.Me:
        return self.call(operations.get_me())

    def senders(self) -> list[models.Sender]:
        """What texts can leave from."""
        return self.call(operations.list_senders())

    def send(
        self, text: models.SendMessage, *, idempotency_key: str | None = None
    ) -> models.AcceptedMessage:
        """Sends a text once, however often the request has to be repeated.

        When this returns, the text is stored for good; what becomes of it, `message` and `events` tell.
        The key is made up, unless it is given.
        """
        key = idempotency_key or uuid.uuid4().hex
        return self._send(operations.send_message(text, idempotency_key=key), key)

    def send_batch(self, batch: models.Batch, *, idempotency_key: str | None = None) -> models.BatchAnswer:
        """Sends up to 1,000 texts. Each has an answer of its own, in order.

        The same batch with the same key sends what is still missing.
        """
        key = idempotency_key or uuid.uuid4().hex
        return self._send(operations.send_messages(batch, idempotency_key=key), key)

    def preview(self, text: models.SendMessage) -> models.Preview:
        """What would become of a text, what it would cost, and what is wrong with it. Nothing is sent."""
        return self.call(operations.preview_message(text), repeatable=True)

    def messages(
        self,
        *,
        status: models.Status | Sequence[models.Status] | None = None,
        direction: Directions | None = None,
        recipient: str | None = None,
        number: str | None = None,
        reference: str | None = None,
        tag: str | Sequence[str] | None = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        q: str | None = None,
        order: Order | None = None,
        limit: int = LARGEST_PAGE,
        cursor: str | None = None,
    ) -> Pages[models.Message]:
        """What the caller sent, oldest first unless `order` says otherwise; all that is given has to hold.

        With the `direction` `any` what was received, too. A `recipient` is a whole number, a `number` a part of one.
        A `tag` is written `key:value`; of several a text must have all.
        `limit` is how many a part has, and `cursor` the `next` of the one before.
        """
        statuses = status if status is None or isinstance(status, str) else ",".join(status)
        tags = tag if tag is None or isinstance(tag, str) else list(tag)
        labels = {"reference": reference, "tag": tags}
        query = {"status": statuses, "direction": direction, "since": since, "until": until, "q": q}
        other = {"recipient": recipient, "number": number}
        return self._pages("/messages", {**query, **other, **labels, "order": order, "limit": limit, "cursor": cursor})

    def message(self, id: str) -> models.MessageWithTimeline:
        """One text, with all that happened to it."""
        return self.call(operations.get_message(self._me(), id))

    def media(self, id: str, index: int) -> File:
        """A picture or another file of a text that was received, by its place among `media`, as a whole."""
        path = {"user": self._me(), "id": id, "index": str(index)}
        call: Call[None] = Call("GET", "/messages/{user}/{id}/media/{index}", path=path)
        answer = self._http.content(call)
        return File(answer.content, answer.headers.get("Content-Type", "application/octet-stream"))

    def cancel(self, id: str) -> models.Message:
        """Takes a text back that is still `queued`; afterwards it is a `ConflictError`."""
        return self.call(operations.cancel_message(self._me(), id), repeatable=True)

    def delete(self, id: str) -> None:
        """Removes a text from all lists, for good."""
        self.call(operations.delete_message(self._me(), id), repeatable=True)

    def conversations(
        self, *, number: str | None = None, limit: int = LARGEST_PAGE, cursor: str | None = None
    ) -> Pages[models.Conversation]:
        """The numbers that texts were exchanged with, or those with a part of a `number`; the one with the newest
        text first.
        """
        return self._pages("/conversations", {"number": number, "limit": limit, "cursor": cursor})

    def conversation(
        self, number: str, *, order: Order | None = None, limit: int = LARGEST_PAGE, cursor: str | None = None
    ) -> Pages[models.Message]:
        """Everything that was exchanged with a number, oldest first unless `order` says otherwise."""
        path = f"/conversations/{quote(number, safe='')}"
        return self._pages(path, {"order": order, "limit": limit, "cursor": cursor})

    def mark_read(self, number: str, up_to: str | None = None) -> None:
        """Marks what a number wrote as read, up to a message if that is given."""
        body: models.ReadUpTo | None = None if up_to is None else {"up_to": up_to}
        self.call(operations.mark_read(number, body), repeatable=True)

    def events(self, after: str | None = None) -> Generator[StreamEvent, None, None]:
        """Follows what becomes of the caller's texts, over every gap, until it is left.

        `after` is the `id` of the last event that was handled, to be told what came since.
        """
        return follow(self._http, after)

    def call(self, call: Call[T], *, repeatable: bool | None = None) -> T:
        """Any call of the API: `sms.call(operations.list_sessions())`.

        Only `GET` is sent again after a lost answer, unless it is `repeatable`.
        """
        may_repeat = call.method == "GET" if repeatable is None else repeatable
        answer, _ = self._http.answer(call, may_repeat)
        return answer

    def _send(self, call: Call[T], key: str) -> T:
        try:
            return self.call(call, repeatable=True)
        except MySmsError as error:
            error.idempotency_key = key
            raise

    def _pages(self, path: str, query: Mapping[str, Any]) -> Pages[Any]:
        return Pages(self._http, path, dict(query))

    def _enter(self, login: models.LoggedIn) -> models.LoggedIn:
        self._http.token = login["token"]
        self._user = login["username_hash"]
        return login

    def _me(self) -> str:
        """Whose messages they are."""
        if self._user is None:
            self._user = (self.me())["username_hash"]
        return self._user
