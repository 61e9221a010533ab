//! Dates as the provider writes them.

use jiff::fmt::rfc2822::DateTimeParser;
use mysms_core::domain::Timestamp;

/// Reads a date as mails, HTTP headers and the provider write it.
pub(super) fn rfc2822(text: &str) -> Option<Timestamp> {
    const PARSER: DateTimeParser = DateTimeParser::new();
    let instant = PARSER.parse_timestamp(text).ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_both_forms() {
        let at = Some(Timestamp::from_millis(1_692_853_305_000));
        assert_eq!(rfc2822("Thu, 24 Aug 2023 05:01:45 +0000"), at);
        assert_eq!(rfc2822("Thu, 24 Aug 2023 05:01:45 GMT"), at);
        assert_eq!(rfc2822("yesterday"), None);
    }
}
