//! What came of a call.

use std::time::Duration;

use http::header::RETRY_AFTER;
use jiff::fmt::rfc2822::DateTimeParser;
use mysms_core::domain::{Answer, PostFailure, Timestamp};
use mysms_core::post::Posted;
use reqwest::Response;

/// A receiver may ask for no longer pause: otherwise one wrong header would end its deliveries.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

pub(super) fn answered(response: &Response, now: Timestamp) -> Posted {
    let answer = Answer::Status(response.status().as_u16());
    let header = response.headers().get(RETRY_AFTER);
    let asked = header.and_then(|value| pause(value.to_str().ok()?, now));
    Posted {
        answer,
        retry_after: asked.filter(|_| !answer.is_taken()),
    }
}

pub(super) const fn failed(failure: PostFailure) -> Posted {
    Posted {
        answer: Answer::Failed(failure),
        retry_after: None,
    }
}

/// The header gives seconds or a date.
fn pause(value: &str, now: Timestamp) -> Option<Duration> {
    const PARSER: DateTimeParser = DateTimeParser::new();
    let value = value.trim();
    let pause = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a long time.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let until = PARSER.parse_timestamp(value).ok()?;
        Timestamp::from_millis(until.as_millisecond()).since(now)
    };
    Some(pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_given_in_seconds_or_as_a_date_and_is_never_longer_than_a_day() {
        let now = Timestamp::from_millis(1_692_853_305_000);
        let table = [
            ("7", Some(Duration::from_secs(7))),
            (" 0 ", Some(Duration::ZERO)),
            ("86401", Some(LONGEST_PAUSE)),
            ("99999999999999999999999999", Some(LONGEST_PAUSE)),
            (
                "Thu, 24 Aug 2023 05:02:45 GMT",
                Some(Duration::from_mins(1)),
            ),
            ("Thu, 24 Aug 2023 05:00:45 GMT", Some(Duration::ZERO)),
            ("Tue, 24 Aug 2094 05:00:45 GMT", Some(LONGEST_PAUSE)),
            ("soon", None),
            ("-7", None),
            ("+7", None),
            ("1.5", None),
            ("", None),
        ];
        for (value, expected) in table {
            assert_eq!(pause(value, now), expected, "{value}");
        }
    }
}
