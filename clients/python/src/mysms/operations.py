"""Every call of the API, typed: `sms.call(operations.list_sessions())`.

Made by `make clients` from the API's document; not to be changed by hand.
"""

from __future__ import annotations

from typing import Any, Literal

from . import models
from ._call import Call


def sign_up(body: models.NewCredentials) -> Call[models.LoggedIn]:
    """Sign up"""
    return Call("POST", "/signup", body=body)


def log_in(body: models.Credentials) -> Call[models.LoggedIn]:
    """Log in"""
    return Call("POST", "/login", body=body)


def log_out(*, everywhere: bool | None = None, keys: bool | None = None) -> Call[models.LoggedOut]:
    """Log out"""
    return Call("POST", "/logout", query={"everywhere": everywhere, "keys": keys})


def get_me() -> Call[models.Me]:
    """Who am I?"""
    return Call("GET", "/me")


def delete_me(body: models.Leave) -> Call[models.AccountDone]:
    """Delete the caller, and all their messages"""
    return Call("DELETE", "/me", body=body)


def change_password(body: models.ChangePassword) -> Call[models.PasswordChanged]:
    """Set a new password"""
    return Call("PUT", "/me/password", body=body)


def list_sessions() -> Call[list[models.SessionView]]:
    """List the caller's sessions"""
    return Call("GET", "/me/sessions")


def end_session(id: str) -> Call[models.AccountDone]:
    """End one of the caller's sessions"""
    return Call("DELETE", "/me/sessions/{id}", path={"id": id})


def renew_token() -> Call[models.LoggedIn]:
    """Get a new token for one that is still good"""
    return Call("POST", "/me/token")


def list_keys() -> Call[list[models.ApiKey]]:
    """List the caller's API keys"""
    return Call("GET", "/keys")


def create_key(body: models.CreateKey) -> Call[models.NewApiKey]:
    """Make an API key"""
    return Call("POST", "/keys", body=body)


def delete_key(id: str) -> Call[models.KeyDeleted]:
    """Delete one of the caller's API keys"""
    return Call("DELETE", "/keys/{id}", path={"id": id})


def get_settings() -> Call[models.Settings]:
    """What have I set?"""
    return Call("GET", "/me/settings")


def put_settings(body: models.PutSettings) -> Call[models.Settings]:
    """Set what holds for all texts"""
    return Call("PUT", "/me/settings", body=body)


def list_messages(
    *,
    order: Literal["asc", "desc"] | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    status: str | None = None,
    direction: Literal["outbound", "inbound", "any"] | None = None,
    recipient: str | None = None,
    number: str | None = None,
    reference: str | None = None,
    tag: list[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    q: str | None = None,
) -> Call[list[models.Message]]:
    """List all messages of the caller"""
    return Call(
        "GET",
        "/messages",
        query={
            "order": order,
            "limit": limit,
            "cursor": cursor,
            "status": status,
            "direction": direction,
            "recipient": recipient,
            "number": number,
            "reference": reference,
            "tag": tag,
            "since": since,
            "until": until,
            "q": q,
        },
    )


def send_message(
    body: models.SendMessage,
    *,
    idempotency_key: str | None = None,
) -> Call[models.AcceptedMessage]:
    """Send a message"""
    return Call("POST", "/messages", header={"Idempotency-Key": idempotency_key}, body=body)


def preview_message(
    body: models.SendMessage,
    *,
    idempotency_key: str | None = None,
) -> Call[models.Preview]:
    """Preview a message"""
    return Call(
        "POST",
        "/messages/preview",
        header={"Idempotency-Key": idempotency_key},
        body=body,
    )


def send_messages(
    body: models.Batch,
    *,
    idempotency_key: str | None = None,
) -> Call[models.BatchAnswer]:
    """Send many messages"""
    return Call("POST", "/messages/batch", header={"Idempotency-Key": idempotency_key}, body=body)


def preview_messages(
    body: models.Batch,
    *,
    idempotency_key: str | None = None,
) -> Call[models.BatchPreview]:
    """Preview many messages"""
    return Call(
        "POST",
        "/messages/batch/preview",
        header={"Idempotency-Key": idempotency_key},
        body=body,
    )


def list_messages_of_user(
    user: str,
    *,
    order: Literal["asc", "desc"] | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    status: str | None = None,
    direction: Literal["outbound", "inbound", "any"] | None = None,
    recipient: str | None = None,
    number: str | None = None,
    reference: str | None = None,
    tag: list[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    q: str | None = None,
) -> Call[list[models.Message]]:
    """List all messages of a user"""
    return Call(
        "GET",
        "/messages/{user}",
        path={"user": user},
        query={
            "order": order,
            "limit": limit,
            "cursor": cursor,
            "status": status,
            "direction": direction,
            "recipient": recipient,
            "number": number,
            "reference": reference,
            "tag": tag,
            "since": since,
            "until": until,
            "q": q,
        },
    )


def delete_messages(user: str) -> Call[models.Done]:
    """Delete all messages of a user"""
    return Call("DELETE", "/messages/{user}", path={"user": user})


def get_message(user: str, id: str) -> Call[models.MessageWithTimeline]:
    """Look at one message"""
    return Call("GET", "/messages/{user}/{id}", path={"user": user, "id": id})


def delete_message(user: str, id: str) -> Call[models.Done]:
    """Delete one message"""
    return Call("DELETE", "/messages/{user}/{id}", path={"user": user, "id": id})


def cancel_message(user: str, id: str) -> Call[models.Message]:
    """Cancel a message that is still queued"""
    return Call("POST", "/messages/{user}/{id}/cancel", path={"user": user, "id": id})


def delete_upload(id: str) -> Call[None]:
    """Remove a file"""
    return Call("DELETE", "/uploads/{id}", path={"id": id})


def list_senders() -> Call[list[models.Sender]]:
    """List the senders that the caller may use"""
    return Call("GET", "/senders")


def list_conversations(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    number: str | None = None,
    show: Literal["inbox", "archived", "pinned", "unread", "failed", "waiting"] | None = None,
) -> Call[list[models.Conversation]]:
    """List the caller's conversations"""
    return Call(
        "GET",
        "/conversations",
        query={"limit": limit, "cursor": cursor, "number": number, "show": show},
    )


def read_conversation(
    number: str,
    *,
    order: Literal["asc", "desc"] | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    around: str | None = None,
) -> Call[list[models.Message]]:
    """Read a conversation"""
    return Call(
        "GET",
        "/conversations/{number}",
        path={"number": number},
        query={"order": order, "limit": limit, "cursor": cursor, "around": around},
    )


def delete_conversation(number: str, *, up_to: str | None = None) -> Call[models.ConversationDone]:
    """Delete a conversation"""
    return Call(
        "DELETE",
        "/conversations/{number}",
        path={"number": number},
        query={"up_to": up_to},
    )


def change_conversation(
    number: str,
    body: models.ChangedConversation,
) -> Call[models.ConversationMarks]:
    """Pin a conversation, put it aside, or note to look at it again"""
    return Call("PATCH", "/conversations/{number}", path={"number": number}, body=body)


def mark_read(number: str, body: models.ReadUpTo | None = None) -> Call[None]:
    """Mark what was received from somebody as read"""
    return Call("PUT", "/conversations/{number}/read", path={"number": number}, body=body)


def list_contacts(
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[list[models.Contact]]:
    """List the caller's contacts"""
    return Call("GET", "/contacts", query={"limit": limit, "cursor": cursor})


def put_contacts(body: models.ContactBatch) -> Call[models.ContactBatchAnswer]:
    """Keep many contacts"""
    return Call("POST", "/contacts/batch", body=body)


def get_contact(number: str) -> Call[models.Contact]:
    """Show one of the caller's contacts"""
    return Call("GET", "/contacts/{number}", path={"number": number})


def put_contact(number: str, body: models.ContactRequest) -> Call[models.Contact]:
    """Keep a contact"""
    return Call("PUT", "/contacts/{number}", path={"number": number}, body=body)


def delete_contact(number: str) -> Call[models.ContactDone]:
    """Delete a contact"""
    return Call("DELETE", "/contacts/{number}", path={"number": number})


def list_templates() -> Call[list[models.Template]]:
    """List the caller's templates"""
    return Call("GET", "/templates")


def create_template(body: models.TemplateRequest) -> Call[models.Template]:
    """Make a template"""
    return Call("POST", "/templates", body=body)


def put_template(id: str, body: models.TemplateRequest) -> Call[models.Template]:
    """Change a template"""
    return Call("PUT", "/templates/{id}", path={"id": id}, body=body)


def delete_template(id: str) -> Call[models.TemplateDone]:
    """Delete a template"""
    return Call("DELETE", "/templates/{id}", path={"id": id})


def list_opt_outs(
    *,
    state: Literal["withdrawn", "given", "maybe"] | None = None,
    sender: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[list[models.ListedOptOut]]:
    """List who wants no texts"""
    return Call(
        "GET",
        "/opt-outs",
        query={"state": state, "sender": sender, "limit": limit, "cursor": cursor},
    )


def get_opt_out(number: str) -> Call[models.OptOut]:
    """Show whether somebody wants texts"""
    return Call("GET", "/opt-outs/{number}", path={"number": number})


def put_opt_out(number: str, body: models.OptOutRequest) -> Call[models.OptOut]:
    """Say that somebody wants no texts"""
    return Call("PUT", "/opt-outs/{number}", path={"number": number}, body=body)


def delete_opt_out(number: str, *, sender: str | None = None) -> Call[models.LiftedOptOut]:
    """Say that somebody wants texts again"""
    return Call("DELETE", "/opt-outs/{number}", path={"number": number}, query={"sender": sender})


def list_unassigned(
    *,
    order: Literal["asc", "desc"] | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[list[models.Message]]:
    """List the texts that belong to nobody"""
    return Call(
        "GET",
        "/inbox/unassigned",
        query={"order": order, "limit": limit, "cursor": cursor},
    )


def claim_unassigned(id: str) -> Call[models.Message]:
    """Take a text that belongs to nobody"""
    return Call("POST", "/inbox/unassigned/{id}/claim", path={"id": id})


def assign_unassigned(id: str, body: models.AssignTo) -> Call[None]:
    """Give a text that belongs to nobody to a user"""
    return Call("POST", "/inbox/unassigned/{id}/assign", path={"id": id}, body=body)


def list_webhooks() -> Call[list[models.Webhook]]:
    """List the caller's webhooks"""
    return Call("GET", "/webhooks")


def create_webhook(body: models.NewWebhook) -> Call[models.WebhookWithSecret]:
    """Make a webhook"""
    return Call("POST", "/webhooks", body=body)


def get_webhook(id: str) -> Call[models.Webhook]:
    """Show one of the caller's webhooks"""
    return Call("GET", "/webhooks/{id}", path={"id": id})


def delete_webhook(id: str) -> Call[models.WebhookDone]:
    """Delete a webhook"""
    return Call("DELETE", "/webhooks/{id}", path={"id": id})


def change_webhook(id: str, body: models.ChangedWebhook) -> Call[models.Webhook]:
    """Change a webhook"""
    return Call("PATCH", "/webhooks/{id}", path={"id": id}, body=body)


def rotate_webhook_secret(
    id: str,
    body: models.NextSecret | None = None,
) -> Call[models.WebhookWithSecret]:
    """Give a webhook another secret"""
    return Call("POST", "/webhooks/{id}/secret", path={"id": id}, body=body)


def enable_webhook(id: str, body: models.Enable) -> Call[models.Webhook]:
    """Enable a webhook"""
    return Call("POST", "/webhooks/{id}/enable", path={"id": id}, body=body)


def disable_webhook(id: str) -> Call[models.Webhook]:
    """Disable a webhook"""
    return Call("POST", "/webhooks/{id}/disable", path={"id": id})


def replay_webhook(id: str, body: models.Again) -> Call[models.Webhook]:
    """Tell a webhook again what changed since a time"""
    return Call("POST", "/webhooks/{id}/replay", path={"id": id}, body=body)


def test_webhook(id: str) -> Call[models.WebhookTest]:
    """Try a webhook"""
    return Call("POST", "/webhooks/{id}/test", path={"id": id})


def list_webhook_deliveries(id: str) -> Call[list[models.WebhookDelivery]]:
    """List the latest deliveries of a webhook"""
    return Call("GET", "/webhooks/{id}/deliveries", path={"id": id})


def list_set_aside(id: str) -> Call[list[models.SetAside]]:
    """List what a webhook refused"""
    return Call("GET", "/webhooks/{id}/aside", path={"id": id})


def retry_set_aside(id: str, message: str) -> Call[models.Webhook]:
    """Tell what was set aside once more"""
    return Call(
        "POST",
        "/webhooks/{id}/aside/{message}/retry",
        path={"id": id, "message": message},
    )


def dismiss_set_aside(id: str, message: str) -> Call[models.Webhook]:
    """Forget what was set aside"""
    return Call("DELETE", "/webhooks/{id}/aside/{message}", path={"id": id, "message": message})


def get_push() -> Call[models.Push]:
    """Whether the caller's browser is told by push"""
    return Call("GET", "/push")


def put_push(body: models.WantedPush) -> Call[models.PushDone]:
    """Tell the caller's browser by push"""
    return Call("PUT", "/push", body=body)


def delete_push() -> Call[models.PushDone]:
    """Tell the caller's browser nothing more by push"""
    return Call("DELETE", "/push")


def is_alive() -> Call[models.Health]:
    """Whether the process lives"""
    return Call("GET", "/healthz")


def is_ready() -> Call[models.Readiness]:
    """Whether it can do its work"""
    return Call("GET", "/readyz")


def get_client_settings() -> Call[models.ClientSettings]:
    """What the web client has to know"""
    return Call("GET", "/client.json")


def get_document() -> Call[dict[str, Any]]:
    """This document"""
    return Call("GET", "/openapi.json")
