//! What texts leave from: numbers, names and services, and what carriers allow each.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::line::{Allowance, Terms};
use super::phone::redacted;
use super::{Country, PhoneNumber, QuietHours, Timestamp, UserId, Zone};

/// What a text leaves from, as the provider knows it: a phone number, a short code, a name or a service.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SenderAddress(String);

#[derive(Debug, thiserror::Error)]
#[error(
    "must be a phone number in international form, a short code, a name of at most 11 letters and digits, or the id of a service"
)]
pub struct InvalidSenderAddress;

/// The longest name that phones show.
const LONGEST_NAME: usize = 11;

/// The longest id of a service.
const LONGEST_ID: usize = 64;

impl SenderAddress {
    /// Reads an address; of a phone number any usual notation is taken.
    pub fn parse(text: &str) -> Result<Self, InvalidSenderAddress> {
        let text = text.trim();
        if text.starts_with('+') {
            let number = PhoneNumber::parse(text).map_err(|_| InvalidSenderAddress)?;
            return Ok(Self(number.as_str().to_owned()));
        }
        let is_id =
            || text.len() <= LONGEST_ID && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_long = text.len() > LONGEST_NAME && !text.bytes().all(|byte| byte.is_ascii_digit());
        (is_short_code(text) || is_name(text) || is_long && is_id())
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidSenderAddress)
    }

    /// An address as it was configured or stored.
    pub fn known(address: &str) -> Self {
        Self(address.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last two characters, for those who know it anyway.
    pub fn redacted(&self) -> String {
        redacted(&self.0)
    }

    /// The country whose number it is.
    pub fn country(&self) -> Option<Country> {
        PhoneNumber::parse(&self.0).ok()?.country()
    }

    /// What kind it is by its form.
    pub fn kind(&self) -> SenderKind {
        let address = self.as_str();
        if address.starts_with('+') {
            return if is_toll_free(address) {
                SenderKind::TollFree
            } else {
                SenderKind::LongCode
            };
        }
        if address.bytes().all(|byte| byte.is_ascii_digit()) {
            SenderKind::ShortCode
        } else if address.len() > LONGEST_NAME {
            SenderKind::Service
        } else {
            SenderKind::Alphanumeric
        }
    }
}

/// Whether it has the form of a short code.
pub(super) fn is_short_code(text: &str) -> bool {
    (3..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it has the form of a name that phones show.
pub(super) fn is_name(text: &str) -> bool {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b" +-_&".contains(&byte);
    text.len() <= LONGEST_NAME
        && text.bytes().all(in_name)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The toll-free codes of the countries with +1.
fn is_toll_free(number: &str) -> bool {
    const CODES: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];
    let code = number.strip_prefix("+1").and_then(|rest| rest.get(..3));
    code.is_some_and(|code| CODES.contains(&code))
}

impl fmt::Display for SenderAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SenderAddress {
    type Error = InvalidSenderAddress;

    fn try_from(text: String) -> Result<Self, InvalidSenderAddress> {
        Self::parse(&text)
    }
}

impl From<SenderAddress> for String {
    fn from(address: SenderAddress) -> Self {
        address.0
    }
}

/// The kinds of senders, as carriers know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderKind {
    LongCode,
    TollFree,
    ShortCode,
    Alphanumeric,
    /// Several numbers, of which the provider chooses one.
    Service,
}

impl SenderKind {
    pub const ALL: [Self; 5] = [
        Self::LongCode,
        Self::TollFree,
        Self::ShortCode,
        Self::Alphanumeric,
        Self::Service,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LongCode => "long_code",
            Self::TollFree => "toll_free",
            Self::ShortCode => "short_code",
            Self::Alphanumeric => "alphanumeric",
            Self::Service => "service",
        }
    }

    /// What carriers allow a sender of the kind if nothing else was agreed. Of a service it is not
    /// known; the operator has to say it.
    pub const fn usual_rate(self) -> Rate {
        Rate(match self {
            Self::LongCode | Self::Service => 1000,
            Self::TollFree => 3000,
            Self::ShortCode => 100_000,
            Self::Alphanumeric => 10_000,
        })
    }

    /// Whether people can answer.
    pub const fn can_be_answered(self) -> bool {
        !matches!(self, Self::Alphanumeric)
    }
}

/// Segments a second, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rate(u32);

#[derive(Debug, thiserror::Error)]
#[error("must be from 0.01 to 1000 segments a second")]
pub struct InvalidRate;

impl Rate {
    const LEAST: u32 = 10;
    const MOST: u32 = 1_000_000;

    /// The time between two segments, in microseconds.
    pub fn spacing_micros(self) -> i64 {
        1_000_000_000 / i64::from(self.0)
    }

    /// The whole segments in a time.
    pub fn segments_in(self, time: Duration) -> u32 {
        let segments = u128::from(self.0) * time.as_millis() / 1_000_000;
        u32::try_from(segments).unwrap_or(u32::MAX)
    }
}

impl TryFrom<f64> for Rate {
    type Error = InvalidRate;

    fn try_from(segments: f64) -> Result<Self, InvalidRate> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates, and what is out of range is refused"
        )]
        let thousandths = (segments * 1000.0).round() as u32;
        (Self::LEAST..=Self::MOST)
            .contains(&thousandths)
            .then_some(Self(thousandths))
            .ok_or(InvalidRate)
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        Self::from(rate.0) / 1000.0
    }
}

/// A limit of what leaves in a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyCap {
    pub segments: u64,
    /// Whose midnight the day begins with.
    pub zone: Zone,
}

impl DailyCap {
    pub fn at(&self, now: Timestamp) -> Allowance {
        Allowance {
            segments: self.segments,
            begins: self.zone.day_start(now),
            ends: self.zone.next_midnight(now),
        }
    }
}

/// What a sender does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SenderState {
    Active,
    /// No new text is given to it; what waits still leaves.
    Draining,
    /// Nothing leaves it.
    Off,
}

impl SenderState {
    pub const ALL: [Self; 3] = [Self::Active, Self::Draining, Self::Off];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Draining => "draining",
            Self::Off => "off",
        }
    }
}

/// Who gets what people write to a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InboundRule {
    /// Its owner; of a sender without one, whoever holds the conversation.
    Owner,
    /// Whoever holds the conversation.
    Conversation,
    /// Nobody, until somebody is given what belongs to nobody.
    Inbox,
}

impl InboundRule {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Conversation, Self::Inbox];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Conversation => "conversation",
            Self::Inbox => "inbox",
        }
    }
}

/// Something that texts leave from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    pub address: SenderAddress,
    /// The provider account that has it.
    pub account: String,
    pub kind: SenderKind,
    /// Where its texts may go; everywhere, if there are none.
    pub countries: Vec<Country>,
    /// What the operator says; if that is nothing, see [`super::Registry::rate_of`].
    pub rate: Option<Rate>,
    pub cap: Option<DailyCap>,
    /// The only user who may use it; everybody may, if there is none.
    pub owner: Option<UserId>,
    pub inbound: InboundRule,
    pub state: SenderState,
    pub quiet: Option<QuietHours>,
    /// Whether it is the one of the environment, which no command removes.
    #[serde(skip)]
    pub from_environment: bool,
}

impl Sender {
    /// With what is usual for its kind.
    pub fn usual(account: &str, address: SenderAddress) -> Self {
        Self {
            kind: address.kind(),
            address,
            account: account.to_owned(),
            countries: Vec::new(),
            rate: None,
            cap: None,
            owner: None,
            inbound: InboundRule::Owner,
            state: SenderState::Active,
            quiet: None,
            from_environment: false,
        }
    }

    /// Whether a user may send from it.
    pub fn is_for(&self, user: UserId) -> bool {
        self.owner.is_none_or(|owner| owner == user)
    }

    /// Whether its texts may go to a country; `None` is one that is not known.
    pub fn serves(&self, country: Option<Country>) -> bool {
        let listed = self.countries.is_empty()
            || country.is_some_and(|country| self.countries.contains(&country));
        listed && !self.is_refused_in(country)
    }

    /// Whether the country's carriers take no texts from names.
    pub fn is_refused_in(&self, country: Option<Country>) -> bool {
        self.kind == SenderKind::Alphanumeric
            && country.is_some_and(|country| WITHOUT_NAMES.contains(&country.as_str()))
    }

    /// In whose zone its days and its quiet hours are, if nothing else is said.
    pub fn zone(&self) -> Option<Zone> {
        let quiet = self.quiet.as_ref().and_then(|quiet| quiet.zone().cloned());
        let cap = || self.cap.as_ref().map(|cap| cap.zone.clone());
        let home = || self.address.country().and_then(Zone::of_country);
        quiet.or_else(cap).or_else(home)
    }

    /// What may leave it at a moment, given its rate.
    pub fn terms(&self, rate: Rate, now: Timestamp) -> Terms {
        Terms {
            rate,
            today: self.cap.as_ref().map(|cap| cap.at(now)),
        }
    }
}

/// Where carriers take no texts from names: a text to one of these would fail.
/// Source: Twilio, "International support for Alphanumeric Sender ID".
const WITHOUT_NAMES: [&str; 14] = [
    "AR", "BR", "CA", "CL", "CO", "CR", "DO", "EC", "HU", "MX", "PA", "PR", "US", "UY",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(address: &str) -> SenderKind {
        SenderAddress::parse(address).unwrap().kind()
    }

    #[test]
    fn the_form_of_an_address_tells_its_kind() {
        assert_eq!(kind("+1 (415) 555-2671"), SenderKind::LongCode);
        assert_eq!(kind("+18885550123"), SenderKind::TollFree);
        assert_eq!(kind("+4915112345678"), SenderKind::LongCode);
        assert_eq!(kind("12345"), SenderKind::ShortCode);
        assert_eq!(kind("My Shop"), SenderKind::Alphanumeric);
        assert_eq!(
            kind("MG00000000000000000000000000000001"),
            SenderKind::Service
        );
        for wrong in [
            "",
            "12",
            "123456789",
            "+12",
            "a name too long!",
            "ACME!",
            "+-",
        ] {
            assert!(SenderAddress::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_rate_keeps_a_fifth_of_a_segment_and_a_thousand() {
        let slow = Rate::try_from(0.2).unwrap();
        assert_eq!(slow.spacing_micros(), 5_000_000);
        assert_eq!(slow.segments_in(Duration::from_millis(100)), 0);
        let fast = Rate::try_from(1000.0).unwrap();
        assert_eq!(fast.segments_in(Duration::from_millis(100)), 100);
        for wrong in [0.0, -1.0, 1000.1, f64::NAN, f64::INFINITY] {
            assert!(Rate::try_from(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_serves_no_country_that_refuses_names() {
        let sender = Sender::usual("AC1", SenderAddress::parse("ACME").unwrap());
        assert!(!sender.serves(Country::parse("US")));
        assert!(sender.serves(Country::parse("DE")));
        let number = Sender {
            countries: vec![Country::parse("DE").unwrap()],
            ..Sender::usual("AC1", SenderAddress::parse("+14155552671").unwrap())
        };
        assert!(!number.serves(Country::parse("US")) && !number.serves(None));
        assert!(number.serves(Country::parse("DE")));
    }
}
