//! Random sequences of all operations, on an adapter and on the reference in lock step.

mod arguments;
mod generator;
mod invariants;
mod operation;

use shared::domain::{Message, MessageId};

use self::generator::Generator;
use super::adapters::{self, Store};

/// Each seed is a run on fresh stores.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;
const STEPS: usize = 300;

/// How many operations are shown when one fails.
const SHOWN: usize = 12;

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
            let past = generator.past();
            let shown = &past[past.len().saturating_sub(SHOWN)..];
            let shown: Vec<_> = shown.iter().map(|past| format!("{past:?}")).collect();
            format!(
                "seed {seed}, step {step}, the last of\n{}",
                shown.join("\n")
            )
        };
        let answer = operation.run(adapter).await;
        let expected = operation.run(&reference).await;
        assert!(
            answer == expected,
            "{answer:#?}\nnot\n{expected:#?}\n{}",
            context()
        );
        let after = everything(adapter, generator.ids()).await;
        let expected = everything(&reference, generator.ids()).await;
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

async fn everything(store: &Store, ids: &[MessageId]) -> Vec<Message> {
    store.documents(ids).await
}
