//! Browsers that are told of what comes in although none of our pages is open there (Web Push).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{EndpointUrl, IssuedToken, SessionId};

/// The browsers of a user that are told.
pub const MOST_BROWSERS: usize = 20;

/// A browser of a user's that is told of texts that come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    /// What it was asked for with. It is told as long as that login goes on.
    pub token: IssuedToken,
    /// Where its push service takes what it is told. Whoever knows it may disturb the user, so it is not
    /// logged.
    pub url: EndpointUrl,
    pub keys: BrowserKeys,
    /// It is told what was written, too, and not only by whom.
    pub with_text: bool,
}

/// The browsers of a user, each of another login, in the order in which they were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Browsers(Vec<Browser>);

/// With what a browser alone reads what it is told (RFC 8291).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenKeys", into = "WrittenKeys")]
pub struct BrowserKeys {
    /// An uncompressed point of P-256; whether it lies on the curve is not known.
    public: [u8; 65],
    secret: [u8; 16],
}

/// As browsers write them: Base64 for URLs, without padding.
#[derive(Serialize, Deserialize)]
struct WrittenKeys {
    p256dh: String,
    auth: String,
}

#[derive(Debug, thiserror::Error)]
#[error("must be the key of a browser: Base64 for URLs of {0} bytes")]
pub struct InvalidBrowserKey(usize);

impl Browser {
    pub fn session(&self) -> SessionId {
        self.token.session
    }
}

impl Browsers {
    pub fn iter(&self) -> impl Iterator<Item = &Browser> {
        self.0.iter()
    }

    pub fn of(&self, session: SessionId) -> Option<&Browser> {
        self.iter().find(|browser| browser.session() == session)
    }

    /// Keeps one in the place of the one of its login, and of what the same browser asked for in an earlier
    /// one. If there are too many the oldest is told no more.
    pub fn keep(&mut self, browser: Browser) {
        self.forget(|other| other.session() == browser.session() || other.url == browser.url);
        self.0.push(browser);
        let excess = self.0.len().saturating_sub(MOST_BROWSERS);
        self.0.drain(..excess);
    }

    pub fn forget(&mut self, gone: impl Fn(&Browser) -> bool) {
        self.0.retain(|browser| !gone(browser));
    }
}

impl BrowserKeys {
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    pub fn new(public: [u8; 65], secret: [u8; 16]) -> Self {
        Self { public, secret }
    }

    pub fn parse_public(text: &str) -> Result<[u8; 65], InvalidBrowserKey> {
        // What begins with 4 is a point that is not compressed.
        let public = bytes(text).filter(|public: &[u8; 65]| public[0] == 4);
        public.ok_or(InvalidBrowserKey(65))
    }

    pub fn parse_secret(text: &str) -> Result<[u8; 16], InvalidBrowserKey> {
        bytes(text).ok_or(InvalidBrowserKey(16))
    }
}

fn bytes<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    bytes.try_into().ok()
}

impl TryFrom<WrittenKeys> for BrowserKeys {
    type Error = InvalidBrowserKey;

    fn try_from(WrittenKeys { p256dh, auth }: WrittenKeys) -> Result<Self, Self::Error> {
        let public = Self::parse_public(&p256dh)?;
        Ok(Self::new(public, Self::parse_secret(&auth)?))
    }
}

impl From<BrowserKeys> for WrittenKeys {
    fn from(keys: BrowserKeys) -> Self {
        Self {
            p256dh: URL_SAFE_NO_PAD.encode(keys.public),
            auth: URL_SAFE_NO_PAD.encode(keys.secret),
        }
    }
}

impl fmt::Debug for BrowserKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Timestamp, TokenId, UserId};

    fn browser(url: usize) -> Browser {
        let mut public = [7; 65];
        public[0] = 4;
        Browser {
            token: IssuedToken {
                id: TokenId::generate(),
                session: SessionId::generate(),
                user: UserId::NOBODY,
                generation: Some(0),
                issued_at: Timestamp::EPOCH,
            },
            url: EndpointUrl::parse(format!("https://push.example/{url}")).unwrap(),
            keys: BrowserKeys::new(public, [9; 16]),
            with_text: false,
        }
    }

    fn urls(browsers: &Browsers) -> Vec<&str> {
        browsers.iter().map(|one| one.url.as_str()).collect()
    }

    #[test]
    fn a_login_has_one_browser_and_a_browser_one_login() {
        let mut browsers = Browsers::default();
        let (first, second) = (browser(1), browser(2));
        browsers.keep(first.clone());
        browsers.keep(second);
        let moved = Browser {
            url: browser(3).url,
            ..first.clone()
        };
        browsers.keep(moved);
        assert_eq!(
            urls(&browsers),
            ["https://push.example/2", "https://push.example/3"]
        );
        assert!(browsers.of(first.session()).is_some());
        browsers.keep(browser(3));
        assert_eq!(
            urls(&browsers),
            ["https://push.example/2", "https://push.example/3"]
        );
        assert!(
            browsers.of(first.session()).is_none(),
            "it is another login's by now"
        );
        browsers.forget(|one| one.url.as_str().ends_with('2'));
        assert_eq!(urls(&browsers), ["https://push.example/3"]);
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut browsers = Browsers::default();
        (0..=MOST_BROWSERS).for_each(|url| browsers.keep(browser(url)));
        assert_eq!(browsers.iter().count(), MOST_BROWSERS);
        assert_eq!(urls(&browsers)[0], "https://push.example/1");
    }

    #[test]
    fn what_is_stored_is_read_back_and_debug_output_hides_it() {
        let mut browsers = Browsers::default();
        browsers.keep(browser(1));
        let stored = serde_json::to_string(&browsers).unwrap();
        assert_eq!(serde_json::from_str::<Browsers>(&stored).unwrap(), browsers);
        let shown = format!("{browsers:?}");
        assert!(
            !shown.contains("push.example") && !shown.contains("BwcH"),
            "{shown}"
        );
    }

    #[test]
    fn keys_have_their_lengths() {
        let of = |first: u8, length: usize| {
            let mut bytes = vec![7; length];
            bytes[0] = first;
            URL_SAFE_NO_PAD.encode(bytes)
        };
        assert!(BrowserKeys::parse_public(&of(4, 65)).is_ok());
        for bad in [
            of(4, 64),
            of(4, 66),
            of(3, 65),
            format!("{}=", of(4, 65)),
            "ä".to_owned(),
        ] {
            assert!(BrowserKeys::parse_public(&bad).is_err(), "{bad}");
        }
        assert!(BrowserKeys::parse_secret(&of(0, 16)).is_ok());
        assert!(BrowserKeys::parse_secret(&of(0, 15)).is_err());
    }
}
