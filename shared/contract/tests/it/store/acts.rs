//! What operators did.

use mysms_core::domain::{Act, ActId};

use super::adapters::Store;
use super::fixtures::at;

fn act(second: u64, about: Option<&str>) -> Act {
    Act {
        id: ActId::generate(at(second)),
        at: at(second),
        by: "root".to_owned(),
        command: format!("command {second}"),
        about: about.map(str::to_owned),
    }
}

pub(super) async fn what_operators_did_is_told_newest_first(store: &Store) {
    let acts = [act(1, None), act(2, Some("0197")), act(3, None)];
    // In whatever order they come to be stored.
    for index in [1, 2, 0] {
        store.acts.record(&acts[index]).await.unwrap();
    }
    let newest_first: Vec<_> = acts.iter().rev().cloned().collect();
    assert_eq!(store.acts.acts(10).await.unwrap(), newest_first);
    assert_eq!(store.acts.acts(2).await.unwrap(), newest_first[..2]);
    assert_eq!(
        store.reopened().await.acts.acts(10).await.unwrap(),
        newest_first
    );
}

pub(super) async fn an_act_is_recorded_once(store: &Store) {
    let act = act(1, None);
    for _ in 0..3 {
        store.acts.record(&act).await.unwrap();
    }
    assert_eq!(store.acts.acts(10).await.unwrap(), [act]);
}
