//! Random sequences of all operations, in lock step with the reference and racing each other.

mod arguments;
mod generator;
mod invariants;
mod lines;
mod operation;

use std::collections::HashMap;
use std::ops::RangeInclusive;

use futures_util::future::join_all;
use mysms_core::domain::{Message, MessageId, Provider, Timestamp};

use self::generator::Generator;
use super::adapters::{self, Store};

/// Each seed is a run on fresh stores.
const SEEDS: RangeInclusive<u64> = 1..=8;
const STEPS: usize = 300;

/// Each of these is a worker and a user at the same store.
const RACING_SEEDS: RangeInclusive<u64> = 1..=4;
const RACING_STEPS: usize = 150;

pub(super) async fn operations_do_what_the_reference_does(store: &Store) {
    for seed in SEEDS {
        let adapter = store.another().await;
        run(seed, &adapter).await;
        adapter.dispose().await;
    }
}

async fn run(seed: u64, adapter: &Store) {
    let reference = adapters::reference().await;
    let mut generator = Generator::new(seed, adapter.purges_by_itself());
    let mut before = Vec::new();
    for step in 0..STEPS {
        let operation = generator.next(&before);
        let context = || {
            format!(
                "seed {seed}, step {step}, the last of\n{}",
                generator.past()
            )
        };
        let answer = operation.run(adapter).await;
        let expected = operation.run(&reference).await;
        assert!(
            answer == expected,
            "{answer:#?}\nnot\n{expected:#?}\n{}",
            context()
        );
        let after = adapter.documents(generator.ids()).await;
        let expected = reference.documents(generator.ids()).await;
        for (stored, expected) in after.iter().zip(&expected) {
            assert!(
                stored == expected,
                "{stored:#?}\nnot\n{expected:#?}\n{}",
                context()
            );
        }
        assert_eq!(after.len(), expected.len(), "{}", context());
        invariants::check(&before, &operation, &after).unwrap_or_else(|broken| {
            panic!("{broken}\n{}", context());
        });
        before = after;
    }
}

/// Everybody works on everybody's messages; nobody knows what the others do meanwhile.
pub(super) async fn operations_that_race_break_no_invariant(store: &Store) {
    let ids: Vec<_> = RACING_SEEDS.flat_map(generator::ids_of).collect();
    let racers = RACING_SEEDS.map(async |seed| {
        let mut generator = Generator::new(seed, true);
        let (mut sids, mut versions) = (HashMap::new(), HashMap::new());
        for step in 0..RACING_STEPS {
            let messages = store.documents(&ids).await;
            for message in &messages {
                let broken = invariants::of_message(message).err();
                assert_eq!(broken, None, "seed {seed}, step {step}: {message:#?}");
                assert_sid_stays(&mut sids, message);
                assert_goes_on(&mut versions, message);
            }
            generator.next(&messages).run(store).await;
        }
    });
    join_all(racers).await;
    let end = store.documents(&ids).await;
    assert_eq!(invariants::of_all(&end), Ok(()));
    assert!(end.len() > 20, "they had something to work on");
}

/// Of two states of a message the one that was read later is not the older one.
fn assert_goes_on(versions: &mut HashMap<MessageId, (u32, Timestamp)>, message: &Message) {
    let now = (message.version, message.updated_at);
    let before = versions.insert(message.id, now).unwrap_or(now);
    assert!(
        before.0 <= now.0 && before.1 <= now.1,
        "{before:?}: {message:#?}"
    );
}

fn assert_sid_stays(sids: &mut HashMap<MessageId, Provider>, message: &Message) {
    if let Some(own) = &message.provider {
        let first = sids.entry(message.id).or_insert_with(|| own.clone());
        assert_eq!(first, own, "a SID is never changed");
    } else {
        assert!(!sids.contains_key(&message.id), "a SID is never removed");
    }
}
