use proptest::prelude::*;

use super::config;
use crate::domain::{IdempotencyKey, MessageId, ProviderId, Timestamp, Username};

/// As it is made, but without the memory of the ids before it: `generate` never goes back.
fn made_at(millis: u64, random: [u8; 10]) -> MessageId {
    let builder = uuid::Builder::from_unix_timestamp_millis(millis, &random);
    MessageId::from_uuid(builder.into_uuid())
}

proptest! {
    #![proptest_config(config())]

    /// An id is the cursor of a list.
    #[test]
    fn a_cursor_is_read_as_it_was_written(millis in 0..1_u64 << 48, random in any::<[u8; 10]>()) {
        let id = made_at(millis, random);
        prop_assert_eq!(id.to_string().parse::<MessageId>().unwrap(), id);
        prop_assert_eq!(id.made_at().as_millis().unsigned_abs(), millis);
    }

    #[test]
    fn cursors_are_in_the_order_of_time(
        millis in 0..1_i64 << 47,
        later in 1..1_000_000_i64,
        random in any::<[[u8; 10]; 2]>(),
    ) {
        let after = millis + later;
        let first = made_at(millis.unsigned_abs(), random[0]);
        let second = made_at(after.unsigned_abs(), random[1]);
        prop_assert!(first < second);
        let boundary = |millis| MessageId::boundary(Timestamp::from_millis(millis));
        prop_assert!(boundary(millis) <= first && first < boundary(after));
    }

    #[test]
    fn whatever_is_no_id_is_refused(text in "\\PC{0,40}|[0-9a-fA-F{}:urn-]{30,46}") {
        if let Ok(id) = text.parse::<MessageId>() {
            // Whatever way it is written, it is the same 32 digits.
            let digits = |text: &str| {
                let digits = text.chars().filter(char::is_ascii_hexdigit);
                digits.collect::<String>().to_ascii_lowercase()
            };
            prop_assert_eq!(digits(text.trim_start_matches("urn:uuid:")), digits(&id.to_string()));
        }
        if let Ok(sid) = ProviderId::parse(&text) {
            prop_assert_eq!(sid.as_str(), &text);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        if let Ok(key) = IdempotencyKey::parse(&text) {
            prop_assert!(key.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }

    #[test]
    fn a_name_is_ascii_and_one_whatever_its_case(text in "\\s?[a-zA-Z0-9._@-]{0,66}\\PC?\\s?") {
        if let Ok(name) = Username::parse(&text) {
            prop_assert!(name.as_str().is_ascii());
            prop_assert_eq!(name.as_str(), text.trim());
            let shouted = Username::parse(&text.to_ascii_uppercase()).unwrap();
            prop_assert_eq!(shouted.hash(), name.hash());
            prop_assert_eq!(shouted.folded(), name.folded());
        }
    }
}
