//! The provider's address and ours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::super::Env;
use super::super::variables::{PUBLIC_BASE_URL, SIMULATOR_PAGE_URL, TWILIO_API_BASE_URL};

pub(super) fn read_base_url(env: &mut Env) -> Option<Url> {
    env.parsed(
        TWILIO_API_BASE_URL,
        "an http:// or https:// URL without user, query and fragment",
        parse,
    )
}

/// The address as it was given, for parsing and printing it again might change what is signed.
pub(super) fn read_public_base_url(env: &mut Env) -> Option<String> {
    env.optional_parsed(
        PUBLIC_BASE_URL,
        "an http:// or https:// URL without user, query and fragment",
        |text| parse(text).map(|_| text.trim_end_matches('/').to_owned()),
    )
}

pub(super) fn read_simulator_page(env: &mut Env) -> Option<Url> {
    env.optional_parsed(
        SIMULATOR_PAGE_URL,
        "an http:// or https:// URL without user, query and fragment",
        parse,
    )
}

/// Whether it is this machine, or another one of a private network.
pub fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => is_local_name(domain),
        Some(Host::Ipv4(address)) => is_local_v4(address),
        Some(Host::Ipv6(address)) => is_local_v6(address),
        None => false,
    }
}

/// Whether what is sent there crosses a network that others can listen to.
pub(super) fn is_readable_by_others(url: &Url) -> bool {
    url.scheme() != "https" && !is_near(url)
}

pub(super) fn is_twilio(url: &Url) -> bool {
    url.domain()
        .is_some_and(|domain| domain == "twilio.com" || domain.ends_with(".twilio.com"))
}

/// Whether a host on the internet could never connect to this address.
pub(super) fn is_out_of_reach(url: &str) -> bool {
    match Url::parse(url).as_ref().map(Url::host) {
        Ok(Some(Host::Domain(domain))) => is_local_name(domain),
        Ok(Some(Host::Ipv4(address))) => is_local_v4(address),
        Ok(Some(Host::Ipv6(address))) => is_local_v6(address),
        _ => true,
    }
}

fn parse(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain).then_some(url)
}

/// Nobody on the internet has a name without a dot.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    !name.contains('.') || name.ends_with(".localhost")
}

fn is_local_v4(address: Ipv4Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.is_private()
        || address.is_link_local()
}

fn is_local_v6(address: Ipv6Addr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_local_v4(address),
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    }
}
