//! The files that the provider keeps of messages.

use std::error::Error;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;

use super::ReadFailure;
use crate::domain::{ContentType, MediaUrl};

/// Opens what people sent us, and nothing that the provider does not keep.
#[async_trait]
pub trait MediaSource: Send + Sync {
    /// Begins to read a file, or a part of it. Nobody but the provider sees our credentials, and no address
    /// is asked that is not the provider's, wherever it leads.
    async fn open(
        &self,
        url: &MediaUrl,
        range: Option<&ByteRange>,
    ) -> Result<OpenMedium, MediaFailure>;
}

/// A range of bytes of a file, as the header `Range` has it: `bytes=0-99`, `bytes=100-` or `bytes=-100`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteRange(String);

/// A file that is being read.
pub struct OpenMedium {
    pub content_type: Option<ContentType>,
    /// How many bytes follow, if the provider says so.
    pub length: Option<u64>,
    /// Which part follows, if it is not the whole.
    pub part: Option<Part>,
    /// Ends with an error if the provider sends more than we take, too slowly, or not all.
    pub content: BoxStream<'static, Result<Bytes, CutShort>>,
}

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The places of its first and its last byte, from 0.
    pub first: u64,
    pub last: u64,
    /// How many bytes the whole file has, if the provider says so.
    pub of: Option<u64>,
}

/// Not all of a file came.
#[derive(Debug, thiserror::Error)]
pub enum CutShort {
    #[error("the file has more than {most} bytes")]
    TooLarge { most: u64 },
    #[error("the provider sends it too slowly")]
    TooSlow,
    #[error("the provider broke off")]
    BrokenOff(#[source] Box<dyn Error + Send + Sync>),
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MediaFailure {
    /// It is not kept by the provider, or is led to from there to somebody else.
    #[error("the file is not at the provider")]
    Elsewhere,
    #[error("the provider has no such file, or not any more")]
    Gone,
    #[error("the file has more than {most} bytes")]
    TooLarge { most: u64 },
    /// It has no such part.
    #[error("the file has no such part")]
    NoSuchPart { size: Option<u64> },
    #[error(transparent)]
    Unread(#[from] ReadFailure),
}

impl ByteRange {
    /// Reads a range; `None` for several, for another unit, and for what is none. All of that counts as if
    /// nothing had been asked (RFC 9110, 14.2).
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
        let place = |digits: &str| match digits {
            "" => Some(None),
            _ if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse::<u64>().ok().map(Some)
            }
            _ => None,
        };
        let valid = match (place(first)?, place(last)?) {
            (None, None) => false,
            (Some(first), Some(last)) => first <= last,
            _ => true,
        };
        valid.then(|| Self(format!("bytes={first}-{last}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of a file of so many bytes; `None` if it has no such part.
    pub fn within(&self, size: u64) -> Option<Part> {
        let (first, last) = self.0.strip_prefix("bytes=")?.split_once('-')?;
        let (first, last) = (first.parse::<u64>().ok(), last.parse::<u64>().ok());
        let end = size.checked_sub(1)?;
        let (first, last) = match (first, last) {
            (Some(first), last) => (first, last.unwrap_or(end).min(end)),
            (None, last) => (size.saturating_sub(last?), end),
        };
        let of = Some(size);
        (first <= last).then_some(Part { first, last, of })
    }
}

impl Part {
    /// Reads the header `Content-Range`: `bytes 0-99/1234` or `bytes 0-99/*`.
    pub fn parse(text: &str) -> Option<Self> {
        let (range, of) = text.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        let of = match of {
            "*" => None,
            of => Some(of.parse().ok()?),
        };
        (first <= last && of.is_none_or(|of| last < of)).then_some(Self { first, last, of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes_is_read_and_nothing_else() {
        for good in [
            "bytes=0-0",
            "bytes=100-",
            "bytes=-100",
            "bytes=0-18446744073709551615",
        ] {
            assert_eq!(ByteRange::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=2-1",
            "bytes=0-1,3-4",
            "bytes=+1-2",
            "items=0-1",
            "bytes=a-b",
            "bytes=0-18446744073709551616",
            "bytes=0-1\r\nX: y",
        ] {
            assert_eq!(ByteRange::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_range_is_a_part_of_a_file_of_known_size() {
        let part = |text, size| {
            let part = ByteRange::parse(text).unwrap().within(size)?;
            assert_eq!(part.of, Some(size));
            Some((part.first, part.last))
        };
        assert_eq!(part("bytes=0-0", 10), Some((0, 0)));
        assert_eq!(part("bytes=2-99", 10), Some((2, 9)));
        assert_eq!(part("bytes=9-", 10), Some((9, 9)));
        assert_eq!(part("bytes=-3", 10), Some((7, 9)));
        assert_eq!(part("bytes=-99", 10), Some((0, 9)));
        for (beyond, size) in [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)] {
            assert_eq!(part(beyond, size), None, "{beyond} of {size}");
        }
    }

    #[test]
    fn a_part_is_read_as_it_is_told() {
        let part = |first, last, of| Some(Part { first, last, of });
        assert_eq!(Part::parse("bytes 0-99/1234"), part(0, 99, Some(1234)));
        assert_eq!(Part::parse("bytes 5-5/*"), part(5, 5, None));
        for bad in [
            "",
            "bytes */12",
            "bytes 1-0/12",
            "bytes 0-12/12",
            "items 0-1/2",
        ] {
            assert_eq!(Part::parse(bad), None, "{bad:?}");
        }
    }
}
