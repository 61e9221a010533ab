//! A front end.

use std::time::{Duration, Instant};

use lab::{Account, PATIENCE, eventually, until};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::Stream;

/// An HTTP client with a limit on every request.
pub(crate) fn http() -> reqwest::Client {
    lab::http(Duration::from_secs(30)).expect("an HTTP client")
}

/// Asks without a token.
pub(crate) async fn get(url: &str) -> Response {
    http().get(url).send().await.expect("an answer")
}

/// Asks again as long as the answer is that a server is too slow now, as it may be on a busy machine. It is the last
/// answer that counts.
async fn unless_busy(ask: impl AsyncFn() -> Response) -> Response {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = ask().await;
        if answer.status() != StatusCode::SERVICE_UNAVAILABLE || Instant::now() > deadline {
            return answer;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// How often the provider was asked to send a message, as far as its timeline tells: a worker that is held up for as
/// long as its start window begins nothing, and tries again.
pub(crate) fn begun(message: &Value) -> u64 {
    let timeline = message["timeline"].as_array().expect("a timeline");
    let not_begun = |entry: &&Value| {
        let detail = entry["detail"].as_str();
        detail.is_some_and(|detail| detail.ends_with("did not begin"))
    };
    let in_vain = timeline.iter().filter(not_begun).count() as u64;
    message["attempts"].as_u64().expect("a number") - in_vain
}

/// A signed-in user at one API.
#[derive(Clone)]
pub(crate) struct Client {
    account: Account,
    base: String,
    pub(crate) hash: String,
}

impl Client {
    /// Signs a new user up.
    pub(crate) async fn sign_up(base: &str, username: &str) -> Self {
        let account = Account::sign_up(http(), base, username).await;
        let account = account.expect("a new user");
        Self {
            base: base.to_owned(),
            hash: account.hash().to_owned(),
            account,
        }
    }

    /// The same user at another API.
    pub(crate) fn on(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// The same user with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            account: self.account.with_token(token),
            ..self.clone()
        }
    }

    pub(crate) fn token(&self) -> &str {
        self.account.token()
    }

    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Response {
        self.request_with(method, path, &[], body).await
    }

    /// The same with headers.
    pub(crate) async fn request_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Response {
        let mut request = self.ask(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.expect("an answer")
    }

    /// Brings a file for texts; tells where they find it.
    pub(crate) async fn bring(&self, content_type: &str, bytes: Vec<u8>) -> String {
        let request = self.ask(Method::POST, "/uploads");
        let request = request.header("Content-Type", content_type).body(bytes);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::CREATED);
        let upload: Value = answer.json().await.expect("an upload");
        upload["url"].as_str().expect("an address").to_owned()
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.account.request(method, &self.base, path)
    }

    /// Sends a text and requires that it is accepted; tells its id.
    pub(crate) async fn send(&self, recipient: &str, content: &str) -> String {
        let key = Uuid::new_v4().to_string();
        let send = || async {
            let answer = self.send_with_key(recipient, content, &key).await;
            answer.expect("an answer")
        };
        let answer = unless_busy(send).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["status"], "queued");
        body["id"].as_str().expect("an id").to_owned()
    }

    /// Sends a text with an idempotency key.
    pub(crate) async fn send_with_key(
        &self,
        recipient: &str,
        content: &str,
        key: &str,
    ) -> reqwest::Result<Response> {
        self.ask(Method::POST, "/messages")
            .header("Idempotency-Key", key)
            .json(&json!({"recipient": recipient, "content": content}))
            .send()
            .await
    }

    /// Sends a text with an idempotency key until it is accepted, as a careful client does whose
    /// server comes and goes.
    pub(crate) async fn send_stubbornly(&self, recipient: &str, content: &str, key: &str) {
        let accepted = until("a text is accepted", || async {
            let answer = self.send_with_key(recipient, content, key).await;
            answer.is_ok_and(|answer| {
                let status = answer.status();
                assert!(!status.is_client_error(), "the text is refused: {status}");
                status == StatusCode::OK
            })
        });
        accepted.await.expect("a text that is accepted");
    }

    /// Follows what happens, from the event with this id on.
    pub(crate) async fn events(&self, last: Option<&str>) -> Stream {
        let request = self.ask(Method::GET, "/events");
        let mut request = request.timeout(Duration::from_mins(10));
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        Stream::of(request.send().await.expect("an answer"))
    }

    /// The whole history, oldest first.
    pub(crate) async fn history(&self) -> Vec<Value> {
        let answer = self.read("/messages", &[]).await;
        answer.json().await.expect("a JSON array")
    }

    async fn read(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let ask = || self.request_with(Method::GET, path, headers, None);
        let answer = unless_busy(ask).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer
    }

    /// A history in another notation.
    pub(crate) async fn export(&self, path: &str, kind: &str) -> String {
        let accept = [("Accept", kind)];
        let answer = self.read(path, &accept).await;
        let said = answer.headers()["Content-Type"].to_str().expect("ASCII");
        assert!(said.starts_with(kind), "{said}");
        answer.text().await.expect("a text")
    }

    /// One message with its timeline.
    pub(crate) async fn message(&self, id: &str) -> Value {
        let path = format!("/messages/{}/{id}", self.hash);
        let answer = self.read(&path, &[]).await;
        answer.json().await.expect("JSON")
    }

    /// Waits until a message has a status and returns it.
    pub(crate) async fn wait_for(&self, id: &str, status: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let message = self.message(id).await;
            if message["status"] == status {
                return message;
            }
            assert!(
                Instant::now() < deadline,
                "not {status} in time: {message:#}"
            );
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until every message of the history is `delivered`.
    pub(crate) async fn wait_for_all_delivered(&self, count: usize) {
        eventually("every message is delivered", || async {
            self.newest_on_its_way().await == Some(None) && self.delivered().await == Some(count)
        })
        .await;
    }

    /// The newest message that is not `delivered`, if the API answers: the whole history, asked for
    /// time and again, would cost more than all that a test does otherwise.
    async fn newest_on_its_way(&self) -> Option<Option<Value>> {
        let path = "/messages?status=queued,sending,accepted,sent&order=desc&limit=1";
        let answer = self.ask(Method::GET, path).send().await.ok()?;
        Some(answer.json::<Vec<Value>>().await.ok()?.pop())
    }

    /// How many messages the history has, if all of them are `delivered`.
    async fn delivered(&self) -> Option<usize> {
        let answer = self.ask(Method::GET, "/messages").send().await;
        let history = answer.ok()?.json::<Vec<Value>>().await.ok()?;
        let delivered = |message: &Value| message["status"] == "delivered";
        history.iter().all(delivered).then_some(history.len())
    }
}
