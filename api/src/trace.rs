//! The trace that a request belongs to, which the log lines of all processes share.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;

use crate::error::ApiError;
use crate::request_id::RequestId;

const TRACEPARENT: &str = "traceparent";

/// The trace id of the client's `traceparent` (<https://www.w3.org/TR/trace-context/>), if it sent a
/// valid one.
#[derive(Debug, Clone)]
pub(crate) struct ClientTrace(Option<Arc<str>>);

/// What travels in the job: the client's trace, or the request's own id.
///
/// Where a message is met without its job (by a sweeper, in a callback) the message's own id leads
/// back to it, as the line that says `accepted` has both.
#[derive(Debug, Clone)]
pub(crate) struct Trace(String);

impl ClientTrace {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(TRACEPARENT).iter();
        let parent = match (given.next(), given.next()) {
            (Some(parent), None) => parent.to_str().ok(),
            _ => None,
        };
        Self(parent.and_then(trace_id).map(Arc::from))
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// `version-trace_id-parent_id-flags`; later versions may have more.
fn trace_id(parent: &str) -> Option<&str> {
    let hex = |text: &str, length| {
        text.len() == length
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let not_zero = |text: &str| text.bytes().any(|byte| byte != b'0');
    let mut parts = parent.split('-');
    let (version, id) = (parts.next()?, parts.next()?);
    let (span, flags) = (parts.next()?, parts.next()?);
    let complete = parts.next().is_none() || version != "00";
    let valid = hex(version, 2) && version != "ff" && hex(flags, 2) && complete;
    let known = hex(id, 32) && not_zero(id) && hex(span, 16) && not_zero(span);
    (valid && known).then_some(id)
}

impl Trace {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Trace {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let known = parts.extensions.get::<ClientTrace>().cloned();
        let client = known.unwrap_or_else(|| ClientTrace::of(&parts.headers));
        let request = RequestId::from_request_parts(parts, state).await?;
        Ok(Self(client.id().unwrap_or(request.as_str()).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn trace(parents: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for parent in parents {
            headers.append(TRACEPARENT, parent.parse().unwrap());
        }
        ClientTrace::of(&headers).id().map(str::to_owned)
    }

    #[test]
    fn the_clients_trace_is_taken_up() {
        for parent in [
            &format!("00-{ID}-00f067aa0ba902b7-01"),
            &format!("00-{ID}-00f067aa0ba902b7-00"),
            &format!("01-{ID}-00f067aa0ba902b7-01-what may come"),
        ] {
            assert_eq!(trace(&[parent]).as_deref(), Some(ID), "{parent}");
        }
    }

    #[test]
    fn what_is_no_traceparent_is_ignored() {
        let valid = format!("00-{ID}-00f067aa0ba902b7-01");
        let zeros = "0".repeat(32);
        assert_eq!(trace(&[]), None);
        assert_eq!(trace(&[&valid, &valid]), None);
        for parent in [
            "",
            ID,
            &format!("00-{zeros}-00f067aa0ba902b7-01"),
            &format!("00-{ID}-0000000000000000-01"),
            &format!("ff-{ID}-00f067aa0ba902b7-01"),
            &format!("00-{ID}-00f067aa0ba902b7-01-more"),
            &format!("00-{}-00f067aa0ba902b7-01", ID.to_uppercase()),
            &format!("00-{ID}x-00f067aa0ba902b7-01"),
        ] {
            assert_eq!(trace(&[parent]), None, "{parent}");
        }
    }
}
