use serde::{Deserialize, Serialize};

/// Longer names are no senders anywhere.
const LONGEST_NAME: usize = 11;

/// What kind of sender an address is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderKind {
    /// A phone number in international form, with its `+`.
    Number,
    /// 3 to 8 digits.
    ShortCode,
    /// An alphanumeric sender: 1 to 11 letters, digits, spaces and `+-_&`, a letter among them.
    Name,
    /// A Messaging Service: `MG` and 32 hexadecimal digits.
    Service,
}

impl SenderKind {
    /// `None` if no sender has such an address.
    pub(crate) fn of(address: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if is_service_sid(address) {
            Some(Self::Service)
        } else if is_number(address) {
            Some(Self::Number)
        } else if (3..=8).contains(&address.len()) && digits(address) {
            Some(Self::ShortCode)
        } else {
            is_name(address).then_some(Self::Name)
        }
    }

    /// Whether a phone can write to it.
    pub(crate) fn takes_texts(self) -> bool {
        matches!(self, Self::Number | Self::ShortCode)
    }

    /// Whether texts from it reach this recipient: the United States, Canada and whoever shares
    /// their calling code take none from names.
    pub(crate) fn reaches(self, to: &str) -> bool {
        self != Self::Name || !to.starts_with("+1")
    }
}

pub(crate) fn is_service_sid(sid: &str) -> bool {
    let digits = sid.strip_prefix("MG").unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Whether it is a phone number in international form.
pub(crate) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|digit| digit.is_ascii_digit())
}

fn is_name(address: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b" +-_&".contains(&byte);
    (1..=LONGEST_NAME).contains(&address.len())
        && address.bytes().all(allowed)
        && address.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::SenderKind;

    #[test]
    fn the_address_tells_the_kind() {
        for (address, kind) in [
            ("+15005550006", Some(SenderKind::Number)),
            ("+1234567", Some(SenderKind::Number)),
            ("+123456", None),
            ("+05005550006", None),
            ("15005550006", None),
            ("123", Some(SenderKind::ShortCode)),
            ("12345678", Some(SenderKind::ShortCode)),
            ("12", None),
            ("123456789", None),
            ("A", Some(SenderKind::Name)),
            ("My Shop & Co", None),
            ("My Shop-1_&", Some(SenderKind::Name)),
            ("Größe", None),
            ("", None),
            (
                "MG5104e1a70c0d4a4f9b0e6d3c2b1a0f9e",
                Some(SenderKind::Service),
            ),
            ("MG5104e1a70c0d4a4f9b0e6d3c2b1a0f9", None),
        ] {
            assert_eq!(SenderKind::of(address), kind, "{address:?}");
        }
    }

    #[test]
    fn only_names_do_not_reach_north_america() {
        assert!(!SenderKind::Name.reaches("+14155550100"));
        assert!(SenderKind::Name.reaches("+4915112345678"));
        assert!(SenderKind::Number.reaches("+14155550100"));
    }
}
