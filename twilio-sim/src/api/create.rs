use std::sync::Arc;

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{ConnectInfo, State},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse as _, Response},
};

use super::{View, form::Create};
use crate::{
    Direction, Kind,
    auth::Caller,
    clock::now_ms,
    error::Refused,
    faults::Stage,
    media::Medium,
    message::{Arrival, Message},
    plan::{Callbacks, Plan},
    reporting::send_early,
    senders::Passage,
    state::{Live, Sim},
    stats::count,
    wire::Connection,
};

/// What a create request comes to.
enum Answer {
    Respond(Response),
    Reset,
    Hang,
}

/// `POST /Messages.json`. As with the real one, a client that gives up does not stop a request that
/// has arrived.
pub(super) async fn create(
    State(sim): State<Arc<Sim>>,
    _: Caller,
    ConnectInfo(connection): ConnectInfo<Connection>,
    form: Bytes,
) -> Response {
    let arrived_ms = now_ms();
    let under_way = sim.stats.begin_create();
    let task = {
        let sim = Arc::clone(&sim);
        let concurrent = under_way.concurrent;
        async move { answer(&sim, &form, concurrent, arrived_ms).await }
    };
    match sim.spawn(task).await {
        Ok(Some(Answer::Respond(mut response))) => {
            let concurrent = HeaderValue::from(under_way.concurrent);
            response
                .headers_mut()
                .insert("twilio-concurrent-requests", concurrent);
            return response;
        }
        Ok(Some(Answer::Hang)) => sim.stopping.cancelled().await,
        Ok(Some(Answer::Reset) | None) | Err(_) => {}
    }
    connection.reset();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

async fn answer(sim: &Sim, form: &[u8], concurrent: u64, arrived_ms: i64) -> Answer {
    let live = sim.live();
    let limit = live.settings.concurrency_limit;
    if limit > 0 && concurrent > limit.into() {
        return refuse(Refused::new(20429));
    }
    let create = match Create::parse(form, sim, &live) {
        Ok(create) => create,
        Err(refused) => return refuse(refused),
    };
    if let Some(code) = sim
        .senders
        .refusal(create.sender(), create.load(arrived_ms))
    {
        return refuse(Refused::new(code).about(create.sender()));
    }
    let faults = sim.faults.draw(Stage::Create, Some(&create.to));
    for fault in &faults {
        if let Kind::DelayAccept { ms } = fault {
            sim.pause(*ms).await;
        }
    }
    if let Some(answer) = faults.iter().find_map(refusal) {
        return answer;
    }
    let view = match accept(sim, &live, create, arrived_ms).await {
        Ok(Ok(view)) => view,
        Ok(Err(refused)) => return refuse(refused),
        Err(error) => {
            tracing::error!(%error, "the ledger cannot be written");
            return refuse(Refused::new(20500));
        }
    };
    for fault in &faults {
        if let Kind::DelayAnswer { ms } = fault {
            sim.pause(*ms).await;
        }
    }
    let spoiled = faults.iter().find_map(|fault| spoil(*fault, &view));
    spoiled.unwrap_or_else(|| Answer::Respond((StatusCode::CREATED, Json(view)).into_response()))
}

/// Faults that keep the message from being accepted.
fn refusal(fault: &Kind) -> Option<Answer> {
    Some(match *fault {
        Kind::Throttle {
            retry_after_seconds,
        } => {
            let mut response = Refused::new(20429).into_response();
            if let Some(seconds) = retry_after_seconds {
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            Answer::Respond(response)
        }
        Kind::ErrorBefore { status } => refuse(Refused::with_status(status)),
        Kind::Reject { code, status } => refuse(Refused::new(code).status(status)),
        Kind::ResetBefore => Answer::Reset,
        Kind::HangBefore => Answer::Hang,
        _ => return None,
    })
}

/// Faults that hide from the caller that the message was accepted.
fn spoil(fault: Kind, view: &View) -> Option<Answer> {
    Some(match fault {
        Kind::ErrorAfter { status } => refuse(Refused::with_status(status)),
        Kind::ResetAfter => Answer::Reset,
        Kind::HangAfter => Answer::Hang,
        Kind::Unreadable => {
            let whole = serde_json::to_vec(view).unwrap_or_default();
            let half = Body::from(whole[..whole.len() / 2].to_vec());
            let json = [(CONTENT_TYPE, "application/json")];
            Answer::Respond((StatusCode::CREATED, json, half).into_response())
        }
        _ => return None,
    })
}

async fn accept(
    sim: &Sim,
    live: &Live,
    create: Create,
    arrived_ms: i64,
) -> std::io::Result<Result<View, Refused>> {
    let load = create.load(now_ms());
    let passage = sim.senders.pass(create.sender(), load);
    let leaves_ms = match passage {
        Passage::Refused(code) => return Ok(Err(Refused::new(code).about(create.sender()))),
        Passage::Leaves(leaves_ms) => Some(leaves_ms),
        Passage::Expires | Passage::Fails(_) => None,
    };
    let faults = sim.faults.draw(Stage::Accept, Some(&create.to));
    let plan = Plan {
        now_ms: load.now_ms,
        passage,
        step_ms: live.settings.step_ms,
        validity_seconds: create.validity_seconds,
        service: create.service.is_some(),
        faults: &faults,
    };
    let steps = plan.steps();
    let wanted = create.status_callback.is_some();
    let callbacks = if wanted {
        plan.callbacks(&steps)
    } else {
        Callbacks::default()
    };
    let message = Message {
        sid: Message::new_sid(),
        to: create.to,
        from: create.from,
        service: create.service,
        body: create.body,
        num_media: create.media.len(),
        media: create.media.into_iter().map(Medium::named).collect(),
        status_callback: create.status_callback,
        direction: Direction::OutboundApi,
        order: None,
        foreign: false,
        erased: None,
        arrival: Some(Arrival {
            at_ms: arrived_ms,
            segments: load.segments,
            leaves_ms,
        }),
        created_ms: plan.now_ms,
        listed_ms: plan.listed_ms(),
        steps,
        callbacks: callbacks.list,
    };
    let view = View::of(sim, &message.as_created());
    let message = sim.ledger.accept(message)?;
    count(&sim.stats.accepted);
    send_early(sim, message, callbacks.early).await;
    Ok(Ok(view))
}

fn refuse(refused: Refused) -> Answer {
    Answer::Respond(refused.into_response())
}
