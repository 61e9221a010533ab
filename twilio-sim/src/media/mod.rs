//! Pictures and other files that messages bring.

use axum::http::HeaderValue;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

mod content;

pub(crate) use content::router;

/// The most that one message may have.
pub(crate) const MOST: usize = 10;

/// The largest file that is made up, in bytes.
const LARGEST: u64 = 1 << 32;

const PICTURE_TYPE: &str = "image/png";

/// Those that need not be brought along.
const PICTURES: [(&str, &[u8]); 3] = [
    ("hills", include_bytes!("../../pictures/hills.png")),
    ("receipt", include_bytes!("../../pictures/receipt.png")),
    ("sunrise", include_bytes!("../../pictures/sunrise.png")),
];

/// A file as whoever scripts a phone gives it: one of `picture`, `data` and `size`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    content_type: Option<String>,
    picture: Option<String>,
    data: Option<String>,
    size: Option<u64>,
    /// Its content is sent without a length.
    #[serde(default)]
    unsized_content: bool,
}

/// A file of a message.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Medium {
    pub(crate) sid: String,
    pub(crate) content_type: String,
    pub(crate) content: Content,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unsized_content: bool,
}

/// What is in a file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    /// One of [`PICTURES`].
    Picture(String),
    /// Base64.
    Data(String),
    /// So many bytes that mean nothing.
    Size(u64),
    /// What a create request names; nobody fetches it.
    Url(String),
}

impl Given {
    pub(crate) fn into_medium(self) -> Result<Medium, &'static str> {
        let content = match (self.picture, self.data, self.size) {
            (Some(name), None, None) => Content::picture(name)?,
            (None, Some(data), None) => Content::data(data)?,
            (None, None, Some(size)) if size <= LARGEST => Content::Size(size),
            (None, None, Some(_)) => return Err("size is too large"),
            _ => return Err("a file has one of picture, data and size"),
        };
        let is_picture = matches!(content, Content::Picture(_));
        let usual = is_picture.then(|| PICTURE_TYPE.to_owned());
        let content_type = self.content_type.or(usual);
        let content_type = content_type.ok_or("content_type is required")?;
        if HeaderValue::from_str(&content_type).is_err() {
            return Err("content_type is a media type");
        }
        Ok(Medium {
            sid: Medium::new_sid(),
            content_type,
            content,
            unsized_content: self.unsized_content,
        })
    }
}

impl Medium {
    fn new_sid() -> String {
        format!("ME{:032x}", rand::random::<u128>())
    }

    /// What a create request names by its URL; every such file is shown as the same picture.
    pub(crate) fn named(url: String) -> Self {
        Self {
            sid: Self::new_sid(),
            content_type: PICTURE_TYPE.to_owned(),
            content: Content::Url(url),
            unsized_content: false,
        }
    }

    /// Where its content was said to be, if a create request named it.
    pub(crate) fn url(&self) -> Option<&str> {
        match &self.content {
            Content::Url(url) => Some(url),
            _ => None,
        }
    }
}

impl Content {
    fn picture(name: String) -> Result<Self, &'static str> {
        let is_known = PICTURES.iter().any(|(known, _)| *known == name);
        let known = is_known.then_some(Self::Picture(name));
        known.ok_or("picture is hills, receipt or sunrise")
    }

    fn data(base64: String) -> Result<Self, &'static str> {
        let is_good = STANDARD.decode(&base64).is_ok();
        is_good
            .then_some(Self::Data(base64))
            .ok_or("data is Base64")
    }

    fn len(&self) -> u64 {
        match self {
            Self::Size(size) => *size,
            other => other.whole().len() as u64,
        }
    }

    /// All of it, but for what is only so many bytes.
    fn whole(&self) -> Bytes {
        let picture = |name: &str| PICTURES.iter().find(|(known, _)| *known == name);
        match self {
            Self::Picture(name) => picture(name).map_or(Bytes::new(), |(_, png)| (*png).into()),
            Self::Data(data) => STANDARD.decode(data).unwrap_or_default().into(),
            Self::Url(_) => PICTURES[0].1.into(),
            Self::Size(_) => Bytes::new(),
        }
    }
}
