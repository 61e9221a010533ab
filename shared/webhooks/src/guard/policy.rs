//! What an installation allows.

use std::net::IpAddr;

use mysms_core::post::Objection;
use runtime::config::{WebhookPorts, WebhooksConfig};
use url::{Host, Url};

use super::address::{is_among, is_public};

/// What every receiver of `https` may have.
const HTTPS: u16 = 443;

/// The lowest port that an operator can allow beside it: below are the services of systems.
const LOWEST: u16 = 1024;

/// Whom webhooks may reach.
#[derive(Debug, Clone)]
pub struct Policy {
    config: WebhooksConfig,
}

/// How a receiver is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Secure,
    /// Readable on the way, so only within networks that the operator named.
    Plain,
}

impl Channel {
    /// What is wrong with an address that is not allowed; `http` may be all.
    pub(crate) const fn closed(self) -> Objection {
        match self {
            Self::Secure => Objection::Address,
            Self::Plain => Objection::Scheme,
        }
    }
}

impl Policy {
    pub fn new(config: &WebhooksConfig) -> Self {
        Self {
            config: config.clone(),
        }
    }

    /// How it may be posted to, as far as can be said without asking for the addresses of its name.
    pub(crate) fn channel(&self, url: &Url) -> Result<Channel, Objection> {
        let channel = match url.scheme() {
            "https" => Channel::Secure,
            "http" if !self.config.allowed_networks.is_empty() => Channel::Plain,
            _ => return Err(Objection::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Objection::Credentials);
        }
        if url.fragment().is_some() {
            return Err(Objection::Fragment);
        }
        if !self.allows_port(channel, url.port_or_known_default()) {
            return Err(Objection::Port);
        }
        // The parser has read numbers in every base and length as the address that they mean.
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(Objection::NoUrl),
        };
        match literal {
            Some(address) if !self.allows(channel, address) => Err(channel.closed()),
            _ => Ok(channel),
        }
    }

    /// Whether a connection may be made to it.
    pub(crate) fn allows(&self, channel: Channel, address: IpAddr) -> bool {
        is_among(&self.config.allowed_networks, address)
            || (channel == Channel::Secure && is_public(address))
    }

    fn allows_port(&self, channel: Channel, port: Option<u16>) -> bool {
        let Some(port) = port else { return false };
        let listed = match &self.config.ports {
            WebhookPorts::Any => port >= LOWEST,
            WebhookPorts::List(ports) => port >= LOWEST && ports.contains(&port),
        };
        listed || (channel == Channel::Secure && port == HTTPS)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy(networks: &[&str], ports: WebhookPorts) -> Policy {
        Policy::new(&WebhooksConfig {
            allowed_networks: networks.iter().map(|net| net.parse().unwrap()).collect(),
            ports,
        })
    }

    /// As it is where texts cost money, and nothing was set.
    fn strict() -> Policy {
        policy(&[], WebhookPorts::List(Vec::new()))
    }

    fn check(policy: &Policy, url: &str) -> Result<(), Objection> {
        policy.channel(&Url::parse(url).unwrap()).map(drop)
    }

    #[test]
    fn by_itself_only_https_to_the_internet_is_allowed() {
        for url in [
            "https://example.com/hook?a=b",
            "https://example.com:443/",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]/",
        ] {
            assert_eq!(check(&strict(), url), Ok(()), "{url}");
        }
        let table = [
            ("http://example.com/", Objection::Scheme),
            ("http://127.0.0.1:8080/", Objection::Scheme),
            ("ftp://example.com/", Objection::Scheme),
            ("file:///etc/passwd", Objection::Scheme),
            ("gopher://127.0.0.1:6379/_x", Objection::Scheme),
            ("https://user@example.com/", Objection::Credentials),
            ("https://:word@example.com/", Objection::Credentials),
            ("https://example.com#@10.0.0.1/", Objection::Fragment),
            ("https://example.com/#", Objection::Fragment),
            ("https://example.com:80/", Objection::Port),
            ("https://example.com:8443/", Objection::Port),
            ("https://example.com:0/", Objection::Port),
        ];
        for (url, objection) in table {
            assert_eq!(check(&strict(), url), Err(objection), "{url}");
        }
    }

    #[test]
    fn a_number_in_any_spelling_is_the_address_that_it_means() {
        for host in [
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0x7F.0x0.0x0.0x1",
            "017700000001",
            "0177.0.0.1",
            "0177.0.0.01",
            "00000177.1",
            "127.0.0.0x1",
            "%31%32%37.0.0.1",
            "127。0。0。1",
            "①②⑦.0.0.1",
            "0",
            "0x0",
            "0.0.0.0",
            "169.254.169.254",
            "2852039166",
            "0xa9fea9fe",
            "0251.0376.0251.0376",
            "169.254.43518",
            "10.1",
            "0x0a000001",
            "192.168.257",
            "255.255.255.255",
            "4294967295",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:FFFF:7F00:0001]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b::169.254.169.254]",
            "[2002:7f00:1::]",
            "[2001:0:7f00:1::]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[ff02::1]",
        ] {
            let url = format!("https://{host}/");
            assert_eq!(check(&strict(), &url), Err(Objection::Address), "{url}");
        }
    }

    #[test]
    fn hosts_that_are_none_are_no_urls() {
        for host in [
            "[fe80::1%25eth0]",
            "[fe80::1%eth0]",
            "127.0.0.256",
            "1.2.3.4.5",
            "0x7f.0.0.0.1",
            "4294967296",
            "[::ffff:127.0.0.256]",
            "a b",
            "a%00b",
            "",
        ] {
            assert!(Url::parse(&format!("https://{host}/")).is_err(), "{host}");
        }
    }

    #[test]
    fn an_operators_networks_and_ports_are_allowed_too() {
        let ports = WebhookPorts::List(vec![8443]);
        let policy = policy(&["10.1.0.0/16", "127.0.0.0/8"], ports);
        for url in [
            "https://10.1.2.3/",
            "https://10.1.2.3:8443/",
            "https://example.com:8443/",
            "http://10.1.2.3:8443/",
            "http://127.0.0.1:8443/",
            "https://[::ffff:10.1.2.3]/",
        ] {
            assert_eq!(check(&policy, url), Ok(()), "{url}");
        }
        let table = [
            ("https://10.2.0.1/", Objection::Address),
            ("https://10.1.2.3:9443/", Objection::Port),
            ("http://1.1.1.1:8443/", Objection::Scheme),
            ("http://10.2.0.1:8443/", Objection::Scheme),
            ("http://10.1.2.3/", Objection::Port),
            ("http://10.1.2.3:443/", Objection::Port),
        ];
        for (url, objection) in table {
            assert_eq!(check(&policy, url), Err(objection), "{url}");
        }
    }

    #[test]
    fn any_port_is_any_but_those_of_systems() {
        let policy = policy(&["127.0.0.0/8"], WebhookPorts::Any);
        for url in ["http://127.0.0.1:1024/", "http://localhost:65535/"] {
            assert_eq!(check(&policy, url), Ok(()), "{url}");
        }
        for url in [
            "http://127.0.0.1/",
            "http://127.0.0.1:1023/",
            "https://a.example:22/",
        ] {
            assert_eq!(check(&policy, url), Err(Objection::Port), "{url}");
        }
    }

    proptest! {
        /// The client connects to a host that is an address without asking the resolver: such a one has to
        /// be seen as an address here.
        #[test]
        fn no_name_is_an_address(host in "\\PC{1,40}", digits in "[0-9a-fx.:%\\[\\]]{1,30}") {
            for host in [host, digits] {
                let Ok(url) = Url::parse(&format!("https://{host}/")) else { continue };
                if let Some(Host::Domain(name)) = url.host() {
                    prop_assert!(name.parse::<IpAddr>().is_err(), "{name}");
                    prop_assert!(!name.contains(['[', ']', ':', '%']), "{name}");
                }
            }
        }
    }
}
