//! Which country a number belongs to.
//!
//! A calling code that one country has decides by itself. A shared one, such as +1 with its 25 countries,
//! is decided by the patterns of the metadata that Google keeps for libphonenumber. They are written into
//! the program when it is built (`build.rs`), and compiled when a number of their code first comes.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::PhoneNumber;

include!(concat!(env!("OUT_DIR"), "/countries.rs"));

/// A country or territory by its ISO 3166-1 code, such as `US`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country(&'static str);

#[derive(Debug, thiserror::Error)]
#[error("is no country by its code of two letters, such as US")]
pub struct UnknownCountry;

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).ok_or_else(|| de::Error::custom(UnknownCountry))
    }
}

/// Who has a calling code.
enum Code {
    One(Country),
    /// Those whose numbers are recognised, by patterns that are compiled when they are first needed.
    Shared(LazyLock<Vec<(Country, Regex)>, Patterns>),
}

type Patterns = Box<dyn Fn() -> Vec<(Country, Regex)> + Send + Sync>;

/// A calling code has so many digits at most.
const LONGEST_CODE: usize = 3;

static BY_CODE: LazyLock<HashMap<&str, Code>> = LazyLock::new(|| {
    let code = |&(code, regions): &(&'static str, &'static [(&'static str, &'static str)])| {
        let owners = match regions {
            [(only, _)] => Code::One(Country(only)),
            several => Code::Shared(LazyLock::new(Box::new(move || compiled(several)))),
        };
        (code, owners)
    };
    CODES.iter().map(code).collect()
});

impl Country {
    /// Reads a code, in whatever case; `None` if it has no numbers of its own.
    pub fn parse(text: &str) -> Option<Self> {
        let codes = CODES.iter().flat_map(|(_, regions)| regions.iter());
        let mut known = codes.map(|(country, _)| *country);
        known
            .find(|known| known.eq_ignore_ascii_case(text))
            .map(Self)
    }

    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl PhoneNumber {
    /// Where the number belongs. `None` if its calling code belongs to no country, or is shared and the
    /// number is none of those that are known.
    pub fn country(&self) -> Option<Country> {
        let digits = self.as_str().get(1..)?;
        let (code, national) = (1..=LONGEST_CODE).find_map(|length| {
            let (code, national) = digits.split_at_checked(length)?;
            Some((BY_CODE.get(code)?, national))
        })?;
        match code {
            Code::One(country) => Some(*country),
            Code::Shared(several) => {
                let mut several = several.iter();
                let found = several.find(|(_, pattern)| pattern.is_match(national));
                found.map(|(country, _)| *country)
            }
        }
    }
}

/// Those with a pattern that does not compile are left out, so their numbers are of no country; a test
/// tells that all do.
fn compiled(regions: &'static [(&'static str, &'static str)]) -> Vec<(Country, Regex)> {
    let compile = |&(country, pattern): &(&'static str, &'static str)| {
        let regex = RegexBuilder::new(pattern).unicode(false).build().ok()?;
        Some((Country(country), regex))
    };
    regions.iter().filter_map(compile).collect()
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(number: &str) -> Option<&'static str> {
        let number = PhoneNumber::parse(number).unwrap();
        number.country().map(Country::as_str)
    }

    #[test]
    fn the_countries_of_a_shared_code_are_told_apart() {
        for (number, expected) in [
            ("+1 415 555 2671", "US"),
            ("+1 500 555 0006", "US"),
            ("+1 800 723 3456", "US"),
            ("+1 613 782 7274", "CA"),
            ("+1 345 949 2311", "KY"),
            ("+1 876 555 0123", "JM"),
            ("+1 268 464 1234", "AG"),
            ("+1 787 234 5678", "PR"),
            ("+7 495 123 4567", "RU"),
            ("+7 701 234 5678", "KZ"),
            ("+44 7400 123456", "GB"),
            ("+44 7781 123456", "GG"),
            ("+44 7797 712345", "JE"),
            ("+44 7624 412345", "IM"),
            ("+39 312 345 6789", "IT"),
            ("+47 406 12 345", "NO"),
            ("+61 412 345 678", "AU"),
            ("+262 692 12 34 56", "RE"),
        ] {
            assert_eq!(country(number), Some(expected), "{number}");
        }
    }

    #[test]
    fn a_code_of_one_country_decides_by_itself() {
        for (number, expected) in [
            ("+49 30 1234567", "DE"),
            ("+49 999 9999999999", "DE"),
            ("+252 61 2345678", "SO"),
            ("+53 5 1234567", "CU"),
            ("+852 5123 4567", "HK"),
        ] {
            assert_eq!(country(number), Some(expected), "{number}");
        }
    }

    #[test]
    fn what_belongs_to_no_country_is_of_none() {
        for number in [
            "+979 123456789",
            "+882 123456789",
            "+881 612345678",
            "+800 12340000",
            "+1 999 555 0123",
            "+210 1234567",
        ] {
            assert_eq!(country(number), None, "{number}");
        }
    }

    #[test]
    fn every_pattern_compiles_and_every_country_is_known_once() {
        let mut known = Vec::new();
        for (_, regions) in CODES {
            if regions.len() > 1 {
                assert_eq!(compiled(regions).len(), regions.len());
            }
            known.extend(regions.iter().map(|(country, _)| *country));
        }
        assert!(known.len() > 240, "{}", known.len());
        for country in &known {
            assert_eq!(
                Country::parse(&country.to_lowercase()).unwrap().as_str(),
                *country
            );
            assert_eq!(known.iter().filter(|other| *other == country).count(), 1);
        }
        assert_eq!(Country::parse("XX"), None);
        assert_eq!(Country::parse(""), None);
    }
}
