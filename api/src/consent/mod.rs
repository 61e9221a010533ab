//! Who wants no texts, for those who look after it: what people said, and from where that is known.
//!
//! A user looks after the senders that are only theirs. Those that everybody uses, and what is wanted of all
//! senders, are for users whom an operator lets.

mod change;
mod list;
mod live;
mod show;
mod view;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use mysms_core::domain::{
    Address, Registry, Right, Scope, Sender, SenderAddress, all_senders_beside, is_all_senders,
};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::address_in_path;
use crate::openapi::schema;
use crate::state::AppState;

pub(crate) use live::tell;
pub(crate) use view::ListedView;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list::list))
        .routes(routes!(show::show, change::put, change::delete))
}

/// `{number}` in a path: who wants texts, or does not.
struct Number(Address);

impl FromRequestParts<AppState> for Number {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        address_in_path(parts, state).await.map(Self)
    }
}

impl IntoParams for Number {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let number = "Who it is: a number in international form, or what else the `counterpart` of a \
            received message is.";
        vec![schema::path_parameter::<schema::Address>("number", number)]
    }
}

/// What a caller may know and write.
struct Keeper {
    caller: Caller,
    registry: Arc<Registry>,
    /// An operator lets them.
    may_all: bool,
}

impl FromRequestParts<AppState> for Keeper {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        Self::of(state, caller).await
    }
}

impl Keeper {
    async fn of(state: &AppState, caller: Caller) -> Result<Self, ApiError> {
        let registry = state.outgoing.registry().await?;
        let settings = state.settings.of(caller.user).await?;
        Ok(Self {
            may_all: settings.has(Right::Consent),
            caller,
            registry,
        })
    }

    /// Whether the caller may see what was said; a key that only writes may not.
    fn may_read(&self) -> bool {
        let grant = self.caller.grant();
        grant.is_none_or(|grant| grant.scopes.contains(&Scope::ConsentRead))
    }

    /// The senders that the caller may use.
    fn senders(&self) -> impl Iterator<Item = &Sender> {
        let named = self.caller.senders();
        let of_key =
            move |sender: &&Sender| named.is_none_or(|named| named.contains(&sender.address));
        self.registry.usable_by(self.caller.user).filter(of_key)
    }

    /// What stands for all senders.
    fn all_senders(&self) -> &'static str {
        all_senders_beside(self.registry.environment().address.as_str())
    }

    /// The senders that the caller may use, and what stands for all of them, in the order of the alphabet.
    fn known(&self) -> Vec<&str> {
        let senders = self.senders().map(|sender| sender.address.as_str());
        let mut known: Vec<_> = senders.chain([self.all_senders()]).collect();
        known.sort_unstable();
        known
    }

    /// Whether the caller may know and write everything about a sender, or about all of them. A key that is
    /// only for some senders says nothing of all.
    fn looks_after(&self, scope: &str) -> bool {
        if is_all_senders(scope) {
            let is_of_this_world = scope == self.all_senders();
            return is_of_this_world && self.may_all && self.caller.senders().is_none();
        }
        let mut senders = self.senders();
        senders.any(|sender| {
            let is_own = sender.owner == Some(self.caller.user);
            sender.address.as_str() == scope && (is_own || self.may_all)
        })
    }

    /// Those of [`known`](Self::known) that the caller looks after.
    fn looked_after(&self) -> Vec<&str> {
        let mut known = self.known();
        known.retain(|scope| self.looks_after(scope));
        known
    }

    /// The sender that a request names, or what stands for all of them.
    fn scope(&self, named: Option<&SenderAddress>) -> Result<String, ApiError> {
        let scope = named.map_or(self.all_senders(), SenderAddress::as_str);
        if !self.known().contains(&scope) {
            return Err(ApiError::invalid("sender", "is no sender that you may use"));
        }
        if !self.looks_after(scope) {
            return Err(ApiError::ConsentClosed);
        }
        Ok(scope.to_owned())
    }
}

#[cfg(test)]
mod tests;
