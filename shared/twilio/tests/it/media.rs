//! Reading the files that the provider keeps.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::{StreamExt, TryStreamExt};
use mysms_core::domain::{ContentType, MediaUrl, ProviderId};
use mysms_core::provider::{
    ByteRange, CutShort, MediaFailure, MediaSource, OpenMedium, Provider, ReadFailure,
};
use serde_json::json;

use super::server::{ACCOUNT, Act, Server, answer, answer_with, client, nobody, provider};

const FILE: &str =
    "/Messages/MM0123456789abcdef0123456789abcdef/Media/ME0123456789abcdef0123456789abcdef";
const LARGEST: u64 = 100;

fn path() -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}{FILE}")
}

fn source(server: &Server) -> Arc<dyn MediaSource> {
    let mut provider = provider(&server.url);
    // What a simulator leads to is on its own host, here this server.
    provider.simulated = true;
    twilio::media(&provider, LARGEST).unwrap()
}

fn url(text: &str) -> MediaUrl {
    MediaUrl::parse(text.to_owned()).unwrap()
}

async fn open(server: &Server, range: Option<&str>) -> Result<OpenMedium, MediaFailure> {
    let url = url(&format!("https://api.twilio.com{}", path()));
    let range = range.and_then(ByteRange::parse);
    source(server).open(&url, range.as_ref()).await
}

async fn read(opened: OpenMedium) -> Result<String, CutShort> {
    let pieces: Vec<_> = opened.content.try_collect().await?;
    Ok(String::from_utf8(pieces.concat()).unwrap())
}

fn led_to(place: &str) -> Act {
    answer_with(307, &format!("Location: {place}\r\n"), "")
}

#[tokio::test]
async fn the_content_is_where_the_provider_leads_to_and_sees_no_credentials() {
    let content = answer_with(200, "Content-Type: image/jpeg;a=b\r\n", "picture");
    let server = Server::start([led_to("/content/1?signed=yes"), content]);
    let opened = open(&server, None).await.unwrap();
    assert_eq!(opened.content_type, ContentType::parse("image/jpeg").ok());
    assert_eq!((opened.length, opened.part), (Some(7), None));
    assert_eq!(read(opened).await.unwrap(), "picture");
    let asked = server.next();
    assert_eq!(asked.target(), path());
    let secret = asked
        .header("authorization")
        .unwrap()
        .strip_prefix("Basic ")
        .unwrap();
    assert!(BASE64_STANDARD.decode(secret).is_ok());
    let led = server.next();
    assert_eq!(led.target(), "/content/1?signed=yes");
    assert_eq!(led.header("authorization"), None);
}

#[tokio::test]
async fn a_range_is_passed_on_wherever_it_leads() {
    let part = answer_with(206, "Content-Range: bytes 2-4/7\r\n", "ctu");
    let server = Server::start([led_to("/content/1"), part]);
    let opened = open(&server, Some("bytes=2-4")).await.unwrap();
    let part = opened.part.unwrap();
    assert_eq!((part.first, part.last, part.of), (2, 4, Some(7)));
    assert_eq!(read(opened).await.unwrap(), "ctu");
    assert_eq!(server.next().header("range"), Some("bytes=2-4"));
    assert_eq!(server.next().header("range"), Some("bytes=2-4"));
    let none = answer_with(416, "Content-Range: bytes */7\r\n", "");
    let server = Server::start([none]);
    let failure = open(&server, Some("bytes=9-")).await.err().unwrap();
    assert!(
        matches!(failure, MediaFailure::NoSuchPart { size: Some(7) }),
        "{failure:?}"
    );
}

#[tokio::test]
async fn nobody_else_is_asked_whatever_is_said() {
    let foreign = Server::start([answer(200, "stolen")]);
    for place in [
        foreign.url.as_str(),
        "file:///etc/passwd",
        "http://[::1]/",
        "//x",
        "http://",
    ] {
        let server = Server::start([led_to(place)]);
        let failure = open(&server, None).await.err().unwrap();
        assert!(
            matches!(failure, MediaFailure::Elsewhere),
            "{place}: {failure:?}"
        );
    }
    foreign.assert_no_more();
    let server = Server::start([answer(200, "never asked")]);
    let told = format!("{}{}", foreign.url, path());
    for elsewhere in ["https://evil.example/picture.png", &told] {
        let opened = source(&server).open(&url(elsewhere), None).await;
        assert!(matches!(opened.err(), Some(MediaFailure::Elsewhere)));
    }
    server.assert_no_more();
    foreign.assert_no_more();
}

#[tokio::test]
async fn nobody_is_led_on_for_ever() {
    let server = Server::start((0..9).map(|number| led_to(&format!("/content/{number}"))));
    let failure = open(&server, None).await.err().unwrap();
    let unread = ReadFailure::Unreadable("it leads from one place to the next");
    assert_eq!(failure.to_string(), unread.to_string());
    for _ in 0..4 {
        server.next();
    }
    server.assert_no_more();
}

#[tokio::test]
async fn what_is_too_large_is_not_begun_or_cut() {
    let many = "x".repeat(101);
    let server = Server::start([answer(200, &many)]);
    let failure = open(&server, None).await.err().unwrap();
    assert!(
        matches!(failure, MediaFailure::TooLarge { most: LARGEST }),
        "{failure:?}"
    );
    let part = answer_with(206, "Content-Range: bytes 0-2/101\r\n", "xxx");
    let failure = open(&Server::start([part]), Some("bytes=0-2")).await;
    assert!(matches!(failure.err(), Some(MediaFailure::TooLarge { .. })));

    let without_length = |content: &str| {
        let head = "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n";
        Act::Answer(format!("{head}{content}"))
    };
    let server = Server::start([without_length(&many)]);
    let opened = open(&server, None).await.unwrap();
    assert_eq!(opened.length, None);
    let cut = read(opened).await.unwrap_err();
    assert!(
        matches!(cut, CutShort::TooLarge { most: LARGEST }),
        "{cut:?}"
    );
    let server = Server::start([without_length(&many[1..])]);
    let whole = read(open(&server, None).await.unwrap()).await.unwrap();
    assert_eq!(whole, many[1..]);
}

#[tokio::test]
async fn a_content_that_breaks_off_is_not_taken_for_a_whole_one() {
    let half = "HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf";
    let server = Server::start([Act::Answer(half.to_owned())]);
    let mut content = open(&server, None).await.unwrap().content;
    let mut last = None;
    while let Some(piece) = content.next().await {
        last = Some(piece);
    }
    assert!(
        matches!(last, Some(Err(CutShort::BrokenOff(_)))),
        "{last:?}"
    );
}

#[tokio::test]
async fn what_the_provider_says_instead_is_understood() {
    for (status, gone) in [
        (404, true),
        (410, true),
        (401, false),
        (500, false),
        (429, false),
    ] {
        let server = Server::start([answer(status, r#"{"code": 20404}"#)]);
        let failure = open(&server, None).await.err().unwrap();
        assert_eq!(
            matches!(failure, MediaFailure::Gone),
            gone,
            "{status}: {failure:?}"
        );
    }
    let mut away = provider(&nobody());
    away.simulated = true;
    let source = twilio::media(&away, LARGEST).unwrap();
    let url = url(&format!("https://api.twilio.com{}", path()));
    let failure = source.open(&url, None).await.err().unwrap();
    let MediaFailure::Unread(failure) = failure else {
        panic!("{failure:?}");
    };
    assert!(failure.is_unreachable());
}

#[tokio::test]
async fn the_files_of_a_message_are_listed() {
    let sid = ProviderId::parse("MM0123456789abcdef0123456789abcdef").unwrap();
    let list = json!({ "media_list": [{ "content_type": "image/png", "uri": format!("{}.json", path()) }] });
    let unknown = answer(404, r#"{"code": 20404, "status": 404}"#);
    let server = Server::start([answer(200, &list.to_string()), unknown, answer(200, "{}")]);
    let client = client(&server.url);
    let media = client.media_of(&sid).await.unwrap();
    let first = media.get(0).unwrap();
    assert_eq!(first.url, url(&format!("https://api.twilio.com{}", path())));
    assert_eq!(first.content_type, ContentType::parse("image/png").ok());
    let asked = server.next();
    let expected = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media.json?PageSize=50");
    assert_eq!(asked.target(), expected);
    assert!(client.media_of(&sid).await.unwrap().is_empty());
    assert!(client.media_of(&sid).await.is_err());
}
