//! What users say of a webhook, as it came and as it is meant.

use std::collections::BTreeSet;

use mysms_core::domain::{
    Description, Endpoint, EndpointUrl, EventType, EventTypes, InvalidEventTypes, Secret, Tags,
    UnknownEventType,
};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{Checks, Field};
use crate::messages::read_tags;
use crate::openapi::schema;
use crate::state::AppState;

const URL: &str = "url";

#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `url`")]
pub(super) struct NewWebhook {
    #[serde(default)]
    #[schema(required, value_type = schema::EndpointUrl)]
    url: Field,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200, example = "orders")]
    description: Field,
    /// All, if it is left out.
    #[serde(default)]
    #[schema(value_type = Option<Vec<schema::EventType>>, min_items = 1)]
    events: Option<Value>,
    /// It is told only of messages with all of these.
    #[serde(default)]
    #[schema(value_type = Option<schema::Tags>)]
    tags: Option<Box<RawValue>>,
    /// A new one, if it is left out.
    #[serde(default)]
    #[schema(value_type = Option<schema::WebhookSecret>)]
    secret: Field,
}

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with what is to change")]
pub(super) struct ChangedWebhook {
    #[serde(default)]
    #[schema(value_type = Option<schema::EndpointUrl>)]
    url: Field,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200, example = "orders")]
    description: Field,
    #[serde(default)]
    #[schema(value_type = Option<Vec<schema::EventType>>, min_items = 1)]
    events: Option<Value>,
    #[serde(default)]
    #[schema(value_type = Option<schema::Tags>)]
    tags: Option<Box<RawValue>>,
}

/// What a webhook is to be; what is missing was not said.
pub(super) struct Wanted {
    pub(super) url: Option<EndpointUrl>,
    pub(super) description: Option<Description>,
    pub(super) events: Option<EventTypes>,
    pub(super) tags: Option<Tags>,
}

impl NewWebhook {
    /// What it is to be, with its URL, and the secret if one was given.
    pub(super) async fn checked(
        self,
        state: &AppState,
    ) -> Result<(EndpointUrl, Wanted, Option<Secret>), ApiError> {
        let mut checks = Checks::default();
        let secret = checks.optional("secret", self.secret, |text| Secret::parse(&text));
        let url = checks.read(URL, self.url, EndpointUrl::parse);
        let wanted = wanted(&mut checks, None, self.description, self.events, self.tags);
        let url = allowed(&mut checks, state, url).await;
        checks.finish(url.map(|url| (url, wanted, secret)))
    }
}

impl ChangedWebhook {
    pub(super) async fn checked(self, state: &AppState) -> Result<Wanted, ApiError> {
        let mut checks = Checks::default();
        let url = checks.optional(URL, self.url, EndpointUrl::parse);
        let url = allowed(&mut checks, state, url).await;
        let wanted = wanted(&mut checks, url, self.description, self.events, self.tags);
        checks.finish(Some(wanted))
    }
}

impl Wanted {
    /// Whether the webhook is to be called elsewhere.
    pub(super) fn moves(&self, endpoint: &Endpoint) -> bool {
        self.url.as_ref().is_some_and(|url| *url != endpoint.url)
    }

    /// Makes the webhook what it is to be.
    pub(super) fn apply(&self, endpoint: &mut Endpoint) {
        if let Some(url) = &self.url {
            endpoint.url.clone_from(url);
        }
        if let Some(description) = &self.description {
            endpoint.description.clone_from(description);
        }
        if let Some(events) = &self.events {
            endpoint.events.clone_from(events);
        }
        if let Some(tags) = &self.tags {
            endpoint.tags.clone_from(tags);
        }
    }
}

fn wanted(
    checks: &mut Checks,
    url: Option<EndpointUrl>,
    description: Field,
    events: Option<Value>,
    tags: Option<Box<RawValue>>,
) -> Wanted {
    Wanted {
        url,
        description: checks.optional("description", description, Description::parse),
        events: events.and_then(|given| {
            event_types(given).map_or_else(|why| checks.refuse("events", &why), Some)
        }),
        tags: tags.and_then(|given| read_tags(checks, &given)),
    }
}

/// A URL that may be called, as far as can be said now.
async fn allowed(
    checks: &mut Checks,
    state: &AppState,
    url: Option<EndpointUrl>,
) -> Option<EndpointUrl> {
    let url = url?;
    match state.post.examine(&url).await {
        Ok(()) => Some(url),
        Err(why) => checks.refuse(URL, &why.to_string()),
    }
}

fn event_types(given: Value) -> Result<EventTypes, String> {
    let names: Vec<String> =
        serde_json::from_value(given).map_err(|_| "must be a list of types".to_owned())?;
    let kinds = names.iter().map(|name| name.parse());
    let kinds: Result<BTreeSet<EventType>, UnknownEventType> = kinds.collect();
    let kinds = kinds.map_err(|error| error.to_string())?;
    EventTypes::try_from(kinds).map_err(|error: InvalidEventTypes| error.to_string())
}
