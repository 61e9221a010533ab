//! Webhooks as their users see them.

use mysms_core::domain::{
    DisabledBy, Endpoint, EndpointId, EndpointState, EventType, Progress, Secret, Tags, Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::schema;

/// A webhook, and how far it was told.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct EndpointView {
    #[schema(value_type = schema::EndpointId)]
    id: EndpointId,
    #[schema(value_type = schema::EndpointUrl)]
    url: String,
    #[schema(example = "orders", max_length = 200)]
    description: String,
    /// What it is told of.
    #[schema(value_type = Vec<schema::EventType>)]
    events: Vec<EventType>,
    /// It is told only of messages with all of these.
    #[schema(value_type = schema::Tags)]
    tags: Tags,
    #[schema(value_type = schema::Timestamp)]
    created_at: Timestamp,
    #[schema(value_type = schema::EndpointState)]
    state: State,
    #[schema(value_type = Option<schema::Timestamp>, required)]
    disabled_at: Option<Timestamp>,
    #[schema(value_type = Option<schema::DisabledBy>, required)]
    disabled_by: Option<DisabledBy>,
    /// Until when the former secret signs too, after a rotation.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    former_secret_until: Option<Timestamp>,
    /// It was told of what changed before.
    #[schema(value_type = schema::Timestamp)]
    told_up_to: Timestamp,
    /// When it took something last.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    taken_at: Option<Timestamp>,
    /// Since when it has taken nothing, though it was tried.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    failing_since: Option<Timestamp>,
    /// When it is tried again, if something waits for that.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    next_attempt_at: Option<Timestamp>,
    /// Messages of which it has not taken the latest event, and which are tried again.
    #[schema(minimum = 0, example = 0)]
    pending: usize,
    /// Messages that are not tried again by themselves.
    #[schema(minimum = 0, example = 0)]
    set_aside: usize,
}

/// A webhook with a secret that is not shown again.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(super) struct RevealedView {
    #[serde(flatten)]
    webhook: EndpointView,
    #[schema(value_type = schema::WebhookSecret)]
    secret: String,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Active,
    Failing,
    Disabled,
}

impl EndpointView {
    /// Without a progress nothing was told yet.
    pub(super) fn new(endpoint: &Endpoint, progress: Option<&Progress>, now: Timestamp) -> Self {
        let (disabled_at, disabled_by) = match endpoint.state {
            EndpointState::Active => (None, None),
            EndpointState::Disabled { at, by } => (Some(at), Some(by)),
        };
        let failing = progress.and_then(|progress| progress.failing);
        Self {
            id: endpoint.id,
            url: endpoint.url.as_str().to_owned(),
            description: endpoint.description.as_str().to_owned(),
            events: endpoint.events.iter().collect(),
            tags: endpoint.tags.clone(),
            created_at: endpoint.created_at,
            state: match (disabled_at, failing) {
                (Some(_), _) => State::Disabled,
                (None, Some(_)) => State::Failing,
                (None, None) => State::Active,
            },
            disabled_at,
            disabled_by,
            former_secret_until: endpoint.secrets.rotated_until(now),
            told_up_to: progress.map_or(endpoint.created_at, |progress| progress.place.at),
            taken_at: progress.and_then(|progress| progress.taken_at),
            failing_since: failing.map(|failing| failing.since),
            next_attempt_at: progress
                .filter(|_| disabled_at.is_none())
                .and_then(Progress::next_try)
                .map(|next| next.max(now)),
            pending: progress.map_or(0, |progress| progress.pending.len()),
            set_aside: progress.map_or(0, |progress| progress.aside.len()),
        }
    }

    pub(super) fn with_secret(self, secret: &Secret) -> RevealedView {
        RevealedView {
            webhook: self,
            secret: secret.reveal(),
        }
    }
}
