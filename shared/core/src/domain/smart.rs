//! Smart encoding: texts that need UCS-2 only because of how they are typeset are sent in GSM-7, in which
//! a segment holds more than twice as much.

use std::fmt;

use super::body::is_gsm7;
use super::{Body, Cost};

/// A text in which nothing but what is typeset may have been replaced.
#[derive(Clone, PartialEq, Eq)]
pub struct Smart {
    pub text: String,
    /// In the order in which the characters first appear; empty if the text is as it was.
    pub changes: Vec<Change>,
}

/// A character that was replaced wherever it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub from: char,
    /// In GSM-7; empty for what is invisible.
    pub to: &'static str,
    /// How often.
    pub count: usize,
}

/// Replaces typographic characters by those of GSM-7 that mean the same.
///
/// The whole text is in GSM-7 then, is a [`Body`] and takes no more segments than before; or else nothing is
/// changed, because there would be no gain. So no sequence of an emoji is ever taken apart.
pub fn smart(text: &str) -> Smart {
    replaced(text)
        .filter(|smart| Body::parse(smart.text.clone()).is_ok())
        .filter(|smart| Cost::of(&smart.text).segments <= Cost::of(text).segments)
        .unwrap_or_else(|| Smart {
            text: text.to_owned(),
            changes: Vec::new(),
        })
}

/// `None` if a character is left that GSM-7 does not have, or one would be replaced that is part of an
/// address: that would lead elsewhere.
fn replaced(text: &str) -> Option<Smart> {
    if text
        .split_whitespace()
        .any(|word| is_address(word) && !word.chars().all(is_gsm7))
    {
        return None;
    }
    let mut smart = Smart {
        text: String::with_capacity(text.len()),
        changes: Vec::new(),
    };
    for from in text.chars() {
        if is_gsm7(from) {
            smart.text.push(from);
            continue;
        }
        let to = replacement(from)?;
        smart.text.push_str(to);
        let mut known = smart.changes.iter_mut();
        match known.find(|change| change.from == from) {
            Some(change) => change.count += 1,
            None => smart.changes.push(Change { from, to, count: 1 }),
        }
    }
    Some(smart)
}

/// Whether a word leads to a page or a mailbox.
fn is_address(word: &str) -> bool {
    let inside = |sign: &str| {
        word.split_once(sign).is_some_and(|(before, after)| {
            !before.is_empty() && after.starts_with(char::is_alphanumeric)
        })
    };
    inside("://")
        || inside("@")
        || word
            .get(..4)
            .is_some_and(|it| it.eq_ignore_ascii_case("www."))
}

/// What no reader takes for anything else than the character. Not here, on purpose: letters of any language,
/// also those that look like an apostrophe; the backtick, which nothing but a person types; fractions and their stroke (1½
/// would be 11/2); marks that turn the direction of what follows.
fn replacement(character: char) -> Option<&'static str> {
    Some(match character {
        '‘' | '’' | '‚' | '‛' | '❛' | '❜' | '′' | '´' => "'",
        '“' | '”' | '„' | '‟' | '❝' | '❞' | '«' | '»' | '″' | '〝' | '〞' | '〟' => {
            "\""
        }
        '‴' => "'''",
        // They also lead from one menu to the next.
        '‹' => "<",
        '›' => ">",
        // Hyphens, dashes of figures and ranges, minus.
        '\u{2010}' | '\u{2011}' | '\u{2012}' | '–' | '−' => "-",
        // Between two words, one stroke would join what these keep apart.
        '—' | '―' => "--",
        '…' => "...",
        '‥' => "..",
        // Before a number, a stroke would be a minus.
        '•' | '‣' | '◦' | '⁃' => "*",
        '∕' => "/",
        // The same by the Unicode standard: ohm, ångström, kelvin, the Greek question mark.
        '\u{2126}' => "Ω",
        '\u{212B}' => "Å",
        '\u{212A}' => "K",
        '\u{37E}' => ";",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' | 'ﬆ' => "st",
        '￡' => "£",
        '￥' => "¥",
        '\t' | '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => " ",
        // Ends of lines and paragraphs.
        '\u{B}' | '\u{85}' | '\u{2028}' | '\u{2029}' => "\n",
        _ if is_invisible(character) => "",
        _ => return full_width(character),
    })
}

/// What shows nothing in a text that is otherwise in GSM-7, all of which runs from left to right.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        // Where lines may break, and may not.
        '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}'
        // What joins letters or emoji, keeps them apart or chooses how they look.
        | '\u{200C}' | '\u{200D}' | '\u{FE0E}' | '\u{FE0F}'
        // From left to right, as copied numbers have around them.
        | '\u{200E}' | '\u{202A}' | '\u{202C}' | '\u{202D}' | '\u{2066}' | '\u{2068}' | '\u{2069}'
    )
}

/// ASCII as wide as an ideograph.
fn full_width(character: char) -> Option<&'static str> {
    const FIRST: u32 = '！' as u32;
    const ASCII: &str = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
    let place = usize::try_from(u32::from(character).checked_sub(FIRST)?).ok()?;
    let narrow = ASCII.get(place..place + 1)?;
    narrow.chars().all(is_gsm7).then_some(narrow)
}

/// Texts stay out of logs.
impl fmt::Debug for Smart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smart({} bytes, {:?})", self.text.len(), self.changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        smart(text).text
    }

    #[test]
    fn what_is_typeset_is_replaced_and_told_in_its_order() {
        let found = smart("“Don’t” — “wait”…");
        assert_eq!(found.text, "\"Don't\" -- \"wait\"...");
        let change = |from, to, count| Change { from, to, count };
        assert_eq!(
            found.changes,
            [
                change('“', "\"", 2),
                change('’', "'", 1),
                change('”', "\"", 2),
                change('—', "--", 1),
                change('…', "...", 1),
            ]
        );
        for (typeset, plain) in [
            ("„Ja“, »nein«, ‚wer‘", "\"Ja\", \"nein\", 'wer'"),
            ("Menu › Privacy ‹", "Menu > Privacy <"),
            ("5′ 11″", "5' 11\""),
            ("9–17 h, −3", "9-17 h, -3"),
            ("1\u{202F}000\u{A0}€\u{3000}\tx", "1 000 €  x"),
            ("• 5 €\u{2028}•••• 1234", "* 5 €\n**** 1234"),
            ("ﬁnd the oﬃce", "find the office"),
            ("Ａｂｃ１２３！［～］￥", "Abc123![~]¥"),
            ("10 \u{2126}, 5 \u{212B}", "10 Ω, 5 Å"),
            ("\u{202A}+49 30 1234\u{202C}", "+49 30 1234"),
            ("co\u{AD}op\u{200B}er\u{2060}ate\u{FEFF}", "cooperate"),
            // What is left of an emoji that was deleted.
            ("thanks\u{FE0F}\u{200D}", "thanks"),
        ] {
            assert_eq!(text(typeset), plain, "{typeset}");
        }
    }

    #[test]
    fn a_text_that_needs_ucs_2_anyway_is_as_it_was() {
        for kept in [
            "“Привет”…",
            "“ok” 👍",
            "👩\u{200D}💻…",
            "❤\u{FE0F} “you”",
            "1\u{FE0F}\u{20E3} – one",
            "can`t – ‘x’",
            "col·lecció – 1½ – 3 × 4",
            "Oʻzbek ʼ – ĳ œ ç",
            "\u{202E}abc – def\u{202C}",
            "\u{200F}1 – 2",
            "cafe\u{301} – 2",
            "plain @ text [€]",
            "https://en.wikipedia.org/wiki/Michelson–Morley_experiment",
            "“now” at www.example.com/a…",
            "write to o’neill@example.com",
            "1⁄2 – 2",
            "",
        ] {
            let found = smart(kept);
            assert_eq!((&*found.text, found.changes.len()), (kept, 0));
        }
    }

    #[test]
    fn nothing_is_changed_that_would_be_no_body_then_or_cost_more() {
        let long = "a".repeat(1599);
        assert_eq!(text(&format!("{long}’")), format!("{long}'"));
        assert_eq!(text(&format!("{long}…")), format!("{long}…"));
        assert_eq!(text("\u{200B}\u{FEFF}"), "\u{200B}\u{FEFF}");
        // 3 × 53 = 159 septets still are one segment.
        assert_eq!(text(&"…".repeat(53)), "...".repeat(53));
        assert_eq!(text(&"…".repeat(54)), "…".repeat(54));
    }

    #[test]
    fn only_forms_of_the_same_letters_are_replaced_and_only_by_gsm_7() {
        let mut count = 0;
        for from in ('\0'..=char::MAX).filter(|from| replacement(*from).is_some()) {
            let to = replacement(from).unwrap();
            assert!(to.chars().all(is_gsm7), "{from:?}");
            assert!(!is_gsm7(from) && !from.is_ascii_graphic(), "{from:?}");
            let form =
                matches!(from, 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | 'ﬀ'..='ﬆ' | '\u{2126}'..='\u{212B}');
            assert!(form || !from.is_alphabetic(), "{from:?}");
            count += 1;
        }
        assert!(count > 170, "{count}");
    }

    #[test]
    fn its_text_is_not_shown() {
        let shown = format!("{:?}", smart("secret “word”"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
