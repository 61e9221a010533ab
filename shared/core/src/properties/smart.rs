use proptest::prelude::*;

use super::config;
use crate::domain::{Body, Cost, Encoding, smart};

/// What word processors, phones and clipboards make of plain text, some emoji and letters.
const TYPESET: &str = "‘’‚“”„«»‹›–—−…•⁄′″ﬁﬃＡ１［～\t\u{a0}\u{202f}\u{2009}\u{3000}\u{2028}\u{200b}\u{200d}\u{fe0f}\u{feff}\u{ad}";
const PLAIN: &str = "abc xyz 123 .,-'\"€[]{}äöüÑΩ\n";
const FOREIGN: &str = "ж一½`👍❤\u{202e}\u{301}";

fn text() -> impl Strategy<Value = String> {
    let of = |text: &str| prop::sample::select(text.chars().collect::<Vec<_>>());
    let typeset = prop_oneof![of(PLAIN), of(TYPESET)];
    let mixed = prop_oneof![20 => of(PLAIN), 20 => of(TYPESET), 1 => of(FOREIGN)];
    prop_oneof![
        4 => prop::collection::vec(typeset, 0..1700),
        2 => prop::collection::vec(mixed, 0..60),
        1 => prop::collection::vec(any::<char>(), 0..300),
    ]
    .prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn smart_encoding_leaves_a_text_as_it_was_or_makes_it_gsm_7(text in text()) {
        let found = smart(&text);
        if found.changes.is_empty() {
            prop_assert_eq!(&found.text, &text);
        } else {
            let (cost, before) = (Cost::of(&found.text), Cost::of(&text));
            prop_assert_eq!(cost.encoding, Encoding::Gsm7);
            prop_assert_eq!(before.encoding, Encoding::Ucs2);
            prop_assert!(cost.segments <= before.segments);
        }
        if Body::parse(text).is_ok() {
            prop_assert!(Body::parse(found.text).is_ok());
        }
    }

    #[test]
    fn smart_encoding_again_changes_nothing(text in text()) {
        let once = smart(&text).text;
        let twice = smart(&once);
        prop_assert_eq!(twice.changes, []);
        prop_assert_eq!(twice.text, once);
    }

    /// Putting each replacement where its character was gives the text, and nothing else was touched.
    #[test]
    fn the_changes_tell_all_that_was_changed(text in text()) {
        let found = smart(&text);
        let mut rebuilt = String::new();
        for character in text.chars() {
            let change = found.changes.iter().find(|change| change.from == character);
            match change {
                Some(change) => rebuilt.push_str(change.to),
                None => rebuilt.push(character),
            }
        }
        prop_assert_eq!(&rebuilt, &found.text);
        for change in &found.changes {
            prop_assert_eq!(text.matches(change.from).count(), change.count);
        }
    }
}
