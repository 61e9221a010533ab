use axum::extract::FromRequestParts;
use http::request::Parts;
use mysms_core::domain::{IdempotencyKey, Reference, SenderAddress, Tag, Zone};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::{IntoParams, PartialSchema as _};

use super::text::Text;
use crate::error::ApiError;
use crate::openapi::schema;

pub(super) const HEADER: &str = "Idempotency-Key";

/// The `Idempotency-Key` of a request, if it has one.
pub(super) struct Key(pub Option<IdempotencyKey>);

impl<S: Sync> FromRequestParts<S> for Key {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let mut values = parts.headers.get_all(HEADER).iter();
        let Some(value) = values.next() else {
            return Ok(Self(None));
        };
        if values.next().is_some() {
            return Err(ApiError::invalid(HEADER, "must be given once"));
        }
        // Bytes that are not ASCII become characters that are not either.
        let text = String::from_utf8_lossy(value.as_bytes());
        IdempotencyKey::parse(&text)
            .map(|key| Self(Some(key)))
            .map_err(|error| ApiError::invalid(HEADER, error.to_string()))
    }
}

impl IntoParams for Key {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name(HEADER)
            .parameter_in(ParameterIn::Header)
            .description(Some(
                "A key of your own for this message, 1 to 255 visible ASCII characters. The same \
                 request with the same key gets the first answer again, and nothing is sent twice; \
                 keys are remembered for at least 7 days. A batch hands it on to its texts: to \
                 each that has none of its own, as `key:0`, `key:1` and so on by their places.",
            ))
            .schema(Some(schema::IdempotencyKey::schema()));
        vec![parameter.build()]
    }
}

/// What a request asks for, after normalisation. Every part is preceded by its length, so that no two
/// requests run together into the same bytes. What a request leaves out adds nothing, so that the
/// fingerprints of requests from before there was such a field stay what they were.
pub(super) fn described(text: &Text) -> Vec<u8> {
    let mut described = Vec::new();
    let mut add = |part: &str| {
        described.extend((part.len() as u64).to_be_bytes());
        described.extend(part.as_bytes());
    };
    add(text.recipient.as_str());
    match &text.recipe {
        None => add(text.content.body.as_str()),
        // No text is empty but that of files alone, behind which there is no template. What the template says may
        // change, and is no part of the request.
        Some(recipe) => {
            add("");
            add("template");
            add(&recipe.template.to_string());
            for (name, value) in &recipe.values {
                add("field");
                add(name);
                add(value);
            }
        }
    }
    let (terms, labels) = (&text.terms, &text.labels);
    let validity = terms.validity.map(|validity| validity.as_secs());
    let (said, send_at) = match terms.send_at_local {
        Some(local) => ("send_at_local", Some(local.to_string())),
        None => (
            "send_at",
            terms.send_at.map(|at| at.as_millis().to_string()),
        ),
    };
    let parts = [
        (said, send_at),
        (
            "validity_seconds",
            validity.map(|seconds| seconds.to_string()),
        ),
        ("time_zone", terms.time_zone.as_ref().map(Zone::to_string)),
        ("from", terms.from.as_ref().map(SenderAddress::to_string)),
        ("class", terms.class.map(|class| class.as_str().to_owned())),
        (
            "smart_encoding",
            terms.smart_encoding.map(|smart| smart.to_string()),
        ),
    ];
    for (name, value) in parts {
        if let Some(value) = value {
            add(name);
            add(&value);
        }
    }
    for medium in text.content.media.iter() {
        add("media_url");
        add(medium.url.as_str());
    }
    let reference = labels.reference.iter().map(Reference::as_str);
    let reference = reference.map(|name| ("reference", name));
    let tags = labels.tags.iter().map(|tag| ("tag", Tag::as_str(tag)));
    for (name, value) in reference.chain(tags) {
        add(name);
        add(value);
    }
    described
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mysms_core::domain::{Body, Class, PhoneNumber, Tags, Timestamp};

    use super::*;
    use crate::messages::labels::Labels;
    use crate::messages::terms::Terms;

    fn describe(recipient: &str, content: &str) -> Vec<u8> {
        describe_with(recipient, content, Terms::default())
    }

    fn describe_with(recipient: &str, content: &str, terms: Terms) -> Vec<u8> {
        described(&Text {
            recipient: PhoneNumber::parse(recipient).unwrap(),
            content: Body::parse(content.to_owned()).unwrap().into(),
            recipe: None,
            unmade: Vec::new(),
            terms,
            labels: Labels::default(),
        })
    }

    fn describe_labeled(reference: Option<&str>, tags: &[&str]) -> Vec<u8> {
        let reference = reference.map(|name| Reference::parse(name.to_owned()).unwrap());
        let tags = tags.iter().map(|tag| Tag::parse(tag).unwrap());
        let tags = Tags::of(tags).unwrap();
        described(&Text {
            recipient: PhoneNumber::parse("+14155550123").unwrap(),
            content: Body::parse("hello".to_owned()).unwrap().into(),
            recipe: None,
            unmade: Vec::new(),
            terms: Terms::default(),
            labels: Labels { reference, tags },
        })
    }

    #[test]
    fn reference_and_tags_are_part_of_the_request_in_whatever_order_they_come() {
        let labeled = [
            describe("+14155550123", "hello"),
            describe_labeled(Some("a:1"), &[]),
            describe_labeled(Some("a:2"), &[]),
            describe_labeled(None, &["a:1"]),
            describe_labeled(None, &["a:2"]),
            describe_labeled(None, &["a:1", "b:2"]),
            describe_labeled(Some("a:1"), &["b:2"]),
        ];
        let count = labeled.len();
        let different: std::collections::HashSet<_> = labeled.into_iter().collect();
        assert_eq!(different.len(), count);
        assert_eq!(
            describe_labeled(None, &["a:1", "b:2"]),
            describe_labeled(None, &["b:2", "a:1"])
        );
    }

    #[test]
    fn the_terms_are_part_of_the_request() {
        let at = |millis| Some(Timestamp::from_millis(millis));
        let lasting = |seconds| Some(Duration::from_secs(seconds));
        let send_at = |send_at| Terms {
            send_at,
            ..Terms::default()
        };
        let validity = |validity| Terms {
            validity,
            ..Terms::default()
        };
        let local = |local: &str, zone: &str| {
            let (local, zone) = (local.parse().unwrap(), Zone::parse(zone).unwrap());
            Terms {
                send_at_local: Some(local),
                time_zone: Some(zone),
                ..Terms::default()
            }
        };
        let from = |from: &str| Terms {
            from: Some(SenderAddress::parse(from).unwrap()),
            ..Terms::default()
        };
        let class = |class| Terms {
            class: Some(class),
            ..Terms::default()
        };
        let smart = |smart| Terms {
            smart_encoding: Some(smart),
            ..Terms::default()
        };
        let terms = [
            Terms::default(),
            send_at(at(60)),
            send_at(at(61)),
            validity(lasting(60)),
            validity(lasting(61)),
            Terms {
                validity: lasting(60),
                ..send_at(at(60))
            },
            local("2026-03-29T02:30", "Europe/Berlin"),
            local("2026-03-29T02:31", "Europe/Berlin"),
            local("2026-03-29T02:30", "Europe/Paris"),
            Terms {
                send_at_local: None,
                ..local("2026-03-29T02:30", "Europe/Berlin")
            },
            from("12345"),
            from("ACME"),
            class(Class::Otp),
            class(Class::Transactional),
            smart(true),
            smart(false),
        ];
        let count = terms.len();
        let described = terms.map(|terms| describe_with("+14155550123", "hello", terms));
        let different: std::collections::HashSet<_> = described.into_iter().collect();
        assert_eq!(different.len(), count);
        assert_eq!(
            describe_with(
                "+14155550123",
                "hello",
                local("2026-03-29T02:30", "Europe/Berlin")
            ),
            describe_with(
                "+14155550123",
                "hello",
                local("2026-03-29T02:30:00", "europe/berlin")
            ),
        );
    }

    #[test]
    fn the_hash_is_that_of_the_normalised_request() {
        assert_eq!(
            describe("+1 (415) 555-0123", "hello"),
            describe("+14155550123", "hello")
        );
        assert_ne!(
            describe("+14155550123", "hello"),
            describe("+14155550123", "hello ")
        );
        assert_ne!(
            describe("+14155550123", "hello"),
            describe("+14155550124", "hello")
        );
        // The same characters in a row, cut elsewhere.
        assert_ne!(
            describe("+14155550123", "4hello"),
            describe("+141555501234", "hello")
        );
    }

    /// Fingerprints of it are stored: another one would turn every client's retry into a 422.
    #[test]
    fn the_description_stays_what_it_was() {
        assert_eq!(
            describe("+14155550123", "hello"),
            b"\0\0\0\0\0\0\0\x0c+14155550123\0\0\0\0\0\0\0\x05hello"
        );
        let terms = Terms {
            send_at: Some(Timestamp::from_millis(60)),
            validity: Some(Duration::from_mins(1)),
            ..Terms::default()
        };
        assert_eq!(
            describe_with("+14155550123", "hello", terms),
            [
                b"\0\0\0\0\0\0\0\x0c+14155550123\0\0\0\0\0\0\0\x05hello".as_slice(),
                b"\0\0\0\0\0\0\0\x07send_at\0\0\0\0\0\0\0\x0260",
                b"\0\0\0\0\0\0\0\x10validity_seconds\0\0\0\0\0\0\0\x0260",
            ]
            .concat()
        );
    }
}
