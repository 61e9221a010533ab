use serde::{Deserialize, Serialize};

mod book;
mod kind;

pub(crate) use book::Book;
pub use kind::Kind;

/// A fault in the script. It strikes requests for its recipient, or texts from there, or all; among those that fit, one
/// for the recipient comes before a general one, and an older one before a newer one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub fault: Kind,
    /// The handset it is for; `None` is everybody. A list without `To` meets general faults only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How many more requests it strikes; `None` is all to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// The share of the fitting requests that it strikes, from 0 to 1; `None` is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
}

/// When a fault is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// For a create request that is in order.
    Create,
    /// For a message that is being accepted.
    Accept,
    /// For a text that a handset sent.
    Receive,
    List,
    Fetch,
    Erase,
}

impl Fault {
    /// Says what makes no sense in it, if anything.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.times == Some(0) {
            return Err("times is at least 1");
        }
        if self.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            return Err("rate is between 0 and 1");
        }
        self.fault.check()
    }
}
