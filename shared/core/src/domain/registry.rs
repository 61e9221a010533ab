//! All senders of an account, and from which of them a text leaves.

use std::cmp::Ordering;

use super::{InboundRule, PhoneNumber, Rate, Receiver, Sender, SenderAddress, SenderState, UserId};

/// The senders of one provider account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    senders: Vec<Sender>,
    environment: SenderAddress,
}

/// Why a text cannot leave from where it was to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSender {
    #[error("is no sender that you may use")]
    Unknown,
    #[error("is switched off")]
    Off,
    #[error("is being drained: choose another one, or none")]
    Draining,
    #[error("is no sender that this API key may use")]
    NotOfKey,
    #[error("does not serve the recipient's country")]
    Elsewhere,
    #[error("is a name, and the recipient's country takes no texts from names")]
    NameRefused,
    #[error("is in a country that none of your senders serves")]
    None,
}

/// What a text's sender is chosen by.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub user: UserId,
    pub recipient: &'a PhoneNumber,
    /// The one that the user asks for.
    pub from: Option<&'a SenderAddress>,
    /// The only ones that it may leave from, if not all are good.
    pub among: Option<&'a [SenderAddress]>,
    /// The one of the last text that this user and this number exchanged.
    pub last: Option<&'a str>,
}

impl Wanted<'_> {
    fn takes(&self, sender: &Sender) -> bool {
        self.among
            .is_none_or(|among| among.contains(&sender.address))
    }
}

impl Registry {
    /// Adds the environment's sender to those that are stored, unless one of them is it. Those of other
    /// accounts are left out.
    pub fn new(stored: Vec<Sender>, account: &str, environment: SenderAddress) -> Self {
        let mut senders: Vec<_> = stored
            .into_iter()
            .filter(|sender| sender.account == account)
            .map(|sender| Sender {
                from_environment: sender.address == environment,
                ..sender
            })
            .collect();
        senders.sort_by(|one, other| one.address.cmp(&other.address));
        if !senders.iter().any(|sender| sender.from_environment) {
            let own = Sender {
                from_environment: true,
                ..Sender::usual(account, environment.clone())
            };
            senders.insert(0, own);
        }
        Self {
            senders,
            environment,
        }
    }

    pub fn senders(&self) -> &[Sender] {
        &self.senders
    }

    pub fn get(&self, address: &str) -> Option<&Sender> {
        let mut all = self.senders.iter();
        all.find(|sender| sender.address.as_str() == address)
    }

    /// Who gets what is written to a sender that is known by one of these addresses, the first of which
    /// counts.
    pub fn receiver(&self, addresses: &[String]) -> Receiver {
        let sender = addresses.iter().find_map(|address| self.get(address));
        let rule = sender.map(|sender| (sender.inbound, sender.owner));
        match rule {
            Some((InboundRule::Owner, Some(owner))) => Receiver::User(owner),
            Some((InboundRule::Inbox, _)) => Receiver::Claimer,
            _ => Receiver::Holder,
        }
    }

    /// The one of the environment, which sends what no known sender does.
    pub fn environment(&self) -> &Sender {
        let own = self.get(self.environment.as_str());
        own.unwrap_or(&self.senders[0])
    }

    /// From which sender a text leaves that was accepted for `address`: from that, or from the
    /// environment's, if it is not known (any more).
    pub fn leaving(&self, address: Option<&str>) -> &Sender {
        let known = address.and_then(|address| self.get(address));
        known.unwrap_or_else(|| self.environment())
    }

    /// The rate of a sender. `None` only for the environment's, if it is the only one and nothing was said
    /// about it: then nothing is paced. Otherwise each has a rate, the one that is usual for its kind if no
    /// other is said.
    pub fn rate_of(&self, sender: &Sender) -> Option<Rate> {
        let usual = || self.is_paced().then(|| sender.kind.usual_rate());
        sender.rate.or_else(usual)
    }

    /// Whether texts wait for their turn, because every sender has a rate.
    pub fn is_paced(&self) -> bool {
        let own = self.environment();
        let is_plain = own.rate.is_none() && own.cap.is_none() && own.state != SenderState::Off;
        self.senders.len() > 1 || !is_plain
    }

    /// Those that a user may send from, but for those that are off.
    pub fn usable_by(&self, user: UserId) -> impl Iterator<Item = &Sender> {
        let usable =
            move |sender: &&Sender| sender.is_for(user) && sender.state != SenderState::Off;
        self.senders.iter().filter(usable)
    }

    /// From where a text leaves: from the sender that was asked for; otherwise from that of the last text
    /// exchanged with the number; otherwise from the user's own; otherwise from one that serves the
    /// recipient's country. Where several are as good, from the one with the least `load`.
    pub fn choose(
        &self,
        wanted: Wanted<'_>,
        load: impl Fn(&Sender) -> f64,
    ) -> Result<&Sender, NoSender> {
        if let Some(from) = wanted.from {
            return self.asked_for(from, wanted);
        }
        let country = wanted.recipient.country();
        let able = || self.able(wanted);
        let is_last = |sender: &&Sender| Some(sender.address.as_str()) == wanted.last;
        if let Some(last) = able().find(is_last) {
            return Ok(last);
        }
        let rank = |sender: &Sender| {
            let own = sender.owner == Some(wanted.user);
            let at_home = country.is_some() && sender.address.country() == country;
            let listed = country.is_some_and(|country| sender.countries.contains(&country));
            (own, at_home || listed)
        };
        let better = |one: &&Sender, other: &&Sender| {
            let less = load(other).partial_cmp(&load(one));
            let less = less.unwrap_or(Ordering::Equal);
            // Of two that are alike the first in the list.
            rank(one)
                .cmp(&rank(other))
                .then(less)
                .then(Ordering::Greater)
        };
        able().max_by(better).ok_or(NoSender::None)
    }

    /// Those that a text may leave from if its user asks for none.
    pub fn able(&self, wanted: Wanted<'_>) -> impl Iterator<Item = &Sender> {
        let (user, country) = (wanted.user, wanted.recipient.country());
        self.senders.iter().filter(move |sender| {
            let active = sender.state == SenderState::Active;
            active && sender.is_for(user) && sender.serves(country) && wanted.takes(sender)
        })
    }

    fn asked_for(&self, from: &SenderAddress, wanted: Wanted<'_>) -> Result<&Sender, NoSender> {
        let known = self.get(from.as_str());
        let sender = known
            .filter(|sender| sender.is_for(wanted.user))
            .ok_or(NoSender::Unknown)?;
        if !wanted.takes(sender) {
            return Err(NoSender::NotOfKey);
        }
        let country = wanted.recipient.country();
        match sender.state {
            SenderState::Off => Err(NoSender::Off),
            SenderState::Draining => Err(NoSender::Draining),
            SenderState::Active if sender.is_refused_in(country) => Err(NoSender::NameRefused),
            SenderState::Active if !sender.serves(country) => Err(NoSender::Elsewhere),
            SenderState::Active => Ok(sender),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Country, DailyCap, SenderKind, Timestamp, Zone};

    const HOME: &str = "+14155552671";
    const OTHER: &str = "+14155552672";
    const ABROAD: &str = "+4915112345678";

    fn sender(address: &str) -> Sender {
        Sender::usual("AC1", SenderAddress::parse(address).unwrap())
    }

    fn registry(stored: Vec<Sender>) -> Registry {
        Registry::new(stored, "AC1", SenderAddress::parse(HOME).unwrap())
    }

    fn user() -> UserId {
        UserId::generate(Timestamp::EPOCH)
    }

    fn chosen<'a>(
        registry: &'a Registry,
        wanted: Wanted<'_>,
        busy: &[(&str, f64)],
    ) -> Result<&'a str, NoSender> {
        let load = |sender: &Sender| {
            let known = busy
                .iter()
                .find(|(name, _)| *name == sender.address.as_str());
            known.map_or(0.0, |(_, load)| *load)
        };
        let chosen = registry.choose(wanted, load);
        chosen.map(|sender| sender.address.as_str())
    }

    #[test]
    fn the_only_sender_has_no_rate_and_each_of_several_has_one() {
        let alone = registry(Vec::new());
        assert!(!alone.is_paced());
        assert_eq!(alone.rate_of(alone.environment()), None);
        let several = registry(vec![sender("12345")]);
        assert!(several.is_paced());
        let usual = several.rate_of(several.environment()).unwrap();
        assert_eq!(usual, SenderKind::LongCode.usual_rate());
        let foreign = Sender {
            account: "AC2".to_owned(),
            ..sender("12345")
        };
        assert_eq!(registry(vec![foreign]), alone);
        let capped = registry(vec![Sender {
            cap: Some(DailyCap {
                segments: 1,
                zone: Zone::parse("UTC").unwrap(),
            }),
            ..sender(HOME)
        }]);
        assert!(capped.rate_of(capped.environment()).is_some());
    }

    #[test]
    fn the_last_then_the_own_then_the_country_then_the_least_busy() {
        let (me, other) = (user(), UserId::NOBODY);
        let recipient = PhoneNumber::parse("+14155550123").unwrap();
        let mine = Sender {
            owner: Some(me),
            ..sender("+14155552673")
        };
        let all = registry(vec![sender(ABROAD), sender(OTHER), mine.clone()]);
        let mut wanted = Wanted {
            user: me,
            recipient: &recipient,
            from: None,
            among: None,
            last: None,
        };
        assert_eq!(chosen(&all, wanted, &[]), Ok(mine.address.as_str()));
        wanted.last = Some(ABROAD);
        assert_eq!(chosen(&all, wanted, &[]), Ok(ABROAD));
        wanted = Wanted {
            user: other,
            last: Some(mine.address.as_str()),
            ..wanted
        };
        assert_eq!(
            chosen(&all, wanted, &[(HOME, 2.0), (OTHER, 1.0)]),
            Ok(OTHER)
        );
        assert_eq!(chosen(&all, wanted, &[(HOME, 1.0), (OTHER, 2.0)]), Ok(HOME));
        assert_eq!(chosen(&all, wanted, &[]), Ok(HOME));
    }

    #[test]
    fn what_is_asked_for_is_taken_or_refused_with_the_reason() {
        let me = user();
        let recipient = PhoneNumber::parse("+14155550123").unwrap();
        let of = |state| Sender {
            state,
            ..sender(OTHER)
        };
        let elsewhere = Sender {
            countries: vec![Country::parse("DE").unwrap()],
            ..sender(OTHER)
        };
        let foreign = Sender {
            owner: Some(UserId::NOBODY),
            ..sender(OTHER)
        };
        for (stored, from, expected) in [
            (sender(OTHER), OTHER, Ok(OTHER)),
            (of(SenderState::Off), OTHER, Err(NoSender::Off)),
            (of(SenderState::Draining), OTHER, Err(NoSender::Draining)),
            (elsewhere, OTHER, Err(NoSender::Elsewhere)),
            (foreign, OTHER, Err(NoSender::Unknown)),
            (sender("ACME"), "ACME", Err(NoSender::NameRefused)),
            (sender(OTHER), "12345", Err(NoSender::Unknown)),
        ] {
            let from = SenderAddress::parse(from).unwrap();
            let wanted = Wanted {
                user: me,
                recipient: &recipient,
                from: Some(&from),
                among: None,
                last: None,
            };
            assert_eq!(chosen(&registry(vec![stored]), wanted, &[]), expected);
        }
    }

    #[test]
    fn whoever_may_use_only_some_senders_gets_none_of_the_others() {
        let recipient = PhoneNumber::parse("+14155550123").unwrap();
        let all = registry(vec![sender(OTHER)]);
        let (home, other) = (SenderAddress::known(HOME), SenderAddress::known(OTHER));
        let only = [other.clone()];
        let wanted = Wanted {
            user: user(),
            recipient: &recipient,
            from: None,
            among: Some(&only),
            last: Some(HOME),
        };
        assert_eq!(chosen(&all, wanted, &[(OTHER, 9.0)]), Ok(OTHER));
        let asked_for = |from| Wanted {
            from: Some(from),
            ..wanted
        };
        assert_eq!(chosen(&all, asked_for(&other), &[]), Ok(OTHER));
        assert_eq!(chosen(&all, asked_for(&home), &[]), Err(NoSender::NotOfKey));
        let none = Wanted {
            among: Some(&[]),
            ..wanted
        };
        assert_eq!(chosen(&all, none, &[]), Err(NoSender::None));
    }

    #[test]
    fn a_recipient_whom_no_sender_serves_gets_none() {
        let only = |address| Sender {
            countries: vec![Country::parse("US").unwrap()],
            ..sender(address)
        };
        let all = registry(vec![only(HOME), only(OTHER)]);
        let recipient = PhoneNumber::parse("+4915112345679").unwrap();
        let wanted = Wanted {
            user: user(),
            recipient: &recipient,
            from: None,
            among: None,
            last: Some(OTHER),
        };
        assert_eq!(chosen(&all, wanted, &[]), Err(NoSender::None));
        assert_eq!(all.leaving(Some("+1999")).address.as_str(), HOME);
    }
}
