use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use mysms_core::clock::Clock;
use mysms_core::domain::{Timestamp, UsernameHash};
use runtime::config::LimitsConfig;

use super::buckets::{Buckets, Counted};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::network::{Network, PREFIXES};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// How many times as much each wider network of IPv6 may do: it may be one customer's, or many's.
const ALLOWANCES: [u32; PREFIXES.len()] = [1, 4, 16];

/// Limits signups, logins and the like, by three counts: what comes from a client's network, what
/// goes to an account from a network, and the wrong passwords of an account from everywhere.
/// Whoever goes on with a login has shown that it is theirs, and has a count of their own: a neighbour
/// who guesses keeps nobody's tabs from it.
///
/// A right password costs an account nothing, and the last count spares the networks from which the
/// account has logged in before: so nobody can guess a password for long, from however many
/// addresses, and nobody can lock another out of their account.
pub(crate) struct AttemptLimiter {
    clock: Arc<dyn Clock>,
    networks: Networks,
    accounts: Buckets,
    renewals: Buckets,
    failures: Buckets,
    /// `None`: no more limited than any attempt.
    sign_ups: Option<Networks>,
}

/// An attempt of a client at something.
#[must_use]
pub(crate) struct Attempt<'a>(Vec<Counted<'a>>);

impl Attempt<'_> {
    /// It was no failure, or came to nothing that tells anybody anything.
    pub(crate) fn give_back(self) {
        self.0.into_iter().for_each(Counted::give_back);
    }
}

impl AttemptLimiter {
    pub(crate) fn new(limits: &LimitsConfig, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            networks: Networks::new(limits.attempts_per_address, MINUTE),
            accounts: Buckets::new(limits.attempts_per_account, MINUTE),
            renewals: Buckets::new(limits.attempts_per_account, MINUTE),
            failures: Buckets::new(limits.failures_per_account, HOUR),
            sign_ups: limits
                .sign_ups_per_address
                .map(|number| Networks::new(number, HOUR)),
        }
    }

    /// Counts an attempt of any kind.
    pub(crate) fn attempt(&self, ClientAddress(client): ClientAddress) -> Result<(), ApiError> {
        let _stays = self.networks.count(client, self.now())?;
        Ok(())
    }

    /// Whether an attempt of any kind would be counted now, without counting it.
    pub(crate) fn may_attempt(&self, client: ClientAddress) -> Result<(), ApiError> {
        self.networks
            .count(client.0, self.now())
            .map(Attempt::give_back)
    }

    /// Counts an attempt on an account that guesses no password.
    pub(crate) fn attempt_on(
        &self,
        account: &UsernameHash,
        ClientAddress(client): ClientAddress,
    ) -> Result<(), ApiError> {
        let _stays = self
            .accounts
            .count(&(account, Network::of(client)), self.now())?;
        Ok(())
    }

    /// Counts a new token for one that is good, or for a genuine cookie.
    pub(crate) fn renewal(
        &self,
        account: &UsernameHash,
        ClientAddress(client): ClientAddress,
    ) -> Result<(), ApiError> {
        let _stays = self
            .renewals
            .count(&(account, Network::of(client)), self.now())?;
        Ok(())
    }

    /// Counts a password as a wrong one before it is looked at, so that none slips through beside
    /// others, whether there is such an account or not. It is given back if it is right.
    pub(crate) fn guess(
        &self,
        account: &UsernameHash,
        ClientAddress(client): ClientAddress,
        from_known_network: bool,
    ) -> Result<Attempt<'_>, ApiError> {
        let from_here = self
            .accounts
            .count(&(account, Network::of(client)), self.now());
        let guess = Attempt(Vec::new()).and(from_here)?;
        if from_known_network {
            return Ok(guess);
        }
        guess.and(self.failures.count(account, self.now()))
    }

    /// Counts a user who is about to be made. It is given back if nobody is.
    pub(crate) fn sign_up(
        &self,
        ClientAddress(client): ClientAddress,
    ) -> Result<Attempt<'_>, ApiError> {
        match &self.sign_ups {
            Some(networks) => networks.count(client, self.now()),
            None => Ok(Attempt(Vec::new())),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl<'a> Attempt<'a> {
    /// With one more count; if that refuses, the others have not happened.
    fn and(mut self, counted: Result<Counted<'a>, ApiError>) -> Result<Self, ApiError> {
        match counted {
            Ok(counted) => {
                self.0.push(counted);
                Ok(self)
            }
            Err(refusal) => {
                self.give_back();
                Err(refusal)
            }
        }
    }
}

/// The attempts of clients, by each network that may be theirs alone.
struct Networks([Buckets; PREFIXES.len()]);

impl Networks {
    fn new(attempts: u32, per: Duration) -> Self {
        Self(ALLOWANCES.map(|times| Buckets::new(attempts.saturating_mul(times), per)))
    }

    fn count(&self, client: IpAddr, now: Timestamp) -> Result<Attempt<'_>, ApiError> {
        Network::all(client)
            .zip(&self.0)
            .try_fold(Attempt(Vec::new()), |attempt, (network, buckets)| {
                attempt.and(buckets.count(&network, now))
            })
    }
}

pub(crate) async fn limit_attempts(
    State(limiter): State<Arc<AttemptLimiter>>,
    client: ClientAddress,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    limiter.attempt(client)?;
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests;
