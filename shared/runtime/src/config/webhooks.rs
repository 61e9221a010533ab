use ipnet::IpNet;

use super::http::parse_network;
use super::signup::is_simulated;
use super::variables::{WEBHOOK_ALLOWED_NETWORKS, WEBHOOK_PORTS};
use super::{Env, ProviderConfig};

/// Whom the webhooks of users may reach, beside port 443 of every host on the internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhooksConfig {
    /// Networks whose addresses may be reached too, there also without TLS.
    pub allowed_networks: Vec<IpNet>,
    pub ports: WebhookPorts,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookPorts {
    /// All that no service of the system has: from 1024 on.
    Any,
    /// These, each at least 1024.
    List(Vec<u16>),
}

impl WebhooksConfig {
    /// Where nothing costs anything, whoever tries the messenger has a receiver on the same machine.
    pub fn read(env: &mut Env, provider: Option<&ProviderConfig>) -> Option<Self> {
        let simulated = is_simulated(env, provider);
        let allowed_networks = read_networks(env, simulated);
        let ports = read_ports(env, simulated);
        Some(Self {
            allowed_networks: allowed_networks?,
            ports: ports?,
        })
    }
}

fn read_networks(env: &mut Env, simulated: bool) -> Option<Vec<IpNet>> {
    if !env.is_set(WEBHOOK_ALLOWED_NETWORKS) {
        let loopback = ["127.0.0.0/8", "::1/128"].map(|net| net.parse().ok());
        return loopback.into_iter().filter(|_| simulated).collect();
    }
    if env.says(WEBHOOK_ALLOWED_NETWORKS, "none") {
        return Some(Vec::new());
    }
    env.list(
        WEBHOOK_ALLOWED_NETWORKS,
        "`none`, or IP addresses or networks such as 10.0.0.0/8, separated by commas",
        parse_network,
    )
}

fn read_ports(env: &mut Env, simulated: bool) -> Option<WebhookPorts> {
    if !env.is_set(WEBHOOK_PORTS) {
        return Some(if simulated {
            WebhookPorts::Any
        } else {
            WebhookPorts::List(Vec::new())
        });
    }
    if env.says(WEBHOOK_PORTS, "any") {
        return Some(WebhookPorts::Any);
    }
    if env.says(WEBHOOK_PORTS, "none") {
        return Some(WebhookPorts::List(Vec::new()));
    }
    let ports = env.list(
        WEBHOOK_PORTS,
        "`any`, `none`, or ports from 1024 to 65535, separated by commas",
        |text| text.parse().ok().filter(|port| *port >= 1024),
    );
    ports.map(WebhookPorts::List)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Simulator;
    use crate::config::testing::{TWILIO, accepted, refused};

    fn read(env: &mut Env) -> Option<WebhooksConfig> {
        let provider = ProviderConfig::read(env, Simulator::Embedded);
        WebhooksConfig::read(env, provider.as_ref())
    }

    fn networks(all: &[&str]) -> Vec<IpNet> {
        all.iter().map(|net| net.parse().unwrap()).collect()
    }

    #[test]
    fn where_texts_cost_money_nothing_inside_is_reached() {
        let config = accepted(TWILIO, read);
        assert_eq!(config.allowed_networks, []);
        assert_eq!(config.ports, WebhookPorts::List(Vec::new()));
    }

    #[test]
    fn with_the_simulator_a_receiver_may_be_on_the_same_machine() {
        let config = accepted(&[], read);
        assert_eq!(
            config.allowed_networks,
            networks(&["127.0.0.0/8", "::1/128"])
        );
        assert_eq!(config.ports, WebhookPorts::Any);
        let closed = [
            ("WEBHOOK_ALLOWED_NETWORKS", "none"),
            ("WEBHOOK_PORTS", "none"),
        ];
        let config = accepted(&closed, read);
        assert_eq!(config.allowed_networks, []);
        assert_eq!(config.ports, WebhookPorts::List(Vec::new()));
    }

    #[test]
    fn networks_and_ports_are_an_operators_choice() {
        let set = [
            (
                "WEBHOOK_ALLOWED_NETWORKS",
                "10.0.0.0/8, fd12::/48, 192.168.1.7",
            ),
            ("WEBHOOK_PORTS", "8443, 9443"),
        ];
        let config = accepted(&[TWILIO, &set].concat(), read);
        assert_eq!(
            config.allowed_networks,
            networks(&["10.0.0.0/8", "fd12::/48", "192.168.1.7/32"])
        );
        assert_eq!(config.ports, WebhookPorts::List(vec![8443, 9443]));
        let any = [("WEBHOOK_PORTS", "any")];
        let config = accepted(&[TWILIO, &any].concat(), read);
        assert_eq!(config.ports, WebhookPorts::Any);
    }

    #[test]
    fn what_is_no_network_or_a_port_of_the_system_is_refused() {
        for (name, value) in [
            ("WEBHOOK_ALLOWED_NETWORKS", "intranet"),
            ("WEBHOOK_ALLOWED_NETWORKS", "10.0.0.0/33"),
            ("WEBHOOK_PORTS", "443"),
            ("WEBHOOK_PORTS", "8443,80"),
            ("WEBHOOK_PORTS", "65536"),
        ] {
            let problems = refused(&[(name, value)], read);
            assert_eq!(problems.len(), 1, "{value}");
            assert!(problems[0].starts_with(name), "{problems:?}");
        }
    }
}
