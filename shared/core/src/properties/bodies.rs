use proptest::prelude::*;

use super::config;
use crate::domain::{Body, Encoding};

/// The alphabets of 3GPP TS 23.038 once more, by code point, in the order of its tables. The escape
/// at 0x1B is no character.
const BASIC: [u32; 127] = [
    0x40, 0xA3, 0x24, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0x0A, 0xD8, 0xF8, 0x0D, 0xC5, 0xE5,
    0x394, 0x5F, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, 0xC6, 0xE6, 0xDF,
    0xC9, 0x20, 0x21, 0x22, 0x23, 0xA4, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E,
    0x2F, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E,
    0x3F, 0xA1, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E,
    0x4F, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0xC4, 0xD6, 0xD1, 0xDC,
    0xA7, 0xBF, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E,
    0x6F, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0xE4, 0xF6, 0xF1, 0xFC,
    0xE0,
];
const EXTENSION: [u32; 10] = [0x0C, 0x5E, 0x7B, 0x7D, 0x5C, 0x5B, 0x7E, 0x5D, 0x7C, 0x20AC];

fn is_basic(character: char) -> bool {
    BASIC.contains(&u32::from(character))
}

fn is_extension(character: char) -> bool {
    EXTENSION.contains(&u32::from(character))
}

/// Any text, and often one of the alphabets above or at their edge.
fn text() -> impl Strategy<Value = String> {
    let of = |points: &'static [u32]| {
        prop::sample::select(points).prop_map(|point| char::from_u32(point).unwrap())
    };
    let seven_bit = || prop_oneof![9 => of(&BASIC), 1 => of(&EXTENSION)];
    let mixed = prop_oneof![8 => seven_bit(), 1 => any::<char>()];
    prop_oneof![
        prop::collection::vec(seven_bit(), 0..700),
        prop::collection::vec(mixed, 0..700),
        prop::collection::vec(any::<char>(), 0..300),
    ]
    .prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_text_is_taken_as_it_is_if_it_is_not_blank_and_not_too_long(text in text(), times in 1..5_usize) {
        let text = text.repeat(times);
        let fits = text.chars().map(char::len_utf16).sum::<usize>() <= 1600;
        let blank = text.chars().all(char::is_whitespace);
        let parsed = Body::parse(text.clone());
        prop_assert_eq!(parsed.is_ok(), fits && !blank);
        if let Ok(body) = parsed {
            prop_assert_eq!(body.as_str(), text);
        }
    }

    #[test]
    fn a_single_foreign_character_makes_it_ucs_2(text in text()) {
        if let Ok(body) = Body::parse(text.clone()) {
            let known = text.chars().all(|c| is_basic(c) || is_extension(c));
            let expected = if known { Encoding::Gsm7 } else { Encoding::Ucs2 };
            prop_assert_eq!(body.encoding(), expected);
        }
    }

    #[test]
    fn the_segments_hold_the_text_and_hardly_more(text in text()) {
        if let Ok(body) = Body::parse(text.clone()) {
            let gsm = body.encoding() == Encoding::Gsm7;
            let units = |c: char| if gsm { 1 + usize::from(is_extension(c)) } else { c.len_utf16() };
            let units: usize = text.chars().map(units).sum();
            let (single, part) = if gsm { (160, 153) } else { (70, 67) };
            let segments = usize::try_from(body.segments()).unwrap();
            if units <= single {
                prop_assert_eq!(segments, 1);
            } else {
                // At worst each segment but the last leaves one unit, before a character of two.
                prop_assert!(segments >= units.div_ceil(part));
                prop_assert!(segments <= units.div_ceil(part - 1));
            }
        }
    }

    #[test]
    fn more_text_never_costs_less(text in text(), more in any::<char>()) {
        let longer = format!("{text}{more}");
        if let (Ok(body), Ok(longer)) = (Body::parse(text), Body::parse(longer)) {
            prop_assert!(longer.segments() >= body.segments());
        }
    }
}
