"""What the stream of events tells. `id` is how far it is: `after` goes on from there."""

from __future__ import annotations

import json
from typing import Literal, TypedDict, Union, cast

from . import models
from ._sse import Block


class Ready(TypedDict):
    """Read the list now: every later change is told."""

    type: Literal["ready"]
    id: str


class Changed(TypedDict):
    """A message as it is now. Of two states the one with the higher `version` is newer."""

    type: Literal["message"]
    id: str
    data: models.Message


class ConversationRead(TypedDict):
    """What was received from somebody has been seen, up to a message."""

    type: Literal["conversation.read"]
    id: str
    data: models.ConversationReadEvent


class ConversationsMarked(TypedDict):
    """A conversation was pinned, put aside or to be looked at again, or is so no more: read their list again."""

    type: Literal["conversations.marked"]
    id: str


class Deleted(TypedDict):
    """A message that is gone."""

    type: Literal["deleted"]
    id: str
    data: models.DeletedEvent


class WebhookDisabled(TypedDict):
    """A webhook that is called no more."""

    type: Literal["webhook.disabled"]
    id: str
    data: models.WebhookDisabledEvent


class OptOutChanged(TypedDict):
    """What somebody wants of a sender that the user looks after. Whoever was away reads `GET /opt-outs` again."""

    type: Literal["opt_out.changed"]
    id: str
    data: models.ListedOptOut


class Reset(TypedDict):
    """Too much has changed, or too long ago: read the list again."""

    type: Literal["reset"]
    id: str


class Inbox(TypedDict):
    """What belongs to nobody has changed, and the user may see it: read `GET /inbox/unassigned` again."""

    type: Literal["inbox"]
    id: str


StreamEvent = Union[
    Ready,
    Changed,
    ConversationRead,
    ConversationsMarked,
    Deleted,
    WebhookDisabled,
    OptOutChanged,
    Reset,
    Inbox,
]

_TYPES = (
    "ready",
    "message",
    "conversation.read",
    "conversations.marked",
    "deleted",
    "webhook.disabled",
    "opt_out.changed",
    "reset",
    "inbox",
)


def event_of(block: Block, last: str) -> StreamEvent | None:
    """Nothing if it is a sign of life, or something that only a later version of this client knows."""
    if block.data is None or block.event not in _TYPES:
        return None
    return cast(StreamEvent, {"type": block.event, "id": last, "data": json.loads(block.data)})
