//! Files that users bring for their messages, kept until the provider has fetched them.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{ContentType, MediaUrl, Medium, Timestamp, UploadId, UserId};

/// The most bytes of an upload, and of all uploads of one message: what Twilio takes for a message.
pub const MOST_UPLOADED: usize = 5_000_000;

/// The bytes of each part of an upload but the last.
pub const UPLOAD_PART: usize = 256 * 1024;

/// The types that Twilio takes in a message ("Accepted Content Types for Media" in its documentation), less
/// those that hardly any phone can open.
const TAKEN: [&str; 25] = [
    "application/pdf",
    "application/vcard",
    "audio/3gpp",
    "audio/ac3",
    "audio/amr",
    "audio/basic",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/webm",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "text/calendar",
    "text/csv",
    "text/directory",
    "text/rtf",
    "text/vcard",
    "text/x-vcard",
    "video/3gpp",
    "video/mp4",
    "video/mpeg",
    "video/webm",
];

/// What signs the addresses of one upload. It has no `Debug`, because whoever knows it can read the file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UploadSecret(String);

/// A file that a user brought.
#[derive(Clone)]
pub struct Upload {
    pub id: UploadId,
    pub owner: UserId,
    pub content_type: ContentType,
    /// In bytes; while it is coming the most that it may have.
    pub size: u64,
    pub secret: UploadSecret,
    /// It is removed then.
    pub kept_until: Timestamp,
}

impl UploadSecret {
    pub fn generate() -> Self {
        Self(hex::encode(rand::random::<[u8; 32]>()))
    }

    /// Reads what [`Self::as_str`] gave.
    pub fn restore(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn mac(&self, id: UploadId, until: u64) -> Hmac<Sha256> {
        let key = self.0.as_bytes();
        let mac = Hmac::new_from_slice(key).unwrap_or_else(|_| unreachable!("any length will do"));
        mac.chain_update(format!("{id} {until}"))
    }
}

impl Upload {
    /// The path of its content, below the address of the API, for whoever has to fetch it until then.
    pub fn signed_path(&self, until: Timestamp) -> String {
        let until = seconds(until);
        let signature = self.secret.mac(self.id, until).finalize().into_bytes();
        let (id, signature) = (self.id, hex::encode(signature));
        format!("/uploads/{id}/content?until={until}&signature={signature}")
    }

    /// Whether a signature is that of [`Self::signed_path`], and its time is not over.
    pub fn is_signed(&self, until: u64, signature: &str, now: Timestamp) -> bool {
        let Ok(signature) = hex::decode(signature) else {
            return false;
        };
        let verified = self.secret.mac(self.id, until).verify_slice(&signature);
        verified.is_ok() && seconds(now) <= until
    }

    /// It as a file of a message.
    pub fn medium(&self) -> Medium {
        Medium {
            url: MediaUrl::of_upload(self.id),
            content_type: Some(self.content_type.clone()),
            size: Some(self.size),
        }
    }
}

impl ContentType {
    /// Whether a file of this type can be sent.
    pub fn is_taken(&self) -> bool {
        TAKEN.contains(&self.as_str())
    }

    /// All types of files that can be sent, for people.
    pub fn all_taken() -> String {
        TAKEN.join(", ")
    }
}

fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_millis() / 1000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn upload() -> Upload {
        Upload {
            id: UploadId::generate(Timestamp::EPOCH),
            owner: UserId::generate(Timestamp::EPOCH),
            content_type: ContentType::parse("image/jpeg").unwrap(),
            size: 3,
            secret: UploadSecret::generate(),
            kept_until: Timestamp::EPOCH,
        }
    }

    fn read(path: &str) -> (u64, String) {
        let (_, query) = path.split_once("?until=").unwrap();
        let (until, signature) = query.split_once("&signature=").unwrap();
        (until.parse().unwrap(), signature.to_owned())
    }

    #[test]
    fn a_signature_is_good_for_one_upload_until_its_time_is_over() {
        let (one, other) = (upload(), upload());
        let end = Timestamp::EPOCH + Duration::from_secs(100);
        let (until, signature) = read(&one.signed_path(end));
        assert!(one.is_signed(until, &signature, end));
        assert!(!one.is_signed(until, &signature, end + Duration::from_secs(1)));
        assert!(!one.is_signed(until + 1, &signature, end));
        assert!(!other.is_signed(until, &signature, end));
        for bad in ["", "0", "00", &signature[2..], "not hexadecimal"] {
            assert!(!one.is_signed(until, bad, end), "{bad}");
        }
    }

    #[test]
    fn an_upload_is_named_by_its_address() {
        let upload = upload();
        assert_eq!(upload.medium().url.upload(), Some(upload.id));
        let elsewhere = MediaUrl::parse("https://example.com/a.jpg".to_owned()).unwrap();
        assert_eq!(elsewhere.upload(), None);
    }

    #[test]
    fn what_phones_cannot_open_is_not_taken() {
        let is_taken = |text| ContentType::parse(text).unwrap().is_taken();
        assert!(is_taken("image/jpeg") && is_taken("text/vcard; charset=utf-8"));
        assert!(!is_taken("text/html") && !is_taken("application/octet-stream"));
    }
}
