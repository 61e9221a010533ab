//! The provider's status callbacks.

use super::{error, resource};
use crate::domain::{InvalidSid, MessageSid, PhoneNumber, ProviderStatus};

/// What a status callback says, whatever else is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusCallback {
    pub sid: MessageSid,
    pub account: String,
    pub status: ProviderStatus,
    /// The provider's status, if the word is new to us.
    pub unknown_word: Option<String>,
    /// To whom the message was sent.
    pub recipient: Option<PhoneNumber>,
    /// Absent unless it is at most 32 letters, digits and underscores.
    pub error_code: Option<String>,
    /// It failed because the recipient wants no texts from its sender.
    pub opted_out: bool,
}

/// The form is not a status callback.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCallback {
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("MessageSid is no SID")]
    Sid(#[source] InvalidSid),
}

impl StatusCallback {
    /// Reads the decoded parameters of a callback; those that are new to us do no harm.
    pub fn parse(form: &[(String, String)]) -> Result<Self, InvalidCallback> {
        let find = |name: &str| {
            let found = form
                .iter()
                .find(|(key, value)| key == name && !value.is_empty());
            found.map(|(_, value)| value.as_str())
        };
        // The shorter names are those of the time when there were only short messages.
        let either = |name: &'static str, older| {
            find(name)
                .or_else(|| find(older))
                .ok_or(InvalidCallback::Missing(name))
        };
        let sid = either("MessageSid", "SmsSid")?;
        let word = either("MessageStatus", "SmsStatus")?;
        let account = find("AccountSid").ok_or(InvalidCallback::Missing("AccountSid"))?;
        let (status, unknown_word) = resource::status(word);
        let error_code = find("ErrorCode").and_then(error::code_word);
        Ok(Self {
            sid: MessageSid::parse(sid).map_err(InvalidCallback::Sid)?,
            account: account.to_owned(),
            status,
            unknown_word,
            recipient: find("To").and_then(|number| PhoneNumber::parse(number).ok()),
            opted_out: error_code.as_deref().is_some_and(error::is_opt_out),
            error_code,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Status;

    const SID: &str = "SM0123456789abcdef0123456789abcdef";

    fn parse(form: &[(&str, &str)]) -> Result<StatusCallback, InvalidCallback> {
        let owned: Vec<_> = form
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        StatusCallback::parse(&owned)
    }

    #[test]
    fn a_callback_is_read_whatever_else_is_in_it() {
        let callback = parse(&[
            ("RawDlrDoneDate", "2601011200"),
            ("SmsSid", SID),
            ("SmsStatus", "undelivered"),
            ("MessageStatus", "undelivered"),
            ("To", "+14155550123"),
            ("MessageSid", SID),
            ("AccountSid", "AC1"),
            ("ErrorCode", "30003"),
            ("ErrorMessage", "anything"),
            ("SomethingNew", ""),
        ])
        .unwrap();
        assert_eq!(callback.sid.as_str(), SID);
        assert_eq!(callback.account, "AC1");
        assert_eq!(callback.status.status(), Status::Undelivered);
        assert_eq!(callback.unknown_word, None);
        assert_eq!(callback.error_code.as_deref(), Some("30003"));
    }

    #[test]
    fn the_older_names_do_as_well() {
        let form = [
            ("SmsSid", SID),
            ("SmsStatus", "sent"),
            ("AccountSid", "AC1"),
        ];
        assert_eq!(parse(&form).unwrap().status.status(), Status::Sent);
    }

    #[test]
    fn a_word_that_is_new_to_us_is_kept() {
        let form = [
            ("MessageSid", SID),
            ("MessageStatus", "pondering"),
            ("AccountSid", "AC1"),
        ];
        let callback = parse(&form).unwrap();
        assert_eq!(callback.status, ProviderStatus::ACCEPTED);
        assert_eq!(callback.unknown_word.as_deref(), Some("pondering"));
    }

    #[test]
    fn what_cannot_be_an_error_code_is_none() {
        for bad in ["", "0", "+14155550123", "a b", &"1".repeat(33)] {
            let code = ("ErrorCode", bad);
            let form = [
                ("MessageSid", SID),
                ("MessageStatus", "sent"),
                ("AccountSid", "AC1"),
                code,
            ];
            assert_eq!(parse(&form).unwrap().error_code, None, "{bad}");
        }
    }

    #[test]
    fn a_form_without_sid_status_or_account_is_none() {
        let whole = [
            ("MessageSid", SID),
            ("MessageStatus", "sent"),
            ("AccountSid", "AC1"),
        ];
        for missing in 0..whole.len() {
            let mut form = whole.to_vec();
            form.remove(missing);
            assert!(parse(&form).is_err(), "{form:?}");
        }
        assert!(parse(&[("MessageSid", "x"), whole[1], whole[2]]).is_err());
    }
}
