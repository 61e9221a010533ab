//! Facts end in the same state, whatever the order in which they arrive.

use futures_util::StreamExt;
use mysms_core::domain::{Absence, Event, Fact, FactEffect, MessageId, Settlement, Status};
use mysms_core::ledger::FactOutcome;

use super::adapters::Store;
use super::fixtures::{
    at, claim, fact, look_again, message, not_sent, race, sid, token, unknown, with_code,
};

/// The provider's words, weakest first.
const WORDS: [&str; 6] = [
    "accepted",
    "sent",
    "canceled",
    "failed",
    "undelivered",
    "delivered",
];

/// Sequences worked on at once.
const SIDE_BY_SIDE: usize = 16;

fn is_raise(outcome: &FactOutcome) -> bool {
    matches!(
        outcome,
        FactOutcome::Applied {
            effect: FactEffect::Raised,
            ..
        }
    )
}

/// What a sequence of facts about one SID has to end in.
fn end_of(facts: &[Fact]) -> (Status, Option<String>) {
    let strongest = facts.iter().map(|fact| fact.status.status()).max().unwrap();
    let last_words = facts
        .iter()
        .filter(|fact| fact.status.status() == strongest);
    (
        strongest,
        last_words.filter_map(|fact| fact.code.clone()).min(),
    )
}

/// Applies the facts in their order and compares every answer and the end.
async fn assert_end(store: &Store, id: MessageId, facts: &[Fact]) {
    let mut status = store.get(id).await.status;
    for fact in facts {
        let outcome = store.fact(fact).await;
        let stronger = fact.status.status() > status;
        let raised = is_raise(&outcome);
        assert_eq!(raised, stronger, "{outcome:?} when {status} heard {fact:?}");
        status = status.max(fact.status.status());
    }
    let end = store.get(id).await;
    assert_eq!((end.status, end.error_code), end_of(facts), "{facts:?}");
    assert_eq!(end.provider.unwrap().sid, facts[0].sid);
    assert_eq!(end.wake_at.is_some(), !status.is_terminal(), "{facts:?}");
    assert_eq!(end.delivered_at.is_some(), status == Status::Delivered);
    let said = end
        .timeline
        .iter()
        .filter(|entry| entry.event == Event::Provider);
    let mut distinct: Vec<_> = facts
        .iter()
        .map(|fact| (fact.status, fact.code.clone()))
        .collect();
    distinct.sort();
    distinct.dedup();
    assert_eq!(said.count(), distinct.len(), "each word is listed once");
}

/// All sequences of a length over some letters, numbered.
fn sequences<T: Clone>(letters: &[T], length: usize) -> Vec<(u64, Vec<T>)> {
    let mut all = vec![Vec::new()];
    for _ in 0..length {
        let longer = |shorter: &Vec<T>| {
            let shorter = shorter.clone();
            let add = move |letter: &T| [shorter.clone(), vec![letter.clone()]].concat();
            letters.iter().map(add).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    (1..).zip(all).collect()
}

/// Every sequence of four words, so also every permutation and repetition of fewer.
pub(super) async fn every_order_of_four_facts_ends_the_same(store: &Store) {
    let orders = futures_util::stream::iter(sequences(&WORDS, 4));
    orders
        .for_each_concurrent(SIDE_BY_SIDE, async |(number, words)| {
            let id = store.insert(message(number)).await;
            let said = (1..).zip(words);
            let facts: Vec<_> = said
                .map(|(s, word)| fact(id, sid(number), word, at(s)))
                .collect();
            assert_end(store, id, &facts).await;
        })
        .await;
}

pub(super) async fn of_two_codes_for_one_status_the_smaller_stays(store: &Store) {
    let letters = [
        ("failed", None),
        ("failed", Some("30003")),
        ("failed", Some("30008")),
        ("undelivered", Some("30005")),
    ];
    let orders = futures_util::stream::iter(sequences(&letters, 3));
    orders
        .for_each_concurrent(SIDE_BY_SIDE, async |(number, words)| {
            let id = store.sending(message(number), token(number)).await;
            let said = (1..).zip(words).map(|(s, (word, code))| Fact {
                code: code.map(str::to_owned),
                ..fact(id, sid(number), word, at(s))
            });
            assert_end(store, id, &said.collect::<Vec<_>>()).await;
        })
        .await;
}

/// Two facts, in both orders, at every two places among our own steps.
pub(super) async fn facts_between_our_own_steps_end_the_same(store: &Store) {
    const STEPS: u64 = 8;
    let mut number = 0;
    for first in 0..=STEPS {
        for second in first..=STEPS {
            for words in [["sent", "undelivered"], ["undelivered", "sent"]] {
                number += 1;
                let id = store.insert(message(number)).await;
                for step in 0..=STEPS {
                    for (place, word) in [first, second].into_iter().zip(words) {
                        if place == step {
                            let said = with_code("30005", fact(id, sid(number), word, at(500)));
                            store.fact(&said).await;
                        }
                    }
                    own_step(store, id, step).await;
                }
                let end = store.get(id).await;
                assert_eq!(
                    end.status,
                    Status::Undelivered,
                    "{words:?} at {first}, {second}"
                );
                assert_eq!(end.error_code.as_deref(), Some("30005"));
                assert_eq!((end.lease, end.wake_at), (None, None));
            }
        }
    }
}

/// What workers do with a message in doubt, one step after the other, as far as it lets them.
async fn own_step(store: &Store, id: MessageId, step: u64) {
    let absent = look_again(Absence::NotInList, at(120));
    match step {
        0 => drop(store.claim(id, claim(token(1), at(0))).await),
        1 => drop(store.settle(id, token(1), unknown(), at(5)).await),
        2 => drop(store.take_resolve(id, claim(token(2), at(90))).await),
        3 => drop(store.settle(id, token(2), absent, at(95)).await),
        4 => drop(store.take_resolve(id, claim(token(3), at(120))).await),
        5 => drop(
            store
                .settle(id, token(3), Settlement::RequeueAbsent, at(121))
                .await,
        ),
        6 => drop(store.claim(id, claim(token(4), at(121))).await),
        7 => drop(
            store
                .settle(id, token(4), not_sent(at(130), at(125)), at(125))
                .await,
        ),
        _ => {}
    }
}

pub(super) async fn facts_that_race_end_in_the_strongest(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    let outcomes = race(|number| {
        let ledger = store.ledger.clone();
        let word = WORDS[usize::try_from(number).unwrap() % WORDS.len()];
        async move {
            ledger
                .apply_fact(&fact(id, sid(1), word, at(9)))
                .await
                .unwrap()
        }
    })
    .await;
    let end = store.get(id).await;
    assert_eq!((end.status, end.wake_at), (Status::Delivered, None));
    let said = end
        .timeline
        .iter()
        .filter(|entry| entry.event == Event::Provider);
    assert_eq!(
        said.count(),
        WORDS.len(),
        "none is lost, none is listed twice"
    );
    let raised = outcomes.iter().filter(|outcome| is_raise(outcome));
    assert!((1..WORDS.len()).contains(&raised.count()));
}
