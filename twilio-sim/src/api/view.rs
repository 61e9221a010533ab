use serde::Serialize;

use crate::{Direction, Status, message::Snapshot, state::Sim};

/// A message resource, with Twilio's mixture of strings and numbers.
#[derive(Serialize)]
pub(crate) struct View {
    account_sid: String,
    api_version: &'static str,
    body: String,
    date_created: String,
    date_sent: Option<String>,
    date_updated: String,
    direction: Direction,
    error_code: Option<u32>,
    error_message: Option<&'static str>,
    from: Option<String>,
    messaging_service_sid: Option<String>,
    num_media: String,
    num_segments: String,
    price: Option<String>,
    price_unit: &'static str,
    sid: String,
    status: Status,
    subresource_uris: Subresources,
    to: String,
    uri: String,
}

#[derive(Serialize)]
struct Subresources {
    media: String,
}

impl View {
    pub(crate) fn of(sim: &Sim, snapshot: &Snapshot<'_>) -> Self {
        let message = snapshot.message;
        let shown = sim.shown();
        let uri = format!(
            "/2010-04-01/Accounts/{}/Messages/{}",
            sim.account_sid, message.sid
        );
        Self {
            account_sid: sim.account_sid.clone(),
            api_version: "2010-04-01",
            body: message.shown_body().to_owned(),
            date_created: shown.rfc2822(message.created_ms),
            date_sent: snapshot.date_sent_ms.map(|ms| shown.rfc2822(ms)),
            date_updated: shown.rfc2822(snapshot.step.at_ms),
            direction: message.direction,
            error_code: snapshot.step.code,
            error_message: snapshot.step.code.map(|_| "The message was not delivered"),
            from: snapshot.from().map(str::to_owned),
            messaging_service_sid: message.service.clone(),
            num_media: message.num_media.to_string(),
            num_segments: snapshot.segments().to_string(),
            price: None,
            price_unit: "USD",
            sid: message.sid.clone(),
            status: snapshot.step.status,
            subresource_uris: Subresources {
                media: format!("{uri}/Media.json"),
            },
            to: message.to.clone(),
            uri: format!("{uri}.json"),
        }
    }
}
