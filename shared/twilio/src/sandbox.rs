//! A stand-in for the provider that sends nothing and remembers nothing: what becomes of a text is decided
//! by its recipient alone, and its SID tells.

use std::sync::Arc;

use async_trait::async_trait;
use mysms_core::clock::Clock;
use mysms_core::domain::{
    Content, Erasure, Media, MessageId, PhoneNumber, ProviderId, ProviderStatus, SANDBOX_FAILING,
};
use mysms_core::provider::{
    Addressee, Clocks, Doubt, Erased, Glossary, Mark, OutgoingText, Provider, ReadFailure,
    ReceivedPage, RemoteMessage, Search, Span, StartDeadline, Verdict,
};
use sha2::{Digest, Sha256};

use super::error::{self, GLOSSARY};

/// Takes the texts of programs that are being tested.
///
/// It refuses the recipients that Twilio refuses with test credentials
/// (<https://www.twilio.com/docs/iam/test-credentials>), with the same codes. A text to `+150055` and the five
/// digits of an error code that carriers report, such as `+15005530003`, is sent and fails with that. Any
/// other arrives.
pub(crate) struct Sandbox {
    clock: Arc<dyn Clock>,
}

/// What Twilio refuses, by the recipient.
const REFUSED: [(&str, &str); 5] = [
    ("+15005550001", "21211"),
    ("+15005550002", "21612"),
    ("+15005550003", "21408"),
    ("+15005550004", "21610"),
    ("+15005550009", "21614"),
];

/// The code of what arrives.
const ARRIVES: &str = "00000";

/// Digits of a code, with which a SID ends.
const CODE_LENGTH: usize = ARRIVES.len();

impl Sandbox {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

#[async_trait]
impl Provider for Sandbox {
    async fn send(&self, text: &OutgoingText<'_>, _: StartDeadline) -> Verdict {
        let recipient = text.to.as_str();
        if let Some((_, code)) = REFUSED.iter().find(|(number, _)| *number == recipient) {
            return Verdict::Rejected {
                code: (*code).to_owned(),
                detail: error::explain(code),
                // Nobody has said so: the next test is to meet the same.
                opted_out: false,
            };
        }
        match sid(text.message, end(text.to)) {
            Some(sid) => Verdict::Accepted(RemoteMessage {
                sid,
                status: ProviderStatus::SENT,
                unknown_word: None,
                error_code: None,
            }),
            None => Verdict::Unknown {
                detail: "the sandbox could not name the text",
            },
        }
    }

    /// A text that is sent again gets the same SID, so none has to be found.
    async fn search(&self, _: &Doubt<'_>) -> Result<Search, ReadFailure> {
        Ok(Search {
            found: Vec::new(),
            requested_at: self.clock.now(),
        })
    }

    fn is_listed_alike(&self, one: &Content, other: &Content) -> bool {
        one == other
    }

    async fn fetch(&self, sid: &ProviderId) -> Result<Option<RemoteMessage>, ReadFailure> {
        let digits = sid.as_str();
        let code = digits.get(digits.len().saturating_sub(CODE_LENGTH)..);
        let code = code.unwrap_or(ARRIVES);
        let arrives = code == ARRIVES;
        Ok(Some(RemoteMessage {
            sid: sid.clone(),
            status: if arrives {
                ProviderStatus::DELIVERED
            } else {
                ProviderStatus::UNDELIVERED
            },
            unknown_word: None,
            error_code: (!arrives).then(|| code.to_owned()),
        }))
    }

    /// Nobody writes to the sandbox.
    async fn received(&self, _: &Span<'_>, _: Option<&Mark>) -> Result<ReceivedPage, ReadFailure> {
        Ok(ReceivedPage {
            texts: Vec::new(),
            unreadable: 0,
            next: None,
            clocks: Clocks {
                ours: self.clock.now(),
                theirs: None,
            },
        })
    }

    async fn media_of(&self, _: &ProviderId) -> Result<Media, ReadFailure> {
        Ok(Media::default())
    }

    async fn addressee(&self, _: &ProviderId) -> Result<Addressee, ReadFailure> {
        Ok(Addressee::Gone)
    }

    /// It keeps nothing.
    async fn erase(&self, _: &ProviderId, _: Erasure) -> Result<Erased, ReadFailure> {
        Ok(Erased::Done)
    }

    fn glossary(&self) -> Glossary {
        GLOSSARY
    }

    async fn check(&self) -> Result<(), ReadFailure> {
        Ok(())
    }
}

/// The code with which a text that is sent to a number ends.
fn end(recipient: &PhoneNumber) -> &str {
    let code = recipient.as_str().strip_prefix(SANDBOX_FAILING);
    let reported = |code: &&str| code.starts_with("30") && error::rule(code).is_some();
    code.filter(reported).unwrap_or(ARRIVES)
}

/// Written as Twilio's are: `SM` and 32 hexadecimal digits.
fn sid(message: MessageId, code: &str) -> Option<ProviderId> {
    let digest = hex::encode(Sha256::digest(message.as_uuid()));
    let digits = &digest[..32 - CODE_LENGTH];
    ProviderId::parse(&format!("SM{digits}{code}")).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mysms_core::clock::SystemClock;
    use mysms_core::domain::{Body, Media, SANDBOX_SENDER, SenderAddress, Timestamp};

    use tokio::time::Instant;

    use super::*;
    use crate::sid;

    async fn verdict_on(recipient: &str, message: MessageId) -> Verdict {
        let clock = Arc::new(SystemClock);
        let (to, body) = (
            PhoneNumber::parse(recipient).unwrap(),
            Body::parse("hi".to_owned()).unwrap(),
        );
        let text = OutgoingText {
            message,
            from: &SenderAddress::known(SANDBOX_SENDER),
            to: &to,
            body: &body,
            media: &Media::default(),
            validity: Duration::from_hours(1),
        };
        let window = Duration::from_secs(10);
        let deadline = StartDeadline::new(window, Instant::now(), clock.wall(), clock.clone());
        Sandbox::new(clock).send(&text, deadline).await
    }

    async fn end_of(recipient: &str) -> (ProviderStatus, Option<String>) {
        let message = MessageId::generate(Timestamp::EPOCH);
        let Verdict::Accepted(taken) = verdict_on(recipient, message).await else {
            panic!("{recipient} was refused");
        };
        assert_eq!(taken.status, ProviderStatus::SENT);
        assert_eq!(sid::parse(taken.sid.as_str()).unwrap(), taken.sid);
        let sandbox = Sandbox::new(Arc::new(SystemClock));
        let end = sandbox.fetch(&taken.sid).await.unwrap().unwrap();
        (end.status, end.error_code)
    }

    #[tokio::test]
    async fn what_becomes_of_a_text_is_decided_by_its_recipient() {
        let arrives = (ProviderStatus::DELIVERED, None);
        for recipient in [
            "+14155550123",
            "+15005550006",
            "+15005539999",
            "+15005520003",
        ] {
            assert_eq!(end_of(recipient).await, arrives, "{recipient}");
        }
        let fails = |code: &str| (ProviderStatus::UNDELIVERED, Some(code.to_owned()));
        assert_eq!(end_of("+15005530003").await, fails("30003"));
        assert_eq!(end_of("+15005530007").await, fails("30007"));
        for (recipient, expected) in REFUSED {
            let message = MessageId::generate(Timestamp::EPOCH);
            match verdict_on(recipient, message).await {
                Verdict::Rejected {
                    code,
                    detail,
                    opted_out,
                } => {
                    assert_eq!((code.as_str(), opted_out), (expected, false));
                    assert_eq!(detail, error::explain(expected));
                    assert!(recipient.starts_with(SANDBOX_FAILING));
                }
                other => panic!("{recipient}: {other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn a_text_that_is_sent_again_is_the_same_text() {
        let [one, other] = [(); 2].map(|()| MessageId::generate(Timestamp::EPOCH));
        let sent = verdict_on("+14155550123", one).await;
        assert_eq!(sent, verdict_on("+14155550123", one).await);
        assert_ne!(sent, verdict_on("+14155550123", other).await);
    }
}
