//! How the provider names what texts leave from.

use mysms_core::domain::{Address, PhoneNumber};

use super::resource::Resource;

/// What a text leaves from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin<'a> {
    Number(PhoneNumber),
    /// A Messaging Service, by its SID: it chooses the number.
    Service(&'a str),
    /// A short code or a name.
    Other(&'a str),
}

impl<'a> Origin<'a> {
    pub(super) fn of(address: &'a str) -> Self {
        if is_service(address) {
            return Self::Service(address);
        }
        // What has no country code may be a short code that is a number elsewhere.
        let number = address
            .starts_with('+')
            .then(|| PhoneNumber::parse(address));
        match number {
            Some(Ok(number)) => Self::Number(number),
            _ => Self::Other(address),
        }
    }

    /// The parameter of a request that names it.
    pub(super) const fn parameter(&self) -> &'static str {
        match self {
            Self::Service(_) => "MessagingServiceSid",
            Self::Number(_) | Self::Other(_) => "From",
        }
    }

    /// Whether a listed text left from it.
    pub(super) fn sent(&self, listed: &Resource) -> bool {
        let from = listed.from.as_deref();
        match self {
            Self::Number(number) => from.is_some_and(|from| is_number(from, number)),
            // The number is the service's to choose, and may not be chosen yet.
            Self::Service(service) => listed.service.as_deref() == Some(*service),
            // Carriers write names in their own way.
            Self::Other(address) => from.is_some_and(|from| from.eq_ignore_ascii_case(address)),
        }
    }

    /// Whether a listed text was written to it, in whichever channel.
    pub(super) fn received(&self, listed: &Resource) -> bool {
        match self {
            Self::Number(number) => {
                Address::of_author(&listed.to).number().as_ref() == Some(number)
            }
            Self::Service(service) => listed.service.as_deref() == Some(*service),
            Self::Other(address) => listed.to == *address,
        }
    }
}

/// Whether a listed number is this one, in whatever form it is listed.
pub(super) fn is_number(listed: &str, number: &PhoneNumber) -> bool {
    PhoneNumber::parse(listed).is_ok_and(|listed| listed == *number)
}

fn is_service(address: &str) -> bool {
    let digits = address.strip_prefix("MG").unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_service_is_named_by_its_sid() {
        let service = "MG0123456789abcdef0123456789ABCDEF";
        assert_eq!(Origin::of(service), Origin::Service(service));
        assert_eq!(Origin::of(service).parameter(), "MessagingServiceSid");
        for other in ["12345", "My Shop", "MG1", "MG Shop"] {
            assert_eq!(Origin::of(other), Origin::Other(other));
            assert_eq!(Origin::of(other).parameter(), "From");
        }
        let number = PhoneNumber::parse("+14155550123").unwrap();
        assert_eq!(Origin::of(number.as_str()), Origin::Number(number.clone()));
    }
}
