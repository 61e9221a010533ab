//! Every query finds its messages by an index, however many there are.

use std::future::Future;
use std::time::Duration;

use futures_util::{TryStreamExt, stream};
use mongo::Mongo;
use mongodb::Collection;
use mongodb::bson::{self, DateTime, Document, doc};
use mysms_core::domain::{
    Consent, ContentType, Fact, Inbound, KeyId, Lane, Media, MessageId, NewMessage, NextPoll,
    NumberPart, PhoneNumber, Receiver, Status, Timestamp, Upload, UploadId, UploadSecret, UserId,
    Wish,
};
use mysms_core::ledger::{Old, Refused};
use mysms_core::store::{
    Accounts, Among, Changes, Conversations, Excerpt, Filter, History, Keys, Needle, Operations,
    OptOuts, Order, Overdue, Overview, Page, Place, Upkeep, Uploads, Ways, With,
};

use super::profiler::Profiler;
use super::{Scratch, labels, ledger, lines};
use crate::store::fixtures::{
    ACCOUNT, BY, address, at, claim, fact, id, idempotency, message, rejected, sid, token, user,
};

pub(super) const MESSAGES: u64 = 100_000;

/// Written by one command, and by how many at once.
const BATCH: usize = 5000;
const WRITERS: usize = 2;

const BY_ID: &str = "_id: 1";
const BY_SID: &str = "provider.sid: 1";
const BY_KEY: &str = "owner: 1, idempotency_key: 1";
const HISTORY: &str = "owner: 1, _id: -1";
const CHANGES: &str = "owner: 1, updated_at: 1, _id: 1";
pub(super) const COUNTERPART: &str = "owner: 1, visible: 1, counterpart: 1, _id: -1";
const CONVERSATION: &str = "owner: 1, visible: 1, counterpart: 1, position: -1, _id: 1";
const CORRESPONDENTS: &str = "counterpart: 1, _id: -1";
const TAKEN: &str = "counterpart: 1, provider.at: -1";
const ASSIGNED: &str = "counterpart: 1, assigned_at: -1";
const ERASING: &str = "account: 1, erase_at: 1";
const TRIED: &str = "account: 1, recipient: 1";
const UNREAD: &str = "owner: 1, counterpart: 1";
const WAITING: &str = "owner: 1, visible: 1, status: 1, counterpart: 1";
pub(super) const LANES: &str = "account: 1, status: 1, wake_at: 1, expires_at: 1";

/// To which one in a hundred is sent.
pub(super) const RARE_NUMBER: &str = "+14155550199";

/// Two thirds of the messages are one user's.
fn owner(number: u64) -> UserId {
    user(if number.is_multiple_of(3) {
        2 + number % 300
    } else {
        1
    })
}

fn status(number: u64) -> Status {
    match number % 10 {
        0..=2 => Status::Queued,
        3 => Status::Sending,
        4 => Status::Accepted,
        5 => Status::Sent,
        6 => Status::Failed,
        _ => Status::Delivered,
    }
}

/// The first message of a status.
fn first(wanted: Status) -> MessageId {
    let number = (0..10).find(|number| status(*number) == wanted);
    id(number.unwrap())
}

fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millis())
}

fn uuid(id: uuid::Uuid) -> bson::Uuid {
    bson::Uuid::from_bytes(id.into_bytes())
}

/// A message like one that the adapter stored, in a state that it could be in. All alarms have rung
/// and nothing is expired.
fn document(template: &Document, number: u64) -> Document {
    let mut document = template.clone();
    let status = status(number);
    document.insert("_id", uuid(id(number).as_uuid()));
    document.insert("position", uuid(id(number).as_uuid()));
    document.insert("owner", uuid(owner(number).as_uuid()));
    document.insert("status", status.as_str());
    document.insert("rank", i32::from(status.rank()));
    if status.is_terminal() {
        document.remove("wake_at");
    }
    if status == Status::Sending {
        let lease = doc! { "token": uuid(token(number).as_uuid()), "until": date(at(15)) };
        document.insert("lease", lease);
    }
    if status >= Status::Accepted {
        let provider = doc! { "sid": sid(number).as_str(), "at": date(at(1)), "adopted": false };
        document.insert("provider", provider);
    }
    if number.is_multiple_of(100) {
        document.insert("counterpart", RARE_NUMBER);
    }
    labels::put_on(&mut document, number);
    if lines::has_turn(number) {
        lines::put_in_line(&mut document, number);
    }
    if number.is_multiple_of(2) {
        document.insert("idempotency_key", format!("order-{number}"));
        document.insert("body_hash", "00".repeat(32));
    }
    document
}

async fn fill(messages: &Collection<Document>, template: &Document) {
    let numbers: Vec<_> = (0..MESSAGES).collect();
    let batches = stream::iter(numbers.chunks(BATCH).map(Ok));
    batches
        .try_for_each_concurrent(WRITERS, async |numbers| {
            let documents = numbers.iter().map(|number| document(template, *number));
            messages
                .insert_many(documents)
                .ordered(false)
                .await
                .map(drop)
        })
        .await
        .unwrap();
}

/// What is expected of every statement of an operation.
pub(super) struct Indexes {
    pub(super) profiler: Profiler,
}

impl Indexes {
    /// `call` uses these indexes and no others, and no statement reads more than `most` documents.
    pub(super) async fn assert<T>(
        &self,
        what: &str,
        used: &[&str],
        most: i64,
        call: impl Future<Output = T>,
    ) -> T {
        let mut answer = None;
        let seen = self
            .profiler
            .watch("messages", async { answer = Some(call.await) })
            .await;
        assert!(!seen.is_empty(), "{what} asked nothing");
        for statement in &seen {
            let fits = |index: &str| statement.plan.contains(&format!("{{ {index} }}"));
            let by_id = used.contains(&BY_ID) && statement.plan == "IDHACK";
            assert!(
                by_id || used.iter().any(|index| fits(index)),
                "{what}: {statement:?}"
            );
            assert!(
                !statement.plan.contains("COLLSCAN"),
                "{what}: {statement:?}"
            );
            assert!(statement.documents_read <= most, "{what}: {statement:?}");
        }
        answer.unwrap()
    }
}

async fn filled(scratch: &Scratch) -> (Mongo, Indexes) {
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo);
    ledger.insert(message(0)).await.unwrap();
    let messages = mongo.database().collection("messages");
    let template = messages.find_one_and_delete(doc! {}).await.unwrap();
    fill(&messages, &template.unwrap()).await;
    let profiler = Profiler::new(mongo.database().clone());
    (mongo, Indexes { profiler })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_uses_its_index_among_a_hundred_thousand_messages() {
    let scratch = Scratch::new().await;
    let (mongo, indexes) = filled(&scratch).await;
    let mongo = &mongo;
    lanes(mongo, &indexes).await;
    lines::all(mongo, &indexes).await;
    operators(mongo, &indexes).await;
    attempts(mongo, &indexes).await;
    Box::pin(facts(mongo, &indexes)).await;
    evidence(mongo, &indexes).await;
    changes(mongo, &indexes).await;
    conversations(mongo, &indexes).await;
    histories(mongo, &indexes).await;
    labels::all(mongo, &indexes).await;
    acceptance(mongo, &indexes).await;
    users(mongo, &indexes).await;
    uploads(mongo, &indexes).await;
    scratch.remove().await;
}

async fn lanes(mongo: &Mongo, indexes: &Indexes) {
    let ledger = ledger(mongo);
    for lane in [Lane::Send, Lane::Resolve, Lane::Poll] {
        let due = ledger.due(ACCOUNT, lane, at(20), 64);
        let due = indexes.assert("due", &[LANES], 64, due).await.unwrap();
        assert_eq!(due.len(), 64, "{lane:?}");
    }
    let erasable = ledger.clone().erasing(Some(Duration::ZERO));
    let gone = id(MESSAGES - 1);
    assert!(
        erasable
            .delete(owner(MESSAGES - 1), gone, at(20))
            .await
            .unwrap()
            .any()
    );
    let due = ledger.due(ACCOUNT, Lane::Erase, at(20), 64);
    let due = indexes.assert("to erase", &[ERASING], 1, due).await;
    assert_eq!(due.unwrap(), [gone]);
    let unsent = Overdue::Unsent { now: at(20) };
    let doubtful = Overdue::Doubtful {
        now: at(20),
        expired_before: at(0),
    };
    for overdue in [unsent, doubtful] {
        let found = mongo.overdue(overdue, 64);
        let found = indexes.assert("overdue", &[LANES], 1, found).await.unwrap();
        assert!(
            found.is_empty(),
            "nothing is, of which the index alone tells"
        );
    }
    let accounts = indexes.assert("open_accounts", &[LANES], 0, mongo.open_accounts());
    assert_eq!(accounts.await.unwrap(), [ACCOUNT]);
    let seen = indexes
        .profiler
        .watch("messages", mongo.open_accounts())
        .await;
    let skips = |plan: &str| plan.starts_with("DISTINCT_SCAN");
    assert!(seen.iter().all(|seen| skips(&seen.plan)), "{seen:?}");
}

/// The newest first, so that what is erased is out of the way of the others.
async fn operators(mongo: &Mongo, indexes: &Indexes) {
    let ledger = ledger(mongo);
    let old = Old {
        after: id(MESSAGES - 1000),
        before: at(20),
        limit: 500,
    };
    let erased = indexes.assert("erase_old", &[BY_ID], 500, ledger.erase_old(old, at(30)));
    let erased = erased.await.unwrap();
    assert_eq!(erased.last, Some(id(MESSAGES - 500)));
    assert_eq!(
        erased.count, 200,
        "the terminal ones, of which each is at rest"
    );
    // Of those that are being sent the claim is read; all else is counted in the index.
    let sending = i64::try_from(MESSAGES / 10).unwrap();
    let standing = mongo.standing(at(20), at(0));
    let standing = indexes.assert("standing", &[LANES, ERASING], sending, standing);
    let [standing] = &standing.await.unwrap()[..] else {
        panic!("there is one account");
    };
    let waiting: Vec<_> = standing.lanes.iter().map(|lane| lane.waiting).collect();
    assert_eq!(waiting[1], MESSAGES / 10);
    assert!(standing.lanes.iter().all(|lane| lane.oldest_due.is_some()));
}

async fn attempts(mongo: &Mongo, indexes: &Indexes) {
    let ledger = ledger(mongo);
    let due = ledger.due(ACCOUNT, Lane::Send, at(20), 64).await.unwrap();
    let terms = claim(token(MESSAGES), at(20));
    let claimed = ledger.claim(&due, BY, terms);
    let claimed = indexes
        .assert("claim", &[BY_ID], 64, claimed)
        .await
        .unwrap();
    assert_eq!(claimed.len(), 64);
    let settled = ledger.settle(due[0], terms.token, rejected(), at(21));
    assert!(
        indexes
            .assert("settle", &[BY_ID], 1, settled)
            .await
            .unwrap()
    );
    let read = indexes
        .assert("read", &[BY_ID], 64, ledger.read(&due))
        .await;
    assert_eq!(read.unwrap().len(), 64);

    let terms = claim(token(MESSAGES + 1), at(20));
    let taken = ledger.take_resolve(first(Status::Sending), terms);
    let taken = indexes.assert("take_resolve", &[BY_ID], 1, taken).await;
    assert!(taken.unwrap().is_some());
    let open = first(Status::Accepted);
    let taken = ledger.take_poll(open, at(20), at(90));
    let taken = indexes.assert("take_poll", &[BY_ID], 1, taken).await;
    assert!(taken.unwrap().is_some());
    let next = NextPoll { at: None, polls: 1 };
    let moved = indexes.assert("next_poll", &[BY_ID], 1, ledger.next_poll(open, next));
    assert!(moved.await.unwrap());
    let expired = ledger.expire(first(Status::Queued), at(20));
    let expired = indexes.assert("expire", &[BY_ID], 1, expired);
    assert!(!expired.await.unwrap(), "it has time left");
}

async fn facts(mongo: &Mongo, indexes: &Indexes) {
    let ledger = ledger(mongo);
    let sent = fact(first(Status::Sent), sid(5), "delivered", at(30));
    let applied = indexes.assert("a fact", &[BY_ID], 1, ledger.apply_fact(&sent));
    applied.await.unwrap();
    let nameless = Fact {
        message: None,
        ..fact(id(15), sid(15), "delivered", at(30))
    };
    let either = [BY_ID, BY_SID];
    let applied = ledger.apply_fact(&nameless);
    let applied = indexes.assert("a fact by SID", &either, 1, applied);
    applied.await.unwrap();
    let surplus = fact(id(25), sid(MESSAGES), "delivered", at(30));
    let applied = indexes.assert("a surplus fact", &either, 1, ledger.apply_fact(&surplus));
    applied.await.unwrap();
    let sids: Vec<_> = (0..64).map(sid).collect();
    let rare = PhoneNumber::parse(RARE_NUMBER).unwrap();
    let being_sent = ledger.being_sent(ACCOUNT, &rare);
    // Those that were claimed above are being sent as well.
    let sending = i64::try_from(MESSAGES / 10).unwrap() + 64;
    let being_sent = indexes.assert("being_sent", &[LANES], sending, being_sent);
    being_sent.await.unwrap();
    let owners = indexes.assert("owners", &[BY_SID], 64, ledger.owners(&sids));
    assert!(!owners.await.unwrap().is_empty());
}

/// What is being sent is read, as above; what waits for another try is found by its number.
async fn evidence(mongo: &Mongo, indexes: &Indexes) {
    let ledger = ledger(mongo);
    let rare = PhoneNumber::parse(RARE_NUMBER).unwrap();
    let sending = i64::try_from(MESSAGES / 10).unwrap() + 64;
    let evidence = ledger.is_evidence(ACCOUNT, &rare, at(0));
    let evidence = indexes.assert("is_evidence", &[LANES, TRIED], sending, evidence);
    evidence.await.unwrap();
}

/// Nearly all messages changed at the same time, and even then a part costs no more than it gives.
async fn changes(mongo: &Mongo, indexes: &Indexes) {
    for owner in [user(1), user(2)] {
        let mut place = Place::before(at(0));
        for _ in 0..3 {
            let changed = mongo.changed_after(owner, place, 100);
            let changed = indexes.assert("changes", &[CHANGES], 100, changed).await;
            let changed = changed.unwrap();
            assert_eq!(changed.len(), 100);
            place = Place::of(&changed[99]);
        }
        let none = mongo.changed_after(owner, Place::before(at(1000)), 100);
        let none = indexes.assert("no changes", &[CHANGES], 0, none).await;
        assert_eq!(none.unwrap(), []);
    }
}

async fn histories(mongo: &Mongo, indexes: &Indexes) {
    let ledger = ledger(mongo);
    for order in [Order::OldestFirst, Order::NewestFirst] {
        for (after, limit) in [(None, 200), (Some(id(MESSAGES / 2)), 200)] {
            let page = Page {
                order,
                after,
                limit,
                filter: Filter::default(),
            };
            for owner in [user(1), user(2)] {
                let page = mongo.page(owner, page.clone());
                let page = indexes.assert("a page", &[HISTORY], 200, page).await;
                assert!(!page.unwrap().messages.is_empty());
            }
        }
        searches(mongo, indexes, order).await;
    }
    let found = indexes.assert("find", &[BY_ID], 1, mongo.find(user(1), id(1)));
    assert!(found.await.unwrap().is_some());
    let canceled = ledger.cancel(user(1), id(11), at(20));
    indexes
        .assert("cancel", &[BY_ID], 1, canceled)
        .await
        .unwrap();
    let deleted = ledger.delete(user(1), id(11), at(20));
    assert!(
        indexes
            .assert("delete", &[BY_ID], 1, deleted)
            .await
            .unwrap()
            .any()
    );
    let deleted = ledger.delete_all(user(5), at(20));
    let deleted = indexes.assert("delete_all", &[HISTORY, BY_ID], 500, deleted);
    assert!(deleted.await.unwrap().messages > 100);
}

/// One user's list costs as much as there are counterparts, whoever else has how many messages.
async fn conversations(mongo: &Mongo, indexes: &Indexes) {
    let ledger = ledger(mongo);
    let inbound = |number| Inbound {
        id: id(MESSAGES + number),
        sid: sid(MESSAGES + number),
        account: ACCOUNT.to_owned(),
        from: address(RARE_NUMBER),
        to: address("+15005550006"),
        service: None,
        receiver: Receiver::Holder,
        otherwise: UserId::NOBODY,
        body: None,
        media: Media::default(),
        at: at(1),
        recovered_at: None,
        left: Vec::new(),
    };
    let elsewhere = Wish {
        recipient: address(RARE_NUMBER),
        senders: vec!["+15005550009".to_owned()],
        consent: Consent::Withdrawn,
        at: at(1),
    };
    let to_one_number = i64::try_from(MESSAGES / 100).unwrap();
    mongo.note(&elsewhere, at(1)).await.unwrap();
    let senders = mongo.refused_senders(&elsewhere).await.unwrap();
    let refused = ledger.refuse_queued(&elsewhere.recipient, &senders, at(9), 200);
    let refused = indexes.assert("refuse_queued", &[CORRESPONDENTS], to_one_number, refused);
    assert_eq!(refused.await.unwrap(), Refused::default());

    let received = inbound(1);
    let received = mongo.receive(&received);
    let used = [BY_SID, TAKEN, ASSIGNED, COUNTERPART];
    let received = indexes.assert("receive", &used, to_one_number, received);
    let owner = received.await.unwrap().message.owner;
    let of_another = mongo.receive(&inbound(2)).await.unwrap().message;
    assert_eq!(of_another.owner, owner);

    let used = [CONVERSATION, BY_ID, UNREAD];
    let all = Overview {
        before: None,
        number: None,
        among: Among::All,
        limit: 50,
    };
    let list = mongo.conversations(owner, &all);
    let list = indexes.assert("conversations", &used, 2, list).await;
    let list = list.unwrap();
    assert_eq!(list[0].unread, 2);
    let of_a_part = Overview {
        number: NumberPart::parse("5550199").ok(),
        ..all.clone()
    };
    for wanted in [all, of_a_part] {
        let seen = mongo.conversations(owner, &wanted);
        let seen = indexes.profiler.watch("messages", seen).await;
        let mut skips = seen
            .iter()
            .filter(|seen| seen.plan.starts_with("DISTINCT_SCAN"));
        let skips = skips.next().unwrap_or_else(|| panic!("{seen:?}"));
        // The index alone tells, and one of its keys for each counterpart.
        assert_eq!(skips.documents_read, 0, "{seen:?}");
    }
    overviews(mongo, indexes, owner).await;
    threads(mongo, indexes).await;

    let read = ledger.mark_read(owner, &list[0].counterpart, None, at(2));
    let read = indexes.assert("mark_read", &[UNREAD, BY_ID], 2, read);
    assert!(read.await.unwrap());
    for number in [1, 2] {
        let received = doc! { "_id": uuid(id(MESSAGES + number).as_uuid()) };
        let messages = mongo.database().collection::<Document>("messages");
        messages.delete_one(received).await.unwrap();
    }
}

/// Looking through conversations costs as much as there are counterparts, and no more messages than are of interest.
async fn overviews(mongo: &Mongo, indexes: &Indexes, owner: UserId) {
    let counterparts = [address(RARE_NUMBER), address("+14155550100")];
    let last = mongo.last_positions(owner, &counterparts);
    let last = indexes.assert("last_positions", &[CONVERSATION], 0, last);
    assert_eq!(last.await.unwrap().len(), 1);
    let unread = mongo.counterparts(owner, &With::Unread);
    let unread = indexes.assert("unread", &[UNREAD], 2, unread);
    assert_eq!(unread.await.unwrap().len(), 1);
    let failed = mongo.counterparts(owner, &With::Failed);
    let failed = indexes.assert("failed", &[CONVERSATION], 4, failed);
    failed.await.unwrap();
    waiting(mongo, indexes).await;
    let nobody = user(999_999);
    let deleted = ledger(mongo);
    let deleted = deleted.delete_conversation(nobody, &counterparts[0], None, at(9));
    let deleted = indexes.assert("delete_conversation", &[CONVERSATION], 0, deleted);
    assert!(!deleted.await.unwrap().any());
}

/// Of thousands of queued messages the index alone tells, and one of its keys for each counterpart.
async fn waiting(mongo: &Mongo, indexes: &Indexes) {
    let most = user(1);
    let queued = mongo.counterparts(most, &With::Queued);
    let queued = indexes.assert("queued", &[WAITING], 0, queued).await;
    let counterparts = i64::try_from(queued.unwrap().len()).unwrap();
    assert!(counterparts > 0);
    let queued = mongo.counterparts(most, &With::Queued);
    let seen = indexes.profiler.watch("messages", queued).await;
    let [seen] = &seen[..] else {
        panic!("{seen:?}");
    };
    // The end of each is looked at as well.
    assert!(seen.keys_read <= 2 * counterparts + 1, "{seen:?}");
}

/// A part of a conversation costs as much as it gives, wherever it begins.
async fn threads(mongo: &Mongo, indexes: &Indexes) {
    for order in [Order::OldestFirst, Order::NewestFirst] {
        for after in [None, Some(id(MESSAGES / 2).into())] {
            let wanted = Excerpt {
                counterpart: address(RARE_NUMBER),
                order,
                after,
                limit: 50,
            };
            let found = mongo.exchanged(user(1), &wanted);
            let found = indexes
                .assert("exchanged", &[CONVERSATION], 50, found)
                .await;
            assert_eq!(found.unwrap().len(), 50);
        }
    }
}

/// What is looked for has a bound for each statement, and for all of a page together.
async fn searches(mongo: &Mongo, indexes: &Indexes, order: Order) {
    let page = |filter| Page {
        order,
        after: None,
        limit: 200,
        filter,
    };
    let rare = Filter {
        counterpart: Some(address(RARE_NUMBER)),
        ..Filter::default()
    };
    let found = mongo.page(user(1), page(rare.clone()));
    let found = indexes.assert("one number", &[COUNTERPART], 200, found);
    assert_eq!(found.await.unwrap().messages.len(), 200);
    let of_rare = Filter {
        statuses: vec![Status::Canceled],
        until: Some(at(1)),
        ..rare
    };
    let found = mongo.page(user(1), page(of_rare));
    let found = indexes.assert("one number and a status", &[COUNTERPART], 500, found);
    assert_eq!(found.await.unwrap().messages, []);

    let nothing = Filter {
        text: Some(Needle::new("not there")),
        ..Filter::default()
    };
    let outside = Filter {
        since: Some(at(1)),
        ..nothing.clone()
    };
    let found = mongo.page(user(1), page(outside));
    let found = indexes.assert("another time", &[HISTORY], 0, found);
    assert_eq!(found.await.unwrap().searched_to, None);
    let both_ways = Filter {
        ways: Ways::Both,
        ..nothing.clone()
    };
    let received = Filter {
        ways: Ways::Received,
        ..Filter::default()
    };
    let of_nobody = Filter {
        number: NumberPart::parse("777 777").ok(),
        ..Filter::default()
    };
    for filter in [nothing, both_ways, received, of_nobody] {
        let found = mongo.page(user(1), page(filter));
        let seen = indexes.profiler.watch("messages", found).await;
        assert_eq!(
            seen.iter().map(|seen| seen.documents_read).sum::<i64>(),
            2000
        );
        let plan = format!("IXSCAN {{ {HISTORY} }}");
        assert!(seen.iter().all(|seen| seen.plan == plan), "{seen:?}");
    }
}

async fn acceptance(mongo: &Mongo, indexes: &Indexes) {
    let ledger = ledger(mongo);
    let repeated = NewMessage {
        owner: owner(2),
        idempotency: Some(idempotency("order-2")),
        ..message(MESSAGES)
    };
    let stored = ledger.insert(repeated.clone()).await.unwrap();
    let repeated = NewMessage {
        id: id(MESSAGES + 1),
        ..repeated
    };
    let key = idempotency("order-4").key;
    let found = ledger.keyed(owner(4), &key);
    let found = indexes.assert("by its key", &[BY_KEY], 1, found).await;
    assert!(found.unwrap().is_some());
    let again = ledger.insert(repeated);
    let again = indexes.assert("a repeated request", &[BY_KEY, BY_ID], 1, again);
    assert_eq!(again.await.unwrap(), stored);
}

async fn users(mongo: &Mongo, indexes: &Indexes) {
    let name = mysms_core::domain::Username::parse("john_doe").unwrap();
    let seen = indexes.profiler.watch("users", async {
        mongo.by_name(&name).await.unwrap();
        mongo.by_id(user(1)).await.unwrap();
    });
    let plans: Vec<_> = seen.await.into_iter().map(|seen| seen.plan).collect();
    assert_eq!(plans.len(), 2);
    assert!(plans[0].contains("{ folded_name: 1 }"), "{plans:?}");
    assert!(
        plans[1] == "IDHACK" || plans[1].contains("{ _id: 1 }"),
        "{plans:?}"
    );

    let seen = indexes.profiler.watch("keys", async {
        mongo.key(&KeyId::generate()).await.unwrap();
        mongo.keys_of(user(1)).await.unwrap();
        mongo.end_keys(user(1), at(1)).await.unwrap();
        mongo.forget_keys(user(1)).await.unwrap();
    });
    let plans: Vec<_> = seen.await.into_iter().map(|seen| seen.plan).collect();
    assert_eq!(plans.len(), 4);
    assert!(plans[0].contains("{ _id: 1 }"), "{plans:?}");
    let of_owner = |plan: &String| plan.contains("{ owner: 1,");
    assert!(plans[1..].iter().all(of_owner), "{plans:?}");
}

async fn uploads(mongo: &Mongo, indexes: &Indexes) {
    let upload = Upload {
        id: UploadId::generate(at(1)),
        owner: user(1),
        content_type: ContentType::parse("image/png").unwrap(),
        size: 3,
        secret: UploadSecret::generate(),
        kept_until: at(100),
    };
    mongo.begin_upload(&upload).await.unwrap();
    mongo.add_part(upload.id, 0, b"png").await.unwrap();
    assert!(mongo.complete_upload(upload.id, 3, at(100)).await.unwrap());
    let seen = indexes.profiler.watch("uploads", async {
        mongo.uploaded(user(1)).await.unwrap();
        mongo.upload(upload.id).await.unwrap();
        mongo.remove_overdue_uploads(at(99), 10).await.unwrap();
    });
    let plans: Vec<_> = seen.await.into_iter().map(|seen| seen.plan).collect();
    let used = ["{ owner: 1 }", "{ _id: 1 }", "{ kept_until: 1 }"];
    assert_eq!(plans.len(), used.len(), "{plans:?}");
    for (plan, index) in plans.iter().zip(used) {
        assert!(plan.contains(index), "{plans:?}");
    }
    let seen = indexes.profiler.watch("upload_parts", async {
        mongo.part(upload.id, 0).await.unwrap();
        assert!(mongo.remove_upload(user(1), upload.id, 0).await.unwrap());
    });
    for seen in seen.await {
        let by_id = seen.plan == "IDHACK" || seen.plan.contains("{ _id: 1 }");
        assert!(by_id, "{seen:?}");
    }
}
