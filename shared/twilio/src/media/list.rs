//! The provider's list of the files of a message.

use mysms_core::domain::{ContentType, Media, MediaUrl, Medium, ProviderId};
use mysms_core::provider::ReadFailure;
use serde_json::Value;
use url::Url;

/// In front of the addresses of files, which the list has without a host.
const HOST: &str = "https://api.twilio.com";

const UNREADABLE: ReadFailure = ReadFailure::Unreadable("it is not a list of files");

/// Where the files of a message are listed, all on one page. `account` is where the account is.
pub(crate) fn list_url(account: &Url, sid: &ProviderId) -> Url {
    let mut url = account.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.extend(["Messages", sid.as_str(), "Media.json"]);
    }
    url.query_pairs_mut().append_pair("PageSize", "50");
    url
}

/// Reads a list of files. One that does not say where it is, is left out.
pub(crate) fn listed(list: &Value) -> Result<Media, ReadFailure> {
    let list = list["media_list"].as_array().ok_or(UNREADABLE)?;
    let medium = |listed: &Value| {
        let uri = listed["uri"].as_str()?;
        let url = format!("{HOST}{}", uri.strip_suffix(".json").unwrap_or(uri));
        let content_type = listed["content_type"].as_str();
        Some(Medium {
            content_type: content_type.and_then(|text| ContentType::parse(text).ok()),
            ..Medium::at(MediaUrl::parse(url).ok()?)
        })
    };
    Ok(Media::first_of(list.iter().filter_map(medium)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_file_is_read_with_its_place() {
        let path = "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
        let media = listed(&json!({ "media_list": [
            { "sid": "ME1", "content_type": "image/jpeg", "uri": format!("{path}.json") },
            { "sid": "ME2", "content_type": "?" },
            { "uri": "/x" },
        ] }))
        .unwrap();
        let [first, second] = [0, 1].map(|index| media.get(index).unwrap());
        assert_eq!(first.url.as_str(), format!("https://api.twilio.com{path}"));
        assert_eq!(first.content_type, ContentType::parse("image/jpeg").ok());
        assert_eq!(
            (second.url.as_str(), &second.content_type),
            ("https://api.twilio.com/x", &None)
        );
        assert_eq!(media.len(), 2);
        assert!(listed(&json!({ "messages": [] })).is_err());
    }
}
