use std::fmt::Display;

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use mysms_core::domain::{
    ApiKey, Grant, KeyName, KeyToken, MOST_KEY_SENDERS, MOST_RECIPIENTS, Mode, PhoneNumber, Scope,
    SenderAddress, Timestamp,
};
use mysms_core::store::Created;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::view::KeyView;
use crate::audit::Subject;
use crate::auth::TokenHolder;
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::openapi::problems::{Invalid, TooManyAttempts, TooManyKeys, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `name` and `scopes`")]
pub(super) struct CreateKey {
    #[serde(default)]
    #[schema(required, value_type = schema::KeyName)]
    name: Field,
    /// What it may do.
    #[schema(required, value_type = Vec<schema::Scope>, min_items = 1)]
    scopes: Option<Value>,
    #[serde(default)]
    #[schema(value_type = Option<schema::KeyMode>)]
    mode: Field,
    /// From where its texts may leave; from wherever the user's may, if it is left out.
    #[serde(default)]
    #[schema(value_type = Option<Vec<schema::SenderAddress>>, min_items = 1, max_items = 20)]
    senders: Option<Value>,
    /// The numbers of the team; only for mode `team`, which needs them.
    #[serde(default)]
    #[schema(value_type = Option<Vec<schema::Recipient>>, min_items = 1, max_items = 100)]
    recipients: Option<Value>,
    /// From when on it is refused; never, if it is left out.
    #[serde(default)]
    #[schema(value_type = Option<schema::Moment>)]
    expires_at: Field,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = NewApiKey)]
pub(super) struct NewKeyView {
    /// The whole key, which is shown this one time.
    #[schema(value_type = schema::ApiKeyText)]
    key: String,
    #[serde(flatten)]
    view: KeyView,
}

/// What a user wants a program to be able to do.
struct Wanted {
    name: KeyName,
    grant: Grant,
    expires_at: Option<Timestamp>,
}

/// Make an API key
///
/// A program sends it in the place of a token. It is good until it expires or is deleted, whatever becomes
/// of the session that made it. A user has at most 50. No key can make or see keys.
#[utoipa::path(
    post, path = "/keys", tag = "keys", operation_id = "createKey",
    request_body(content = CreateKey, examples(
        ("a backend that sends" = (value = json!({
            "name": "shop backend", "scopes": ["messages:send", "messages:read"],
        }))),
        ("a staging system" = (value = json!({
            "name": "staging", "scopes": ["messages:send"], "mode": "team",
            "recipients": ["+14155550123"], "senders": ["+15005550006"],
            "expires_at": "2027-01-01T00:00:00Z",
        }))),
    )),
    responses(
        (status = 201, description = "The key, which is shown this one time", body = NewKeyView),
        Invalid, TooManyKeys, TooManyAttempts, Unavailable,
    ),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    holder: TokenHolder,
    client: ClientAddress,
    subject: Subject,
    Json(request): Json<CreateKey>,
) -> Result<(StatusCode, Answer<NewKeyView>), ApiError> {
    let now = state.clock.now();
    let usable = usable_senders(&state, &holder).await?;
    let inbox = state.settings.of(holder.user).await?.inbox;
    let wanted = request.checked(&usable, inbox, now)?;
    state.limiter.attempt_on(&holder.hash, client)?;
    let token = KeyToken::generate(wanted.grant.mode);
    let key = ApiKey {
        id: token.id().clone(),
        owner: holder.user,
        name: wanted.name,
        secret: token.hash(),
        grant: wanted.grant,
        created_at: now,
        expires_at: wanted.expires_at,
        last_used: None,
    };
    subject.has_key(&key.id);
    let create = || state.stores.keys.create_key(&key);
    if state.store_timeout.repeat(create).await? == Created::TooMany {
        return Err(ApiError::TooManyKeys);
    }
    let view = NewKeyView {
        key: token.reveal(),
        view: KeyView::new(&key, now),
    };
    Ok((StatusCode::CREATED, Answer(view)))
}

async fn usable_senders(
    state: &AppState,
    holder: &TokenHolder,
) -> Result<Vec<SenderAddress>, ApiError> {
    let registry = state.outgoing.registry().await?;
    let usable = registry.usable_by(holder.user);
    Ok(usable.map(|sender| sender.address.clone()).collect())
}

impl CreateKey {
    /// `inbox`: the user may see what belongs to nobody.
    fn checked(
        self,
        usable: &[SenderAddress],
        inbox: bool,
        now: Timestamp,
    ) -> Result<Wanted, ApiError> {
        let mut checks = Checks::default();
        let name = checks.read("name", self.name, |text| KeyName::parse(&text));
        if self.scopes.is_none() {
            checks.refuse::<()>("scopes", "is required");
        }
        let mode = checks.optional("mode", self.mode, |text| Mode::parse(&text));
        let mode = mode.unwrap_or(Mode::Live);
        let most = Scope::ALL.len();
        let scope = |text: &str| match Scope::parse(text) {
            Ok(scope) if scope.is_of_people() && mode == Mode::Test => Err(format!(
                "{scope} is not for mode test: nobody writes to the sandbox"
            )),
            Ok(scope) if scope.is_of_inbox() && !inbox => Err(format!(
                "{scope} is for those whom an operator lets see the inbox"
            )),
            parsed => parsed.map_err(|error| error.to_string()),
        };
        let scopes = list(&mut checks, ("scopes", most), self.scopes, scope);
        let sender = |text: &str| {
            let sender = SenderAddress::parse(text).map_err(|error| error.to_string())?;
            let is_usable = usable.contains(&sender);
            is_usable
                .then_some(sender)
                .ok_or_else(|| "is no sender that you may use".to_owned())
        };
        if self.senders.is_some() && mode == Mode::Test {
            checks.refuse::<()>(
                "senders",
                "is not for mode test, which has a sender of its own",
            );
        }
        let most = MOST_KEY_SENDERS;
        let senders = list(&mut checks, ("senders", most), self.senders, sender);
        let (has_team, needs_team) = (self.recipients.is_some(), mode == Mode::Team);
        if needs_team && !has_team {
            checks.refuse::<()>("recipients", "is required for mode team");
        }
        if has_team && !needs_team {
            checks.refuse::<()>("recipients", "is only for mode team");
        }
        let most = MOST_RECIPIENTS;
        let recipients = list(
            &mut checks,
            ("recipients", most),
            self.recipients,
            PhoneNumber::parse,
        );
        let expires_at = checks.optional("expires_at", self.expires_at, |text| {
            let end: Timestamp = text.parse().map_err(|_| "must be an RFC 3339 timestamp")?;
            Some(end)
                .filter(|end| *end > now)
                .ok_or("must be in the future")
        });
        let wanted = name.zip(scopes).map(|(name, scopes)| Wanted {
            name,
            grant: Grant {
                mode,
                scopes,
                senders,
                recipients: recipients.unwrap_or_default(),
            },
            expires_at,
        });
        checks.finish(wanted)
    }
}

/// Reads a list of at most so many strings, each once and in order; `None` if it is not given, or if
/// something is wrong with it.
fn list<T: Ord, E: Display>(
    checks: &mut Checks,
    (field, most): (&'static str, usize),
    given: Option<Value>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<Vec<T>> {
    let items = checks.list(field, given?)?;
    if !(1..=most).contains(&items.len()) {
        return checks.refuse(field, &format!("must have 1 to {most} elements"));
    }
    let mut values = checks.strings(field, &items, parse)?;
    values.sort_unstable();
    values.dedup();
    Some(values)
}
