//! The whole API over a ledger in a scratch file and a clock that stands still.

mod inbound;
mod receiver;

use std::convert::Infallible;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use mysms_core::clock::{Clock, ManualClock, SystemClock};
use mysms_core::domain::{
    Address, Body as Text, Claim, Claimant, Consent, Fact, Inbound, LeaseToken, Media, Medium,
    Message, MessageId, NewMessage, NewUser, ProviderId, ProviderStatus, Receiver, Right, Sender,
    SenderAddress, SessionId, Timestamp, TokenId, UserId, UserSettings, Username,
};
use mysms_core::provider::{Arrival, ReceivedText};
use mysms_core::queue::{LocalAnnouncements, LocalQueue};
use mysms_core::store::Kind;
use mysms_core::store::editing::edit;
use mysms_core::stores::Stores;
use runtime::config::{
    CapsConfig, CorsOrigins, DeliveryConfig, Env, HttpConfig, InboxConfig, MediaConfig,
    ProviderConfig, RecipientsConfig, SignUpMode, Simulator, TokenConfig, WebhooksConfig,
};
use runtime::lifecycle::Lifecycle;
use serde_json::Value;
use sha1::Sha1;
use sqlite::Sqlite;
use tempfile::TempDir;
use tower::ServiceExt;
use webhooks::{Doorbell, Poster};

use crate::auth::Login;
use crate::shelf::Shelf;
use crate::state::Parts;
use crate::{Api, AppState, Ports, Settings};

pub(crate) use inbound::{ANNA, form, tell};
pub(crate) use receiver::receiver;

pub(crate) const START: Timestamp = Timestamp::from_millis(1_767_225_600_120);
pub(crate) const PUBLIC_URL: &str = "https://sms.example.com/base";

/// What calls endpoints, wherever the simulator takes the texts: this machine too. One is for all tests,
/// because it reads all certificates that the machine trusts.
static POST: LazyLock<Arc<Poster>> = LazyLock::new(|| {
    runtime::tls::install_provider();
    let mut env = Env::from_lookup(|_| None);
    let config = WebhooksConfig::read(&mut env, None);
    let config = env.finish(config).unwrap();
    webhooks::poster(&config, Arc::new(SystemClock)).unwrap()
});

pub(crate) struct TestApi {
    pub state: AppState,
    pub clock: Arc<ManualClock>,
    pub(crate) store: Arc<Sqlite>,
    pub(crate) stores: Stores,
    pub queue: Arc<LocalQueue>,
    pub(crate) shelf: Arc<Shelf>,
    /// Made with the first request, and costs as much as describing all routes.
    routes: OnceLock<Api>,
    directory: Arc<TempDir>,
}

/// Somebody who has signed up and logged in.
pub(crate) struct TestUser {
    pub id: UserId,
    pub hash: String,
    pub token: String,
}

pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A text of nobody's that can be sent at once.
pub(crate) fn new_message(content: &str, at: Timestamp) -> NewMessage {
    NewMessage {
        body: Text::parse(content.to_owned()).unwrap(),
        ..NewMessage::example(at)
    }
}

/// The terms of a worker that claims now.
pub(crate) fn new_claim(now: Timestamp) -> Claim {
    Claim {
        token: LeaseToken::generate(),
        now,
        until: now + Duration::from_secs(90),
    }
}

/// Begins an attempt at a [`new_message`]; tells its token.
pub(crate) fn begin_attempt(message: &mut Message, now: Timestamp) -> LeaseToken {
    let by = Claimant {
        account: "AC1",
        sender: "+15005550006",
        others: &[],
    };
    let claim = new_claim(now);
    message.claimable(by, now).unwrap().claim(claim);
    claim.token
}

impl TestApi {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::over_stores(|_| {}, change).await
    }

    /// One whose stores are other ones in part.
    pub(crate) async fn over_stores(
        replace: impl FnOnce(&mut Stores),
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let store = Sqlite::open(&directory.path().join("ledger.db"))
            .await
            .unwrap();
        let store = Arc::new(store);
        let clock = Arc::new(ManualClock::at(START));
        let mut stores = Stores::new(Arc::clone(&store));
        replace(&mut stores);
        let api = Self::over((store, stores), clock, directory, change);
        // As before it listens.
        api.state.opt_outs.look(START).await.unwrap();
        api.state.outgoing.look().await.unwrap();
        api.state.settings.look().await.unwrap();
        api
    }

    /// A sender of this account with what is usual for its kind.
    pub(crate) fn sender(&self, address: &str) -> Sender {
        let address = SenderAddress::parse(address).unwrap();
        Sender::usual(&self.state.provider.account, address)
    }

    /// Stores senders in the place of those with the same addresses, and lets this process know.
    pub(crate) async fn register(&self, senders: &[Sender]) {
        for sender in senders {
            let key = (Kind::Sender, sender.address.as_str());
            let change = |_| Ok::<_, Infallible>(sender.clone());
            let edited = edit(&*self.stores.records, key, START, change).await;
            let Ok(_) = edited.unwrap();
        }
        self.state.outgoing.look().await.unwrap();
        self.state.opt_outs.look(START).await.unwrap();
    }

    /// Somebody writes to our number at this moment, and nobody has a conversation with them.
    pub(crate) async fn receive_from(&self, author: &str, content: &str) -> Message {
        let at = self.clock.now();
        let id = MessageId::generate(at);
        let inbound = Inbound {
            id,
            sid: ProviderId::parse(&format!("SM{}", id.as_uuid().simple())).unwrap(),
            account: self.state.provider.account.clone(),
            from: Address::of_author(author),
            to: Address::of_author(self.state.provider.sender.as_str()),
            service: None,
            receiver: Receiver::Holder,
            otherwise: UserId::NOBODY,
            body: Text::parse(content.to_owned()).ok(),
            media: Media::default(),
            at,
            recovered_at: None,
            left: Vec::new(),
        };
        let received = self.stores.conversations.receive(&inbound).await.unwrap();
        let message = received.message;
        self.state.announce(message.owner, message.updated_at);
        message
    }

    /// Somebody writes to a user and sends these files along.
    pub(crate) async fn receive_files(
        &self,
        user: UserId,
        files: impl IntoIterator<Item = Medium>,
    ) -> Message {
        self.receive_files_for(Receiver::User(user), files).await
    }

    /// Somebody writes and sends these files along.
    pub(crate) async fn receive_files_for(
        &self,
        receiver: Receiver,
        files: impl IntoIterator<Item = Medium>,
    ) -> Message {
        let at = self.clock.now();
        let id = MessageId::generate(at);
        let inbound = Inbound {
            id,
            sid: ProviderId::parse(&format!("MM{}", id.as_uuid().simple())).unwrap(),
            account: self.state.provider.account.clone(),
            from: Address::of_author("+14155550123"),
            to: Address::of_author(self.state.provider.sender.as_str()),
            service: None,
            receiver,
            otherwise: UserId::NOBODY,
            body: None,
            media: Media::of(files).unwrap(),
            at,
            recovered_at: None,
            left: Vec::new(),
        };
        let taken = self.stores.conversations.receive(&inbound).await.unwrap();
        taken.message
    }

    /// Somebody writes to our number what says something about our texts.
    pub(crate) async fn hear(&self, author: &str, words: &str, consent: Consent) -> Message {
        let now = self.clock.now();
        let id = MessageId::generate(now);
        let text = ReceivedText {
            sid: ProviderId::parse(&format!("SM{}", id.as_uuid().simple())).unwrap(),
            account: self.state.provider.account.clone(),
            from: Address::of_author(author),
            to: Address::of_author(self.state.provider.sender.as_str()),
            service: None,
            body: Text::parse(words.to_owned()).ok(),
            media: Media::default(),
            consent: Some(consent),
            understood_by_provider: false,
        };
        let received = self.state.reception.take(text, Arrival::told(now), now);
        received.await.unwrap().message
    }

    /// Lets a user see what belongs to nobody, or not any more.
    pub(crate) async fn let_see_inbox(&self, user: UserId, inbox: bool) {
        self.grant(user, Right::Inbox, inbox).await;
    }

    pub(crate) async fn grant(&self, user: UserId, right: Right, has: bool) {
        let change = |settings: &mut UserSettings| settings.set_right(right, has);
        self.state.settings.change(user, change).await.unwrap();
    }

    /// Another process over the same ledger.
    pub(crate) fn beside(&self) -> Self {
        self.beside_with(|_| {})
    }

    pub(crate) fn beside_with(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        let stores = self.stores.clone();
        Self::over((store, stores), clock, Arc::clone(&self.directory), change)
    }

    fn over(
        (store, stores): (Arc<Sqlite>, Stores),
        clock: Arc<ManualClock>,
        directory: Arc<TempDir>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let queue = Arc::new(LocalQueue::new(1000));
        // Of its own, so that one process does not hear what another announces.
        let announcements = Arc::new(LocalAnnouncements::default());
        let mut settings = settings();
        change(&mut settings);
        let shelf = Arc::<Shelf>::default();
        let (metrics, lifecycle) = (Arc::default(), Lifecycle::new());
        let ports = Ports {
            stores: stores.clone(),
            queue: queue.clone(),
            announcements,
            callbacks: twilio::callbacks(&settings.provider),
            media: shelf.clone(),
            post: POST.clone(),
            bell: Doorbell::new(&POST, &stores, clock.clone(), &metrics, &lifecycle, None),
            clock: clock.clone(),
            metrics,
        };
        Self {
            state: AppState::new(ports, settings, lifecycle).unwrap(),
            clock,
            store,
            stores,
            queue,
            shelf,
            routes: OnceLock::new(),
            directory,
        }
    }

    /// Puts something else in the place of a part.
    pub(crate) fn replace(&mut self, change: impl FnOnce(&mut Parts)) {
        self.routes.take();
        self.state = self.state.with(change);
    }

    /// A worker for the messages that are accepted here.
    pub(crate) fn worker(&self) -> Claimant<'_> {
        Claimant {
            account: &self.state.provider.account,
            sender: self.state.provider.sender.as_str(),
            others: &[],
        }
    }

    /// A user who is simply there; only tests about passwords need one.
    pub(crate) async fn user(&self, name: &str) -> TestUser {
        let username = Username::parse(name).unwrap();
        let (id, hash) = (UserId::generate(START), username.hash());
        let user = NewUser {
            id,
            username,
            password_hash: String::new(),
            created_at: START,
            invite: None,
        };
        self.stores.accounts.sign_up(user).await.unwrap();
        let login = Login {
            user: id,
            hash: hash.clone(),
            generation: 0,
            at: self.clock.now(),
            session: SessionId::generate(),
            until: None,
        };
        let issued = self
            .state
            .tokens
            .issue(&login, TokenId::generate(), login.at);
        let token = issued.unwrap();
        TestUser {
            id,
            hash: hash.to_string(),
            token: token.unwrap(),
        }
    }

    /// Unless the request names a host it is this machine's.
    pub(crate) async fn respond(&self, mut request: Request<Body>) -> Response {
        let host = request.headers_mut().entry(HOST);
        host.or_insert(HeaderValue::from_static("localhost"));
        self.respond_as_it_is(request).await
    }

    async fn respond_as_it_is(&self, request: Request<Body>) -> Response {
        let routes = self.routes.get_or_init(|| Api::new(&self.state));
        routes.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        Answer::read(self.respond(request).await).await
    }

    /// Without a host, if the request names none.
    pub(crate) async fn call_as_it_is(&self, request: Request<Body>) -> Answer {
        Answer::read(self.respond_as_it_is(request).await).await
    }
    pub(crate) async fn get(&self, path: &str, user: &TestUser) -> Answer {
        self.call(request(Method::GET, path, Some(user), "")).await
    }

    pub(crate) async fn delete(&self, path: &str, user: &TestUser) -> Answer {
        self.call(request(Method::DELETE, path, Some(user), ""))
            .await
    }

    pub(crate) async fn post(&self, path: &str, user: Option<&TestUser>, json: &Value) -> Answer {
        let body = json.to_string();
        self.call(request(Method::POST, path, user, body)).await
    }

    /// Lets the provider take a text that was sent.
    pub(crate) async fn take(&self, id: MessageId) {
        let fact = Fact {
            message: Some(id),
            sid: ProviderId::parse(&format!("SM{}", id.as_uuid().simple())).unwrap(),
            account: self.state.provider.account.clone(),
            status: ProviderStatus::ACCEPTED,
            code: None,
            detail: None,
            at: self.clock.now(),
            poll_at: None,
        };
        self.stores.ledger.apply_fact(&fact).await.unwrap();
    }

    /// Sends a text and gives its id.
    pub(crate) async fn send(&self, user: &TestUser, content: &str) -> MessageId {
        let json = serde_json::json!({"recipient": "+14155550123", "content": content});
        let answer = self.post("/messages", Some(user), &json).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()["id"].as_str().unwrap().parse().unwrap()
    }
}

pub(crate) fn request(
    method: Method,
    path: &str,
    user: Option<&TestUser>,
    body: impl Into<Body>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(user) = user {
        request = request.header(AUTHORIZATION, format!("Bearer {}", user.token));
    }
    request.body(body.into()).unwrap()
}

/// What the provider signs: names and values one after the other, sorted, behind the URL.
pub(crate) fn sign(url: &str, mut form: Vec<(&str, &str)>, token: &str) -> String {
    form.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    for (name, value) in form {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that this is a whole problem document, and gives the fields at fault.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Vec<String> {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(
            self.header(CONTENT_TYPE.as_str()),
            "application/problem+json"
        );
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["detail"], problem["message"]);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        for text in ["type", "title", "detail"] {
            assert!(!problem[text].as_str().unwrap().is_empty(), "{problem}");
        }
        let errors = problem["errors"].as_array().unwrap();
        errors
            .iter()
            .map(|error| {
                assert!(!error["message"].as_str().unwrap().is_empty());
                error["field"].as_str().unwrap().to_owned()
            })
            .collect()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn settings() -> Settings {
    let mut env = Env::from_lookup(|name| {
        let value = match name {
            "SMS_PROVIDER" => "simulator",
            "TWILIO_API_BASE_URL" => "http://127.0.0.1:1",
            "PUBLIC_BASE_URL" => PUBLIC_URL,
            "JWT_SECRET_KEY" => "a secret of at least thirty-two bytes",
            _ => return None,
        };
        Some(value.to_owned())
    });
    let http = HttpConfig::read(&mut env, CorsOrigins::Loopback);
    let tokens = TokenConfig::read(&mut env);
    let provider = ProviderConfig::read(&mut env, Simulator::External);
    let delivery = DeliveryConfig::read(&mut env, provider.as_ref());
    let signup = SignUpMode::read(&mut env, provider.as_ref());
    let recipients = RecipientsConfig::read(&mut env, provider.as_ref());
    let caps = CapsConfig::read(&mut env, provider.as_ref(), recipients.as_ref());
    let media = MediaConfig::read(&mut env);
    let settings = || {
        Some(Settings {
            http: http?,
            tokens: tokens?,
            provider: provider?,
            delivery: delivery?,
            signup: signup?,
            recipients: recipients?,
            caps: caps?,
            inbox: InboxConfig::default(),
            media: media?,
            has_own_store: false,
        })
    };
    env.finish(settings()).unwrap()
}
