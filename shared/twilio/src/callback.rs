//! The provider's status callbacks.

use mysms_core::domain::{MessageId, PhoneNumber};
use mysms_core::provider::{RemoteMessage, Report};

use super::form::Form;
use super::sid::{self, InvalidSid};
use super::{error, status};

/// The form is not a status callback.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidCallback {
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("MessageSid is no SID")]
    Sid(#[source] InvalidSid),
}

/// Reads a callback that was made for a message; parameters that are new to us do no harm.
pub(super) fn report(form: &Form, message: Option<MessageId>) -> Result<Report, InvalidCallback> {
    // The shorter names are those of the time when there were only short messages.
    let either = |name: &'static str, older| {
        form.find(name)
            .or_else(|| form.find(older))
            .ok_or(InvalidCallback::Missing(name))
    };
    let sid = either("MessageSid", "SmsSid")?;
    let word = either("MessageStatus", "SmsStatus")?;
    let account = form
        .find("AccountSid")
        .ok_or(InvalidCallback::Missing("AccountSid"))?;
    let (status, unknown_word) = status::read(word);
    let error_code = form.find("ErrorCode").and_then(error::code_word);
    let opted_out = error_code.as_deref().is_some_and(error::is_opt_out);
    let recipient = || PhoneNumber::parse(form.find("To")?).ok();
    Ok(Report {
        message,
        account: account.to_owned(),
        unwilling: opted_out.then(recipient).flatten(),
        text: RemoteMessage {
            sid: sid::parse(sid).map_err(InvalidCallback::Sid)?,
            status,
            unknown_word,
            error_code,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mysms_core::domain::{ProviderStatus, Status};

    const SID: &str = "SM0123456789abcdef0123456789abcdef";

    fn parse(form: &[(&str, &str)]) -> Result<Report, InvalidCallback> {
        report(&Form::for_test(form), None)
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
        assert_eq!(callback.text.sid.as_str(), SID);
        assert_eq!(callback.account, "AC1");
        assert_eq!(callback.text.status.status(), Status::Undelivered);
        assert_eq!(callback.text.unknown_word, None);
        assert_eq!(callback.text.error_code.as_deref(), Some("30003"));
    }

    #[test]
    fn the_older_names_do_as_well() {
        let form = [
            ("SmsSid", SID),
            ("SmsStatus", "sent"),
            ("AccountSid", "AC1"),
        ];
        assert_eq!(parse(&form).unwrap().text.status.status(), Status::Sent);
    }

    #[test]
    fn a_word_that_is_new_to_us_is_kept() {
        let form = [
            ("MessageSid", SID),
            ("MessageStatus", "pondering"),
            ("AccountSid", "AC1"),
        ];
        let callback = parse(&form).unwrap();
        assert_eq!(callback.text.status, ProviderStatus::ACCEPTED);
        assert_eq!(callback.text.unknown_word.as_deref(), Some("pondering"));
    }

    #[test]
    fn only_an_opt_out_names_somebody_who_wants_no_texts() {
        let unwilling = |code| {
            let form = [
                ("MessageSid", SID),
                ("MessageStatus", "failed"),
                ("AccountSid", "AC1"),
                ("To", "+14155550123"),
                ("ErrorCode", code),
            ];
            parse(&form).unwrap().unwilling
        };
        let recipient = PhoneNumber::parse("+14155550123").unwrap();
        assert_eq!(unwilling("21610"), Some(recipient));
        assert_eq!(unwilling("30003"), None);
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
            assert_eq!(parse(&form).unwrap().text.error_code, None, "{bad}");
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
