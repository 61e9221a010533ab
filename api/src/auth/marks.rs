use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use shared::config::TokenConfig;
use shared::domain::{KnownNetworks, NetworkMark, User, UserId};

use crate::extract::ClientAddress;
use crate::network::Network;

/// Makes the marks by which the networks of users are known.
///
/// There are so few addresses that a plain hash would tell them, so it has a key, which comes from the
/// one of the tokens; and each user has marks of their own, so that nobody who reads them sees who
/// shares a network.
pub(crate) struct Marks {
    /// The current key, then the previous one while keys are being changed.
    keys: Vec<Hmac<Sha256>>,
}

impl Marks {
    pub(crate) fn new(config: &TokenConfig) -> Self {
        let secrets = [Some(&config.secret), config.previous.as_ref()];
        Self {
            keys: secrets.into_iter().flatten().filter_map(key).collect(),
        }
    }

    /// Whether the user has logged in from the client's network before.
    pub(crate) fn know(&self, user: &User, client: ClientAddress) -> bool {
        self.all(user.id, client)
            .any(|mark| user.known_networks.contains(&mark))
    }

    /// What is to be remembered of a login, unless it is the latest that is known anyway.
    pub(crate) fn news(&self, user: &User, client: ClientAddress) -> Option<NetworkMark> {
        let mark = self.all(user.id, client).next()?;
        (latest(&user.known_networks) != Some(&mark)).then_some(mark)
    }

    fn all(
        &self,
        user: UserId,
        ClientAddress(client): ClientAddress,
    ) -> impl Iterator<Item = NetworkMark> {
        let network = Network::of(client).to_string();
        self.keys.iter().map(move |key| {
            let mut mac = key.clone();
            mac.update(user.as_uuid().as_bytes());
            mac.update(network.as_bytes());
            let digest: [u8; 32] = mac.finalize().into_bytes().into();
            let mut half = [0; 16];
            half.copy_from_slice(&digest[..16]);
            NetworkMark::from_digest(half)
        })
    }
}

fn latest(known: &KnownNetworks) -> Option<&NetworkMark> {
    known.iter().next()
}

/// Nothing else that the secret signs begins like this.
fn key(secret: &SecretString) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    mac.update(b"the network of a user\0");
    Some(mac)
}

#[cfg(test)]
mod tests {
    use shared::domain::{Timestamp, Username};

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
