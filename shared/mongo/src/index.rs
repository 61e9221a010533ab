use mongodb::bson::{Document, doc};
use mongodb::options::Hint;

/// An index that messages are listed from. It is named to the server, whose planner otherwise
/// prefers walking through everybody's messages when the wanted ones are many.
#[derive(Debug, Clone, Copy)]
pub(super) enum Index {
    /// The messages with an alarm, the oldest alarm first.
    Lanes,
    /// What the provider is to erase, the oldest alarm first.
    Erasing,
    /// What was tried in vain and waits to be tried again, by its recipient.
    Tried,
    /// The messages that users see, in the order in which they were sent.
    History,
    /// Those to and from one number, in the order in which they were sent.
    Counterpart,
    /// The same in the order in which they stand in their conversation.
    Conversation,
    /// Those with one reference.
    References,
    /// Those with one tag.
    Tags,
    /// What was sent to one number, by whomever.
    Correspondents,
    /// What the provider took for one number, the latest first.
    Taken,
    /// What belonged to nobody and was given to users, by its author, the latest first.
    Assigned,
    /// What users have not seen.
    Unread,
    /// What is queued, by its user and its recipient.
    Waiting,
    /// A user's messages, tombstones included, in the order in which they changed.
    Changes,
    /// What waits for its turn, sender by sender and class by class.
    Turns,
    /// All messages, in the order in which they were accepted.
    Made,
}

impl Index {
    pub(super) fn hint(self) -> Hint {
        Hint::Keys(match self {
            Self::Lanes => doc! { "account": 1, "status": 1, "wake_at": 1, "expires_at": 1 },
            Self::Erasing => doc! { "account": 1, "erase_at": 1 },
            Self::Tried => doc! { "account": 1, "recipient": 1 },
            Self::History => doc! { "owner": 1, "_id": -1 },
            Self::Counterpart => doc! { "owner": 1, "visible": 1, "counterpart": 1, "_id": -1 },
            Self::Conversation => {
                doc! { "owner": 1, "visible": 1, "counterpart": 1, "position": -1, "_id": 1 }
            }
            Self::References => doc! { "owner": 1, "reference": 1, "_id": -1 },
            Self::Tags => doc! { "owner": 1, "tags": 1, "_id": -1 },
            Self::Correspondents => doc! { "counterpart": 1, "_id": -1 },
            Self::Taken => doc! { "counterpart": 1, "provider.at": -1 },
            Self::Assigned => doc! { "counterpart": 1, "assigned_at": -1 },
            Self::Unread => doc! { "owner": 1, "counterpart": 1 },
            Self::Waiting => doc! { "owner": 1, "visible": 1, "status": 1, "counterpart": 1 },
            Self::Changes => doc! { "owner": 1, "updated_at": 1, "_id": 1 },
            Self::Turns => {
                doc! { "account": 1, "status": 1, "sender": 1, "class": 1, "turn": 1 }
            }
            Self::Made => doc! { "_id": 1 },
        })
    }

    pub(super) fn order(self) -> Document {
        match self {
            Self::Lanes => doc! { "wake_at": 1 },
            Self::Erasing => doc! { "erase_at": 1 },
            Self::Changes => doc! { "updated_at": 1, "_id": 1 },
            Self::Correspondents => doc! { "_id": -1 },
            Self::Conversation => doc! { "position": -1 },
            Self::Taken => doc! { "provider.at": -1 },
            Self::Assigned => doc! { "assigned_at": -1 },
            Self::Turns => doc! { "turn": 1 },
            Self::History
            | Self::Counterpart
            | Self::References
            | Self::Tags
            | Self::Unread
            | Self::Waiting
            | Self::Tried
            | Self::Made => doc! { "_id": 1 },
        }
    }
}
