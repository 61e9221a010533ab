//! What a user has set, and an operator for them.

use serde::{Deserialize, Serialize};

use super::{QuietHours, Weight};

/// What a user has set, or an operator for them. Who has set nothing has the defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UserSettings {
    /// When nothing of theirs is sent but login codes.
    pub quiet_hours: Option<QuietHours>,
    /// Whether their texts are put into fewer segments unless a request says otherwise.
    pub smart_encoding: bool,
    /// Their share beside those of other users. Operators set it.
    pub weight: Weight,
    /// Whether they see what belongs to nobody, and give it to users. Operators set it.
    pub inbox: bool,
    /// Whether they see and write what people want of senders that everybody uses, and of all senders.
    /// Operators set it.
    pub consent: bool,
}

/// What operators let some users do that others may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Seeing what belongs to nobody, and giving it to users.
    Inbox,
    /// Seeing and writing what people want of senders that everybody uses, and of all senders.
    Consent,
}

impl UserSettings {
    pub fn has(&self, right: Right) -> bool {
        match right {
            Right::Inbox => self.inbox,
            Right::Consent => self.consent,
        }
    }

    pub fn set_right(&mut self, right: Right, has: bool) {
        match right {
            Right::Inbox => self.inbox = has,
            Right::Consent => self.consent = has,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_stored_is_the_default_and_what_is_new_does_no_harm() {
        let read = |text| serde_json::from_str::<UserSettings>(text).unwrap();
        assert_eq!(read("{}"), UserSettings::default());
        let stored = read(r#"{"weight": 7, "smart_encoding": true, "something_later": 1}"#);
        let expected = UserSettings {
            quiet_hours: None,
            smart_encoding: true,
            weight: Weight::try_from(7).unwrap(),
            inbox: false,
            consent: false,
        };
        assert_eq!(stored, expected);
        let again = serde_json::to_string(&stored).unwrap();
        assert_eq!(read(&again), stored);
        assert!(serde_json::from_str::<UserSettings>(r#"{"weight": 0}"#).is_err());
    }
}
