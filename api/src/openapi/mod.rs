//! The API's description of itself: OpenAPI 3.1, made from the code that answers.
//!
//! A route is added and described in one place. Annotate its handler with `#[utoipa::path(…)]` and
//! give it to `OpenApiRouter::routes(routes!(handler))`, which takes no handler without one; Clippy
//! refuses every other way to add a route (clippy.toml). The doc comment's first line becomes the
//! summary, the rest the description. The annotation says
//!
//! - `params(…)`: the extractors that stand for them ([`OwnHistory`](crate::extract::OwnHistory),
//!   [`OwnMessage`](crate::extract::OwnMessage), …) or a type that derives `IntoParams`, each with an
//!   example, and its type of [`schema`] `inline`;
//! - `request_body(content = …, examples(…))`: a test sends every example. One that is named after a
//!   problem's code (`"invalid-request"`) must be refused with it, any other must succeed. The page shows the first by
//!   the alphabet;
//! - `responses(…)`: the success in full, then the names of the [`problems`] that only this route
//!   has. A header of [`headers`] needs only its name: `headers(("Link"))`;
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
mod pages;
pub(crate) mod problems;
pub(crate) mod schema;

use std::sync::OnceLock;

use axum::Router;
use bytes::Bytes;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use self::access::Accesses;

pub(crate) use self::access::Access;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "MySMS Messenger",
        description = include_str!("introduction.md"),
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    security(("token" = [])),
    tags(
        (name = "accounts", description = "Signing up, logging in, and who am I"),
        (name = "keys", description = "What programs do in a user's name, without a password"),
        (name = "messages", description = "Sending texts, and looking after those that were sent"),
        (name = "conversations", description = "What was exchanged with whom, both ways"),
        (name = "provider", description = "What the provider tells us"),
        (name = "service", description = "Whether it works, and how it is used"),
    ),
    components(schemas(crate::problem::Problem<'static>, crate::error::FieldError)),
)]
struct Introduction;

/// Turns the routes into a router that also serves their description, at `/openapi.json`, and a page
/// to read it and try it with, at `/docs`.
pub(crate) fn publish<S>(routes: OpenApiRouter<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let (pages, pages_described) = pages::router().split_for_parts();
    let (routes, described) = routes.split_for_parts();
    let rendered = RENDERED.get_or_init(|| render(described, pages_described));
    routes.merge(pages.with_state(rendered.document.clone()))
}

/// Every router has the same routes, and tests make a router for each request.
static RENDERED: OnceLock<Rendered> = OnceLock::new();

struct Rendered {
    document: Bytes,
    accesses: Accesses,
}

fn render(routes: OpenApi, pages: OpenApi) -> Rendered {
    let mut document = Introduction::openapi();
    document.merge(routes);
    document.merge(pages);
    complete::complete(&mut document);
    let document = serde_json::json!(document);
    Rendered {
        accesses: Accesses::of_document(&document),
        document: document.to_string().into(),
    }
}

#[cfg(test)]
mod tests;
