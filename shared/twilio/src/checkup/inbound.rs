//! Whether what somebody writes to a number comes to us.

use mysms_core::provider::{Health, Item};
use serde_json::Value;
use url::Url;

use super::desk::{Desk, FormChange, text};

/// What the provider sets for a new number.
const DEMO: &str = "demo.twilio.com";

/// Names of the fields in which a number or a service says where received texts go.
pub(super) struct Fields {
    /// As they are read.
    pub(super) url: &'static str,
    pub(super) method: &'static str,
    /// As they are written.
    pub(super) set_url: &'static str,
    pub(super) set_method: &'static str,
}

pub(super) const OF_NUMBER: Fields = Fields {
    url: "sms_url",
    method: "sms_method",
    set_url: "SmsUrl",
    set_method: "SmsMethod",
};

pub(super) const OF_SERVICE: Fields = Fields {
    url: "inbound_request_url",
    method: "inbound_method",
    set_url: "InboundRequestUrl",
    set_method: "InboundMethod",
};

/// Judges where `resource`, which is changed at `at`, has texts posted to; `None` if we have no address for
/// them.
pub(super) fn judge(
    desk: &Desk,
    about: &str,
    (resource, at): (&Value, Url),
    fields: &Fields,
) -> Option<Item> {
    let wanted = desk.inbound_url.as_deref()?;
    let current = text(resource, fields.url);
    let posts = text(resource, fields.method).eq_ignore_ascii_case("post");
    let item = |says: String| {
        Item::new(about, Health::Broken, says).with(FormChange {
            desk: desk.clone(),
            url: at.clone(),
            form: vec![
                (fields.set_url, wanted.to_owned()),
                (fields.set_method, "POST".to_owned()),
            ],
            says: format!("have texts to {about} posted to {}", shown(wanted)),
            replaces: is_foreign(current, wanted).then(|| shown(current)),
        })
    };
    Some(if is_same(current, wanted) && posts {
        Item::new(about, Health::Good, "What is written to it comes to us.")
    } else if is_same(current, wanted) {
        item(
            "What is written to it is not posted to us, but asked for with GET: it is lost."
                .to_owned(),
        )
    } else if current.is_empty() {
        item("What is written to it is lost: no address is set for it at the provider.".to_owned())
    } else if is_foreign(current, wanted) {
        item(format!(
            "What is written to it goes to {}, not to us.",
            shown(current)
        ))
    } else {
        item(
            "What is written to it is answered by the provider's demonstration, and lost."
                .to_owned(),
        )
    })
}

/// Apart from the fragment, in which one may tell the provider how often it is to try.
fn is_same(current: &str, wanted: &str) -> bool {
    let bare = |url: &str| url.split('#').next().unwrap_or_default().to_owned();
    !current.is_empty() && bare(current) == bare(wanted)
}

fn is_foreign(current: &str, wanted: &str) -> bool {
    let host = Url::parse(current).ok();
    let host = host.as_ref().and_then(Url::host_str);
    !current.is_empty() && !is_same(current, wanted) && host != Some(DEMO)
}

/// An address without what may be secret in it.
fn shown(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return "what is no URL".to_owned();
    };
    url.set_query(None);
    url.set_fragment(None);
    _ = url.set_username("");
    _ = url.set_password(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use mysms_core::provider::Change;
    use serde_json::json;

    use super::*;
    use crate::checkup::tests::desk;

    fn judged(current: &str, method: &str) -> Item {
        let desk = desk("https://api.twilio.com");
        let number = json!({"sms_url": current, "sms_method": method});
        let at = desk.in_account("IncomingPhoneNumbers/PN1.json");
        judge(&desk, "+14155550100", (&number, at), &OF_NUMBER).unwrap()
    }

    #[test]
    fn texts_come_to_us_only_if_they_are_posted_to_our_address() {
        let ours = "https://sms.example.com/webhooks/twilio/inbound";
        for url in [ours.to_owned(), format!("{ours}#rc=3")] {
            assert_eq!(judged(&url, "POST").health, Health::Good);
            assert_eq!(judged(&url, "GET").health, Health::Broken);
        }
        let replaced = |url: &str| {
            let item = judged(url, "POST");
            assert_eq!(item.health, Health::Broken, "{url}");
            let change: Box<dyn Change> = item.change.unwrap();
            change.replaces().map(str::to_owned)
        };
        assert_eq!(replaced(""), None);
        assert_eq!(replaced("https://demo.twilio.com/welcome/sms/reply"), None);
        assert_eq!(
            replaced("https://me:secret@crm.example.com/in?key=secret#x").as_deref(),
            Some("https://crm.example.com/in")
        );
    }
}
