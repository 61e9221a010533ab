//! What a worker does that catches up, look by look.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{Address, Body, Media, Message, Timestamp, UserId};
use mysms_core::provider::{Arrival, ReadFailure, ReceivedText};

use super::CatchingUp;
use crate::rig::{ACCOUNT, ANNA, Rig, SENDER, sid, taken};

const BERT: &str = "+14155550188";
const SECOND: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_mins(15);

impl Rig {
    /// A worker that has just started.
    fn catching_up(&self) -> CatchingUp {
        CatchingUp::new(Arc::clone(&self.context), INTERVAL)
    }

    /// One that has found nothing, an hour ago.
    async fn caught_up(&self) -> CatchingUp {
        let mut worker = self.catching_up();
        worker.look().await;
        self.wait(Duration::from_hours(1));
        worker
    }

    fn now(&self) -> Timestamp {
        self.context.clock.now()
    }

    async fn received(&self, number: u32) -> Option<Message> {
        let owners = self.stores.ledger.owners(&[sid(number)]).await.unwrap();
        let id = owners.first()?.id;
        Some(self.message(id).await)
    }

    /// The numbers of the texts that are stored, in the order in which users see them.
    async fn order(&self, numbers: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut stored = Vec::new();
        for number in numbers {
            if let Some(message) = self.received(number).await {
                stored.push((message.id, number));
            }
        }
        stored.sort_unstable();
        stored.into_iter().map(|(_, number)| number).collect()
    }

    /// The provider tells us of a text, as it does to an API.
    async fn is_told(&self, number: u32, body: &str) {
        let text = ReceivedText {
            sid: sid(number),
            account: ACCOUNT.to_owned(),
            from: Address::of_author(ANNA),
            to: Address::of_author(SENDER),
            service: None,
            body: Body::parse(body.to_owned()).ok(),
            media: Media::default(),
            consent: None,
            understood_by_provider: false,
        };
        let now = self.now();
        let taken = self.context.reception.take(text, Arrival::told(now), now);
        taken.await.unwrap();
    }
}

#[tokio::test]
async fn what_was_received_meanwhile_is_found_once_and_in_order() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    rig.provider.answers([taken(9)]);
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    let user = rig.message(id).await.owner;
    let mut worker = rig.caught_up().await;
    let begun = rig.now() - Duration::from_mins(30);
    // Several within one second, and of two authors.
    for number in 100..160 {
        let author = if number % 3 == 0 { BERT } else { ANNA };
        let at = begun + SECOND * ((number - 100) / 10);
        rig.provider.receives(number, author, "late", at);
    }
    rig.provider.lists_by(7);
    worker.look().await;
    worker.look().await;
    let mut restarted = rig.catching_up();
    restarted.look().await;
    assert_eq!(rig.order(100..160).await, (100..160).collect::<Vec<_>>());
    assert_eq!(rig.context.metrics.recovered.get(), 60);
    let first = rig.received(100).await.unwrap();
    assert_eq!((first.owner, first.sent_at), (user, begun));
    let second = rig.received(101).await.unwrap();
    assert_eq!(second.sent_at, begun + Duration::from_millis(1));
    assert!(first.is_recovered() && first.unread);
    assert_eq!(first.updated_at, rig.now(), "whoever watches hears of it");
    assert_eq!(rig.received(102).await.unwrap().owner, UserId::NOBODY);
}

#[tokio::test]
async fn what_we_were_told_of_stays_as_it_is() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    rig.is_told(1, "told").await;
    let before = rig.received(1).await.unwrap();
    rig.provider.receives(1, ANNA, "told", rig.now());
    rig.wait(Duration::from_mins(2));
    worker.look().await;
    assert_eq!(rig.received(1).await.unwrap(), before);
    assert!(!before.is_recovered());
    assert_eq!(rig.context.metrics.recovered.get(), 0);
}

#[tokio::test]
async fn what_may_be_about_to_be_told_is_left_for_the_next_time() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    rig.provider.receives(1, ANNA, "just now", rig.now());
    worker.look().await;
    assert_eq!(rig.received(1).await, None);
    // Nobody else may have been told of what was received before this one was there.
    let mut started = rig.catching_up();
    rig.wait(Duration::from_mins(2));
    rig.provider.receives(2, ANNA, "just now", rig.now());
    started.look().await;
    assert_eq!(rig.order(1..=2).await, [1, 2]);
    rig.provider.receives(3, ANNA, "later", rig.now());
    rig.wait(INTERVAL);
    worker.look().await;
    assert!(rig.received(3).await.is_some());
}

#[tokio::test]
async fn a_stop_counts_from_when_it_was_written_and_a_later_start_more() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    let ago = |minutes| rig.now() - Duration::from_mins(minutes);
    rig.provider.receives(1, ANNA, "STOP", ago(20));
    rig.provider.receives(2, BERT, "STOP", ago(20));
    rig.provider.receives(3, BERT, "START", ago(20));
    let queued = rig.accept("unwanted").await;
    let wanted = rig.accept_for(ACCOUNT, BERT, "wanted").await;
    worker.look().await;
    let refused = rig.message(queued).await;
    assert_eq!(refused.error_code.as_deref(), Some("recipient_opted_out"));
    assert_eq!(rig.status(wanted).await, "queued");
    // Whatever is heard of late does not undo what was said since.
    rig.provider.receives(4, BERT, "STOP", ago(25));
    rig.catching_up().look().await;
    rig.wait(INTERVAL);
    worker.look().await;
    assert_eq!(rig.status(wanted).await, "queued");
}

#[tokio::test]
async fn a_stop_that_was_stored_but_not_heeded_is_heeded() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    // As if the API had died in between.
    rig.is_told(1, "STOP").await;
    let queued = rig.accept("unwanted").await;
    rig.provider.receives(1, ANNA, "STOP", rig.now());
    rig.wait(Duration::from_mins(2));
    worker.look().await;
    let refused = rig.message(queued).await;
    assert_eq!(refused.error_code.as_deref(), Some("recipient_opted_out"));
}

#[tokio::test]
async fn nothing_is_sent_before_it_is_known_who_said_stop() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    let queued = rig.accept("unwanted").await;
    rig.wait_for_the_sweeper();
    rig.provider.receives(1, ANNA, "STOP", rig.now() - SECOND);
    rig.context.gate.listen_first(super::LISTENS_FIRST);
    rig.sweep().await;
    assert_eq!(rig.status(queued).await, "queued");
    worker.was_away = true;
    worker.look().await;
    assert_eq!(rig.status(queued).await, "failed");
    assert!(!rig.context.gate.listens());
    assert!(rig.provider.sent().is_empty());
}

#[tokio::test]
async fn a_failure_from_before_lets_nothing_be_sent_before_the_list_is_read() {
    let rig = Rig::start().await;
    let mut before = rig.caught_up().await;
    rig.provider.refuses([ReadFailure::Refused {
        code: "20003".to_owned(),
        detail: "The key may not do this.",
    }]);
    before.was_away = true;
    before.look().await;
    rig.wait(SECOND);
    // It is started again, and another worker is about to read the list.
    assert!(before.take().await.unwrap());
    let interval = Duration::from_mins(15);
    let mut after = CatchingUp::new(Arc::clone(&rig.context), interval);
    rig.context.gate.listen_first(super::LISTENS_FIRST);
    after.look().await;
    assert!(rig.context.gate.listens());
    before.round().await.unwrap();
    after.look().await;
    assert!(!rig.context.gate.listens());
}

#[tokio::test]
async fn a_list_that_is_refused_is_said_and_keeps_nobody_waiting() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    rig.provider
        .receives(1, ANNA, "late", rig.now() - Duration::from_mins(2));
    rig.context.gate.listen_first(super::LISTENS_FIRST);
    let refused = || ReadFailure::Refused {
        code: "20003".to_owned(),
        detail: "The key may not do this.",
    };
    rig.provider.refuses([refused(), refused()]);
    worker.look().await;
    let troubles = rig.context.status.troubles().join("\n");
    assert!(
        troubles.contains("cannot be listed") && troubles.contains("20003"),
        "{troubles}"
    );
    assert!(!rig.context.gate.listens());
    // It is tried again after a while, each time a longer one.
    worker.look().await;
    assert_eq!(rig.provider.asked().len(), 2, "the first list and this one");
    rig.wait(SECOND * 10);
    worker.look().await;
    rig.wait(SECOND * 10);
    worker.look().await;
    assert_eq!(rig.provider.asked().len(), 3);
    rig.wait(SECOND * 10);
    worker.look().await;
    assert!(rig.received(1).await.is_some());
    assert_eq!(rig.context.status.troubles(), [""; 0]);
}

#[tokio::test]
async fn a_provider_that_is_asked_too_often_is_waited_for() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    let ago = rig.now() - Duration::from_mins(2);
    rig.provider.receives(1, ANNA, "late", ago);
    rig.provider
        .refuses([ReadFailure::Throttled { retry_after: None }]);
    worker.look().await;
    assert!(rig.received(1).await.is_some());
    assert_eq!(rig.context.status.troubles(), [""; 0]);
}

#[tokio::test]
async fn a_long_list_is_read_in_parts_and_goes_on_where_it_failed() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    rig.wait(Duration::from_hours(8));
    let begun = rig.now() - Duration::from_hours(8);
    for number in 0..240 {
        let at = begun + Duration::from_mins(2) * number;
        rig.provider.receives(number, ANNA, "late", at);
    }
    rig.provider.lists_by(1);
    // It fails in the third part.
    let parts = |asked: &[(Timestamp, Option<Timestamp>)]| {
        let mut begins: Vec<_> = asked.iter().map(|(from, _)| *from).collect();
        begins.dedup();
        begins.len()
    };
    rig.provider.fails_from(begun + Duration::from_mins(200));
    worker.look().await;
    let stored = rig.order(0..240).await;
    assert_eq!(
        stored,
        (0..u32::try_from(stored.len()).unwrap()).collect::<Vec<_>>()
    );
    assert!((50..=110).contains(&stored.len()), "{}", stored.len());
    let first = rig.provider.asked();
    let (reached, _) = *first.last().unwrap();
    rig.provider.mends();
    rig.wait(Duration::from_mins(1));
    worker.look().await;
    assert_eq!(rig.order(0..240).await, (0..240).collect::<Vec<_>>());
    let then = rig.provider.asked().split_off(first.len());
    assert_eq!(then[0].0, reached, "it goes on from there");
    assert!(parts(&then) > 2, "{}", parts(&then));
}

#[tokio::test]
async fn two_workers_store_each_text_once_and_one_works_at_a_time() {
    let rig = Rig::start().await;
    let other = rig.another_worker().await;
    let mut one = rig.caught_up().await;
    let mut two = CatchingUp::new(other, INTERVAL);
    for number in 0..30 {
        rig.provider
            .receives(number, ANNA, "late", rig.now() - Duration::from_mins(20));
    }
    rig.provider.lists_by(3);
    tokio::join!(one.look(), two.look());
    assert_eq!(rig.order(0..30).await, (0..30).collect::<Vec<_>>());
    let listed = rig.provider.asked().len();
    rig.wait(INTERVAL);
    assert!(one.take().await.unwrap());
    two.look().await;
    assert_eq!(rig.provider.asked().len(), listed, "it is the other's turn");
    // That worker has died.
    rig.wait(Duration::from_secs(15));
    two.look().await;
    assert!(rig.provider.asked().len() > listed);
}

#[tokio::test]
async fn what_was_deleted_does_not_come_back() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    rig.provider
        .receives(1, ANNA, "late", rig.now() - Duration::from_mins(2));
    worker.look().await;
    let message = rig.received(1).await.unwrap();
    let deleted = rig
        .stores
        .ledger
        .delete(message.owner, message.id, rig.now());
    assert!(deleted.await.unwrap().any());
    // The last list was long ago when the tombstone is purged.
    for hours in [1, 24, 6 * 24, 24, 24] {
        rig.wait(Duration::from_hours(hours));
        crate::maintenance::maintain(&rig.context).await.unwrap();
        rig.catching_up().look().await;
        let left = rig.received(1).await;
        assert!(left.is_none_or(|message| !message.visible), "{hours}");
    }
    let (from, _) = *rig.provider.asked().last().unwrap();
    assert!(rig.now().since(from) < mysms_core::domain::TOMBSTONE_KEPT);
}

#[tokio::test]
async fn a_provider_whose_clock_is_wrong_loses_no_text_and_dates_none_wrong() {
    for ahead in [-3_600_000, 3_600_000] {
        let rig = Rig::start().await;
        rig.provider.is_ahead(ahead);
        let mut worker = rig.caught_up().await;
        worker.look().await;
        rig.wait(Duration::from_mins(20));
        let at = rig.now() - Duration::from_mins(10);
        rig.provider.receives(1, ANNA, "late", at);
        rig.provider.receives(2, ANNA, "later", at + SECOND);
        worker.look().await;
        assert_eq!(rig.order(1..=2).await, [1, 2], "{ahead}");
        let first = rig.received(1).await.unwrap();
        assert_eq!(first.sent_at, at, "{ahead}");
    }
}

#[tokio::test]
async fn after_an_outage_of_the_store_it_is_looked_for_soon() {
    let rig = Rig::start().await;
    let mut worker = rig.catching_up();
    worker.look().await;
    let listed = rig.provider.asked().len();
    rig.wait(SECOND * 30);
    worker.was_away = true;
    rig.provider
        .receives(1, ANNA, "while it was away", rig.now());
    worker.look().await;
    assert!(rig.received(1).await.is_some());
    worker.look().await;
    assert_eq!(rig.provider.asked().len(), listed + 1);
}

#[tokio::test]
async fn a_picture_is_found_with_its_text() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    let at = rig.now() - Duration::from_mins(30);
    rig.provider.receives(1, ANNA, "", at);
    rig.provider.received_a_picture("https://x/0");
    worker.look().await;
    let found = rig.received(1).await.unwrap();
    assert_eq!(found.body, Some(Body::empty()));
    assert_eq!(found.media.get(0).unwrap().url.as_str(), "https://x/0");
}

#[tokio::test]
async fn a_picture_that_cannot_be_looked_up_now_is_looked_up_later() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    rig.provider
        .receives(1, ANNA, "look", rig.now() - Duration::from_mins(30));
    rig.provider.received_a_picture("https://x/0");
    rig.provider.refuses_media([ReadFailure::Status(502)]);
    worker.look().await;
    assert_eq!(
        rig.received(1).await,
        None,
        "it would be known without its picture"
    );
    rig.wait(INTERVAL);
    worker.look().await;
    assert_eq!(rig.received(1).await.unwrap().media.len(), 1);
}

#[tokio::test]
async fn a_text_is_taken_though_its_picture_is_refused() {
    let rig = Rig::start().await;
    let mut worker = rig.caught_up().await;
    rig.provider
        .receives(1, ANNA, "look", rig.now() - Duration::from_mins(30));
    rig.provider.received_a_picture("https://x/0");
    let code = "20003".to_owned();
    let detail = "The key may not do this.";
    rig.provider
        .refuses_media([ReadFailure::Refused { code, detail }]);
    worker.look().await;
    let found = rig.received(1).await.unwrap();
    assert_eq!(
        (found.body.unwrap().as_str(), found.media.len()),
        ("look", 0)
    );
}
