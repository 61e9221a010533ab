//! Requests that the document does not show: values for parameters that may be left out, and bodies that
//! must be refused.

use serde_json::{Value, json};

use crate::openapi::schema::MESSAGE_ID;

/// A value for each parameter that may be left out, by its name.
const PARAMETERS: [(&str, &str); 26] = [
    ("Idempotency-Key", "order-4711"),
    ("If-None-Match", "\"a page from before\""),
    ("Last-Event-ID", "1767225600120"),
    ("X-Request-Id", "6f1c8f0e-0b1c-4f4e-9f57-3f0b8a0c9d11"),
    ("around", MESSAGE_ID),
    ("cursor", MESSAGE_ID),
    ("direction", "any"),
    ("dry_run", "false"),
    ("everywhere", "false"),
    ("format", "ndjson"),
    ("keys", "false"),
    ("limit", "50"),
    ("message", MESSAGE_ID),
    ("number", "415555"),
    ("order", "desc"),
    ("q", "hello"),
    ("recipient", "+14155550123"),
    ("reference", "order 4711"),
    ("sender", "+15005550006"),
    ("show", "inbox"),
    ("since", "2026-01-01T00:00:00Z"),
    ("state", "maybe"),
    ("status", "queued,sending"),
    ("tag", "order:4711"),
    ("until", "2026-01-01T00:00:00Z"),
    ("up_to", MESSAGE_ID),
];

/// What one operation alone means by a parameter.
const CURSOR_OF_OPT_OUTS: &str = "KzE1MDA1NTUwMDA2CisxNDE1NTU1MDEyMw";
const CURSOR_OF_CONTACTS: &str = "KzE0MTU1NTUwMTIz";

pub(super) fn parameter(operation: &str, name: &str) -> Option<&'static str> {
    match (operation, name) {
        ("listOptOuts", "cursor") => return Some(CURSOR_OF_OPT_OUTS),
        ("listContacts", "cursor") => return Some(CURSOR_OF_CONTACTS),
        _ => {}
    }
    let (_, value) = PARAMETERS.iter().find(|(known, _)| *known == name)?;
    Some(value)
}

/// What an operation refuses: the code of the problem, and the body that leads to it.
pub(super) fn refused(operation: &str) -> Vec<(&'static str, Value)> {
    let report = json!({
        "MessageSid": "SM0123456789abcdef0123456789abcdef",
        "MessageStatus": "delivered",
        "AccountSid": "AC00000000000000000000000000000001",
    });
    let inbound = json!({
        "MessageSid": "SM0123456789abcdef0123456789abcdef",
        "AccountSid": "AC00000000000000000000000000000001",
        "From": "+14155550123",
        "To": "+15005550006",
        "Body": "Thanks!",
    });
    let stranger = json!({
        "username": "jane_doe", "password": "password123",
        "invite": "00000000000000000000000000000000",
    });
    let (john, not_john) = (
        json!({"username": "john_doe", "password": "password123"}),
        json!({"username": "john_doe", "password": "password124"}),
    );
    let change = json!({
        "old_password": "password124", "new_password": "correct horse battery staple",
    });
    match operation {
        "signUp" => vec![
            ("invite-not-good", stranger),
            ("username-taken", john),
            (
                "invalid-request",
                json!({"username": "j", "password": "short"}),
            ),
        ],
        "logIn" => vec![
            ("wrong-credentials", not_john),
            ("invalid-request", json!({"username": "john_doe"})),
        ],
        "changePassword" => vec![
            ("wrong-password", change),
            ("invalid-request", json!({"old_password": "password123"})),
        ],
        "deleteMe" => vec![
            ("wrong-password", json!({"password": "password124"})),
            ("invalid-request", json!({})),
        ],
        "createKey" => vec![(
            "invalid-request",
            json!({"name": "", "scopes": ["everything"]}),
        )],
        "putSettings" => vec![("invalid-request", json!({"smart_encoding": "yes"}))],
        "sendMessage" => vec![(
            "invalid-request",
            json!({"recipient": "12345", "content": ""}),
        )],
        "sendMessages" | "previewMessages" => {
            vec![("invalid-request", json!({"recipients": [], "content": ""}))]
        }
        "putContact" => vec![("invalid-request", json!({"name": ""}))],
        "putContacts" => vec![("invalid-request", json!({"contacts": []}))],
        "createTemplate" | "putTemplate" => {
            vec![("invalid-request", json!({"name": "x", "content": "{{"}))]
        }
        "changeConversation" => vec![("invalid-request", json!({"pinned": "yes"}))],
        "markRead" => vec![("invalid-request", json!({"up_to": "yesterday"}))],
        "assignUnassigned" => vec![("invalid-request", json!({"username": "j"}))],
        "putOptOut" => vec![("invalid-request", json!({"sender": "+15005550009"}))],
        "reportStatus" => vec![("bad-signature", report)],
        "receiveMessage" => vec![("bad-signature", inbound)],
        _ => Vec::new(),
    }
}
