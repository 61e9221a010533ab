use std::convert::Infallible;
use std::fmt;

use axum::extract::FromRequestParts;
use http::request::Parts;
use mysms_core::domain::Timestamp;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use crate::openapi::schema;

const HEADER: &str = "Last-Event-ID";

/// More digits than any time of ours has.
const LONGEST: usize = 15;

/// How far a stream has told everything: the id of its events. Clients take it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor(pub Timestamp);

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let millis = text.parse().ok()?;
        (digits && text.len() <= LONGEST).then_some(Self(Timestamp::from_millis(millis)))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_millis().fmt(f)
    }
}

/// The header by which a client tells the last event that it has.
pub(crate) struct LastEventId(pub Option<Cursor>);

impl<S: Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut values = parts.headers.get_all(HEADER).iter();
        let cursor = match (values.next(), values.next()) {
            (None, _) => return Ok(Self(None)),
            (Some(value), None) => value.to_str().ok().and_then(Cursor::parse),
            (Some(_), Some(_)) => None,
        };
        // A client that kept something else would send it again and again: it is told to begin anew.
        Ok(Self(Some(cursor.unwrap_or(Cursor(Timestamp::EPOCH)))))
    }
}

impl IntoParams for LastEventId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name(HEADER)
            .parameter_in(ParameterIn::Header)
            .description(Some(
                "The last id of an earlier stream, to go on from there.",
            ))
            .schema(Some(schema::string()));
        vec![parameter.build()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_event_could_carry_is_read() {
        let cursor = Cursor(Timestamp::from_millis(1_767_225_600_120));
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        for bad in [
            "",
            " ",
            "-1",
            "+1767225600120",
            "1767225600120 ",
            "1767225600120-1",
            "0x12",
            "1e3",
            "١٢",
            "9999999999999999",
        ] {
            assert_eq!(Cursor::parse(bad), None, "{bad:?}");
        }
    }
}
