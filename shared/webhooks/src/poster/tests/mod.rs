mod answers;
mod environment;
mod names;
mod receiver;
mod secure;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use ipnet::IpNet;
use mysms_core::clock::SystemClock;
use mysms_core::domain::{Answer, PostFailure};
use mysms_core::post::{Objection, Posted};
use reqwest::Certificate;
use runtime::config::{WebhookPorts, WebhooksConfig};
use url::Url;

use super::{Poster, Surroundings};
use crate::guard::{Names, Policy, SystemNames};

/// Long enough for anything on one machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a poster waits whose receiver is not to answer.
const IMPATIENCE: Duration = Duration::from_millis(300);

const BODY: &[u8] = br#"{"type":"test"}"#;

fn policy(networks: &[&str]) -> Policy {
    Policy::new(&WebhooksConfig {
        allowed_networks: networks.iter().map(|net| network(net)).collect(),
        ports: WebhookPorts::Any,
    })
}

fn network(text: &str) -> IpNet {
    text.parse().unwrap_or_else(|_| IpNet::from(ip(text)))
}

struct Setting {
    networks: &'static [&'static str],
    names: Arc<dyn Names>,
    timeout: Duration,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            networks: &["127.0.0.1", "::1"],
            names: Arc::new(SystemNames::new()),
            timeout: PATIENCE,
        }
    }
}

impl Setting {
    fn poster(self) -> Poster {
        runtime::tls::install_provider();
        let authority = include_bytes!("../../../tests/data/authority.pem");
        let surroundings = Surroundings {
            names: self.names,
            authorities: vec![Certificate::from_pem(authority).unwrap()],
            timeout: self.timeout,
        };
        Poster::within(surroundings, policy(self.networks), Arc::new(SystemClock)).unwrap()
    }
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

async fn post(poster: &Poster, url: &Url) -> Posted {
    let headers = HeaderMap::from_iter([(
        http::HeaderName::from_static("webhook-id"),
        HeaderValue::from_static("msg_1"),
    )]);
    poster
        .exchange(url.clone(), headers, Bytes::from_static(BODY))
        .await
}

fn answered(status: u16) -> Posted {
    Posted {
        answer: Answer::Status(status),
        retry_after: None,
    }
}

const fn failed(failure: PostFailure) -> Posted {
    Posted {
        answer: Answer::Failed(failure),
        retry_after: None,
    }
}
