use serde::{Deserialize, Serialize};

/// A word that Twilio acts upon itself when it is all that a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Keyword {
    /// The handset wants no more texts.
    Stop,
    /// It wants them again.
    Start,
    /// It wants to know how to stop.
    Help,
}

/// Twilio's defaults for English.
const WORDS: [(Keyword, &[&str]); 3] = [
    (
        Keyword::Stop,
        &[
            "STOP",
            "STOPALL",
            "UNSUBSCRIBE",
            "CANCEL",
            "END",
            "QUIT",
            "REVOKE",
            "OPTOUT",
        ],
    ),
    (Keyword::Start, &["START", "YES", "UNSTOP"]),
    (Keyword::Help, &["HELP", "INFO"]),
];

impl Keyword {
    /// The keyword that a text consists of, in whatever case and with space around it.
    pub(crate) fn of(body: &str) -> Option<Self> {
        let body = body.trim();
        let is_body = |word: &&str| word.eq_ignore_ascii_case(body);
        let found = WORDS.iter().find(|(_, words)| words.iter().any(is_body));
        found.map(|(keyword, _)| *keyword)
    }

    /// As the parameter `OptOutType` names it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }

    /// What Twilio texts back.
    pub(crate) fn confirmation(self) -> &'static str {
        match self {
            Self::Stop => {
                "You have successfully been unsubscribed. You will not receive any more messages \
                 from this number. Reply START to resubscribe."
            }
            Self::Start => {
                "You have successfully been re-subscribed to messages from this number. Reply HELP \
                 for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
            }
            Self::Help => "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Keyword;

    #[test]
    fn only_the_word_alone_counts_in_any_case() {
        for (body, keyword) in [
            ("STOP", Some(Keyword::Stop)),
            (" stop\n", Some(Keyword::Stop)),
            ("OptOut", Some(Keyword::Stop)),
            ("yes", Some(Keyword::Start)),
            ("Info", Some(Keyword::Help)),
            ("STOP PLEASE", None),
            ("stop.", None),
            ("", None),
        ] {
            assert_eq!(Keyword::of(body), keyword, "{body:?}");
        }
    }
}
