//! Where clients are, as far as limits tell them apart.

use std::net::IpAddr;

use ipnet::IpNet;

/// How much of an IPv6 address one customer may have, from what most have to what the largest have.
pub(crate) const PREFIXES: [u8; 3] = [64, 56, 48];

/// An IPv4 address, or a network of IPv6 addresses that may all be one client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Network(IpNet);

impl Network {
    /// What the client has for certain: an IPv6 line has a /64 at the least.
    pub(crate) fn of(client: IpAddr) -> Self {
        Self::within(client, PREFIXES[0])
    }

    /// Not counted where clients are: it is a proxy of this machine, or its owner.
    pub(crate) fn of_a_client(client: IpAddr) -> Option<Self> {
        (!client.to_canonical().is_loopback()).then(|| Self::of(client))
    }

    /// The most that may be one client's.
    pub(crate) fn widest(client: IpAddr) -> Self {
        Self::within(client, PREFIXES[PREFIXES.len() - 1])
    }

    /// All that could be one client's, from narrow to wide.
    pub(crate) fn all(client: IpAddr) -> impl Iterator<Item = Self> {
        let number = match client.to_canonical() {
            IpAddr::V4(_) => 1,
            IpAddr::V6(_) => PREFIXES.len(),
        };
        PREFIXES
            .into_iter()
            .take(number)
            .map(move |prefix| Self::within(client, prefix))
    }

    /// What users are shown of where they logged in: enough to recognise it, and not their address.
    pub(crate) fn around(client: IpAddr) -> Self {
        match client.to_canonical() {
            IpAddr::V4(address) => Self(IpNet::new_assert(address.into(), 24).trunc()),
            IpAddr::V6(_) => Self::widest(client),
        }
    }

    fn within(client: IpAddr, prefix: u8) -> Self {
        let client = client.to_canonical();
        let network = match client {
            IpAddr::V4(_) => IpNet::from(client),
            IpAddr::V6(_) => IpNet::new_assert(client, prefix).trunc(),
        };
        Self(network)
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_line_is_seen_at_three_widths_and_an_ipv4_address_at_one() {
        let all = |client: &str| -> Vec<_> {
            let client = client.parse().unwrap();
            Network::all(client).map(|all| all.to_string()).collect()
        };
        let expected = [
            "2001:db8:1:2200::/64",
            "2001:db8:1:2200::/56",
            "2001:db8:1::/48",
        ];
        assert_eq!(all("2001:db8:1:2200::9"), expected);
        assert_eq!(all("203.0.113.7"), ["203.0.113.7/32"]);
        let around = |client: &str| Network::around(client.parse().unwrap()).to_string();
        assert_eq!(around("203.0.113.7"), "203.0.113.0/24");
        assert_eq!(around("2001:db8:1:2200::9"), "2001:db8:1::/48");
        assert_eq!(all("::ffff:203.0.113.7"), ["203.0.113.7/32"]);
    }
}
