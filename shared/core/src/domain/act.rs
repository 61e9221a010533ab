use super::{ActId, Timestamp};

/// What an operator did by hand, so that it can be looked into later. It has neither names of users nor
/// texts nor numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub id: ActId,
    pub at: Timestamp,
    /// Who did it, as the operator's machine says.
    pub by: String,
    /// The command, without what it was told.
    pub command: String,
    /// The id of what it was done to.
    pub about: Option<String>,
}
