//! What we send to users' endpoints, by the rules of Standard Webhooks
//! (<https://www.standardwebhooks.com>): the `webhooks` of the document.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OpenApi, Required, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, OpenApi as _, ToSchema};
use view::{DeletedMessage, ToldMessage};

use super::problems::Responses;
use super::schema::{self, reference, schemas};

/// Name, what it says, and an example.
const HEADERS: [(&str, &str, &str); 3] = [
    (
        "webhook-id",
        "Names the event: `msg_`, the id of the message and its version. It is the same however often \
         the event is sent, so what was handled can be known by it.",
        "msg_019b76da-a878-7000-8000-000000000001_4",
    ),
    (
        "webhook-timestamp",
        "When this was sent, in seconds since 1970. Refuse what is older than five minutes.",
        "1767225600",
    ),
    (
        "webhook-signature",
        "One signature or, while a secret is replaced, two with a space between: `v1,` and the Base64 \
         of the HMAC-SHA256 of `webhook-id`, `webhook-timestamp` and the body, with dots between. The \
         key is the secret after `whsec_`, decoded from Base64.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
];

#[derive(utoipa::OpenApi)]
#[openapi(paths(received, updated, deleted, test))]
struct Events;

pub(super) fn add(document: &mut OpenApi) {
    let events = Events::openapi();
    document.webhooks = Some(events.paths);
    let schemas = events.components.map(|components| components.schemas);
    let known = &mut document.components.get_or_insert_default().schemas;
    for (name, schema) in schemas.into_iter().flatten() {
        known.entry(name).or_insert(schema);
    }
}

/// A text was received
///
/// The first event about a received message. What changes later, such as that it was read, is a
/// `message.updated`.
#[utoipa::path(
    post, path = "message.received", tag = "events", operation_id = "onMessageReceived",
    security(()), params(Headers), request_body = MessageReceived, responses(Taken),
)]
#[expect(dead_code, reason = "it is there to be described")]
fn received() {}

/// Something about a message changed
///
/// It has the message as it is now, and what happened to it since it was told last. A status that did not
/// last may have no event of its own, but it is in that timeline. Events may come twice, and those of
/// different messages in any order; of one message the one with the highest `version` is the newest.
#[utoipa::path(
    post, path = "message.updated", tag = "events", operation_id = "onMessageUpdated",
    security(()), params(Headers), request_body = MessageUpdated, responses(Taken),
)]
#[expect(dead_code, reason = "it is there to be described")]
fn updated() {}

/// A message was deleted
///
/// By its user, or because its time was over. What was written and to whom is gone, so it is told how far
/// the message had come, and what happened to it since it was told last. It is told again if it changes
/// after that, such as when a message that was being sent reaches its end. What is left of a message is
/// kept for a week: whoever takes nothing for longer is not told of its end.
#[utoipa::path(
    post, path = "message.deleted", tag = "events", operation_id = "onMessageDeleted",
    security(()), params(Headers), request_body = MessageDeleted, responses(Taken),
)]
#[expect(dead_code, reason = "it is there to be described")]
fn deleted() {}

/// Somebody tries the endpoint
///
/// Only when its user asks for it. It is about no message.
#[utoipa::path(
    post, path = "test", tag = "events", operation_id = "onTest",
    security(()), params(Headers), request_body = TestEvent, responses(Taken),
)]
#[expect(dead_code, reason = "it is there to be described")]
fn test() {}

schemas! {
    /// A text was received.
    MessageReceived [schema::Timestamp, ToldMessage<'static>] => event::<ToldMessage<'static>>("message.received");

    /// Something about a message changed.
    MessageUpdated [schema::Timestamp, ToldMessage<'static>] => event::<ToldMessage<'static>>("message.updated");

    /// A message was deleted.
    MessageDeleted [schema::Timestamp, DeletedMessage<'static>] => event::<DeletedMessage<'static>>("message.deleted");

    /// Somebody tries the endpoint.
    TestEvent [schema::Timestamp, TestData] => event::<TestData>("test");

    /// Which webhook it is.
    TestData [schema::EndpointId] => ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("webhook", reference::<schema::EndpointId>())
        .property("message", schema::string())
        .required("webhook")
        .required("message");
}

fn event<T: ToSchema>(kind: &str) -> ObjectBuilder {
    let kind = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([kind]));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("type", kind)
        .property("timestamp", reference::<schema::Timestamp>())
        .property("data", reference::<T>())
        .required("type")
        .required("timestamp")
        .required("data")
}

/// The headers of every event.
enum Headers {}

impl IntoParams for Headers {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = |(name, description, example): (&str, &str, &str)| {
            let text = ObjectBuilder::new().schema_type(Type::String);
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some(description))
                .schema(Some(text.examples([serde_json::json!(example)])))
                .build()
        };
        HEADERS.map(header).into()
    }
}

/// What an endpoint answers to every event.
enum Taken {}

impl IntoResponses for Taken {
    fn responses() -> Responses {
        let answers = [
            ("2XX", "It is taken, and not sent again."),
            (
                "410",
                "Nothing is wanted here any more: the endpoint is disabled.",
            ),
            (
                "4XX",
                "Like any other answer and like none within 15 seconds: it is sent again later, and again.",
            ),
        ];
        let answers = answers.map(|(status, description)| {
            let answer = ResponseBuilder::new().description(description).build();
            (status.to_owned(), answer.into())
        });
        BTreeMap::from(answers)
    }
}
