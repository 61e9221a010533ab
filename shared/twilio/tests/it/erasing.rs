//! Erasing what Twilio keeps of a message.

use mysms_core::domain::{Erasure, PhoneNumber, ProviderId};
use mysms_core::provider::{Addressee, Erased, Provider, ReadFailure};
use serde_json::json;

use super::server::{ACCOUNT, Act, SID, Server, TO, answer, client};

const FILES: [&str; 2] = [
    "ME00000000000000000000000000000001",
    "ME00000000000000000000000000000002",
];

fn sid() -> ProviderId {
    ProviderId::parse(SID).unwrap()
}

fn no_files() -> Act {
    answer(200, &json!({ "media_list": [] }).to_string())
}

fn files() -> Act {
    let files = FILES.map(|sid| json!({ "sid": sid, "parent_sid": SID }));
    answer(200, &json!({ "media_list": files }).to_string())
}

fn message(to: &str) -> Act {
    let message = json!({ "sid": SID, "to": to, "body": "", "status": "delivered" });
    answer(200, &message.to_string())
}

fn refusal(status: u16, code: u32) -> Act {
    let body = json!({ "code": code, "message": "no", "status": status });
    answer(status, &body.to_string())
}

fn gone() -> Act {
    refusal(404, 20404)
}

/// The requests that erase something, with their forms.
fn asked(server: &Server, count: usize) -> Vec<String> {
    let requests = (0..count).map(|_| {
        let request = server.next();
        let method = request.head.split(' ').next().unwrap().to_owned();
        let base = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/");
        let path = request.target().strip_prefix(&base).unwrap().to_owned();
        format!("{method} {path} {}", request.body)
    });
    let requests = requests.collect();
    server.assert_no_more();
    requests
}

async fn erase(server: &Server, what: Erasure) -> Result<Erased, ReadFailure> {
    client(&server.url).erase(&sid(), what).await
}

#[tokio::test]
async fn a_body_is_emptied_and_nothing_else_is_said() {
    let server = Server::start([no_files(), message(TO)]);
    assert_eq!(
        erase(&server, Erasure::Content).await.unwrap(),
        Erased::Done
    );
    let expected = [
        format!("GET {SID}/Media.json?PageSize=50 "),
        format!("POST {SID}.json Body="),
    ];
    assert_eq!(asked(&server, 2), expected);
}

#[tokio::test]
async fn files_are_removed_before_the_record_that_lists_them() {
    let removed = || answer(204, "");
    let server = Server::start([files(), removed(), gone(), removed()]);
    assert_eq!(erase(&server, Erasure::Record).await.unwrap(), Erased::Done);
    let [first, second] = FILES;
    let expected = [
        format!("GET {SID}/Media.json?PageSize=50 "),
        format!("DELETE {SID}/Media/{first}.json "),
        format!("DELETE {SID}/Media/{second}.json "),
        format!("DELETE {SID}.json "),
    ];
    assert_eq!(asked(&server, 4), expected);
}

#[tokio::test]
async fn what_is_gone_is_erased() {
    for what in [Erasure::Content, Erasure::Record] {
        let server = Server::start([gone(), gone()]);
        assert_eq!(erase(&server, what).await.unwrap(), Erased::Done);
    }
}

#[tokio::test]
async fn it_may_be_too_early() {
    for refused in [
        [no_files(), refusal(400, 20009)],
        [no_files(), refusal(409, 20409)],
    ] {
        let server = Server::start(refused);
        let erased = erase(&server, Erasure::Content).await.unwrap();
        assert_eq!(erased, Erased::TooEarly);
    }
    let server = Server::start([files(), refusal(400, 20009)]);
    let erased = erase(&server, Erasure::Record).await.unwrap();
    assert_eq!(erased, Erased::TooEarly);
}

#[tokio::test]
async fn a_refusal_is_told_from_an_absence() {
    for (status, code) in [(401, 20003), (403, 70051)] {
        let server = Server::start([no_files(), refusal(status, code)]);
        let failure = erase(&server, Erasure::Content).await.unwrap_err();
        assert!(failure.is_refusal(), "{failure:?}");
    }
    let troubles = [
        refusal(500, 20500),
        answer(502, "<html>"),
        refusal(429, 20429),
        Act::Close,
    ];
    for trouble in troubles {
        let server = Server::start([trouble]);
        let failure = erase(&server, Erasure::Content).await.unwrap_err();
        assert!(!failure.is_refusal(), "{failure:?}");
    }
}

#[tokio::test]
async fn to_whom_a_text_went_is_told_unless_it_is_hidden() {
    let cases = [
        (
            message(TO),
            Addressee::Number(PhoneNumber::parse(TO).unwrap()),
        ),
        (message("+1415555XXXX"), Addressee::Hidden),
        (gone(), Addressee::Gone),
    ];
    for (act, expected) in cases {
        let server = Server::start([act]);
        let addressee = client(&server.url).addressee(&sid()).await.unwrap();
        assert_eq!(addressee, expected);
    }
}
