//! The security log: who tried to get in or to change an account, from where, and what became of it.
//!
//! Its lines have the target `audit`. They never have a name, a number or a text.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;
use http::{Method, StatusCode};
use mysms_core::domain::{KeyId, UserId};
use runtime::metrics::{Metrics, SecurityEvent, SecurityOutcome};
use runtime::telemetry::AUDIT;

use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::network::Network;
use crate::request_id::RequestId;

/// How many refusals of one kind are told in a minute of one client's network, and of how many networks:
/// nobody hides what they do behind what others do. The metrics count all of them, and what was done is
/// always told.
const REFUSALS: u32 = 20;
const NETWORKS: usize = 200;
const MINUTE: Duration = Duration::from_mins(1);

/// Whom a request is about, as far as it comes to light while it is handled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Subject(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    user: OnceLock<UserId>,
    /// Why the token or the key of the request does not hold.
    refusal: OnceLock<String>,
    /// The key that it was made with, or that it is about.
    key: OnceLock<KeyId>,
}

/// Tells the log, and counts.
#[derive(Debug)]
pub(crate) struct Audit {
    metrics: Arc<Metrics>,
    refusals: Mutex<HashMap<Kind, Window>>,
}

/// Refusals are counted by this. Those that are about a user are not left out because of those that are
/// about nobody.
type Kind = (SecurityEvent, SecurityOutcome, bool);

#[derive(Debug)]
struct Window {
    since: Instant,
    told: HashMap<Network, u32>,
    untold: u32,
}

impl Subject {
    pub(crate) fn is(&self, user: UserId) {
        let _known_before = self.0.user.set(user);
    }

    pub(crate) fn has_key(&self, key: &KeyId) {
        let _known_before = self.0.key.set(key.clone());
    }

    pub(crate) fn has_refused_token(&self, why: String) {
        let _known_before = self.0.refusal.set(why);
    }
}

/// Outside a router there is nobody to tell, and what is filled in is dropped.
impl<S: Sync> FromRequestParts<S> for Subject {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known.unwrap_or_default())
    }
}

impl Audit {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            refusals: Mutex::default(),
        }
    }

    /// Tells of a request that is answered, if it is one that matters.
    pub(crate) fn note(
        &self,
        id: &RequestId,
        (method, route): (&Method, &str),
        ClientAddress(client): ClientAddress,
        Subject(known): &Subject,
        response: &Response,
    ) {
        let error = response.extensions().get::<Arc<ApiError>>();
        let error = error.map(Arc::as_ref);
        let refusal = known.refusal.get();
        let event = match error {
            Some(ApiError::BadSignature) => Some(SecurityEvent::Signature),
            Some(ApiError::Unauthorized) if refusal.is_some() => Some(SecurityEvent::Token),
            _ => event(method, route),
        };
        let Some(event) = event else {
            return;
        };
        let outcome = outcome(response.status());
        self.metrics.security(event, outcome);
        let kind = (event, outcome, known.user.get().is_some());
        let Some(untold) = self.admit(kind, Network::widest(client), Instant::now()) else {
            return;
        };
        tracing::info!(
            target: AUDIT,
            event = event.as_str(),
            outcome = outcome.as_str(),
            reason = error.map(ApiError::code),
            token = refusal,
            user.id = known.user.get().map(tracing::field::display),
            key.id = known.key.get().map(tracing::field::display),
            client.address = %client,
            // In the span, too, which is left out where only errors are told.
            request.id = id.as_str(),
            untold = (untold > 0).then_some(untold),
            "security event",
        );
    }

    /// How many of the kind were left out before this one; `None` if this one is left out, too.
    fn admit(&self, kind: Kind, network: Network, now: Instant) -> Option<u32> {
        if kind.1 == SecurityOutcome::Done {
            return Some(0);
        }
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let window = refusals.entry(kind).or_insert(Window {
            since: now,
            told: HashMap::new(),
            untold: 0,
        });
        if now.duration_since(window.since) >= MINUTE {
            window.since = now;
            window.told.clear();
        }
        let full = window.told.len() >= NETWORKS && !window.told.contains_key(&network);
        let told = if full {
            REFUSALS
        } else {
            *window.told.entry(network).or_default()
        };
        if told >= REFUSALS {
            window.untold = window.untold.saturating_add(1);
            return None;
        }
        window.told.insert(network, told + 1);
        Some(std::mem::take(&mut window.untold))
    }
}

fn event(method: &Method, route: &str) -> Option<SecurityEvent> {
    Some(match (method.as_str(), route) {
        ("POST", "/signup") => SecurityEvent::SignUp,
        ("POST", "/login") => SecurityEvent::LogIn,
        ("POST", "/logout") => SecurityEvent::LogOut,
        ("POST", "/me/token") => SecurityEvent::RenewToken,
        ("POST", "/session/cookie") => SecurityEvent::KeepSession,
        ("POST", "/session/refresh") => SecurityEvent::RefreshSession,
        ("DELETE", "/me/sessions/{id}" | "/session/cookie") => SecurityEvent::EndSession,
        ("PUT", "/me/password") => SecurityEvent::ChangePassword,
        ("DELETE", "/me") => SecurityEvent::DeleteUser,
        ("POST", "/keys") => SecurityEvent::CreateKey,
        ("DELETE", "/keys/{id}") => SecurityEvent::EndKey,
        _ => return None,
    })
}

fn outcome(status: StatusCode) -> SecurityOutcome {
    if status == StatusCode::TOO_MANY_REQUESTS {
        SecurityOutcome::Limited
    } else if status.is_server_error() {
        SecurityOutcome::Failed
    } else if status.is_client_error() {
        SecurityOutcome::Refused
    } else {
        SecurityOutcome::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: Kind = (SecurityEvent::LogIn, SecurityOutcome::Refused, false);

    fn network(number: u8) -> Network {
        Network::of([203, 0, number, 7].into())
    }

    #[test]
    fn a_flood_of_refusals_fills_no_log_and_is_counted() {
        let (audit, now) = (Audit::new(Arc::default()), Instant::now());
        let told = (0..1000).filter(|_| audit.admit(REFUSED, network(1), now) == Some(0));
        assert_eq!(told.count(), REFUSALS as usize);
        let later = now + MINUTE;
        let next = audit.admit(REFUSED, network(1), later);
        assert_eq!(next, Some(1000 - REFUSALS));
        assert_eq!(audit.admit(REFUSED, network(1), later), Some(0));
    }

    #[test]
    fn nobody_hides_behind_a_flood() {
        let (audit, now) = (Audit::new(Arc::default()), Instant::now());
        for number in 0..=255 {
            for _ in 0..100 {
                let _ = audit.admit(REFUSED, network(number), now);
            }
        }
        // Whatever many networks do: who attacks a user is told, and what was done.
        let of_a_user = (REFUSED.0, REFUSED.1, true);
        assert_eq!(audit.admit(of_a_user, network(1), now), Some(0));
        let failed = (REFUSED.0, SecurityOutcome::Failed, false);
        assert_eq!(audit.admit(failed, network(1), now), Some(0));
        let done = (REFUSED.0, SecurityOutcome::Done, false);
        for _ in 0..1000 {
            assert_eq!(audit.admit(done, network(1), now), Some(0));
        }
    }
}
