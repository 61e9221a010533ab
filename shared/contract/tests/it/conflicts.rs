//! What happens while others change the same message.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mysms_core::domain::{
    Body, Claim, Claimant, Fact, FactEffect, LeaseToken, Message, MessageId, NewMessage,
    PhoneNumber, ProviderId, ProviderStatus, Settlement, Status, Timestamp, UserId,
};
use mysms_core::ledger::{Adoption, Cancel, FactOutcome, Ledger};
use mysms_core::store::relay::Moment;
use mysms_core::store::{Result, StoreError};
use sqlite::Sqlite;
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const BY: Claimant<'static> = Claimant {
    account: "AC1",
    sender: "+15005550006",
};

struct Scene {
    ledger: Ledger,
    owner: UserId,
    _directory: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&directory.path().join("ledger.db")).await;
        Self {
            ledger: Ledger::new(Arc::new(store.unwrap())),
            owner: UserId::generate(NOW),
            _directory: directory,
        }
    }

    async fn queued(&self) -> MessageId {
        let id = MessageId::generate(NOW);
        let new = NewMessage {
            id,
            owner: self.owner,
            account: BY.account.to_owned(),
            sender: None,
            recipient: PhoneNumber::parse("+14155550123").unwrap(),
            body: Body::parse("hello".to_owned()).unwrap(),
            sent_at: NOW,
            send_at: None,
            wake_at: NOW,
            expires_at: NOW + Duration::from_hours(4),
            idempotency: None,
            retry_of: None,
        };
        self.ledger.insert(new).await.unwrap();
        id
    }

    async fn message(&self, id: MessageId) -> Message {
        self.ledger.read(&[id]).await.unwrap().pop().unwrap()
    }

    /// The ledger, where `other` comes between the first reading of a message and its change.
    fn with<F>(&self, other: impl Fn(Ledger) -> F + Send + Sync + 'static) -> Ledger
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let ledger = self.ledger.clone();
        let times = AtomicU32::new(0);
        self.ledger.relayed(move |moment| {
            let first = moment == Moment::BeforeSwap && times.fetch_add(1, Ordering::SeqCst) == 0;
            let other = first.then(|| other(ledger.clone()));
            async move {
                if let Some(other) = other {
                    other.await;
                }
                Ok(())
            }
        })
    }
}

fn claim() -> Claim {
    Claim {
        token: LeaseToken::generate(),
        now: NOW,
        until: NOW + Duration::from_mins(1),
    }
}

fn fact(id: MessageId, number: u8) -> Fact {
    Fact {
        message: Some(id),
        sid: sid(number),
        account: BY.account.to_owned(),
        status: ProviderStatus::ACCEPTED,
        code: None,
        detail: None,
        at: NOW,
        poll_at: None,
    }
}

fn sid(number: u8) -> ProviderId {
    ProviderId::try_from(format!("SM{number:032x}")).unwrap()
}

#[tokio::test]
async fn a_claim_that_a_deletion_overtakes_is_not_won() {
    let scene = Scene::new().await;
    let (id, owner) = (scene.queued().await, scene.owner);
    let ledger = scene.with(move |other| async move {
        assert!(other.delete(owner, id, NOW).await.unwrap());
    });
    assert_eq!(ledger.claim(&[id], BY, claim()).await.unwrap(), []);
    assert_eq!(scene.message(id).await.status, Status::Canceled);
}

#[tokio::test]
async fn of_two_claims_at_the_same_version_one_wins() {
    let scene = Scene::new().await;
    let ids = [scene.queued().await, scene.queued().await];
    let ledger = scene.with(move |other| async move {
        let won = other.claim(&ids[..1], BY, claim()).await.unwrap();
        assert_eq!(won.len(), 1);
    });
    let won = ledger.claim(&ids, BY, claim()).await.unwrap();
    let won: Vec<_> = won.iter().map(|message| message.id).collect();
    assert_eq!(won, ids[1..]);
}

#[tokio::test]
async fn a_claim_is_won_although_something_else_changed_first() {
    let scene = Scene::new().await;
    let id = scene.queued().await;
    let ledger = scene.with(move |other| async move {
        let pushed = other.push_alarm(id, Status::Queued, NOW, NOW).await;
        assert!(pushed.unwrap());
    });
    assert_eq!(ledger.claim(&[id], BY, claim()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_cancellation_that_a_claim_overtakes_is_too_late() {
    let scene = Scene::new().await;
    let (id, owner) = (scene.queued().await, scene.owner);
    let ledger = scene.with(move |other| async move {
        other.claim(&[id], BY, claim()).await.unwrap();
    });
    let canceled = ledger.cancel(owner, id, NOW).await.unwrap();
    assert_eq!(canceled, Cancel::TooLate);
    assert_eq!(scene.message(id).await.status, Status::Sending);
}

#[tokio::test]
async fn a_settlement_that_a_callback_overtakes_changes_nothing() {
    let scene = Scene::new().await;
    let id = scene.queued().await;
    let claim = claim();
    scene.ledger.claim(&[id], BY, claim).await.unwrap();
    let ledger = scene.with(move |other| async move {
        other.apply_fact(&fact(id, 1)).await.unwrap();
    });
    let unknown = Settlement::Rejected {
        code: "21211".to_owned(),
        detail: None,
    };
    assert!(!ledger.settle(id, claim.token, unknown, NOW).await.unwrap());
    assert_eq!(scene.message(id).await.status, Status::Accepted);
}

#[tokio::test]
async fn facts_of_one_batch_survive_a_change_in_between() {
    let scene = Scene::new().await;
    let (id, owner) = (scene.queued().await, scene.owner);
    scene.ledger.claim(&[id], BY, claim()).await.unwrap();
    let ledger = scene.with(move |other| async move {
        assert!(other.delete(owner, id, NOW).await.unwrap());
    });
    let outcome = ledger.apply_fact(&fact(id, 1)).await.unwrap();
    let effect = FactEffect::Raised;
    assert_eq!(outcome, FactOutcome::Applied { id, owner, effect });
    let message = scene.message(id).await;
    assert_eq!((message.status, message.visible), (Status::Accepted, false));
    assert_eq!(message.body, None, "nothing needs it any more");
}

#[tokio::test]
async fn a_fact_goes_to_whoever_got_its_sid_in_between() {
    let scene = Scene::new().await;
    let (id, twin) = (scene.queued().await, scene.queued().await);
    let ids = [id, twin];
    scene.ledger.claim(&ids, BY, claim()).await.unwrap();
    let ledger = scene.with(move |other| async move {
        other.apply_fact(&fact(twin, 1)).await.unwrap();
    });
    let delivered = Fact {
        status: ProviderStatus::DELIVERED,
        ..fact(id, 1)
    };
    let outcome = ledger.apply_fact(&delivered).await.unwrap();
    assert!(matches!(outcome, FactOutcome::Applied { id, .. } if id == twin));
    assert_eq!(scene.message(id).await.status, Status::Sending);
    assert_eq!(scene.message(twin).await.status, Status::Delivered);
}

#[tokio::test]
async fn a_sid_that_another_message_got_in_between_is_not_adopted() {
    let scene = Scene::new().await;
    let (id, twin) = (scene.queued().await, scene.queued().await);
    let claim = claim();
    scene.ledger.claim(&[id, twin], BY, claim).await.unwrap();
    let ledger = scene.with(move |other| async move {
        other.apply_fact(&fact(twin, 1)).await.unwrap();
    });
    let adopted = ledger.adopt(id, claim.token, &fact(id, 1)).await.unwrap();
    assert_eq!(adopted, Adoption::SidTaken);
    assert_eq!(scene.message(id).await.provider, None);
}

#[tokio::test]
async fn a_claim_whose_answer_is_lost_is_won_by_its_repeat() {
    let scene = Scene::new().await;
    let id = scene.queued().await;
    let ledger = scene.ledger.relayed(|moment| ready(lost(moment)));
    let claim = claim();
    assert!(ledger.claim(&[id], BY, claim).await.is_err());
    let won = scene.ledger.claim(&[id], BY, claim).await.unwrap();
    assert_eq!((won.len(), won[0].attempts), (1, 1));
}

fn lost(moment: Moment) -> Result<()> {
    match moment {
        Moment::AfterSwap => Err(StoreError::unavailable("the ledger", "connection reset")),
        _ => Ok(()),
    }
}

/// The version moves on with every try, as if others changed the message all the time.
#[tokio::test]
async fn what_never_stops_changing_is_an_error_or_left_to_others() {
    let scene = Scene::new().await;
    let (id, owner) = (scene.queued().await, scene.owner);
    let other = scene.ledger.clone();
    let push = move |moment| {
        let other = other.clone();
        async move {
            if moment == Moment::BeforeSwap {
                let alarm = other.read(&[id]).await?.pop().and_then(|m| m.wake_at);
                let alarm = alarm.unwrap();
                let later = alarm + Duration::from_secs(1);
                other.push_alarm(id, Status::Queued, alarm, later).await?;
            }
            Ok(())
        }
    };
    let ledger = scene.ledger.relayed(push);
    assert!(ledger.delete(owner, id, NOW).await.is_err());
    assert_eq!(ledger.claim(&[id], BY, claim()).await.unwrap(), []);
    assert_eq!(scene.message(id).await.status, Status::Queued);
}

#[tokio::test]
async fn a_stop_ends_all_texts_though_a_worker_claims_one_of_them_meanwhile() {
    let scene = Scene::new().await;
    let ids = [
        scene.queued().await,
        scene.queued().await,
        scene.queued().await,
    ];
    let recipient = scene.message(ids[0]).await.recipient.unwrap();
    let senders = [BY.sender.to_owned()];
    let ledger = scene.with(move |other| async move {
        other.claim(&ids[..1], BY, claim()).await.unwrap();
    });
    let refused = ledger.refuse_queued(&recipient, &senders, NOW, 2).await;
    let refused = refused.unwrap();
    assert_eq!((refused.owners.len(), refused.more), (1, true));
}

/// The batch is told that one of its messages has changed, although all were written.
#[tokio::test]
async fn what_a_fact_did_is_told_once_though_its_answer_is_lost() {
    let scene = Scene::new().await;
    let (id, owner) = (scene.queued().await, scene.owner);
    scene.ledger.claim(&[id], BY, claim()).await.unwrap();
    let ledger = scene.with(move |other| async move {
        other.apply_fact(&fact(id, 1)).await.unwrap();
    });
    let outcome = ledger.apply_fact(&fact(id, 1)).await.unwrap();
    let effect = FactEffect::Raised;
    assert_eq!(outcome, FactOutcome::Applied { id, owner, effect });
    let again = scene.ledger.apply_fact(&fact(id, 1)).await.unwrap();
    let effect = FactEffect::Unchanged;
    assert_eq!(again, FactOutcome::Applied { id, owner, effect });
}

#[tokio::test]
async fn who_has_won_some_keeps_them_though_the_rest_fails() {
    let scene = Scene::new().await;
    let ids = [scene.queued().await, scene.queued().await];
    let other = scene.ledger.clone();
    let swaps = Arc::new(AtomicU32::new(0));
    let ledger = scene.ledger.relayed(move |moment| {
        let nth = match moment {
            Moment::BeforeSwap => swaps.fetch_add(1, Ordering::SeqCst),
            _ => u32::MAX,
        };
        let other = other.clone();
        async move {
            match nth {
                0 => {
                    let pushed = other.push_alarm(ids[0], Status::Queued, NOW, NOW).await;
                    pushed.map(drop)
                }
                1 => Err(StoreError::unavailable("the ledger", "connection reset")),
                _ => Ok(()),
            }
        }
    });
    let won = ledger.claim(&ids, BY, claim()).await.unwrap();
    let won: Vec<_> = won.iter().map(|message| message.id).collect();
    assert_eq!(won, ids[1..]);
}
