//! What users set for all their texts.

use serde::{Deserialize, Serialize};

use super::{QuietHours, Weight};

/// What a user has set, and what operators have set for them. What is absent in a stored one is as usual.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UserSettings {
    pub quiet_hours: Option<QuietHours>,
    /// What is only typeset is replaced where that saves segments.
    pub smart_encoding: bool,
    /// How large their share of a sender is; only operators change it.
    pub weight: Weight,
}
