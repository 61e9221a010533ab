//! Several senders, and what carriers let each of them do.

use serde_json::Value;

use crate::support::Account;

mod account;
mod book;
mod limits;
mod pace;

/// Where names may write to.
const ABROAD: &str = "+4915112345678";
const LONG_CODE: &str = "+15005550010";
/// When days end that are not to end during a test.
const NOT_YET_MS: i64 = 4_000_000_000_000;

/// Sends a text of so many segments from a number, a short code, a name or a Messaging Service.
async fn send(
    account: &Account,
    from: &str,
    segments: usize,
    more: &[(&str, &str)],
) -> (u16, Value) {
    let field = if from.starts_with("MG") {
        "MessagingServiceSid"
    } else {
        "From"
    };
    // Each segment of a text that is divided has 153 characters.
    let body = "x".repeat(if segments == 1 { 1 } else { 153 * segments });
    let form = [("To", ABROAD), (field, from), ("Body", &*body)];
    account.create(&[&form, more].concat()).await
}

/// The same, which must be accepted; its SID.
async fn accepted(account: &Account, from: &str, segments: usize) -> String {
    let (status, message) = send(account, from, segments, &[]).await;
    assert_eq!(status, 201, "{message}");
    message["sid"].as_str().unwrap().to_owned()
}

/// What a text came to: its status and its error code.
async fn outcome(account: &Account, sid: &str) -> (String, Value) {
    let (_, message) = account.fetch(sid).await;
    let status = message["status"].as_str().unwrap().to_owned();
    (status, message["error_code"].clone())
}
