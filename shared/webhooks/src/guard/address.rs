//! What kind of place an address is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: u16, second: u16, third: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, third, 0, 0, 0, 0, 0), prefix)
}

/// IPv4 networks whose addresses are not those of hosts on the internet
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>).
const SPECIAL_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 0, 8),        // this network, and the unspecified address
    v4(10, 0, 0, 0, 8),       // private
    v4(100, 64, 0, 0, 10),    // carriers' NAT
    v4(127, 0, 0, 0, 8),      // this machine
    v4(169, 254, 0, 0, 16),   // link-local, and the metadata of most clouds
    v4(172, 16, 0, 0, 12),    // private
    v4(192, 0, 0, 0, 24),     // protocols, and the metadata of Oracle's cloud
    v4(192, 0, 2, 0, 24),     // documentation
    v4(192, 88, 99, 0, 24),   // relays of 6to4
    v4(192, 168, 0, 0, 16),   // private
    v4(198, 18, 0, 0, 15),    // benchmarks
    v4(198, 51, 100, 0, 24),  // documentation
    v4(203, 0, 113, 0, 24),   // documentation
    v4(224, 0, 0, 0, 4),      // multicast
    v4(240, 0, 0, 0, 4),      // reserved, and broadcast
    v4(168, 63, 129, 16, 32), // the metadata of Azure, at an address like any other
];

/// All that hosts on the internet have of IPv6.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// What of [`GLOBAL_V6`] they do not have
/// (<https://www.iana.org/assignments/iana-ipv6-special-registry>).
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6(0x2001, 0, 0, 23),     // protocols: Teredo, benchmarks, ORCHID
    v6(0x2001, 0xdb8, 0, 32), // documentation
    v6(0x2002, 0, 0, 16),     // 6to4: any IPv4 address inside
    v6(0x3fff, 0, 0, 20),     // documentation
];

/// An IPv4 address in its last four bytes, which a translator of the network reaches.
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 96);

/// What no network that somebody allows has inside it: addresses of none and of many, those of the link,
/// and those at which clouds give credentials to whoever asks.
const NEVER: [IpNet; 13] = [
    IpNet::V4(v4(0, 0, 0, 0, 8)),
    IpNet::V4(v4(100, 100, 100, 200, 32)), // Alibaba's metadata
    IpNet::V4(v4(168, 63, 129, 16, 32)),
    IpNet::V4(v4(169, 254, 0, 0, 16)),
    IpNet::V4(v4(192, 0, 0, 192, 32)),
    IpNet::V4(v4(224, 0, 0, 0, 4)),
    IpNet::V4(v4(240, 0, 0, 0, 4)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128)),
    IpNet::V6(v6(0xfd00, 0xec2, 0, 64)), // Amazon's metadata
    IpNet::V6(v6(0xfd20, 0xce, 0, 64)),  // Google's metadata
    IpNet::V6(v6(0xfe80, 0, 0, 10)),
    IpNet::V6(v6(0xfec0, 0, 0, 10)),
    IpNet::V6(v6(0xff00, 0, 0, 8)),
];

/// Whether it is that of a host on the internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) if NAT64.contains(&address) => is_public_v4(last_four(address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|net| net.contains(&address))
        }
    }
}

/// Whether it is in one of the networks, as the address that would be reached: `::ffff:10.0.0.1` is
/// `10.0.0.1`.
pub(super) fn is_among(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    let holds = |net: &IpNet| net.contains(&address);
    networks.iter().any(holds) && !NEVER.iter().any(holds)
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|net| net.contains(&address))
}

fn last_four(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &[&str] = &[
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "198.17.255.255",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2001:200::1",
    ];

    const OTHERS: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        // IPv4 inside: mapped, compatible, translated in every way that there is.
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:0:127.0.0.1",
        "::ffff:0:8.8.8.8",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
        "64:ff9b:1::127.0.0.1",
        "2002:7f00:1::",
        "2002:808:808::",
        "2001:0:7f00:1::",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "3fff::1",
        "100::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fdff::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ];

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn networks(all: &[&str]) -> Vec<IpNet> {
        all.iter().map(|net| net.parse().unwrap()).collect()
    }

    #[test]
    fn hosts_on_the_internet_are_told_from_everything_else() {
        for address in PUBLIC {
            assert!(is_public(ip(address)), "{address}");
        }
        for address in OTHERS {
            assert!(!is_public(ip(address)), "{address}");
        }
    }

    #[test]
    fn a_network_allows_its_addresses_in_either_spelling() {
        let networks = networks(&["10.1.0.0/16", "fd12::/16"]);
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"] {
            assert!(is_among(&networks, ip(address)), "{address}");
        }
        for address in ["10.2.0.1", "::10.1.2.3", "64:ff9b::10.1.2.3", "fd13::1"] {
            assert!(!is_among(&networks, ip(address)), "{address}");
        }
        assert!(!is_among(&[], ip("10.1.2.3")));
    }

    #[test]
    fn however_wide_a_network_is_some_addresses_stay_out_of_reach() {
        let all = networks(&["0.0.0.0/0", "::/0"]);
        assert!(is_among(&all, ip("127.0.0.1")));
        assert!(is_among(&all, ip("fd12::1")));
        for address in [
            "0.0.0.0",
            "100.100.100.200",
            "168.63.129.16",
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "192.0.0.192",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_among(&all, ip(address)), "{address}");
        }
    }
}
