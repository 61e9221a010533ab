use mysms_core::domain::{NetworkMark, User};
use runtime::config::TokenConfig;

use crate::client_address::ClientAddress;
use crate::network::Network;
use crate::seals::{Seals, half};

/// Makes the marks by which the networks of users are known.
///
/// Each user has marks of their own, so that nobody who reads them sees who shares a network.
pub(crate) struct Marks(Seals);

impl Marks {
    pub(crate) fn new(config: &TokenConfig) -> Self {
        Self(Seals::new(config, b"the network of a user"))
    }

    /// Whether the user has logged in from the client's network before.
    pub(crate) fn know(&self, user: &User, client: ClientAddress) -> bool {
        let (id, network) = (user.id.as_uuid(), network(client));
        let known = self.0.digests(&[id.as_bytes(), network.as_bytes()]);
        let mut known = known.map(|digest| NetworkMark::from_digest(half(digest)));
        known.any(|mark| user.known_networks.contains(&mark))
    }

    /// What is to be remembered of a login, unless it is the latest that is known anyway.
    pub(crate) fn news(&self, user: &User, client: ClientAddress) -> Option<NetworkMark> {
        let (id, network) = (user.id.as_uuid(), network(client));
        let digest = self.0.digest(&[id.as_bytes(), network.as_bytes()]);
        let mark = NetworkMark::from_digest(half(digest));
        (user.known_networks.iter().next() != Some(&mark)).then_some(mark)
    }
}

fn network(ClientAddress(client): ClientAddress) -> String {
    Network::of(client).to_string()
}

#[cfg(test)]
mod tests {
    use mysms_core::domain::{KnownNetworks, Timestamp, UserId, Username};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn marks(secret: &str, previous: Option<&str>) -> Marks {
        Marks::new(&TokenConfig {
            secret: secret.into(),
            previous: previous.map(Into::into),
        })
    }

    fn from(address: &str) -> ClientAddress {
        ClientAddress(address.parse().unwrap())
    }

    fn user() -> User {
        User {
            id: UserId::generate(NOW),
            username: Username::parse("john_doe").unwrap(),
            password_hash: String::new(),
            created_at: NOW,
            generation: 0,
            known_networks: KnownNetworks::default(),
        }
    }

    #[test]
    fn a_network_is_known_to_the_user_who_logged_in_from_it() {
        let (home, marks) = (from("2001:db8:1:2::1"), marks("a secret", None));
        let (mut john, mut jane) = (user(), user());
        assert!(!marks.know(&john, home));
        let mark = marks.news(&john, home).unwrap();
        john.known_networks.remember(mark.clone());
        jane.known_networks.remember(mark);
        assert!(marks.know(&john, from("2001:db8:1:2::2")));
        assert!(marks.news(&john, home).is_none());
        assert!(!marks.know(&john, from("2001:db8:1:3::1")));
        assert!(!marks.know(&jane, home), "it is no mark of hers");
    }

    #[test]
    fn networks_stay_known_while_keys_are_changed() {
        let home = from("203.0.113.7");
        let mut john = user();
        let old = marks("the old secret", None).news(&john, home).unwrap();
        john.known_networks.remember(old);
        let during = marks("the new secret", Some("the old secret"));
        assert!(during.know(&john, home));
        let new = during.news(&john, home).unwrap();
        john.known_networks.remember(new);
        assert!(marks("the new secret", None).know(&john, home));
        assert!(!marks("another secret", None).know(&john, home));
    }
}
