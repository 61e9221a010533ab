use std::collections::{BTreeSet, HashMap};

use super::Ledger;
use crate::{keyword::Keyword, message::Order};

/// Which handsets want no texts from whom. It follows from the messages alone, so it is as durable
/// as they are.
#[derive(Default)]
pub(super) struct OptOuts(HashMap<String, BTreeSet<String>>);

impl OptOuts {
    pub(super) fn obey(&mut self, handset: &str, order: &Order) {
        match order.keyword {
            Keyword::Stop => {
                let scopes = self.0.entry(handset.to_owned()).or_default();
                scopes.insert(order.scope.clone());
            }
            Keyword::Start => {
                if let Some(scopes) = self.0.get_mut(handset) {
                    scopes.remove(&order.scope);
                }
            }
            Keyword::Help => {}
        }
    }

    fn contains(&self, handset: &str, scope: &str) -> bool {
        let scopes = self.0.get(handset);
        scopes.is_some_and(|scopes| scopes.contains(scope))
    }
}

impl Ledger {
    /// Whether the handset wants no texts from this scope.
    pub(crate) fn is_opted_out(&self, handset: &str, scope: &str) -> bool {
        self.books().opt_outs.contains(handset, scope)
    }
}
