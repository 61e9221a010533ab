mod batch;
mod batch_preview;
mod choosing;
mod countries;
mod deleting;
mod dry_run;
mod export;
mod files;
mod filters;
mod idempotency;
mod labels;
mod listing;
mod lossy;
mod media;
mod pacing;
mod quiet;
mod scheduling;
mod searching;
mod sending;
mod single;
mod smart;
mod tags;

use mysms_core::domain::{LeaseToken, Message, MessageId};

use crate::testing::{START, TestApi, new_claim};

async fn stored(api: &TestApi, id: MessageId) -> Message {
    api.stores.ledger.read(&[id]).await.unwrap().remove(0)
}

/// Lets a worker claim a message.
async fn claim(api: &TestApi, id: MessageId) -> LeaseToken {
    let claim = new_claim(START);
    let claimed = api
        .stores
        .ledger
        .claim(&[id], api.worker(), claim)
        .await
        .unwrap();
    assert_eq!(claimed.len(), 1);
    claim.token
}
