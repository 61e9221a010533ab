use mysms_core::domain::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// That nothing leaves a sender for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Pause)]
pub struct PauseView {
    pub by: PausedBy,
    #[schema(value_type = schema::Timestamp)]
    pub since: Timestamp,
    /// When sending is tried again; null if that waits for the operator.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    pub until: Option<Timestamp>,
}

/// Who paused a sender: the operator, who paused all of them; the provider, which does not take its texts;
/// or a carrier, because the sender has used up its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PausedBy {
    Operator,
    Provider,
    Carrier,
}
