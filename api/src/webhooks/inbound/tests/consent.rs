//! What is kept of what people say about our texts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use mysms_core::domain::{Address, Consent, ConsentEntry, ConsentSource, JournalPlace};
use mysms_core::store::{Consents, Result, StoreError};

use super::{ANNA, OTHER_SID, SID, form, send, tell};
use crate::testing::TestApi;
use runtime::config::SIMULATOR_AUTH_TOKEN;

/// A journal that can be away while everything else is there.
struct Away {
    store: Arc<dyn Consents>,
    is_away: Arc<AtomicBool>,
}

#[async_trait]
impl Consents for Away {
    async fn keep(&self, entries: &[ConsentEntry]) -> Result<()> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("the journal", "connection reset"));
        }
        self.store.keep(entries).await
    }

    async fn entries(
        &self,
        recipient: Option<&Address>,
        after: Option<&JournalPlace>,
        limit: usize,
    ) -> Result<Vec<ConsentEntry>> {
        self.store.entries(recipient, after, limit).await
    }
}

async fn entries(api: &TestApi) -> Vec<ConsentEntry> {
    let anna = Address::of_author(ANNA);
    let entries = api.stores.consents.entries(Some(&anna), None, 9).await;
    entries.unwrap()
}

#[tokio::test]
async fn a_stop_holds_though_its_evidence_was_not_kept_and_a_repeat_keeps_it_once() {
    let is_away = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&is_away);
    let api = TestApi::over_stores(
        |stores| {
            let store = Arc::clone(&stores.consents);
            stores.consents = Arc::new(Away { store, is_away });
        },
        |_| {},
    );
    let api = api.await;
    let john = api.user("john_doe").await;
    let answer = tell(&api, &form(SID, "STOP"), SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(answer.status, 503, "the provider tells it again");
    assert_eq!(send(&api, &john, "1").await.status, 409);
    assert_eq!(entries(&api).await, []);
    switch.store(false, Ordering::SeqCst);
    for _ in 0..2 {
        let answer = tell(&api, &form(SID, "STOP"), SIMULATOR_AUTH_TOKEN).await;
        assert_eq!(answer.status, 200);
        assert_eq!(entries(&api).await.len(), 1);
    }
    assert_eq!(send(&api, &john, "2").await.status, 409);
}

#[tokio::test]
async fn what_is_kept_tells_the_text_and_who_understood_it() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let mut baja = form(SID, "BAJA");
    baja.push(("OptOutType", "STOP"));
    tell(&api, &baja, SIMULATOR_AUTH_TOKEN).await;
    api.clock.advance(std::time::Duration::from_secs(1));
    let maybe = form(OTHER_SID, "please stop texting me");
    tell(&api, &maybe, SIMULATOR_AUTH_TOKEN).await;
    let kept = entries(&api).await;
    let told = kept.iter().map(|entry| {
        let evidence = &entry.evidence;
        (
            entry.consent,
            evidence.source,
            evidence.reference.as_deref(),
        )
    });
    let expected = [
        (Consent::Withdrawn, ConsentSource::Provider, Some(SID)),
        (Consent::Maybe, ConsentSource::Text, Some(OTHER_SID)),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!(send(&api, &john, "1").await.status, 409);
}
