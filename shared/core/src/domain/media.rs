//! Pictures and other files that a message brings.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::UploadId;

/// The most that one message may have; no provider that we know takes more.
pub const MOST_MEDIA: usize = 10;

/// The longest address of a medium, in bytes.
const LONGEST_URL: usize = 2048;

const SCHEME: &str = "https://";

/// What the address of an upload begins with; its id follows.
const UPLOAD: &str = "upload:";

/// The longest name of a host, and the longest part of one, in bytes.
const LONGEST_HOST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// The longest content type, in bytes.
const LONGEST_TYPE: usize = 100;

/// The content types that a browser may show by itself, because they can do nothing but be seen.
const PICTURES: [&str; 4] = ["image/gif", "image/jpeg", "image/png", "image/webp"];

/// Where a medium is: of a received message where the provider keeps it, of a sent one from where the
/// provider fetches it. 1 to 2,048 visible ASCII characters. Nothing says yet that it may be asked for:
/// whoever asks checks that.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MediaUrl(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMediaUrl {
    #[error("must be 1 to 2048 characters")]
    Length,
    #[error("must have visible ASCII characters only")]
    Characters,
    #[error("must be an https URL")]
    Scheme,
    #[error("must have no user name or password in it")]
    Credentials,
    #[error("must name a host, and no port but 1 to 65535")]
    Host,
    #[error("must be the `url` of an upload")]
    Upload,
}

/// A media type without parameters, in lower case, such as `image/jpeg`; at most 100 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentType(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a media type, such as image/jpeg")]
pub struct InvalidContentType;

/// One file of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Medium {
    pub url: MediaUrl,
    /// What it is, if that is known.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<ContentType>,
    /// In bytes, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// What became known of a file of a message since that was stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learned {
    pub content_type: Option<ContentType>,
    /// In bytes.
    pub size: Option<u64>,
}

/// The files of a message in their order, at most [`MOST_MEDIA`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Medium>", into = "Vec<Medium>")]
pub struct Media(Vec<Medium>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most 10")]
pub struct TooManyMedia;

impl MediaUrl {
    pub fn parse(text: String) -> Result<Self, InvalidMediaUrl> {
        if !(1..=LONGEST_URL).contains(&text.len()) {
            Err(InvalidMediaUrl::Length)
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Err(InvalidMediaUrl::Characters)
        } else {
            Ok(Self(text))
        }
    }

    /// Reads where a file is that a user wants sent: an upload, or what [`Self::fetchable`] takes.
    pub fn sendable(text: &str) -> Result<Self, InvalidMediaUrl> {
        match text.strip_prefix(UPLOAD) {
            Some(id) => match id.parse() {
                Ok(id) => Ok(Self::of_upload(id)),
                Err(_) => Err(InvalidMediaUrl::Upload),
            },
            None => Self::fetchable(text),
        }
    }

    /// The address of an upload, which is for us alone.
    pub fn of_upload(id: UploadId) -> Self {
        Self(format!("{UPLOAD}{id}"))
    }

    /// Which upload it is the address of, if it is that of one.
    pub fn upload(&self) -> Option<UploadId> {
        self.0.strip_prefix(UPLOAD)?.parse().ok()
    }

    /// Reads an address from which a provider is to fetch a file: https, a host by name or number, and
    /// nobody's password.
    pub fn fetchable(text: &str) -> Result<Self, InvalidMediaUrl> {
        let address = Self::parse(text.to_owned())?;
        let (scheme, rest) = text.split_at_checked(SCHEME.len()).unwrap_or_default();
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(InvalidMediaUrl::Scheme);
        }
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.contains('@') {
            return Err(InvalidMediaUrl::Credentials);
        }
        // What reads URLs forgives more than a provider may: it unescapes hosts and passes over slashes.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".:_-[]".contains(&byte);
        let is_plain = !host.is_empty() && host.bytes().all(allowed);
        let url = is_plain.then(|| Url::parse(text).ok()).flatten();
        let exists = url.is_some_and(|url| {
            url.port() != Some(0) && url.host().is_some_and(|host| can_be(&host))
        });
        exists.then_some(address).ok_or(InvalidMediaUrl::Host)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether there can be a host of this name.
fn can_be(host: &Host<&str>) -> bool {
    let Host::Domain(name) = host else {
        return true;
    };
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= LONGEST_HOST && name.split('.').all(is_label)
}

/// Whoever knows the address of a file may be able to read it, so it stays out of logs.
impl fmt::Debug for MediaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaUrl({} bytes)", self.0.len())
    }
}

impl TryFrom<String> for MediaUrl {
    type Error = InvalidMediaUrl;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<MediaUrl> for String {
    fn from(url: MediaUrl) -> Self {
        url.0
    }
}

impl ContentType {
    /// Reads a type as headers have it; its parameters are left out.
    pub fn parse(text: &str) -> Result<Self, InvalidContentType> {
        let essence = text.split_once(';').map_or(text, |(essence, _)| essence);
        let essence = essence.trim();
        let is_token = |part: &str| !part.is_empty() && part.bytes().all(is_token_byte);
        let valid = essence.len() <= LONGEST_TYPE
            && essence
                .split_once('/')
                .is_some_and(|(kind, rest)| is_token(kind) && is_token(rest));
        valid
            .then(|| Self(essence.to_ascii_lowercase()))
            .ok_or(InvalidContentType)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a browser may show it by itself.
    pub fn is_picture(&self) -> bool {
        PICTURES.contains(&self.as_str())
    }
}

/// RFC 9110, 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

impl TryFrom<String> for ContentType {
    type Error = InvalidContentType;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ContentType> for String {
    fn from(content_type: ContentType) -> Self {
        content_type.0
    }
}

impl Medium {
    /// One of which nothing else is known yet.
    pub fn at(url: MediaUrl) -> Self {
        Self {
            url,
            content_type: None,
            size: None,
        }
    }

    /// Takes over what was not known before; returns whether there was anything.
    pub(super) fn learn(&mut self, learned: Learned) -> bool {
        let known = |medium: &Self| (medium.content_type.is_some(), medium.size.is_some());
        let before = known(self);
        self.content_type = self.content_type.take().or(learned.content_type);
        self.size = self.size.or(learned.size);
        known(self) != before
    }
}

impl Media {
    pub fn of(media: impl IntoIterator<Item = Medium>) -> Result<Self, TooManyMedia> {
        let media: Vec<_> = media.into_iter().take(MOST_MEDIA + 1).collect();
        if media.len() > MOST_MEDIA {
            return Err(TooManyMedia);
        }
        Ok(Self(media))
    }

    /// As many of the first ones as a message may have.
    pub fn first_of(media: impl IntoIterator<Item = Medium>) -> Self {
        Self(media.into_iter().take(MOST_MEDIA).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The one at a place, counted from 0.
    pub fn get(&self, index: usize) -> Option<&Medium> {
        self.0.get(index)
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Medium> {
        self.0.get_mut(index)
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Medium> {
        self.0.iter()
    }

    /// The uploads among them, each once.
    pub fn uploads(&self) -> Vec<UploadId> {
        let mut ids: Vec<_> = self
            .0
            .iter()
            .filter_map(|medium| medium.url.upload())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The same files, each in the place of one of them.
    #[must_use]
    pub fn map(self, change: impl FnMut(Medium) -> Medium) -> Self {
        Self(self.0.into_iter().map(change).collect())
    }
}

impl TryFrom<Vec<Medium>> for Media {
    type Error = TooManyMedia;

    fn try_from(media: Vec<Medium>) -> Result<Self, Self::Error> {
        Self::of(media)
    }
}

impl From<Media> for Vec<Medium> {
    fn from(media: Media) -> Self {
        media.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn medium(url: &str) -> Medium {
        Medium::at(MediaUrl::parse(url.to_owned()).unwrap())
    }

    #[test]
    fn a_url_is_kept_as_it_is_or_refused() {
        let longest = format!("https://x/{}", "a".repeat(2038));
        for good in ["https://api.twilio.com/a?b=%20#c", "x", &longest] {
            assert_eq!(MediaUrl::parse(good.to_owned()).unwrap().as_str(), good);
        }
        for (bad, why) in [
            ("", InvalidMediaUrl::Length),
            (&*format!("{longest}a"), InvalidMediaUrl::Length),
            ("https://x/a b", InvalidMediaUrl::Characters),
            ("https://x/\n", InvalidMediaUrl::Characters),
            ("https://x/ä", InvalidMediaUrl::Characters),
        ] {
            assert_eq!(MediaUrl::parse(bad.to_owned()), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn only_what_a_provider_can_fetch_safely_is_fetchable() {
        use InvalidMediaUrl::{Credentials, Host, Scheme};

        for good in [
            "https://example.com/a.jpg",
            "HTTPS://x:444?b@c",
            "https://[::1]/a",
            "https://[2001:db8::1]:65535/a",
            "https://93.184.216.34/a",
            "https://my_bucket.xn--bcher-kva.example./a",
            &format!("https://{0}.{0}.{0}.{1}/", "a".repeat(63), "a".repeat(61)),
        ] {
            assert_eq!(MediaUrl::fetchable(good).unwrap().as_str(), good);
        }
        for (bad, why) in [
            ("http://example.com/a", Scheme),
            ("example.com/a", Scheme),
            ("https:/example.com", Scheme),
            ("https:", Scheme),
            ("data:image/png;base64,AA==", Scheme),
            ("https://", Host),
            ("https:///a", Host),
            ("https://:80/a", Host),
            ("https://x:99999/", Host),
            ("https://x:0/", Host),
            ("https://x:y/", Host),
            ("https://x:1:2/", Host),
            ("https://-a/", Host),
            ("https://a-/", Host),
            ("https://a.-b/", Host),
            ("https://a..b/", Host),
            ("https://.a/", Host),
            ("https://a../", Host),
            ("https://./", Host),
            (&*format!("https://{}/", "a".repeat(64)), Host),
            (
                &*format!("https://{0}.{0}.{0}.{1}/", "a".repeat(63), "a".repeat(62)),
                Host,
            ),
            ("https://999.1.1.1/", Host),
            ("https://[::1/", Host),
            ("https://[::g]/", Host),
            ("https://xn--a/", Host),
            ("https://exa%6Dple.com/", Host),
            ("https://example.com\\a", Host),
            ("https://me:secret@example.com/a", Credentials),
            ("https://", Host),
            ("", InvalidMediaUrl::Length),
            ("https://example.com/a b", InvalidMediaUrl::Characters),
        ] {
            assert_eq!(MediaUrl::fetchable(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn a_content_type_is_read_as_headers_write_it() {
        for (text, read) in [
            ("image/jpeg", "image/jpeg"),
            (" Image/JPEG ; charset=\"x;y\"", "image/jpeg"),
            ("application/vnd.3gpp+xml", "application/vnd.3gpp+xml"),
        ] {
            assert_eq!(ContentType::parse(text).unwrap().as_str(), read);
        }
        let long = format!("image/{}", "x".repeat(95));
        for bad in [
            "", "image", "/", "image/", "/jpeg", "a/b/c", "a b/c", "a/\r\nb", &long,
        ] {
            assert_eq!(ContentType::parse(bad), Err(InvalidContentType), "{bad:?}");
        }
    }

    #[test]
    fn only_what_can_do_nothing_is_a_picture() {
        let is_picture = |text| ContentType::parse(text).unwrap().is_picture();
        assert!(is_picture("IMAGE/PNG") && is_picture("image/webp"));
        for other in ["image/svg+xml", "text/html", "application/pdf", "image/x"] {
            assert!(!is_picture(other), "{other}");
        }
    }

    #[test]
    fn there_are_at_most_ten_in_their_order() {
        let many = |count| (0..count).map(|number| medium(&format!("https://x/{number}")));
        let ten = Media::of(many(10)).unwrap();
        assert_eq!((ten.len(), ten.get(10)), (10, None));
        assert_eq!(ten.get(9).unwrap().url.as_str(), "https://x/9");
        assert_eq!(Media::of(many(11)), Err(TooManyMedia));
        assert_eq!(Media::first_of(many(11)), ten);
    }

    #[test]
    fn they_are_read_back_as_they_were_written() {
        let media = Media::of([
            medium("https://x/0"),
            Medium {
                content_type: ContentType::parse("image/png").ok(),
                size: Some(17),
                ..medium("https://x/1")
            },
        ]);
        let json = serde_json::to_string(media.as_ref().unwrap()).unwrap();
        let expected =
            r#"[{"url":"https://x/0"},{"url":"https://x/1","type":"image/png","size":17}]"#;
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_str::<Media>(&json).ok(), media.ok());
        let eleven = format!("[{}]", [r#"{"url":"x"}"#; 11].join(","));
        assert!(serde_json::from_str::<Media>(&eleven).is_err());
    }

    #[test]
    fn where_they_are_is_not_told_in_logs() {
        let told = format!("{:?}", Media::of([medium("https://x/secret")]));
        assert!(!told.contains("secret"), "{told}");
    }
}
