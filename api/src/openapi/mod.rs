//! The API's description of itself: OpenAPI 3.1, made from the code that answers.
//!
//! A route is added and described in one place. Annotate its handler with `#[utoipa::path(…)]` and
//! give it to `OpenApiRouter::routes(routes!(handler))`, which takes no handler without one; Clippy
//! refuses every other way to add a route (clippy.toml). The doc comment's first line becomes the
//! summary, the rest the description. The annotation says
//!
//! - `params(…)`: the extractors that stand for them ([`OwnHistory`](crate::extract::OwnHistory),
//!   [`OwnMessage`](crate::extract::OwnMessage), …) or a type that derives `IntoParams`, its type of
//!   [`schema`] `inline`. Those that are required have an example; those that may be left out have none,
//!   because pages and tools would fill it in unasked: their examples are in `tests/samples.rs`;
//! - `request_body(content = …, examples(…))`: a test sends every example, and it must succeed. The page
//!   shows the first by the alphabet. What must be refused is in `tests/samples.rs`;
//! - `responses(…)`: one success with one type, in full, then the names of the [`problems`] that only
//!   this route has. A header of [`headers`] needs only its name: `headers(("Link"))`;
//! - `security(())` if it needs no token; `security(("token" = []), ("key" = ["messages:send"]))` if a key
//!   with that scope is as good as a token. A route that says neither takes no keys. [`Access`] enforces
//!   what is said.
//!
//! What holds for every answer (request ids, 401, 413, 500, the time limit) is added by [`complete`].
//! Field types that the domain keeps to itself are described in [`schema`] and named with
//! `#[schema(value_type = …)]`. A new error gets its example in [`problems`].

mod access;
mod complete;
pub(crate) mod headers;
pub(crate) mod problems;
mod webhooks;

use std::io::Write as _;
use std::sync::OnceLock;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderMap;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::access::Accesses;
use crate::encoding::Encoding;

pub(crate) use self::access::Access;

pub(crate) use view::schema;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "MySMS Messenger",
        description = include_str!("introduction.md"),
        contact(name = "Whoever runs this installation"),
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "Where this document comes from")),
    tags(
        (name = "accounts", description = "Signing up, logging in, and who am I"),
        (name = "keys", description = "What programs do in a user's name, without a password"),
        (name = "messages", description = "Sending texts, and looking after those that were sent"),
        (name = "conversations", description = "What was exchanged with whom, both ways"),
        (name = "contacts", description = "Names for the numbers that texts are exchanged with"),
        (name = "templates", description = "Texts that are sent again and again"),
        (name = "consent", description = "Who wants texts, and who does not"),
        (name = "inbox", description = "What belongs to nobody, for those who may see it"),
        (name = "events", description = "What your endpoints are told"),
        (name = "webhooks", description = "Being called when messages change"),
        (name = "push", description = "Telling the browser of a login what comes in"),
        (name = "service", description = "Whether it works, and how it is used"),
        (name = "provider", description = "What the provider tells us"),
    ),
    components(schemas(crate::problem::Problem<'static>, crate::error::FieldError)),
)]
struct Introduction;

/// Turns the routes into a router that also serves their description, at `/openapi.json`.
pub(crate) fn publish<S>(routes: OpenApiRouter<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let (own, own_described) = OpenApiRouter::new()
        .routes(routes!(document))
        .split_for_parts();
    let (routes, described) = routes.split_for_parts();
    let rendered = RENDERED.get_or_init(|| render(described, own_described));
    routes.merge(own.with_state(rendered))
}

/// This document
///
/// It is made from the code that answers, so it is of the version that runs. `/docs` shows it to people.
#[utoipa::path(
    get, path = "/openapi.json", tag = "service", operation_id = "getDocument",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
async fn document(State(rendered): State<&'static Rendered>, asked: HeaderMap) -> Response {
    let form = Encoding::wanted(&asked, &[Encoding::Gzip, Encoding::Identity]);
    let content = match form {
        Encoding::Gzip => rendered.packed(),
        _ => rendered.document.clone(),
    };
    form.answer("application/json", content)
}

/// Every router has the same routes, and tests make a router for each request.
static RENDERED: OnceLock<Rendered> = OnceLock::new();

struct Rendered {
    document: Bytes,
    /// Made when it is asked for first.
    packed: OnceLock<Bytes>,
    accesses: Accesses,
}

fn render(routes: OpenApi, own: OpenApi) -> Rendered {
    let mut document = Introduction::openapi();
    document.merge(routes);
    document.merge(own);
    webhooks::add(&mut document);
    complete::complete(&mut document);
    Rendered {
        accesses: Accesses::of_document(&serde_json::json!(document)),
        document: in_json(&document).into(),
        packed: OnceLock::new(),
    }
}

impl Rendered {
    /// By gzip; a twelfth of it.
    fn packed(&self) -> Bytes {
        let pack = || {
            let mut packed = GzEncoder::new(Vec::new(), Compression::default());
            let written = packed.write_all(&self.document);
            // Nothing that is written to memory fails.
            let packed = written.and_then(|()| packed.finish()).unwrap_or_default();
            packed.into()
        };
        self.packed.get_or_init(pack).clone()
    }
}

/// Not by way of a `Value`, which would put everything in the order of the alphabet.
#[expect(
    clippy::expect_used,
    reason = "only maps whose keys are no texts cannot be written"
)]
fn in_json(document: &OpenApi) -> String {
    document.to_json().expect("a document is JSON")
}

#[cfg(test)]
mod tests;
