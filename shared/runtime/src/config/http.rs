use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::variables::{
    BIND_ADDRESS, COMMON_PASSWORDS, CORS_ALLOWED_ORIGINS, PORT, SESSION_DAYS, SHUTDOWN_LAG_SECONDS,
    SMS_PROVIDER, TRUSTED_PROXIES,
};
use super::{CapacityConfig, DeliveryConfig, Env, LimitsConfig};

/// How the API is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    pub bind: IpAddr,
    /// 0 takes a free port.
    pub port: u16,
    pub cors: CorsOrigins,
    /// Proxies whose word about the client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    pub limits: LimitsConfig,
    /// Users may choose the passwords that everybody tries first.
    pub common_passwords_allowed: bool,
    /// How long a browser that is to stay logged in does so without being used.
    pub idle_session: Duration,
    pub capacity: CapacityConfig,
}

/// The origins whose pages may call the API from a browser.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CorsOrigins {
    #[default]
    None,
    /// `http://localhost` and `http://127.0.0.1` on any port.
    Loopback,
    /// These, each as a browser sends it: scheme, host and port.
    List(Vec<String>),
}

impl HttpConfig {
    /// `cors` is what holds when `CORS_ALLOWED_ORIGINS` is not set.
    pub fn read(env: &mut Env, cors: CorsOrigins) -> Option<Self> {
        let bind = env.parsed(BIND_ADDRESS, "an IP address", |text| text.parse().ok());
        let port = env.number(PORT, 0..=u16::MAX);
        let cors = read_origins(env, cors);
        let trusted_proxies = env.list(
            TRUSTED_PROXIES,
            "IP addresses or networks such as 10.0.0.0/8, separated by commas",
            parse_network,
        );
        let limits = LimitsConfig::read(env);
        let common_passwords_allowed = read_common_passwords(env);
        let session_days = env.number(SESSION_DAYS, 1..=365);
        let capacity = CapacityConfig::read(env);
        Some(Self {
            bind: bind?,
            port: port?,
            cors: cors?,
            trusted_proxies: trusted_proxies?,
            limits: limits?,
            common_passwords_allowed: common_passwords_allowed?,
            idle_session: session_days.map(days)?,
            capacity: capacity?,
        })
    }
}

const fn days(number: u64) -> Duration {
    Duration::from_hours(24 * number)
}

/// Unset, it depends on the provider: the examples of the API have such a password, and nobody can
/// spend anything with the simulator.
fn read_common_passwords(env: &mut Env) -> Option<bool> {
    if !env.is_set(COMMON_PASSWORDS) {
        return Some(!env.says(SMS_PROVIDER, "twilio"));
    }
    env.parsed(
        COMMON_PASSWORDS,
        "`allowed` or `refused`",
        |text| match text {
            "allowed" => Some(true),
            "refused" => Some(false),
            _ => None,
        },
    )
}

/// Refuses a lag that leaves no time to finish what is under way.
pub fn check_shutdown(env: &mut Env, http: Option<&HttpConfig>, delivery: Option<&DeliveryConfig>) {
    if let (Some(http), Some(delivery)) = (http, delivery)
        && http.capacity.shutdown_lag >= delivery.shutdown_grace
    {
        env.refuse(
            SHUTDOWN_LAG_SECONDS,
            "must be less than SHUTDOWN_GRACE_SECONDS",
        );
    }
}

/// Where a process of this machine reaches another one that listens on `bind`.
pub fn from_here(bind: IpAddr, port: u16) -> SocketAddr {
    let address = match bind {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    SocketAddr::new(address, port)
}

fn read_origins(env: &mut Env, unset: CorsOrigins) -> Option<CorsOrigins> {
    if !env.is_set(CORS_ALLOWED_ORIGINS) {
        return Some(unset);
    }
    env.parsed(
        CORS_ALLOWED_ORIGINS,
        "`loopback`, `none`, or origins without a path, separated by commas",
        |text| match text {
            "loopback" => Some(CorsOrigins::Loopback),
            "none" => Some(CorsOrigins::None),
            list => list
                .split(',')
                .map(|item| parse_origin(item.trim()))
                .collect::<Option<_>>()
                .map(CorsOrigins::List),
        },
    )
}

// Browsers send the canonical form, and the comparison is of text.
fn parse_origin(text: &str) -> Option<String> {
    let origin = Url::parse(text).ok()?.origin();
    (origin.is_tuple() && origin.ascii_serialization() == text).then(|| text.to_owned())
}

pub(super) fn parse_network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{accepted, refused};

    fn read(env: &mut Env) -> Option<HttpConfig> {
        HttpConfig::read(env, CorsOrigins::Loopback)
    }

    #[test]
    fn the_defaults_listen_on_this_machine_alone() {
        let expected = HttpConfig {
            bind: [127, 0, 0, 1].into(),
            port: 3000,
            cors: CorsOrigins::Loopback,
            trusted_proxies: Vec::new(),
            limits: accepted(&[], LimitsConfig::read),
            common_passwords_allowed: true,
            idle_session: days(30),
            capacity: accepted(&[], CapacityConfig::read),
        };
        assert_eq!(accepted(&[], read), expected);
    }

    #[test]
    fn origins_are_a_word_or_a_list() {
        let list = |origins: &[&str]| {
            CorsOrigins::List(origins.iter().map(|&origin| origin.to_owned()).collect())
        };
        let cases = [
            ("none", CorsOrigins::None),
            ("loopback", CorsOrigins::Loopback),
            ("https://a.example", list(&["https://a.example"])),
            (
                "https://a.example , http://localhost:5173",
                list(&["https://a.example", "http://localhost:5173"]),
            ),
        ];
        for (text, cors) in cases {
            let http = accepted(&[("CORS_ALLOWED_ORIGINS", text)], read);
            assert_eq!(http.cors, cors, "{text}");
        }
    }

    #[test]
    fn an_origin_that_no_browser_sends_is_refused() {
        let origins = [
            "*",
            "a.example",
            "https://a.example/",
            "https://a.example/app",
            "https://a.example:443",
            "https://A.example",
            "https://a.example,",
            "file:///tmp",
            "https://a.example,loopback",
        ];
        for text in origins {
            let problems = refused(&[("CORS_ALLOWED_ORIGINS", text)], read);
            assert_eq!(problems.len(), 1, "{text}");
        }
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        let http = accepted(&[("TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.7,::1")], read);
        let shown: Vec<_> = http.trusted_proxies.iter().map(IpNet::to_string).collect();
        assert_eq!(shown, ["10.0.0.0/8", "192.168.1.7/32", "::1/128"]);
        for text in ["proxy", "10.0.0.0/33", "10.0.0.0 10.0.0.1"] {
            assert_eq!(
                refused(&[("TRUSTED_PROXIES", text)], read).len(),
                1,
                "{text}"
            );
        }
    }

    #[test]
    fn common_passwords_are_refused_where_texts_cost_money() {
        let allowed = |pairs: &[_]| accepted(pairs, read).common_passwords_allowed;
        let (twilio, simulator) = (("SMS_PROVIDER", "twilio"), ("SMS_PROVIDER", "simulator"));
        assert!(!allowed(&[twilio]));
        assert!(allowed(&[simulator]));
        assert!(allowed(&[twilio, ("COMMON_PASSWORDS", "allowed")]));
        assert!(!allowed(&[simulator, ("COMMON_PASSWORDS", "refused")]));
        let refused = refused(&[("COMMON_PASSWORDS", "yes")], read);
        assert_eq!(refused, ["COMMON_PASSWORDS must be `allowed` or `refused`"]);
    }

    #[test]
    fn who_listens_everywhere_is_reached_here_and_else_where_they_listen() {
        for (bind, expected) in [
            ("0.0.0.0", "127.0.0.1:3000"),
            ("::", "[::1]:3000"),
            ("127.0.0.2", "127.0.0.2:3000"),
            ("::1", "[::1]:3000"),
            ("10.1.2.3", "10.1.2.3:3000"),
        ] {
            let address = from_here(bind.parse().unwrap(), 3000);
            assert_eq!(address.to_string(), expected);
        }
    }

    #[test]
    fn the_rest_is_refused_together() {
        let pairs = [
            ("BIND_ADDRESS", "localhost"),
            ("PORT", "65536"),
            ("SENDS_PER_MINUTE", "0"),
            ("SESSION_DAYS", "0"),
        ];
        assert_eq!(refused(&pairs, read).len(), 4);
    }
}
