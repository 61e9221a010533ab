//! The headers of our answers, each described once.

use std::collections::BTreeMap;

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::{Object, ObjectBuilder, Ref, RefOr, Response, Type};

/// Name, what it says, and an example.
const HEADERS: [(&str, &str, &str); 11] = [
    (
        "Accept-Ranges",
        "Parts can be asked for with `Range`.",
        "bytes",
    ),
    (
        "Content-Range",
        "Which part of the file follows, or how long the file is that has no such part.",
        "bytes 0-99/48213",
    ),
    (
        "ETag",
        "Stands for this page as it is, for `If-None-Match`. A list without a limit has none.",
        "\"9f86d081884c7d659a2feaa0c55ad015\"",
    ),
    (
        "Idempotent-Replayed",
        "The Idempotency-Key was used before: this is the first answer again, and nothing was sent.",
        "true",
    ),
    (
        "Link",
        "The next page, and around a message the one before, if there are any; relative to the address that was asked for.",
        "<?order=asc&limit=50&cursor=019b76da-a878-7000-8000-000000000001>; rel=\"next\"",
    ),
    ("Retry-After", "Seconds to wait before the next try.", "2"),
    ("WWW-Authenticate", "How to log in.", "Bearer"),
    (
        "X-MySMS-Simulated",
        "Texts do not really go out: they stay in the simulator.",
        "true",
    ),
    (
        "X-Next-Cursor",
        "The `cursor` of the next page, if there is one.",
        super::schema::MESSAGE_ID,
    ),
    (
        "X-Prev-Cursor",
        "The `cursor` of the page before, in the opposite `order`, if there is one.",
        super::schema::MESSAGE_ID,
    ),
    (
        "X-Request-Id",
        "The request's own name, in this answer and in the log.",
        super::schema::REQUEST_ID,
    ),
];

/// What the components of the document are to hold.
pub(super) fn components() -> BTreeMap<String, RefOr<Header>> {
    let component = |(name, description, example): (&str, &str, &str)| {
        let header = HeaderBuilder::new()
            .schema(Some(kind(name)))
            .description(Some(description))
            .example(Some(example.parse::<u32>().map_or_else(
                |_| serde_json::Value::from(example),
                serde_json::Value::from,
            )));
        (name.to_owned(), header.build().into())
    };
    HEADERS.into_iter().map(component).collect()
}

fn kind(name: &str) -> Object {
    let object = ObjectBuilder::new();
    match name {
        "Retry-After" => object.schema_type(Type::Integer).minimum(Some(1)),
        "Idempotent-Replayed" | "X-MySMS-Simulated" => {
            object.schema_type(Type::String).enum_values(Some(["true"]))
        }
        _ => object.schema_type(Type::String),
    }
    .build()
}

/// Says that an answer has a header, in whatever case its name comes.
pub(super) fn add(response: &mut Response, name: &str) {
    if let Some((name, reference)) = reference(name) {
        response.headers.insert(name, reference);
    }
}

/// Describes the headers that an annotation only names.
pub(super) fn fill_in(response: &mut Response) {
    let bare = Header::default();
    for (name, header) in &mut response.headers {
        let is_bare = matches!(header, RefOr::T(header) if *header == bare);
        if let Some((_, reference)) = reference(name).filter(|_| is_bare) {
            *header = reference;
        }
    }
}

fn reference(name: &str) -> Option<(String, RefOr<Header>)> {
    let (name, ..) = HEADERS
        .iter()
        .find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
    let reference = Ref::new(format!("#/components/headers/{name}"));
    Some(((*name).to_owned(), RefOr::Ref(reference)))
}
