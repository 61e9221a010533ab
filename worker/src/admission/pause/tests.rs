use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use mysms_core::clock::SystemClock;
use mysms_core::domain::Timestamp;
use mysms_core::store::StoreError;
use tokio::sync::Notify;

use super::*;

/// A ledger that returns what was stored when it was asked, but only once it is allowed to.
#[derive(Default)]
struct Slow {
    asked: Notify,
    answer: Notify,
    stored: Mutex<Option<Pause>>,
    is_away: AtomicBool,
}

#[async_trait]
impl Pauses for Slow {
    async fn pause(&self, pause: Pause) -> Result<()> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("the ledger", "no route"));
        }
        *self.stored.lock().unwrap() = Some(pause);
        Ok(())
    }
    async fn find(&self, _: &SenderKey) -> Result<Option<Pause>> {
        Ok(None)
    }
    async fn paused(&self) -> Result<Vec<Pause>> {
        let stored = self.stored.lock().unwrap().clone();
        self.asked.notify_one();
        self.answer.notified().await;
        Ok(stored.into_iter().collect())
    }
    async fn take_probe(
        &self,
        _: &SenderKey,
        _: LeaseToken,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<bool> {
        Ok(false)
    }
    async fn resume(&self, _: &SenderKey) -> Result<()> {
        Ok(())
    }
}

const SENDER: &str = "+15005550006";

fn watch(ledger: &Arc<Slow>) -> PauseWatch {
    let pauses: Arc<dyn Pauses> = Arc::<Slow>::clone(ledger);
    let minute = Duration::from_mins(1);
    let times = ProbeTimes {
        initial: minute,
        max: minute,
        lease: minute,
    };
    PauseWatch::new(
        pauses,
        "account",
        "credential",
        Arc::new(SystemClock),
        times,
    )
}

#[tokio::test]
async fn a_pause_that_the_ledger_did_not_take_holds_and_is_stored_later() {
    let ledger = Arc::new(Slow::default());
    let watch = watch(&ledger);
    ledger.answer.notify_one();
    watch.refresh().await.unwrap();
    ledger.is_away.store(true, Ordering::SeqCst);
    assert!(
        watch
            .begin(SENDER, "20003", "refused", None, false)
            .await
            .is_err()
    );
    assert!(watch.refresh().await.is_err());
    assert_eq!(watch.admit(SENDER).await.unwrap(), Admission::Shut);
    ledger.is_away.store(false, Ordering::SeqCst);
    ledger.answer.notify_one();
    watch.refresh().await.unwrap();
    assert_eq!(watch.admit(SENDER).await.unwrap(), Admission::Shut);
    assert!(ledger.stored.lock().unwrap().is_some());
}

#[tokio::test]
async fn what_was_read_before_a_pause_does_not_end_it() {
    let ledger = Arc::new(Slow::default());
    let watch = watch(&ledger);
    ledger.answer.notify_one();
    watch.refresh().await.unwrap();
    assert_eq!(watch.admit(SENDER).await.unwrap(), Admission::Free);

    ledger.asked.notified().await;
    let beginning = async {
        ledger.asked.notified().await;
        let pause = watch.begin(SENDER, "20003", "refused", None, false);
        tokio::join!(biased; pause, async { ledger.answer.notify_one() }).0
    };
    let (refreshed, begun) = tokio::join!(watch.refresh(), beginning);
    refreshed.and(begun).unwrap();

    assert_eq!(watch.admit(SENDER).await.unwrap(), Admission::Shut);
    assert_eq!(watch.of_sender(SENDER).unwrap().code, "20003");
}

#[tokio::test]
async fn a_pause_of_one_sender_lets_others_send() {
    let ledger = Arc::new(Slow::default());
    let watch = watch(&ledger);
    ledger.answer.notify_one();
    watch.refresh().await.unwrap();
    let begun = watch.begin(SENDER, "21606", "refused", None, false);
    begun.await.unwrap();
    assert_eq!(watch.admit(SENDER).await.unwrap(), Admission::Shut);
    assert_eq!(watch.admit("12345").await.unwrap(), Admission::Free);
    assert!(watch.may_admit("12345") && !watch.may_admit(SENDER));
    assert!(watch.of_sender("12345").is_none());
}
