//! What holds for every route, so that no annotation repeats it.

use std::fmt::Write as _;

use serde_json::json;
use utoipa::IntoResponses;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Required, Schema};

use super::access::{Access, KEY, TOKEN};
use super::problems::{
    self, CrossSite, Internal, LoginNeeded, Malformed, Misdirected, ScopeMissing, SlowBody,
    TimedOut, TooLarge, Unauthorized, Unsupported,
};
use super::{headers, schema};

/// The headers that the middleware gives to every answer.
const EVERYWHERE: [&str; 2] = ["X-Request-Id", "X-MySMS-Simulated"];

const REQUEST_ID: &str = "RequestId";

pub(super) fn complete(document: &mut OpenApi) {
    list_problems(document.info.description.get_or_insert_default());
    add_components(document.components.get_or_insert_default());
    for item in document.paths.paths.values_mut() {
        operations(item).for_each(complete_operation);
    }
    let told = document.webhooks.iter_mut();
    for item in told.flat_map(|told| told.paths.values_mut()) {
        operations(item).for_each(|operation| _ = secure(operation));
    }
}

/// Also those that no route has: they answer requests for which there is none.
fn list_problems(introduction: &mut String) {
    introduction.push_str("\n| code | status | what it says, for example |\n|---|---|---|\n");
    let mut rows: Vec<_> = problems::all()
        .iter()
        .map(|error| {
            format!(
                "| `{}` | {} | {error} |",
                error.code(),
                error.status().as_u16()
            )
        })
        .collect();
    rows.dedup();
    for row in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(introduction, "{row}");
    }
}

fn add_components(components: &mut Components) {
    components.headers = headers::components();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The `token` of the answer to a signup or login."));
    components.add_security_scheme(TOKEN, SecurityScheme::Http(token.build()));
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("mk_(live|team|test)_[a-z2-7]{16}_[0-9A-Za-z]{49}")
        .description(Some(
            "The `key` of the answer to `POST /keys`. A route that takes one names the scope that the \
             key needs; where none is named, every key will do.",
        ));
    components.add_security_scheme(KEY, SecurityScheme::Http(key.build()));
    let parameter = (REQUEST_ID.to_owned(), request_id().into());
    components.parameters.extend([parameter]);
}

fn request_id() -> Parameter {
    ParameterBuilder::new()
        .name("X-Request-Id")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "Names the request in its answer and in the log. Anything but 1 to 64 visible ASCII \
             characters is replaced.",
        ))
        .schema(Some(schema::string()))
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

fn complete_operation(operation: &mut Operation) {
    let needs_token = secure(operation);
    let parameters = operation.parameters.get_or_insert_default();
    for parameter in &mut *parameters {
        if let RefOr::T(parameter) = parameter {
            spare(parameter);
        }
    }
    let reference = RefOr::Ref(Ref::new(format!("#/components/parameters/{REQUEST_ID}")));
    parameters.push(reference);

    let responses = &mut operation.responses.responses;
    responses.extend(Internal::responses());
    responses.extend(Misdirected::responses());
    responses.extend(TimedOut::responses());
    if needs_token {
        responses.extend(Unauthorized::responses());
        match Access::of_operation(&json!({ "security": operation.security })) {
            Access::NoKey => responses.extend(LoginNeeded::responses()),
            Access::KeyWith(_) => responses.extend(ScopeMissing::responses()),
            Access::EveryKey => {}
        }
    }
    if operation.request_body.is_some() {
        responses.extend(CrossSite::responses());
        responses.extend(Malformed::responses());
        responses.extend(TooLarge::responses());
        responses.extend(Unsupported::responses());
        responses.extend(SlowBody::responses());
    }
    problems::gather(responses);
    for response in responses.values_mut() {
        if let RefOr::T(response) = response {
            headers::fill_in(response);
            for name in EVERYWHERE {
                headers::add(response, name);
            }
        }
    }
}

/// Says of each operation whether it needs a token, since generators look nowhere else. An annotation
/// says `security(())` where none is needed, and nothing where only a token will do.
fn secure(operation: &mut Operation) -> bool {
    let nothing = SecurityRequirement::default();
    let said = operation.security.take();
    let mut needed =
        said.unwrap_or_else(|| vec![SecurityRequirement::new::<_, [&str; 0], &str>(TOKEN, [])]);
    needed.retain(|requirement| *requirement != nothing);
    !operation.security.insert(needed).is_empty()
}

/// A parameter that may be left out has no example: whatever fills in examples would send it unasked.
fn spare(parameter: &mut Parameter) {
    if parameter.required == Required::True {
        return;
    }
    if let Some(RefOr::T(Schema::Object(kind))) = &mut parameter.schema {
        kind.examples.clear();
    }
}
