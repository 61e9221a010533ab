use proptest::prelude::*;

use super::config;
use crate::domain::PhoneNumber;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_is_taken_is_a_number_in_international_form(text in "(\\+|\\PC)?[0-9 ./-]{0,24}[ -~]{0,2}") {
        if let Ok(number) = PhoneNumber::parse(&text) {
            let digits = number.as_str().strip_prefix('+').unwrap();
            prop_assert!((7..=15).contains(&digits.len()));
            prop_assert!(digits.bytes().all(|digit| digit.is_ascii_digit()));
            prop_assert!(!digits.starts_with('0'));
            // Nothing is made up: what was dropped is a prefix, and the rest stands in its order.
            let mut written = text.chars();
            prop_assert!(digits.chars().all(|digit| written.any(|other| other == digit)));
            prop_assert_eq!(PhoneNumber::parse(number.as_str()).unwrap(), number);
        }
    }

    #[test]
    fn what_people_write_between_the_digits_does_not_matter(
        digits in "[1-9][0-9]{7,14}",
        between in prop::collection::vec("[ ./-]{0,3}", 17),
    ) {
        let plain = format!("+{digits}");
        // A Mexican or Argentinian number has one form, whichever was written.
        prop_assume!(!plain.starts_with("+521") && !plain.starts_with("+549"));
        let mut written = String::new();
        for (character, more) in plain.chars().zip(&between) {
            written.push_str(more);
            written.push(character);
        }
        written.push_str(&between[16]);
        let number = PhoneNumber::parse(&written).unwrap();
        prop_assert_eq!(number.as_str(), &plain);
        // Its owner's privacy does not depend on which number it is.
        let shown = format!("{number:?}");
        prop_assert!(!shown.contains(&digits[..6]));
    }

    #[test]
    fn nothing_else_breaks_it(text in any::<String>()) {
        let _ = PhoneNumber::parse(&text);
    }
}
