use std::collections::HashSet;
use std::sync::LazyLock;

use mysms_core::domain::{Username, UsernameHash};
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Those that everybody tries first; how they were found stands before them, behind `#`.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("common_passwords.txt").lines();
    lines.filter(|line| !line.starts_with('#')).collect()
});

/// A password that may be chosen: 8 to 128 characters, which are the same however they were typed.
pub(crate) struct Password(pub(super) SecretString);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPassword {
    #[error("must be 8 to 128 characters")]
    Length,
    #[error("must be another than the username")]
    Name,
    #[error("must be less common: this is one of the first that anybody would try")]
    Common,
}

impl Password {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidPassword> {
        let text: String = text.nfc().collect();
        if (8..=128).contains(&text.chars().count()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidPassword::Length)
        }
    }

    /// What a user may choose who has this name, if that is known.
    pub(crate) fn choose(
        text: &str,
        name: Option<&UsernameHash>,
        common_allowed: bool,
    ) -> Result<Self, InvalidPassword> {
        let password = Self::parse(text)?;
        let text = password.0.expose_secret();
        let as_name = Username::parse(text).ok().map(|name| name.hash());
        if as_name.is_some() && as_name.as_ref() == name {
            return Err(InvalidPassword::Name);
        }
        if !common_allowed && is_common(text) {
            return Err(InvalidPassword::Common);
        }
        Ok(password)
    }
}

/// In whatever width its letters were typed, and with whatever white space around it.
fn is_common(text: &str) -> bool {
    let folded = text.nfkc().collect::<String>().trim().to_lowercase();
    let mut characters = folded.chars();
    let first = characters.next();
    COMMON.contains(&*folded) || characters.all(|other| Some(other) == first)
}

/// The forms in which a password that somebody claims to know may have been hashed: the one in which
/// all are hashed now, then the one in which it was typed, as versions before hashed it.
pub(super) fn forms(password: &SecretString) -> impl Iterator<Item = SecretString> {
    let text = password.expose_secret();
    let as_typed = (!is_nfc(text)).then(|| password.clone());
    std::iter::once(normal(password)).chain(as_typed)
}

pub(super) fn normal(password: &SecretString) -> SecretString {
    password.expose_secret().nfc().collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(text: &str, name: &str, common_allowed: bool) -> Option<InvalidPassword> {
        let name = Username::parse(name).unwrap().hash();
        Password::choose(text, Some(&name), common_allowed).err()
    }

    #[test]
    fn passwords_are_measured_in_characters() {
        for length in [8, 128] {
            assert!(Password::parse(&"ж".repeat(length)).is_ok());
            // A letter and its accent are one.
            assert!(Password::parse(&"e\u{301}".repeat(length)).is_ok());
        }
        for bad in [String::new(), "seven77".to_owned(), "ж".repeat(129)] {
            assert_eq!(Password::parse(&bad).err(), Some(InvalidPassword::Length));
        }
        let seven = Password::parse(&"e\u{301}".repeat(7));
        assert_eq!(seven.err(), Some(InvalidPassword::Length));
    }

    #[test]
    fn what_everybody_tries_first_is_refused_where_it_is_not_allowed() {
        for common in [
            "password123",
            "PassWord",
            "12345678",
            "QWERTYUIOP",
            "aaaaaaaa",
            "ЖЖжжжжжж",
            "password123 ",
            "１２３４５６７８",
        ] {
            let refused = choose(common, "john_doe", false);
            assert_eq!(refused, Some(InvalidPassword::Common), "{common}");
            assert_eq!(choose(common, "john_doe", true), None);
        }
        for good in [
            "correct horse battery staple",
            "password1234567",
            "# The 3,0",
        ] {
            assert_eq!(choose(good, "john_doe", false), None, "{good}");
        }
        assert_eq!(COMMON.len(), 3000);
    }

    #[test]
    fn ones_own_name_is_no_password() {
        for name in ["john_doe", "John_DOE", " john_doe "] {
            for allowed in [false, true] {
                let refused = choose(name, "john_doe", allowed);
                assert_eq!(refused, Some(InvalidPassword::Name), "{name}");
            }
            assert_eq!(choose(name, "jane_doe", false), None);
        }
        assert!(Password::choose("john_doe", None, false).is_ok());
    }

    #[test]
    fn what_was_typed_otherwise_is_tried_in_both_forms() {
        let all = |text: &str| -> Vec<_> {
            let typed = text.into();
            forms(&typed)
                .map(|form| form.expose_secret().to_owned())
                .collect()
        };
        assert_eq!(all("caf\u{e9}"), ["caf\u{e9}"]);
        assert_eq!(all("cafe\u{301}"), ["caf\u{e9}", "cafe\u{301}"]);
    }
}
