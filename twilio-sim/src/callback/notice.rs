use std::{borrow::Cow, fmt::Write as _};

use sha1::{Digest as _, Sha1};

use crate::{
    Direction, Status,
    clock::Shown,
    message::{Callback, Message},
    segments, sign,
};

/// What callbacks tell of the account, and how.
#[derive(Clone, Copy)]
pub(crate) struct Account<'a> {
    pub(crate) sid: &'a str,
    pub(crate) advanced_opt_out: bool,
    pub(crate) shown: Shown,
}

/// A callback as it goes over the wire, the same in every repetition.
pub(crate) struct Notice {
    url: String,
    params: Vec<(Cow<'static, str>, String)>,
    /// Which of the account's callbacks this is.
    identity: String,
}

impl Notice {
    /// `None` if the message has no callback URL.
    pub(crate) fn new(
        account: Account<'_>,
        message: &Message,
        index: usize,
        callback: Callback,
    ) -> Option<Self> {
        let mut params = vec![
            ("AccountSid", account.sid.to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("From", message.from.clone()),
            ("MessageSid", message.sid.clone()),
            ("SmsSid", message.sid.clone()),
            ("SmsStatus", callback.status.word().to_owned()),
            ("To", message.to.clone()),
        ];
        if let Some(service) = &message.service {
            params.push(("MessagingServiceSid", service.clone()));
        }
        params.extend(match message.direction {
            Direction::Inbound => of_text(account, message),
            _ => of_status(account, callback),
        });
        let named = params.into_iter().map(|(name, value)| (name.into(), value));
        let mut params: Vec<(Cow<'static, str>, String)> = named.collect();
        if message.direction == Direction::Inbound {
            params.extend(of_media(account, message));
        }
        Some(Self {
            url: message.status_callback.clone()?,
            params,
            identity: format!("{} {index}", message.sid),
        })
    }

    /// As the message gave it, fragment included.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn form(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.params)
            .finish()
    }

    pub(crate) fn signature(&self, auth_token: &str) -> String {
        let params: Vec<_> = self
            .params
            .iter()
            .map(|(name, value)| (&**name, value.as_str()))
            .collect();
        sign(auth_token, &signed_url(&self.url), &params)
    }

    pub(crate) fn idempotency_token(&self) -> String {
        let digest = Sha1::digest(self.identity.as_bytes());
        digest.iter().take(16).fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// What only the callback for a text from a handset says.
fn of_text(account: Account<'_>, message: &Message) -> Vec<(&'static str, String)> {
    let mut params = vec![
        ("Body", message.body.clone()),
        ("NumMedia", message.media.len().to_string()),
        ("NumSegments", segments::count(&message.body).to_string()),
        ("SmsMessageSid", message.sid.clone()),
    ];
    let advanced = message.service.is_some() && account.advanced_opt_out;
    if let Some(order) = message.order.as_ref().filter(|_| advanced) {
        params.push(("OptOutType", order.keyword.word().to_owned()));
    }
    params
}

/// Each file that a handset sent, where Twilio says that it is.
fn of_media(account: Account<'_>, message: &Message) -> Vec<(Cow<'static, str>, String)> {
    let folder = format!(
        "https://api.twilio.com/2010-04-01/Accounts/{}/Messages/{}/Media",
        account.sid, message.sid
    );
    let media = message.media.iter().enumerate();
    let params = media.flat_map(|(index, medium)| {
        let url = format!("{folder}/{}", medium.sid);
        let content_type = medium.content_type.clone();
        [
            (format!("MediaUrl{index}").into(), url),
            (format!("MediaContentType{index}").into(), content_type),
        ]
    });
    params.collect()
}

/// What only a status callback says.
fn of_status(account: Account<'_>, callback: Callback) -> Vec<(&'static str, String)> {
    let status = callback.status;
    let mut params = vec![("MessageStatus", status.word().to_owned())];
    if let Some(code) = callback.code {
        params.push(("ErrorCode", code.to_string()));
    }
    if matches!(status, Status::Delivered | Status::Undelivered) {
        let date = account.shown.receipt_date(callback.due_ms);
        params.push(("RawDlrDoneDate", date));
    }
    params
}

/// Without the fragment and the credentials, and otherwise not touched.
fn signed_url(url: &str) -> String {
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let authority = rest.find(['/', '?']).unwrap_or(rest.len());
    let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host..])
}

#[cfg(test)]
mod tests {
    use super::signed_url;

    #[test]
    fn fragment_and_credentials_are_not_signed() {
        for (url, signed) in [
            (
                "http://a.example/s?m=1#rc=5&rp=all",
                "http://a.example/s?m=1",
            ),
            (
                "http://u:p@a.example:8080/s?to=x@y",
                "http://a.example:8080/s?to=x@y",
            ),
            ("http://a.example?m=a@b", "http://a.example?m=a@b"),
            ("http://a.example", "http://a.example"),
        ] {
            assert_eq!(signed_url(url), signed);
        }
    }
}
