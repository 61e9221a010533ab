use std::net::IpAddr;

use ipnet::IpNet;
use url::Url;

use super::Env;
use super::variables::{
    AUTH_ATTEMPTS_PER_MINUTE, BIND_ADDRESS, CORS_ALLOWED_ORIGINS, PORT, TRUSTED_PROXIES,
};

/// How the API is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    pub bind: IpAddr,
    /// 0 takes a free port.
    pub port: u16,
    pub cors: CorsOrigins,
    /// Proxies whose word about the client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Signups and logins allowed per client address.
    pub auth_attempts_per_minute: u32,
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
        let auth_attempts_per_minute = env.number(AUTH_ATTEMPTS_PER_MINUTE, 1..=u32::MAX);
        Some(Self {
            bind: bind?,
            port: port?,
            cors: cors?,
            trusted_proxies: trusted_proxies?,
            auth_attempts_per_minute: auth_attempts_per_minute?,
        })
    }
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

fn parse_network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}
