use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use mysms_core::domain::{SessionId, UserId};
use runtime::config::TokenConfig;

use crate::seals::Seals;

/// A browser sends back a cookie with `__Secure-` only if it was set over TLS, so nobody who gets between
/// a page without TLS and us can plant one.
const NAME: &str = "mysms_session";
const SECURE_NAME: &str = "__Secure-mysms_session";

/// Makes and reads the cookies by which browsers go on with their sessions.
///
/// A cookie names its session and turn, and has a digest of both that nobody can make without our keys. So
/// the store has nothing that lets anybody in, and the cookie of a turn can be given once more.
pub(crate) struct Cookies(Seals);

/// A cookie of ours. Whether its session goes on, and its turn is the latest, is for the store to say.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct ShownCookie {
    pub user: UserId,
    pub session: SessionId,
    pub turn: u32,
}

impl Cookies {
    pub(crate) fn new(config: &TokenConfig) -> Self {
        Self(Seals::new(config, b"the cookie of a session"))
    }

    /// The one cookie of a request; two of them are none.
    pub(crate) fn shown(&self, headers: &HeaderMap, is_https: bool) -> Option<ShownCookie> {
        let name = name(is_https);
        let mut ours = pairs(headers).filter(|(known, _)| *known == name);
        let (Some((_, value)), None) = (ours.next(), ours.next()) else {
            return None;
        };
        self.read(value)
    }

    /// All cookies of a request that are genuine, under either name, whichever of them would be good.
    pub(crate) fn all(&self, headers: &HeaderMap) -> Vec<ShownCookie> {
        let ours = pairs(headers).filter(|(known, _)| [NAME, SECURE_NAME].contains(known));
        ours.filter_map(|(_, value)| self.read(value)).collect()
    }

    /// Sets a cookie, for so long, or until the browser is closed.
    pub(crate) fn set(
        &self,
        cookie: &ShownCookie,
        kept_for: Option<Duration>,
        is_https: bool,
    ) -> Option<HeaderValue> {
        let ShownCookie {
            user,
            session,
            turn,
        } = cookie;
        let seal = hex::encode(self.0.digest(&[&bytes(cookie)]));
        let value = format!("{user}.{session}.{turn}.{seal}");
        let max_age = kept_for.map(|time| time.as_secs());
        header(&value, max_age, is_https)
    }

    /// Takes the cookies away. Without TLS a page can do nothing about one that was set over TLS.
    pub(crate) fn remove(is_https: bool) -> impl Iterator<Item = HeaderValue> {
        let names = [true, false]
            .into_iter()
            .filter(move |secure| is_https || !secure);
        names.filter_map(|secure| header("", Some(0), secure))
    }

    fn read(&self, value: &str) -> Option<ShownCookie> {
        let mut fields = value.split('.');
        let cookie = ShownCookie {
            user: fields.next()?.parse().ok()?,
            session: fields.next()?.parse().ok()?,
            turn: fields.next()?.parse().ok()?,
        };
        let (seal, None) = (fields.next()?, fields.next()) else {
            return None;
        };
        let seal = hex::decode(seal).ok()?;
        self.0.verify(&[&bytes(&cookie)], &seal).then_some(cookie)
    }
}

/// The cookies of a request, by name.
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(COOKIE).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('='))
}

/// Each field has a length of its own, so nothing moves from one to the next.
fn bytes(cookie: &ShownCookie) -> Vec<u8> {
    let (user, session) = (cookie.user.as_uuid(), cookie.session.as_uuid());
    let turn = cookie.turn.to_be_bytes();
    [&user.as_bytes()[..], session.as_bytes(), &turn].concat()
}

/// Without a `Path`: a browser takes the folder of the address then, which is right behind whatever path a
/// proxy has put in front of ours.
fn header(value: &str, max_age: Option<u64>, is_https: bool) -> Option<HeaderValue> {
    let name = name(is_https);
    let secure = if is_https { "; Secure" } else { "" };
    let age = max_age.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let text = format!("{name}={value}; HttpOnly; SameSite=Strict{secure}{age}");
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

const fn name(is_https: bool) -> &'static str {
    if is_https { SECURE_NAME } else { NAME }
}

#[cfg(test)]
mod tests {
    use mysms_core::domain::Timestamp;

    use super::*;

    fn cookies(secret: &str, previous: Option<&str>) -> Cookies {
        Cookies::new(&TokenConfig {
            secret: secret.into(),
            previous: previous.map(Into::into),
        })
    }

    fn cookie(turn: u32) -> ShownCookie {
        ShownCookie {
            user: UserId::generate(Timestamp::from_millis(1_767_225_600_000)),
            session: SessionId::generate(),
            turn,
        }
    }

    fn asking(lines: &[&str]) -> HeaderMap {
        let lines = lines.iter().map(|line| (COOKIE, line.parse().unwrap()));
        lines.collect()
    }

    /// Name and value, as a browser sends them back.
    fn pair(header: &HeaderValue) -> String {
        let text = header.to_str().unwrap();
        text.split_once(';').unwrap().0.to_owned()
    }

    #[test]
    fn a_cookie_is_read_as_it_was_set_and_nothing_else_is() {
        let (cookies, cookie) = (cookies("a secret", None), cookie(7));
        let pair = pair(&cookies.set(&cookie, None, false).unwrap());
        let shown = |lines: &[&str]| cookies.shown(&asking(lines), false);
        assert_eq!(shown(&[&pair]), Some(cookie));
        assert_eq!(shown(&[&format!("a=b; {pair}; c")]), Some(cookie));
        assert_eq!(shown(&["a=b", &pair]), Some(cookie), "HTTP/2 parts them");
        let (next, other) = (pair.replace(".7.", ".8."), pair.replace(".7.", ".07."));
        let longer = format!("{pair}.0");
        let twice = format!("{pair}; {pair}");
        for bad in [
            "",
            "mysms_session=",
            &next,
            &longer,
            &twice,
            &pair[..pair.len() - 2],
        ] {
            assert_eq!(shown(&[bad]), None, "{bad}");
        }
        // The same turn, whatever its zeros.
        assert_eq!(shown(&[&other]), Some(cookie));
        let foreign = self::cookies("another secret", None);
        assert_eq!(foreign.shown(&asking(&[&pair]), false), None);
        let rotated = self::cookies("another secret", Some("a secret"));
        assert_eq!(rotated.shown(&asking(&[&pair]), false), Some(cookie));
    }

    #[test]
    fn of_several_cookies_all_that_are_genuine_are_known() {
        let cookies = cookies("a secret", None);
        let (first, second, third) = (cookie(0), cookie(3), cookie(5));
        let set = |cookie, is_https| pair(&cookies.set(cookie, None, is_https).unwrap());
        let (plain, other) = (set(&first, false), set(&second, false));
        let (secure, forged) = (set(&third, true), plain.replace(".0.", ".1."));
        let lines = [
            format!("{plain}; a=b; {forged}"),
            format!("{other};{secure}"),
        ];
        let lines = asking(&lines.each_ref().map(String::as_str));
        assert_eq!(cookies.all(&lines), [first, second, third]);
        assert_eq!(cookies.shown(&lines, false), None);
        assert_eq!(cookies.all(&HeaderMap::new()), []);
    }

    #[test]
    fn scripts_and_other_sites_do_not_get_it_and_without_tls_it_is_another_one() {
        let (cookies, cookie) = (cookies("a secret", None), cookie(0));
        let day = Some(Duration::from_hours(24));
        let plain = cookies.set(&cookie, None, false).unwrap();
        let secure = cookies.set(&cookie, day, true).unwrap();
        let attributes = |header: &HeaderValue| {
            let (_, rest) = header.to_str().unwrap().split_once("; ").unwrap();
            rest.to_owned()
        };
        assert_eq!(attributes(&plain), "HttpOnly; SameSite=Strict");
        assert_eq!(
            attributes(&secure),
            "HttpOnly; SameSite=Strict; Secure; Max-Age=86400"
        );
        assert!(pair(&secure).starts_with("__Secure-mysms_session="));
        assert_eq!(cookies.shown(&asking(&[&pair(&plain)]), true), None);
        assert_eq!(
            cookies.shown(&asking(&[&pair(&secure)]), true),
            Some(cookie)
        );
        let gone: Vec<_> = Cookies::remove(true).collect();
        let names: Vec<_> = gone.iter().map(pair).collect();
        assert_eq!(names, ["__Secure-mysms_session=", "mysms_session="]);
        assert!(gone[0].to_str().unwrap().ends_with("; Max-Age=0"));
        assert_eq!(Cookies::remove(false).count(), 1);
        assert!(!format!("{plain:?}{secure:?}").contains(&pair(&plain)[14..]));
    }
}
