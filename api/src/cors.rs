//! Which web pages may call the API from a browser.

use std::time::Duration;

use http::header::{
    AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, LINK, RETRY_AFTER,
};
use http::{HeaderValue, Method};
use runtime::config::CorsOrigins;
use tower_http::cors::{AllowOrigin, CorsLayer};

const MAX_AGE: Duration = Duration::from_mins(10);

/// `None` when no page of another origin may.
pub(crate) fn layer(origins: &CorsOrigins) -> Option<CorsLayer> {
    let origins = match origins {
        CorsOrigins::None => return None,
        some => {
            let some = some.clone();
            AllowOrigin::predicate(move |origin, _| allows(&some, origin))
        }
    };
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            IF_NONE_MATCH,
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([
            LINK,
            RETRY_AFTER,
            ETAG,
            HeaderName::from_static("idempotent-replayed"),
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("x-mysms-simulated"),
            HeaderName::from_static("x-next-cursor"),
            HeaderName::from_static("x-prev-cursor"),
        ])
        .max_age(MAX_AGE);
    Some(layer)
}

/// Whether pages of an origin may.
pub(crate) fn allows(origins: &CorsOrigins, origin: &HeaderValue) -> bool {
    match origins {
        CorsOrigins::None => false,
        CorsOrigins::Loopback => is_loopback(origin),
        CorsOrigins::List(list) => list.iter().any(|allowed| origin == allowed.as_str()),
    }
}

fn is_loopback(origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    ["http://localhost", "http://127.0.0.1"]
        .iter()
        .filter_map(|host| origin.strip_prefix(host))
        .any(|rest| {
            let port = rest.strip_prefix(':');
            rest.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_ok())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_this_machine_on_any_port_and_nothing_that_looks_like_it() {
        let allowed = |origin: &str| is_loopback(&origin.parse().unwrap());
        for good in [
            "http://localhost",
            "http://localhost:5173",
            "http://127.0.0.1:80",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "null",
            "https://localhost:3000",
            "http://localhost.example.com",
            "http://localhost:80@example.com",
            "http://localhost:99999",
            "http://127.0.0.10",
            "http://example.com",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }
}
