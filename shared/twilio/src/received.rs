//! The texts that the provider received for us.

use mysms_core::domain::{
    Body, InvalidPhoneNumber, InvalidSenderAddress, PhoneNumber, SenderAddress,
};
use mysms_core::provider::ReceivedText;

use super::consent;
use super::form::Form;
use super::sid::{self, InvalidSid};

/// The most that a text may have, in UTF-16 units; the provider passes on no more.
const LONGEST: usize = 1600;

/// The form is not about a text that can be answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidText {
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("MessageSid is no SID")]
    Sid(#[source] InvalidSid),
    #[error("{0} is no phone number")]
    Number(&'static str, #[source] InvalidPhoneNumber),
    #[error("To is neither a phone number nor a short code")]
    To(#[source] InvalidSenderAddress),
}

/// Reads what the provider says of a text that it received for us
/// (<https://www.twilio.com/docs/messaging/guides/webhook-request>); parameters that are new to us do
/// no harm.
pub(super) fn text(form: &Form) -> Result<ReceivedText, InvalidText> {
    let find = |name| form.find(name);
    let required = |name| find(name).ok_or(InvalidText::Missing(name));
    let number = |name| {
        let text = required(name)?;
        PhoneNumber::parse(text).map_err(|error| InvalidText::Number(name, error))
    };
    let sid = find("MessageSid").or_else(|| find("SmsSid"));
    let sid = sid.ok_or(InvalidText::Missing("MessageSid"))?;
    Ok(ReceivedText {
        sid: sid::parse(sid).map_err(InvalidText::Sid)?,
        account: required("AccountSid")?.to_owned(),
        from: number("From")?,
        to: SenderAddress::parse(required("To")?).map_err(InvalidText::To)?,
        service: find("MessagingServiceSid").map(str::to_owned),
        body: find("Body").and_then(|text| Body::parse(beginning(text)).ok()),
        // Where the provider itself says how it understood the text, that counts.
        consent: match find("OptOutType") {
            Some(kind) => consent::of_type(kind),
            None => find("Body").and_then(consent::of_text),
        },
    })
}

/// As much of a text as a message may have.
fn beginning(text: &str) -> String {
    let mut units = 0;
    text.chars()
        .take_while(|character| {
            units += character.len_utf16();
            units <= LONGEST
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use mysms_core::domain::{MessageId, Timestamp, UserId};

    use super::*;

    const SID: &str = "SM0123456789abcdef0123456789abcdef";

    fn parse(changes: &[(&str, &str)]) -> Result<ReceivedText, InvalidText> {
        let mut form = vec![
            ("MessageSid", SID),
            ("AccountSid", "AC1"),
            ("From", "+14155550123"),
            ("To", "+15005550006"),
            ("Body", "Thanks!"),
        ];
        for (name, value) in changes {
            form.retain(|(known, _)| known != name);
            form.push((name, value));
        }
        text(&Form::for_test(&form))
    }

    #[test]
    fn a_text_to_a_short_code_is_read_and_one_to_nothing_is_not() {
        let to_code = parse(&[("To", "72345")]).unwrap();
        assert_eq!(to_code.to.as_str(), "72345");
        let at = Timestamp::from_millis(1_767_225_600_000);
        let inbound = to_code.stored_as(MessageId::generate(at), at, None);
        assert_eq!(inbound.senders().collect::<Vec<_>>(), ["72345"]);
        let message = inbound.message_for(UserId::NOBODY);
        assert_eq!(message.recipient, None);
        assert_eq!(message.sender.as_deref(), Some("72345"));
        assert!(matches!(parse(&[("To", "!")]), Err(InvalidText::To(_))));
    }

    #[test]
    fn a_text_may_have_no_words_and_never_too_many() {
        let body = |text: &str| parse(&[("Body", text)]).unwrap().body;
        assert_eq!(body("Thanks!").unwrap().as_str(), "Thanks!");
        assert_eq!(body(""), None);
        assert_eq!(body(" \n"), None);
        let long = "😀".repeat(801);
        assert_eq!(body(&long).unwrap().as_str(), "😀".repeat(800));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (name, value, said) in [
            ("MessageSid", "", "MessageSid is missing"),
            ("MessageSid", "XX", "MessageSid is no SID"),
            ("AccountSid", "", "AccountSid is missing"),
            ("From", "", "From is missing"),
            ("From", "12345", "From is no phone number"),
            (
                "To",
                "whatsapp:+15005550006",
                "To is neither a phone number nor a short code",
            ),
        ] {
            assert_eq!(parse(&[(name, value)]).unwrap_err().to_string(), said);
        }
    }
}
