//! The texts that the provider received for us.

use mysms_core::domain::{Address, Body, ContentType, MOST_MEDIA, Media, MediaUrl, Medium};
use mysms_core::provider::ReceivedText;

use super::consent;
use super::form::Form;
use super::resource::Resource;
use super::sid::{self, InvalidSid};

/// The most that a text may have, in UTF-16 units; the provider passes on no more.
const LONGEST: usize = 1600;

/// The form does not say which text it is about, so that it could not be told from others.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidText {
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("MessageSid is no SID")]
    Sid(#[source] InvalidSid),
}

/// A text as the provider tells of it, in whichever way.
struct Told<'a> {
    sid: Option<&'a str>,
    account: Option<&'a str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    service: Option<&'a str>,
    body: Option<&'a str>,
    media: Media,
    /// How the provider itself understood it.
    opt_out_type: Option<&'a str>,
}

/// Reads what the provider says of a text that it received for us
/// (<https://www.twilio.com/docs/messaging/guides/webhook-request>); parameters that are new to us do
/// no harm. Whoever wrote it, and to which address of ours, it is a text: the provider would tell of one
/// that we refuse a few times more, and then never again.
pub(super) fn text(form: &Form) -> Result<ReceivedText, InvalidText> {
    let told = Told {
        sid: form.find("MessageSid").or_else(|| form.find("SmsSid")),
        account: form.find("AccountSid"),
        from: form.find("From"),
        to: form.find("To"),
        service: form.find("MessagingServiceSid"),
        body: form.find("Body"),
        media: media(form),
        opt_out_type: form.find("OptOutType"),
    };
    told.read()
}

/// Reads a received text of the provider's list, which does not say how the provider understood it.
/// `None` for one that we could not be told of either.
pub(super) fn of_list(listed: &Resource) -> Option<ReceivedText> {
    let told = Told {
        sid: Some(listed.sid.as_str()),
        account: listed.account.as_deref(),
        from: listed.from.as_deref(),
        to: Some(&listed.to),
        service: listed.service.as_deref(),
        body: listed.body.as_deref(),
        // The list only says how many there are.
        media: Media::default(),
        opt_out_type: None,
    };
    told.read().ok()
}

impl Told<'_> {
    fn read(self) -> Result<ReceivedText, InvalidText> {
        let required = |name, value: Option<_>| value.ok_or(InvalidText::Missing(name));
        let sid = required("MessageSid", self.sid)?;
        Ok(ReceivedText {
            sid: sid::parse(sid).map_err(InvalidText::Sid)?,
            account: required("AccountSid", self.account)?.to_owned(),
            from: Address::of_author(self.from.unwrap_or_default()),
            to: Address::of_author(self.to.unwrap_or_default()),
            service: self.service.map(str::to_owned),
            body: self.body.and_then(|text| Body::parse(beginning(text)).ok()),
            media: self.media,
            // Where the provider itself says how it understood the text, that counts.
            consent: match self.opt_out_type {
                Some(kind) => consent::of_type(kind),
                None => self.body.and_then(consent::of_text),
            },
            understood_by_provider: self.opt_out_type.is_some(),
        })
    }
}

/// What can be read of the files that a text brings. It is not refused for what cannot: how many there are
/// is told too, but whatever it says, those that are named are there, and no others.
fn media(form: &Form) -> Media {
    let named = (0..MOST_MEDIA).filter_map(|index| {
        let url = form.find(&format!("MediaUrl{index}"))?;
        let content_type = form.find(&format!("MediaContentType{index}"));
        Some(Medium {
            content_type: content_type.and_then(|text| ContentType::parse(text).ok()),
            ..Medium::at(MediaUrl::parse(url.to_owned()).ok()?)
        })
    });
    Media::first_of(named)
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
    use mysms_core::domain::{Consent, Registry, SenderAddress, Timestamp, UserId};
    use mysms_core::provider::Arrival;

    use super::*;

    const SID: &str = "SM0123456789abcdef0123456789abcdef";
    const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";

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
    fn a_text_to_a_short_code_is_read() {
        let to_code = parse(&[("To", "72345")]).unwrap();
        assert_eq!(to_code.to.as_str(), "72345");
        let at = Timestamp::from_millis(1_767_225_600_000);
        let ours = SenderAddress::known("+15005550006");
        let registry = Registry::new(Vec::new(), "AC1", ours);
        let inbound = to_code.stored_as(Arrival::told(at), &registry, UserId::NOBODY);
        assert_eq!(inbound.senders(), ["72345"]);
        let message = inbound.message_for(UserId::NOBODY);
        assert_eq!(message.recipient, None);
        assert_eq!(message.sender.as_deref(), Some("72345"));
    }

    /// From whom texts come, and to what, as the provider tells it.
    #[test]
    fn whoever_writes_from_whatever_is_read() {
        let rubbish = "7".repeat(200);
        for (from, to, author, recipient) in [
            ("384387", "+15005550006", "384387", "+15005550006"),
            ("PARCELBOX", "+15005550006", "PARCELBOX", "+15005550006"),
            ("Bank Info", "72345", "Bank Info", "72345"),
            ("14155550123", "+15005550006", "14155550123", "+15005550006"),
            (
                "(415) 555-0123",
                "+15005550006",
                "(415) 555-0123",
                "+15005550006",
            ),
            ("5550123", "+15005550006", "5550123", "+15005550006"),
            ("anonymous", "+15005550006", "anonymous", "+15005550006"),
            (
                "+5215512345678",
                "+15005550006",
                "+525512345678",
                "+15005550006",
            ),
            (
                "+5491112345678",
                "+15005550006",
                "+541112345678",
                "+15005550006",
            ),
            (
                "whatsapp:+14155550123",
                "whatsapp:+15005550006",
                "whatsapp:+14155550123",
                "whatsapp:+15005550006",
            ),
            (
                "rcs:+14155550123",
                "rcs:parcel_agent",
                "rcs:+14155550123",
                "rcs:parcel_agent",
            ),
            (
                "messenger:2345678901",
                "messenger:1234567890",
                "messenger:2345678901",
                "messenger:1234567890",
            ),
            ("", "+15005550006", "unknown", "+15005550006"),
            ("+14155550123", "", "+14155550123", "unknown"),
            (&rubbish, "!", &rubbish[..100], "unknown"),
            ("A\u{0}B\n", "+15005550006", "A\u{fffd}B", "+15005550006"),
        ] {
            let text = parse(&[("From", from), ("To", to)]).unwrap();
            assert_eq!((text.from.as_str(), text.to.as_str()), (author, recipient));
            assert_eq!(text.body.unwrap().as_str(), "Thanks!");
        }
    }

    #[test]
    fn what_the_provider_tells_besides_does_no_harm() {
        let whatsapp = [
            ("From", "whatsapp:+14155550123"),
            ("To", "whatsapp:+15005550006"),
            ("ProfileName", "Anna"),
            ("WaId", "14155550123"),
            ("ChannelMetadata", r#"{"type":"whatsapp","data":{}}"#),
            ("MessageType", "text"),
        ];
        let through_service = [
            ("MessagingServiceSid", SERVICE),
            ("SmsSid", SID),
            ("SmsMessageSid", SID),
            ("SmsStatus", "received"),
            ("NumSegments", "1"),
            ("ApiVersion", "2010-04-01"),
            ("FromCity", ""),
            ("ToCountry", "US"),
            ("AddOns", "{}"),
        ];
        let picture = [
            ("Body", ""),
            ("NumMedia", "1"),
            ("MediaContentType0", "image/jpeg"),
            ("MediaUrl0", "https://api.twilio.com/media"),
        ];
        assert!(parse(&whatsapp).unwrap().body.is_some());
        let text = parse(&through_service).unwrap();
        assert_eq!(text.service.as_deref(), Some(SERVICE));
        let picture = parse(&picture).unwrap();
        assert_eq!((picture.body, picture.media.len()), (None, 1));
        let old = parse(&[("MessageSid", ""), ("SmsSid", SID)]).unwrap();
        assert_eq!(old.sid.as_str(), SID);
    }

    #[test]
    fn of_the_files_of_a_text_those_are_kept_that_can_be_read() {
        let media = |pairs: &[(&str, &str)]| {
            let text = parse(pairs).unwrap();
            assert_eq!(text.body.unwrap().as_str(), "Thanks!");
            let of = |medium: &Medium| {
                let kind = medium.content_type.as_ref();
                let kind = kind.map_or("", |kind| kind.as_str()).to_owned();
                (medium.url.as_str().to_owned(), kind)
            };
            text.media.iter().map(of).collect::<Vec<_>>()
        };
        let [one, two] = ["https://api.twilio.com/1", "https://api.twilio.com/2"];
        let medium = |url: &str, kind: &str| (url.to_owned(), kind.to_owned());
        let both = [
            ("NumMedia", "2"),
            ("MediaUrl0", one),
            ("MediaContentType0", "IMAGE/jpeg; name=x"),
            ("MediaUrl1", two),
            ("MediaContentType1", "video/mp4"),
        ];
        let expected = [medium(one, "image/jpeg"), medium(two, "video/mp4")];
        assert_eq!(media(&both), expected);
        // Some of what is told may be missing or rubbish.
        assert_eq!(media(&[("NumMedia", "2")]), []);
        for count in ["", "-1", "many", "0", "99"] {
            let told = [("NumMedia", count), ("MediaUrl0", one)];
            assert_eq!(media(&told), [medium(one, "")], "{count:?}");
        }
        let second = [
            ("NumMedia", "2"),
            ("MediaUrl1", two),
            ("MediaContentType1", "?"),
        ];
        assert_eq!(media(&second), [medium(two, "")]);
        let spaces = [("NumMedia", "1"), ("MediaUrl0", "not a URL")];
        assert_eq!(media(&spaces), []);
        // It is kept where somebody else has it; whoever opens it looks at that.
        let foreign = [("NumMedia", "1"), ("MediaUrl0", "http://evil.example/")];
        assert_eq!(media(&foreign), [medium("http://evil.example/", "")]);
        let names: Vec<_> = (0..15).map(|index| format!("MediaUrl{index}")).collect();
        let many: Vec<_> = names.iter().map(|name| (&**name, one)).collect();
        assert_eq!(media(&many).len(), MOST_MEDIA);
    }

    #[test]
    fn a_stop_is_heard_wherever_it_comes_from() {
        for from in [
            "72345",
            "PARCELBOX",
            "whatsapp:+14155550123",
            "rcs:+14155550123",
            "",
        ] {
            let stop = parse(&[("From", from), ("Body", "STOP")]).unwrap();
            assert_eq!(stop.consent, Some(Consent::Withdrawn), "{from:?}");
        }
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
        ] {
            assert_eq!(parse(&[(name, value)]).unwrap_err().to_string(), said);
        }
    }
}
