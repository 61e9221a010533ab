use mysms_core::domain::{
    Claim, Claimant, Fact, Lane, LeaseToken, Message, MessageId, NewMessage, NextPoll, ProviderId,
    Restored, Settlement, Status, Timestamp, UserId, Wish,
};
use mysms_core::ledger::{Adoption, Cancel, Erased, FactOutcome, Old};
use mysms_core::store::{Inserted, Overdue, Page, Part, SidOwner};
use mysms_core::stores::Stores;

use crate::store::adapters::Store;

/// More than a run stores, so that no answer depends on which of several equals come first.
const ALL: usize = 10_000;

/// From where the claims send, which is not from where messages were accepted to be sent.
const OTHER_SENDER: &str = "+15005550009";

/// An operation with its arguments.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    Insert(NewMessage),
    Due(String, Lane, Timestamp),
    Claim(Vec<MessageId>, String, Claim),
    Expire(MessageId, Timestamp),
    Settle(MessageId, LeaseToken, Settlement, Timestamp),
    ApplyFact(Fact),
    TakeResolve(MessageId, Claim),
    Adopt(MessageId, LeaseToken, Fact),
    TakePoll(MessageId, Timestamp, Timestamp),
    NextPoll(MessageId, NextPoll),
    Owners(Vec<ProviderId>),
    PushAlarm(MessageId, Status, Timestamp, Timestamp),
    Overdue(Overdue),
    Purge(Timestamp),
    EraseOld(Old, Timestamp),
    OpenAccounts,
    Doubt(Restored),
    Find(UserId, MessageId),
    Page(UserId, Page),
    Cancel(UserId, MessageId, Timestamp),
    Delete(UserId, MessageId, Timestamp),
    DeleteAll(UserId, Timestamp),
    RefuseQueued(Wish, Timestamp),
}

/// What it answered, in an order of its own where the port promises none.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Inserted(Inserted),
    Ids(Vec<MessageId>),
    Messages(Vec<Message>),
    Happened(bool),
    Fact(FactOutcome),
    Adoption(Adoption),
    Owners(Vec<SidOwner>),
    Part(Part),
    Cancel(Cancel),
    Count(u64),
    Accounts(Vec<String>),
    Users(Vec<UserId>),
    Erased(Erased),
}

impl Operation {
    pub(super) async fn run(&self, store: &Store) -> Answer {
        let Stores {
            ledger,
            history,
            upkeep,
            opt_outs,
            ..
        } = &**store;
        match self.clone() {
            Self::Insert(new) => Answer::Inserted(ledger.insert(new).await.unwrap()),
            Self::Due(account, lane, now) => {
                ids(ledger.due(&account, lane, now, ALL).await.unwrap())
            }
            Self::Claim(ids, account, claim) => {
                let by = Claimant {
                    account: &account,
                    sender: OTHER_SENDER,
                    others: &[],
                };
                messages(ledger.claim(&ids, by, claim).await.unwrap())
            }
            Self::Expire(id, now) => Answer::Happened(ledger.expire(id, now).await.unwrap()),
            Self::Settle(id, token, settlement, now) => {
                Answer::Happened(store.settle(id, token, settlement, now).await)
            }
            Self::ApplyFact(fact) => Answer::Fact(store.fact(&fact).await),
            Self::TakeResolve(id, claim) => messages(store.take_resolve(id, claim).await),
            Self::Adopt(id, token, fact) => {
                Answer::Adoption(ledger.adopt(id, token, &fact).await.unwrap())
            }
            Self::TakePoll(id, now, until) => {
                messages(ledger.take_poll(id, now, until).await.unwrap())
            }
            Self::NextPoll(id, next) => Answer::Happened(ledger.next_poll(id, next).await.unwrap()),
            Self::Owners(sids) => {
                let mut owners = ledger.owners(&sids).await.unwrap();
                owners.sort_by_key(|owner| owner.id);
                Answer::Owners(owners)
            }
            Self::PushAlarm(id, status, wake_at, now) => {
                Answer::Happened(ledger.push_alarm(id, status, wake_at, now).await.unwrap())
            }
            Self::Overdue(overdue) => ids(upkeep.overdue(overdue, ALL).await.unwrap()),
            Self::Purge(before) => Answer::Count(upkeep.purge(before, ALL).await.unwrap()),
            Self::EraseOld(old, now) => Answer::Erased(ledger.erase_old(old, now).await.unwrap()),
            Self::OpenAccounts => {
                let mut accounts = upkeep.open_accounts().await.unwrap();
                accounts.sort();
                Answer::Accounts(accounts)
            }
            Self::Doubt(restored) => Answer::Count(ledger.doubt(restored, ALL).await.unwrap()),
            Self::Find(owner, id) => messages(history.find(owner, id).await.unwrap()),
            Self::Page(owner, page) => Answer::Part(history.page(owner, page).await.unwrap()),
            Self::Cancel(owner, id, now) => {
                Answer::Cancel(ledger.cancel(owner, id, now).await.unwrap())
            }
            Self::Delete(owner, id, now) => {
                Answer::Happened(ledger.delete(owner, id, now).await.unwrap())
            }
            Self::DeleteAll(owner, now) => {
                Answer::Count(ledger.delete_all(owner, now).await.unwrap())
            }
            Self::RefuseQueued(wish, now) => {
                opt_outs.note(&wish, now).await.unwrap();
                let mut owners = store.refuse_queued(&wish, now, ALL).await;
                owners.sort();
                Answer::Users(owners)
            }
        }
    }

    /// Whether it may change more than one message.
    pub(super) fn is_for_many(&self) -> bool {
        matches!(
            self,
            Self::Claim(..)
                | Self::Purge(..)
                | Self::EraseOld(..)
                | Self::Doubt(..)
                | Self::DeleteAll(..)
                | Self::RefuseQueued(..)
        )
    }
}

fn ids(mut ids: Vec<MessageId>) -> Answer {
    ids.sort();
    Answer::Ids(ids)
}

fn messages(found: impl IntoIterator<Item = Message>) -> Answer {
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|message| message.id);
    Answer::Messages(found)
}
