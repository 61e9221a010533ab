use std::collections::HashMap;

use mysms_core::domain::{
    Address, Claim, Claimant, Class, Fact, Lane, Learned, LeaseToken, Message, MessageId,
    NewMessage, NextPoll, PhoneNumber, Position, ProviderId, Restored, SenderAddress, Settlement,
    Status, Timestamp, Turn, UserId, Wish,
};
use mysms_core::ledger::{Adoption, Cancel, Erased, FactOutcome, Old};
use mysms_core::store::{
    Conversation, Excerpt, Inserted, Mover, Overdue, Overview, Page, Part, QueueId, QueueStanding,
    Reach, SidOwner, With,
};
use mysms_core::stores::Stores;

use crate::store::adapters::Store;
use crate::store::at_provider::erasing;

/// More than a run stores, so that no answer depends on which of several equals come first.
const ALL: usize = 10_000;

/// An operation with its arguments.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    Insert(NewMessage),
    Due(String, Lane, Timestamp),
    Claim(Vec<MessageId>, By, Claim),
    ClaimThese(Vec<MessageId>, By, Claim),
    Expire(MessageId, Timestamp),
    Settle(MessageId, LeaseToken, Settlement, Timestamp),
    ApplyFact(Fact),
    TakeResolve(MessageId, Claim),
    Adopt(MessageId, LeaseToken, Fact),
    TakePoll(MessageId, Timestamp, Timestamp),
    NextPoll(MessageId, NextPoll),
    TakeErasure(MessageId, Timestamp, Timestamp),
    PutOffErasure(MessageId, Timestamp),
    NoteErased(MessageId, Timestamp),
    ForgoErasure(MessageId),
    IsEvidence(String, PhoneNumber, Timestamp),
    Owners(Vec<ProviderId>),
    PushAlarm(MessageId, Status, Timestamp, Timestamp),
    Overdue(Overdue),
    Purge(Timestamp),
    EraseOld(Old, Timestamp),
    OpenAccounts,
    Doubt(Restored),
    Find(UserId, MessageId),
    Page(UserId, Page),
    Exchanged(UserId, Excerpt),
    Conversations(UserId, Overview),
    LastPositions(UserId, Vec<Address>),
    Counterparts(UserId, With),
    Cancel(UserId, MessageId, Timestamp),
    LearnOfMedium(UserId, MessageId, (usize, Learned), Timestamp),
    Delete(UserId, MessageId, Timestamp),
    DeleteAll(UserId, Timestamp),
    DeleteConversation(UserId, Address, Option<MessageId>, Timestamp),
    RefuseQueued(Wish, Timestamp),
    TakeTurns(HashMap<MessageId, Turn>, Timestamp),
    MoveTo(HashMap<MessageId, (SenderAddress, Option<Turn>)>, Timestamp),
    WaitUntil(HashMap<MessageId, Timestamp>, Timestamp),
    LeaveLines(Vec<MessageId>, Timestamp),
    ExpireThese(Vec<MessageId>, Timestamp),
    Waiting(String, Vec<&'static str>, Class),
    WaitedFor(String),
    OpenFrom(String, &'static str, Status),
    Enter(QueueId, u64),
    MoveEnd(QueueId, Mover, Timestamp),
    Leave(QueueId, u64, Option<Turn>),
    GiveBack(QueueId, UserId, u64),
    Emptied(QueueId, u64),
    Queue(QueueId),
}

/// Who claims.
#[derive(Debug, Clone)]
pub(super) struct By {
    pub(super) account: String,
    pub(super) sender: &'static str,
    pub(super) others: Vec<SenderAddress>,
}

impl By {
    fn claimant(&self) -> Claimant<'_> {
        Claimant {
            account: &self.account,
            sender: self.sender,
            others: &self.others,
        }
    }
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
    Conversations(Vec<Conversation>),
    LastPositions(Vec<(Address, Position)>),
    Counterparts(Vec<Address>),
    Cancel(Cancel),
    Count(u64),
    Accounts(Vec<String>),
    Senders(Vec<String>),
    Users(Vec<UserId>),
    Erased(Erased),
    Standing(QueueStanding),
    Turn(Turn),
    Queue(QueueStanding, Vec<Reach>),
    Done,
}

impl Operation {
    pub(super) async fn run(&self, store: &Store) -> Answer {
        let ledger = &erasing(store);
        let Stores {
            history,
            conversations,
            upkeep,
            opt_outs,
            ..
        } = &**store;
        match self.clone() {
            Self::Insert(new) => Answer::Inserted(ledger.insert(new).await.unwrap()),
            Self::Due(account, lane, now) => {
                ids(ledger.due(&account, lane, now, ALL).await.unwrap())
            }
            Self::Claim(ids, by, claim) => {
                messages(ledger.claim(&ids, by.claimant(), claim).await.unwrap())
            }
            Self::Expire(id, now) => Answer::Happened(ledger.expire(id, now).await.unwrap()),
            Self::Settle(id, token, settlement, now) => {
                let settled = ledger.settle(id, token, settlement, now);
                Answer::Happened(settled.await.unwrap())
            }
            Self::ApplyFact(fact) => Answer::Fact(ledger.apply_fact(&fact).await.unwrap()),
            Self::TakeResolve(id, claim) => messages(store.take_resolve(id, claim).await),
            Self::Adopt(id, token, fact) => {
                Answer::Adoption(ledger.adopt(id, token, &fact).await.unwrap())
            }
            Self::TakePoll(id, now, until) => {
                messages(ledger.take_poll(id, now, until).await.unwrap())
            }
            Self::NextPoll(id, next) => Answer::Happened(ledger.next_poll(id, next).await.unwrap()),
            Self::TakeErasure(id, now, until) => {
                messages(ledger.take_erasure(id, now, until).await.unwrap())
            }
            Self::PutOffErasure(id, until) => {
                Answer::Happened(ledger.put_off_erasure(id, until).await.unwrap())
            }
            Self::NoteErased(id, now) => {
                Answer::Happened(ledger.note_erased(id, now).await.unwrap())
            }
            Self::ForgoErasure(id) => Answer::Happened(ledger.forgo_erasure(id).await.unwrap()),
            Self::IsEvidence(account, to, recorded) => {
                let evidence = ledger.is_evidence(&account, &to, recorded);
                Answer::Happened(evidence.await.unwrap())
            }
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
            Self::Exchanged(owner, wanted) => {
                let exchanged = conversations.exchanged(owner, &wanted).await.unwrap();
                Answer::Messages(exchanged)
            }
            Self::Conversations(owner, wanted) => {
                Answer::Conversations(conversations.conversations(owner, &wanted).await.unwrap())
            }
            Self::Cancel(owner, id, now) => {
                Answer::Cancel(ledger.cancel(owner, id, now).await.unwrap())
            }
            Self::LearnOfMedium(owner, id, learned, now) => messages(
                ledger
                    .learn_of_medium(owner, id, learned, now)
                    .await
                    .unwrap(),
            ),
            Self::Delete(owner, id, now) => {
                Answer::Happened(ledger.delete(owner, id, now).await.unwrap().any())
            }
            Self::DeleteAll(owner, now) => {
                Answer::Count(ledger.delete_all(owner, now).await.unwrap().messages)
            }
            Self::RefuseQueued(wish, now) => {
                opt_outs.note(&wish, now).await.unwrap();
                let mut owners = store.refuse_queued(&wish, now, ALL).await;
                owners.sort();
                Answer::Users(owners)
            }
            other => other.run_on_conversations(store).await,
        }
    }

    async fn run_on_conversations(self, store: &Store) -> Answer {
        let conversations = &store.conversations;
        match self {
            Self::LastPositions(owner, of) => {
                let last = conversations.last_positions(owner, &of);
                let mut last = last.await.unwrap();
                last.sort_unstable();
                Answer::LastPositions(last)
            }
            Self::Counterparts(owner, with) => {
                let found = conversations.counterparts(owner, &with);
                let mut found = found.await.unwrap();
                found.sort_unstable();
                Answer::Counterparts(found)
            }
            Self::DeleteConversation(owner, with, up_to, now) => {
                let ledger = &erasing(store);
                let deleted = ledger.delete_conversation(owner, &with, up_to, now);
                Answer::Count(deleted.await.unwrap().messages)
            }
            line => line.run_on_line(store).await,
        }
    }

    async fn run_on_line(self, store: &Store) -> Answer {
        let Stores { ledger, turns, .. } = &**store;
        match self {
            Self::ClaimThese(ids, by, claim) => {
                let read = read(store, ids.iter()).await;
                let claimed = ledger.claim_these(read, by.claimant(), claim).await;
                messages(claimed.unwrap())
            }
            Self::LeaveLines(ids, now) => {
                let read = read(store, ids.iter()).await;
                messages(ledger.leave_lines(read, now).await.unwrap())
            }
            Self::ExpireThese(ids, now) => {
                let read = read(store, ids.iter()).await;
                messages(ledger.expire_these(read, now).await.unwrap())
            }
            Self::TakeTurns(places, now) => {
                let read = read(store, places.keys()).await;
                messages(ledger.take_turns(read, &places, now).await.unwrap())
            }
            Self::MoveTo(moves, now) => {
                let read = read(store, moves.keys()).await;
                messages(ledger.move_to(read, &moves, now).await.unwrap())
            }
            Self::WaitUntil(open, now) => {
                let read = read(store, open.keys()).await;
                messages(ledger.wait_until(read, &open, now).await.unwrap())
            }
            Self::Waiting(account, senders, class) => {
                let found = ledger.waiting(&account, &senders, class, ALL).await;
                let found = found.unwrap();
                assert!(found.is_sorted_by_key(|message| message.turn));
                messages(found)
            }
            Self::WaitedFor(account) => {
                let mut senders = ledger.waited_for(&account).await.unwrap();
                senders.sort();
                Answer::Senders(senders)
            }
            Self::OpenFrom(account, sender, status) => {
                let found = ledger.open_from(&account, sender, status, ALL).await;
                messages(found.unwrap())
            }
            Self::Enter(queue, segments) => {
                Answer::Standing(turns.enter(&queue, segments).await.unwrap())
            }
            Self::MoveEnd(queue, mover, now) => {
                Answer::Turn(turns.move_end(&queue, &mover, now).await.unwrap())
            }
            Self::Leave(queue, segments, turn) => {
                turns.leave(&queue, segments, turn).await.unwrap();
                Answer::Done
            }
            Self::GiveBack(queue, user, segments) => {
                turns.give_back(&queue, user, segments).await.unwrap();
                Answer::Done
            }
            Self::Emptied(queue, entered) => {
                turns.emptied(&queue, entered).await.unwrap();
                Answer::Done
            }
            Self::Queue(queue) => {
                let (standing, mut reaches) = turns.queue(&queue).await.unwrap();
                reaches.sort_by_key(|reach| reach.user);
                Answer::Queue(standing, reaches)
            }
            other => unreachable!("{other:?} is about no line"),
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
                | Self::DeleteConversation(..)
                | Self::RefuseQueued(..)
                | Self::TakeTurns(..)
                | Self::MoveTo(..)
                | Self::WaitUntil(..)
                | Self::ClaimThese(..)
                | Self::LeaveLines(..)
                | Self::ExpireThese(..)
        )
    }
}

async fn read(store: &Store, ids: impl Iterator<Item = &MessageId>) -> Vec<Message> {
    let ids: Vec<_> = ids.copied().collect();
    store.documents(&ids).await
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
