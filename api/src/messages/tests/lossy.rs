//! A ledger whose answers get lost on the way back.

use std::future::ready;
use std::sync::atomic::{AtomicU32, Ordering};

use mysms_core::ledger::Ledger;
use mysms_core::store::StoreError;
use mysms_core::store::relay::Moment;

use crate::testing::TestApi;

/// Loses the answers to its first inserts.
pub(super) fn lossy(ledger: &Ledger, losses: u32) -> Ledger {
    let losses = AtomicU32::new(losses);
    let lose = move |moment| {
        let more = |left: u32| left.checked_sub(1);
        let lost = moment == Moment::AfterInsert
            && losses
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, more)
                .is_ok();
        ready(if lost {
            Err(StoreError::unavailable("the ledger", "connection reset"))
        } else {
            Ok(())
        })
    };
    ledger.relayed(lose)
}

#[tokio::test]
async fn a_message_is_accepted_once_though_the_first_answers_were_lost() {
    let mut api = TestApi::start().await;
    let ledger = lossy(&api.stores.ledger, 2);
    api.replace(|parts| parts.stores.ledger = ledger);
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    let list = api.get("/messages", &john).await.json();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|m| &m["id"]).collect();
    assert_eq!(ids, [&serde_json::json!(id)]);
}
