use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response, Uri},
};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify, task::JoinSet, time::timeout};
use twilio_sim::{
    Options, Settings, Simulator, TEST_ACCOUNT_SID, TEST_AUTH_TOKEN, TEST_SENDER, sign,
};

/// What nothing here may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
pub(crate) const TO: &str = "+14155550100";

/// Options under which messages are delivered at once.
pub(crate) fn at_once() -> Options {
    Options {
        settings: Settings {
            step_ms: 0,
            ..Settings::default()
        },
        ..Options::default()
    }
}

/// A client of one simulator.
pub(crate) struct Account {
    pub(crate) base: String,
    pub(crate) http: Client,
    pub(crate) token: String,
}

/// A simulator and a client of it.
pub(crate) struct Harness {
    pub(crate) sim: Simulator,
    pub(crate) account: Account,
}

pub(crate) async fn start(options: Options) -> Harness {
    let token = options.auth_token.clone();
    let sim = Simulator::start(options).await.unwrap();
    let account = Account::new(sim.url(), token);
    Harness { sim, account }
}

impl Account {
    pub(crate) fn new(base: String, token: String) -> Self {
        let http = Client::builder()
            .no_proxy()
            .timeout(DEADLINE)
            .build()
            .unwrap();
        Self { base, http, token }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/2010-04-01/Accounts/{TEST_ACCOUNT_SID}{path}", self.base)
    }

    pub(crate) fn request(&self, form: &[(&str, &str)]) -> RequestBuilder {
        let request = self.http.post(self.url("/Messages.json"));
        request
            .basic_auth(TEST_ACCOUNT_SID, Some(&self.token))
            .form(form)
    }

    pub(crate) async fn create(&self, form: &[(&str, &str)]) -> (u16, Value) {
        read(self.request(form).send().await.unwrap()).await
    }

    /// Creates a text that must be accepted.
    pub(crate) async fn send(&self, to: &str, body: &str, callback: Option<&str>) -> Value {
        let mut form = vec![("To", to), ("From", TEST_SENDER), ("Body", body)];
        form.extend(callback.map(|url| ("StatusCallback", url)));
        let (status, message) = self.create(&form).await;
        assert_eq!(status, 201, "{message}");
        message
    }

    pub(crate) async fn try_send(&self, to: &str) -> (u16, Value) {
        self.create(&[("To", to), ("From", TEST_SENDER), ("Body", "hello")])
            .await
    }

    /// `uri` as a page's links have it.
    pub(crate) async fn get(&self, uri: &str) -> (u16, Value) {
        let request = self.http.get(format!("{}{uri}", self.base));
        let request = request.basic_auth(TEST_ACCOUNT_SID, Some(&self.token));
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn list(&self, query: &str) -> (u16, Value) {
        self.get(&format!(
            "/2010-04-01/Accounts/{TEST_ACCOUNT_SID}/Messages.json?{query}"
        ))
        .await
    }

    pub(crate) async fn fetch(&self, sid: &str) -> (u16, Value) {
        self.get(&format!(
            "/2010-04-01/Accounts/{TEST_ACCOUNT_SID}/Messages/{sid}.json"
        ))
        .await
    }

    pub(crate) async fn fault(&self, fault: Value) -> u64 {
        let (status, answer) = self.control("POST", "/faults", fault).await;
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_u64().unwrap()
    }

    /// Makes a sender of the account, or changes what it may do.
    pub(crate) async fn sender(&self, address: &str, terms: Value) -> Value {
        let path = format!("/senders/{address}");
        let (status, state) = self.control("PUT", &path, terms).await;
        assert_eq!(status, 200, "{state}");
        state
    }

    /// How things stand with a sender.
    pub(crate) async fn sender_state(&self, address: &str) -> Value {
        let (_, states) = self.control("GET", "/senders", Value::Null).await;
        let mut states = states.as_array().unwrap().iter();
        let state = states.find(|state| state["address"] == address);
        state.unwrap().clone()
    }

    /// The lines of the book behind a place.
    pub(crate) async fn book(&self, after: u64) -> Vec<Value> {
        let url = format!("{}/sim/book?after={after}", self.base);
        let answer = self.http.get(url).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
        let text = answer.text().await.unwrap();
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Lets a handset write to the number that wrote to it, or to the first one.
    pub(crate) async fn write(&self, from: &str, body: &str) -> Value {
        let text = json!({"from": from, "body": body});
        let (status, message) = self.control("POST", "/inbound", text).await;
        assert_eq!(status, 201, "{message}");
        message
    }

    /// Has texts from handsets posted there.
    pub(crate) async fn deliver_to(&self, url: &str) {
        self.settings(json!({"inbound_url": url})).await;
    }

    /// What is on a phone.
    pub(crate) async fn phone(&self, number: &str) -> Value {
        let path = format!("/phones/{number}");
        self.control("GET", &path, Value::Null).await.1
    }

    pub(crate) async fn settings(&self, change: Value) -> Value {
        let (status, settings) = self.control("PUT", "/settings", change).await;
        assert_eq!(status, 200, "{settings}");
        settings
    }

    /// The bodies of the ledger's messages to a number.
    pub(crate) async fn ledger(&self, to: &str) -> Vec<Value> {
        let url = format!("{}/sim/messages", self.base);
        let answer = self
            .http
            .get(url)
            .query(&[("to", to)])
            .send()
            .await
            .unwrap();
        answer.json().await.unwrap()
    }

    pub(crate) async fn stats(&self) -> Value {
        self.control("GET", "/stats", Value::Null).await.1
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/sim{path}", self.base);
        let request = self.http.request(method.parse().unwrap(), url);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        read(request.send().await.unwrap()).await
    }

    /// Fetches until the message has the status.
    pub(crate) async fn wait_for_status(&self, sid: &str, status: &str) -> Value {
        let begin = Instant::now();
        loop {
            let (_, message) = self.fetch(sid).await;
            if message["status"] == status {
                return message;
            }
            assert!(begin.elapsed() < DEADLINE, "still {}", message["status"]);
        }
    }
}

async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, body)
}

/// A callback as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) signature: String,
    pub(crate) token: String,
    pub(crate) params: Vec<(String, String)>,
}

impl Received {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn status(&self) -> &str {
        self.param("SmsStatus").unwrap()
    }

    /// Requires that it was signed for this URL with the default token.
    pub(crate) fn assert_signed_for(&self, url: &str) {
        let params: Vec<_> = self
            .params
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(self.signature, sign(TEST_AUTH_TOKEN, url, &params));
    }
}

/// An endpoint for callbacks.
pub(crate) struct Endpoint {
    pub(crate) base: String,
    inbox: Arc<Inbox>,
    _server: JoinSet<()>,
}

#[derive(Default)]
struct Inbox {
    received: Mutex<Vec<Received>>,
    answers: Mutex<Vec<u16>>,
    says: Mutex<Option<(&'static str, &'static str)>>,
    arrived: Notify,
}

impl Endpoint {
    pub(crate) async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn on(listener: TcpListener) -> Self {
        let base = format!("http://{}", listener.local_addr().unwrap());
        let inbox = Arc::new(Inbox::default());
        let app = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&inbox));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            base,
            inbox,
            _server: server,
        }
    }

    /// Answers the next callbacks with these, 0 being never, and the others with 204.
    pub(crate) fn answer(&self, answers: &[u16]) {
        *self.inbox.answers.lock().unwrap() = answers.iter().rev().copied().collect();
    }

    /// Answers what is not answered otherwise with 200 and this: its type and itself.
    pub(crate) fn say(&self, content_type: &'static str, body: &'static str) {
        *self.inbox.says.lock().unwrap() = Some((content_type, body));
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inbox.received.lock().unwrap().clone()
    }

    pub(crate) fn statuses(&self) -> Vec<String> {
        let received = self.received();
        received
            .iter()
            .map(|callback| callback.status().to_owned())
            .collect()
    }

    /// Waits until so many callbacks have arrived.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Received> {
        let enough = async {
            while self.received().len() < count {
                self.inbox.arrived.notified().await;
            }
        };
        let in_time = timeout(DEADLINE, enough).await;
        assert!(in_time.is_ok(), "only {:?}", self.statuses());
        self.received()
    }
}

async fn receive(
    State(inbox): State<Arc<Inbox>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let header = |name: &str| {
        let value = headers.get(name).expect(name);
        value.to_str().unwrap().to_owned()
    };
    let received = Received {
        path: uri.to_string(),
        signature: header("x-twilio-signature"),
        token: header("i-twilio-idempotency-token"),
        params: form_urlencoded::parse(&body).into_owned().collect(),
    };
    inbox.received.lock().unwrap().push(received);
    let answer = inbox.answers.lock().unwrap().pop();
    let says = *inbox.says.lock().unwrap();
    inbox.arrived.notify_one();
    if answer == Some(0) {
        pending::<()>().await;
    }
    let response = Response::builder();
    match (answer, says) {
        (None, Some((content_type, body))) => response
            .header("content-type", content_type)
            .body(body.into()),
        (answer, _) => response.status(answer.unwrap_or(204)).body(Body::empty()),
    }
    .unwrap()
}

/// Waits until no callback is owed any more.
pub(crate) async fn all_callbacks_settled(account: &Account) {
    let begin = Instant::now();
    while account.stats().await["callbacks_pending"] != json!(0) {
        assert!(begin.elapsed() < DEADLINE, "callbacks are still pending");
    }
}

pub(crate) fn default_token() -> String {
    TEST_AUTH_TOKEN.to_owned()
}
