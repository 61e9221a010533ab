//! What is done now and then.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use mysms_core::domain::SANDBOX_ACCOUNT;
use mysms_core::provider::{Checkup, Health, Item, Setup};

use crate::checkups;
use crate::maintenance::{check_list_access, maintain};
use crate::retention::Retention;
use crate::rig::{ANNA, Rig, taken};

#[tokio::test]
async fn what_expired_is_ended_though_nobody_may_send() {
    let rig = Rig::start().await;
    let ours = rig.accept("hello").await;
    let foreign = rig.accept_for("another account", ANNA, "hello").await;
    maintain(&rig.context).await.unwrap();
    assert_eq!(rig.status(ours).await, "queued");
    rig.wait(rig.context.config.validity);
    maintain(&rig.context).await.unwrap();
    for id in [ours, foreign] {
        assert_eq!(rig.message(id).await.error_code.as_deref(), Some("expired"));
    }
    assert_eq!(rig.context.metrics.expired.get(), 2);
}

#[tokio::test]
async fn a_doubt_past_its_time_gets_a_last_look_before_it_is_given_up() {
    let rig = Rig::start().await;
    let id = rig.doubt("hello").await;
    rig.provider.fall_silent();
    let over = rig.message(id).await.expires_at + rig.context.config.resolve_give_up;
    let last_look = over - Duration::from_mins(30);
    rig.wait(last_look.since(rig.context.clock.now()));
    rig.resolve().await;
    // It is over, but somebody may be about to look for it.
    rig.wait(Duration::from_mins(31));
    maintain(&rig.context).await.unwrap();
    let status = rig.status(id).await;
    rig.wait(Duration::from_hours(2));
    maintain(&rig.context).await.unwrap();
    let message = rig.message(id).await;
    assert_eq!((status, message.status.as_str()), ("sending", "failed"));
    assert_eq!(message.error_code.as_deref(), Some("outcome_unknown"));
    assert_eq!(rig.provider.sent(), [id]);
}

/// Finds whatever it is told to find.
struct Findings(Mutex<Vec<Health>>);

#[async_trait]
impl Checkup for Findings {
    async fn look(&self, setup: &Setup<'_>) -> Vec<Item> {
        assert_eq!(setup.senders.len(), 1);
        let found = self.0.lock().unwrap();
        let item = |health: &Health| Item::new("account", *health, health.as_str());
        found.iter().map(item).collect()
    }
}

#[tokio::test]
async fn what_is_broken_at_the_provider_is_told_until_it_is_mended() {
    let rig = Rig::start().await;
    let all = [
        Health::Good,
        Health::Unknown,
        Health::Unwise,
        Health::Broken,
    ];
    let findings = Findings(Mutex::new(all.to_vec()));
    checkups::look(&rig.context, &findings).await.unwrap();
    assert_eq!(rig.context.status.troubles(), ["account: broken"]);
    findings.0.lock().unwrap().pop();
    checkups::look(&rig.context, &findings).await.unwrap();
    assert!(rig.context.status.troubles().is_empty());
}

#[tokio::test]
async fn operators_are_told_of_other_accounts_and_of_a_list_that_may_not_be_read() {
    let rig = Rig::start().await;
    rig.accept_for("another account", ANNA, "hello").await;
    // This process has a worker for it.
    rig.accept_for(SANDBOX_ACCOUNT, ANNA, "hello").await;
    maintain(&rig.context).await.unwrap();
    check_list_access(&rig.context).await;
    let troubles = rig.context.status.troubles().join("\n");
    assert!(troubles.contains("1 other provider account"), "{troubles}");
    assert!(!troubles.contains("list"), "{troubles}");
    rig.provider.forbid();
    check_list_access(&rig.context).await;
    let troubles = rig.context.status.troubles().join("\n");
    assert!(troubles.contains("list cannot be read"), "{troubles}");
}

#[tokio::test]
async fn a_tombstone_is_purged_once_nobody_can_ask_for_it() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    let owner = rig.message(id).await.owner;
    let now = rig.context.clock.now();
    assert!(
        rig.stores
            .ledger
            .delete(owner, id, now)
            .await
            .unwrap()
            .any()
    );
    rig.wait(Duration::from_hours(6 * 24));
    maintain(&rig.context).await.unwrap();
    assert_eq!(rig.stores.ledger.read(&[id]).await.unwrap().len(), 1);
    rig.wait(Duration::from_hours(2 * 24));
    maintain(&rig.context).await.unwrap();
    assert_eq!(rig.stores.ledger.read(&[id]).await.unwrap().len(), 0);
}

#[tokio::test]
async fn what_has_rested_for_long_is_erased_if_that_is_wanted() {
    for (settings, erased) in [(&[][..], false), (&[("RETENTION_DAYS", "30")][..], true)] {
        let rig = Rig::with(settings).await;
        let old = rig.accept("old").await;
        rig.provider.answers([taken(1)]);
        rig.wait_for_the_sweeper();
        rig.sweep().await;
        let fact = rig
            .context
            .fact_about(old, &crate::rig::remote(1, "delivered"));
        rig.context.record_fact(&fact).await;
        rig.wait(Duration::from_hours(31 * 24));
        let fresh = rig.accept("fresh").await;
        let mut retention = Retention::default();
        retention.erase(&rig.context).await.unwrap();
        let is_erased = rig.message(old).await.deleted_at.is_some();
        assert_eq!(is_erased, erased, "{settings:?}");
        assert_eq!(rig.context.metrics.erased.get(), u64::from(erased));
        assert!(rig.message(fresh).await.deleted_at.is_none());
    }
}
