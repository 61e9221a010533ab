//! Keys as their users see them.

use mysms_core::domain::{ApiKey, Grant, Mode, PhoneNumber, Scope, SenderAddress, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::schema;

/// A key of the caller's. Its secret is shown nowhere.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(super) struct KeyView {
    #[schema(value_type = schema::KeyId)]
    id: String,
    #[schema(value_type = schema::KeyName)]
    name: String,
    #[serde(flatten)]
    grant: GrantView,
    #[schema(value_type = schema::Timestamp)]
    created_at: Timestamp,
    /// From when on it is refused; null if it does not expire.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    expires_at: Option<Timestamp>,
    /// It has not expired.
    active: bool,
    /// When it was used last, to the minute; null if it was not.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    last_used: Option<Timestamp>,
}

/// What a key is good for.
#[derive(Serialize, ToSchema)]
#[schema(as = Grant)]
pub(crate) struct GrantView {
    #[schema(value_type = schema::KeyMode)]
    mode: Mode,
    #[schema(value_type = Vec<schema::Scope>)]
    scopes: Vec<Scope>,
    /// From where its texts may leave; null if from wherever the user's may.
    #[schema(value_type = Option<Vec<schema::SenderAddress>>, required)]
    senders: Option<Vec<SenderAddress>>,
    /// The numbers that a key of mode `team` sends to; otherwise none.
    #[schema(value_type = Vec<schema::Recipient>)]
    recipients: Vec<PhoneNumber>,
}

impl KeyView {
    pub(super) fn new(key: &ApiKey, now: Timestamp) -> Self {
        Self {
            active: !key.has_expired(now),
            id: key.id.to_string(),
            name: key.name.as_str().to_owned(),
            grant: GrantView::from(&key.grant),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used: key.last_used,
        }
    }
}

impl From<&Grant> for GrantView {
    fn from(grant: &Grant) -> Self {
        Self {
            mode: grant.mode,
            scopes: grant.scopes.clone(),
            senders: grant.senders.clone(),
            recipients: grant.recipients.clone(),
        }
    }
}
