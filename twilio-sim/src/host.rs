use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header::HOST, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Refuses what a web page sends under a name of its own that leads here (DNS rebinding): it could
/// read every text, and have this machine post anywhere.
///
/// Addresses and names without a dot are nobody's on the internet.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    match request
        .uri()
        .authority()
        .cloned()
        .or_else(|| host(request.headers()))
    {
        Some(host) if is_near(host.host()) => next.run(request).await,
        _ => (
            StatusCode::MISDIRECTED_REQUEST,
            "ask the simulator by its address, as localhost, or by a name without a dot\n",
        )
            .into_response(),
    }
}

/// The only one that is named.
fn host(headers: &HeaderMap) -> Option<Authority> {
    let mut named = headers.get_all(HOST).iter();
    match (named.next(), named.next()) {
        (Some(host), None) => Authority::try_from(host.as_bytes()).ok(),
        _ => None,
    }
}

fn is_near(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    address.parse::<IpAddr>().is_ok() || !host.contains('.') || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_nobody_on_the_internet_has_are_near() {
        for near in [
            "localhost",
            "LOCALHOST",
            "twilio-sim",
            "127.0.0.1",
            "[::1]",
            "10.0.0.7",
        ] {
            assert!(is_near(near), "{near}");
        }
        for far in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "a.b",
        ] {
            assert!(!is_near(far), "{far}");
        }
    }
}
