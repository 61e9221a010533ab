//! The account as its owner looks at it and sets it up: Twilio's other resources, beside messages.

use std::sync::Arc;

use axum::{
    Form, Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{SenderKind, SettingsChange, auth::Caller, error::Refused, state::Sim};

mod page;
mod setup;

use page::Wanted;

pub use setup::{ServiceSetup, Setup, Shelf};

/// Of `api.twilio.com`, beneath the account.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is no part of the API"
)]
pub(crate) fn in_account() -> Router<Arc<Sim>> {
    Router::new()
        .route("/IncomingPhoneNumbers.json", get(numbers))
        .route("/IncomingPhoneNumbers/{sid}", post(change_number))
        .route("/SMS/ShortCodes.json", get(short_codes))
        .route("/SMS/ShortCodes/{sid}", post(change_number))
}

/// Of `messaging.twilio.com` and `accounts.twilio.com`, which have hosts of their own at Twilio.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is no part of the API"
)]
pub(crate) fn elsewhere() -> Router<Arc<Sim>> {
    Router::new()
        .route("/v1/Services", get(services))
        .route("/v1/Services/{sid}", post(change_service))
        .route("/v1/Services/{sid}/PhoneNumbers", get(numbers_of_service))
        .route("/v1/Services/{sid}/ShortCodes", get(codes_of_service))
        .route("/v1/Services/{sid}/AlphaSenders", get(names_of_service))
        .route("/v1/Services/{sid}/Compliance/Usa2p", get(campaigns))
        .route("/v1/Tollfree/Verifications", get(verifications))
        .route("/v1/Messaging/GeoPermissions", get(countries))
}

/// The simulator's own path, where its setup is shown and replaced.
pub(crate) async fn show(State(sim): State<Arc<Sim>>) -> Response {
    Json(&sim.live().setup).into_response()
}

pub(crate) async fn replace(State(sim): State<Arc<Sim>>, Json(setup): Json<Setup>) -> Response {
    match setup.check() {
        Ok(()) => Json(&sim.set_up(|known| *known = setup).setup).into_response(),
        Err(problem) => (StatusCode::BAD_REQUEST, problem).into_response(),
    }
}

/// The account itself.
pub(crate) async fn account(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    Path(file): Path<String>,
) -> Result<Response, Refused> {
    if file.strip_suffix(".json") != Some(&sim.account_sid) {
        return Err(Refused::new(20404));
    }
    let setup = readable(&sim, Shelf::Account)?;
    let shown = json!({"sid": sim.account_sid, "status": setup.status, "type": setup.kind});
    Ok(Json(shown).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    phone_number: Option<String>,
    short_code: Option<String>,
}

async fn numbers(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    page: Wanted,
    Query(asked): Query<Asked>,
) -> Result<Response, Refused> {
    let shown = listed(&sim, SenderKind::Number, asked.phone_number.as_deref())?;
    Ok(Json(page.of_account("incoming_phone_numbers", shown)).into_response())
}

async fn short_codes(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    page: Wanted,
    Query(asked): Query<Asked>,
) -> Result<Response, Refused> {
    let shown = listed(&sim, SenderKind::ShortCode, asked.short_code.as_deref())?;
    Ok(Json(page.of_account("short_codes", shown)).into_response())
}

/// Like Twilio it shows all that have what is asked for somewhere in them.
fn listed(sim: &Sim, kind: SenderKind, only: Option<&str>) -> Result<Vec<Value>, Refused> {
    let setup = readable(sim, Shelf::Numbers)?;
    let url = sim.live().settings.inbound_url.clone().unwrap_or_default();
    let senders = sim.senders.recipients().into_iter();
    let of_kind = senders.filter(|address| SenderKind::of(address) == Some(kind));
    let asked_for = of_kind.filter(|address| only.is_none_or(|only| address.contains(only)));
    let shown = asked_for.map(|address| {
        json!({
            "sid": sid(if kind == SenderKind::Number { "PN" } else { "SC" }, &address),
            (if kind == SenderKind::Number { "phone_number" } else { "short_code" }): address,
            "capabilities": {"sms": true, "mms": true, "voice": true, "fax": false},
            "sms_url": url,
            "sms_method": setup.sms_method,
            "sms_application_sid": "",
        })
    });
    Ok(shown.collect())
}

/// `prefix` and the address in hexadecimal digits.
fn sid(prefix: &str, address: &str) -> String {
    use std::fmt::Write as _;
    let digits = address.bytes().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    format!("{prefix}{digits:0>32.32}")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NumberChange {
    sms_url: Option<String>,
    sms_method: Option<String>,
}

/// All numbers have one address here, whichever of them it is set for.
async fn change_number(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    Form(change): Form<NumberChange>,
) -> Result<Response, Refused> {
    readable(&sim, Shelf::Numbers)?;
    let settings = SettingsChange {
        inbound_url: change.sms_url,
        ..SettingsChange::default()
    };
    settings.check().map_err(|_| Refused::new(21502))?;
    sim.change(settings);
    if let Some(method) = change.sms_method {
        sim.set_up(|setup| setup.sms_method = method);
    }
    Ok(Json(json!({})).into_response())
}

async fn services(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    page: Wanted,
) -> Result<Response, Refused> {
    let setup = readable(&sim, Shelf::Services)?;
    let senders = sim.senders.states(0).into_iter();
    let services = senders.filter(|sender| sender.kind == SenderKind::Service);
    let shown: Vec<_> = services
        .map(|service| {
            json!({
                "sid": service.address,
                "inbound_request_url": setup.service.inbound_url,
                "inbound_method": "POST",
                "use_inbound_webhook_on_number": setup.service.use_inbound_webhook_on_number,
                "smart_encoding": setup.service.smart_encoding,
            })
        })
        .collect();
    Ok(Json(page.elsewhere("services", shown)).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceChange {
    inbound_request_url: Option<String>,
    smart_encoding: Option<bool>,
}

async fn change_service(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    Form(change): Form<ServiceChange>,
) -> Result<Response, Refused> {
    let mut setup = readable(&sim, Shelf::Services)?;
    if let Some(url) = change.inbound_request_url {
        setup.service.inbound_url = Some(url).filter(|url| !url.is_empty());
    }
    if let Some(smart_encoding) = change.smart_encoding {
        setup.service.smart_encoding = smart_encoding;
    }
    setup.check().map_err(|_| Refused::new(21502))?;
    sim.set_up(|known| *known = setup);
    Ok(Json(json!({})).into_response())
}

async fn numbers_of_service(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    Path(service): Path<String>,
    page: Wanted,
) -> Result<Response, Refused> {
    let shown = sending_for(&sim, &service, SenderKind::Number)?;
    let shown = shown.map(|number| json!({"sid": sid("PN", &number), "phone_number": number}));
    Ok(Json(page.elsewhere("phone_numbers", shown.collect())).into_response())
}

async fn codes_of_service(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    Path(service): Path<String>,
    page: Wanted,
) -> Result<Response, Refused> {
    let shown = sending_for(&sim, &service, SenderKind::ShortCode)?;
    let shown = shown.map(|code| json!({"sid": sid("SC", &code), "short_code": code}));
    Ok(Json(page.elsewhere("short_codes", shown.collect())).into_response())
}

/// No service has any here.
async fn names_of_service(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    page: Wanted,
) -> Result<Response, Refused> {
    readable(&sim, Shelf::Services)?;
    Ok(Json(page.elsewhere("alpha_senders", Vec::new())).into_response())
}

/// What of this kind a service has, the one that sends for it first.
fn sending_for(
    sim: &Sim,
    service: &str,
    kind: SenderKind,
) -> Result<impl Iterator<Item = String> + use<>, Refused> {
    let setup = readable(sim, Shelf::Services)?;
    let sends = sim.senders.number_of(service);
    let mut others = setup.service.numbers;
    others.retain(|number| Some(number) != sends.as_ref());
    let all = sends.into_iter().chain(others);
    Ok(all.filter(move |address| SenderKind::of(address) == Some(kind)))
}

async fn campaigns(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    page: Wanted,
) -> Result<Response, Refused> {
    let setup = readable(&sim, Shelf::Campaigns)?.service;
    let shown: Vec<_> = setup
        .campaign
        .map(|status| {
            let carrier = json!({"mps": setup.campaign_mps});
            json!({"campaign_status": status, "rate_limits": {"att": carrier}})
        })
        .into_iter()
        .collect();
    Ok(Json(page.elsewhere("compliance", shown)).into_response())
}

async fn verifications(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    page: Wanted,
) -> Result<Response, Refused> {
    let status = readable(&sim, Shelf::Verifications)?.verification;
    let shown: Vec<_> = status
        .map(|status| json!({"status": status}))
        .into_iter()
        .collect();
    Ok(Json(page.elsewhere("verifications", shown)).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Countries {
    country_code: String,
}

async fn countries(
    _: Caller,
    State(sim): State<Arc<Sim>>,
    Query(asked): Query<Countries>,
) -> Result<Response, Refused> {
    let enabled = readable(&sim, Shelf::Countries)?.countries;
    let is_enabled = |code: &str| {
        enabled
            .as_ref()
            .is_none_or(|enabled| enabled.contains(code))
    };
    let shown: Vec<_> = asked
        .country_code
        .split(',')
        .map(|code| {
            json!({
                "country_code": code,
                "type": "country",
                "enabled": is_enabled(code),
                "error_code": 0,
                "error_messages": [],
            })
        })
        .collect();
    Ok(Json(json!({"permissions": shown})).into_response())
}

/// The setup, if the credentials may look at this part of the account.
fn readable(sim: &Sim, shelf: Shelf) -> Result<Setup, Refused> {
    let setup = sim.live().setup.clone();
    if setup.refused.contains(&shelf) {
        return Err(Refused::new(70051));
    }
    Ok(setup)
}
