//! The examples of the document, sent as they stand there, and the requests that must be refused.

use axum::body::Body;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http_body_util::BodyExt;
use mysms_core::domain::{
    self, Address, ApiKey, Aside, ContentType, Description, Endpoint, EndpointState, EndpointUrl,
    EventTypes, Grant, Inbound, KeyId, KeyName, KeyToken, Media, Mode, NewMessage, Origin,
    Progress, ProviderId, Receiver, Right, Scope, Secret, Secrets, Session, Tags, TokenId, Upload,
    UploadSecret, UserId,
};
use mysms_core::store::{self, Kind};
use runtime::config::SIMULATOR_AUTH_TOKEN;
use serde_json::{Value, json};

use super::contract::{Contract, Operation};
use super::samples;
use crate::openapi::schema::{
    self, ENDPOINT_ID, KEY_ID, MESSAGE_ID, PICTURE_ID, RECEIVED_ID, SESSION_ID, UPLOAD_ID,
};
use crate::shelf::Kept;
use crate::testing::{Answer, PUBLIC_URL, START, TestApi, new_message, sign};

const SIGNATURE: &str = "x-twilio-signature";

/// What the examples speak of: `john_doe`, a message of his, and a webhook that set it aside.
struct World {
    api: TestApi,
    token: String,
}

impl World {
    async fn create() -> Self {
        let api = TestApi::start().await;
        let john = json!({"username": "john_doe", "password": "password123"});
        let answer = api.post("/signup", None, &john).await;
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        let caller = api.state.tokens.verify(&token, START).unwrap();
        let message = NewMessage {
            id: MESSAGE_ID.parse().unwrap(),
            owner: caller.user,
            account: api.state.provider.account.clone(),
            ..new_message("Hello from MySMS!", START)
        };
        api.stores.ledger.insert(message).await.unwrap();
        set_aside(&api, caller.user).await;
        receive_for_nobody(&api).await;
        receive_picture(&api, PICTURE_ID, Receiver::User(caller.user)).await;
        api.let_see_inbox(caller.user, true).await;
        api.grant(caller.user, Right::Consent, true).await;
        let elsewhere = Session {
            id: SESSION_ID.parse().unwrap(),
            user: caller.user,
            generation: 0,
            token: TokenId::generate(),
            begun_at: START,
            renewed_at: START,
            until: caller.expires_at,
            origin: Origin::default(),
            cookie: None,
        };
        let sessions = &api.state.stores.sessions;
        sessions.begin(&elsewhere).await.unwrap();
        let key = ApiKey {
            id: KeyId::parse(KEY_ID).unwrap(),
            owner: caller.user,
            name: KeyName::parse("shop backend").unwrap(),
            secret: KeyToken::generate(Mode::Live).hash(),
            grant: Grant {
                mode: Mode::Live,
                scopes: vec![Scope::MessagesSend],
                senders: None,
                recipients: Vec::new(),
            },
            created_at: START,
            expires_at: None,
            last_used: None,
        };
        api.stores.keys.create_key(&key).await.unwrap();
        bring(&api, caller.user).await;
        know(&api, caller.user).await;
        Self { api, token }
    }
}

/// Somebody with a name, and a text with a place for it.
async fn know(api: &TestApi, owner: UserId) {
    let number = Address::parse("+14155550123").unwrap();
    let template = schema::TEMPLATE_ID.parse().unwrap();
    let records = [
        (
            Kind::Contact,
            domain::Contact::key_of(owner, &number),
            json!({"number": number, "name": "Anna"}),
        ),
        (
            Kind::Template,
            domain::Template::key_of(owner, template),
            json!({"id": template, "name": "Hello", "content": "Hello {{name}}"}),
        ),
    ];
    for (kind, key, value) in records {
        let value = value.to_string();
        let stored = api.stores.records.replace(kind, &key, 0, Some(&value));
        assert!(stored.await.unwrap());
    }
}

/// A text of somebody to whom nobody wrote.
async fn receive_for_nobody(api: &TestApi) {
    receive_picture(api, RECEIVED_ID, Receiver::Holder).await;
}

async fn receive_picture(api: &TestApi, id: &str, receiver: Receiver) {
    let kept = Kept::File("image/png", "picture");
    let medium = api.shelf.put("https://api.twilio.com/file", kept);
    let media = Media::first_of([medium]);
    let id: domain::MessageId = id.parse().unwrap();
    let inbound = Inbound {
        id,
        sid: ProviderId::parse(&format!("SM{}", id.as_uuid().simple())).unwrap(),
        account: api.state.provider.account.clone(),
        from: Address::of_author("+14155550123"),
        to: Address::of_author("+15005550006"),
        service: None,
        receiver,
        otherwise: UserId::NOBODY,
        body: None,
        media,
        at: START,
        recovered_at: None,
        left: Vec::new(),
    };
    api.stores.conversations.receive(&inbound).await.unwrap();
}

/// A webhook at which nobody is, and which refused the message while it took others.
async fn bring(api: &TestApi, owner: UserId) {
    let upload = Upload {
        id: UPLOAD_ID.parse().unwrap(),
        owner,
        content_type: ContentType::parse("image/jpeg").unwrap(),
        size: 7,
        secret: UploadSecret::generate(),
        kept_until: START,
    };
    let uploads = &api.stores.uploads;
    uploads.begin_upload(&upload).await.unwrap();
    let complete = uploads.complete_upload(upload.id, 7, START).await;
    assert!(complete.unwrap());
}

async fn set_aside(api: &TestApi, owner: UserId) {
    let endpoint = Endpoint {
        id: ENDPOINT_ID.parse().unwrap(),
        owner,
        url: EndpointUrl::parse("http://127.0.0.1:1024/".to_owned()).unwrap(),
        description: Description::default(),
        events: EventTypes::all(),
        tags: Tags::default(),
        secrets: Secrets::new(Secret::generate()),
        created_at: START,
        state: EndpointState::Active,
    };
    let mut progress = Progress::from(START);
    progress.aside.push(Aside {
        message: MESSAGE_ID.parse().unwrap(),
        version: 1,
        changed_at: START,
        failures: 4,
        since: START,
        at: START,
        answer: domain::Answer::Status(500),
    });
    let key = endpoint.key();
    for (kind, value) in [
        (Kind::Endpoint, store::written(&endpoint).unwrap()),
        (Kind::Progress, store::written(&progress).unwrap()),
    ] {
        let stored = api.stores.records.replace(kind, &key, 0, Some(&value));
        assert!(stored.await.unwrap());
    }
}

/// A request made of the examples of one operation.
struct Example<'a> {
    operation: Operation<'a>,
    /// Kind and value; none if the operation has no body.
    body: Option<(&'a str, &'a Value)>,
    /// The code of the problem that must be the answer; a success if there is none.
    refusal: Option<&'a str>,
    /// With the parameters that may be left out.
    whole: bool,
}

impl Example<'_> {
    fn request(&self, token: &str) -> Request<Body> {
        let mut path = self.operation.path.to_owned();
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut request = Request::builder().method(&*self.operation.method.to_uppercase());
        for parameter in self.operation.parameters() {
            if !self.whole && parameter["required"] != true {
                continue;
            }
            let name = parameter["name"].as_str().unwrap();
            let value = self.operation.example(parameter);
            match parameter["in"].as_str().unwrap() {
                "path" => path = path.replace(&format!("{{{name}}}"), &value),
                "query" => _ = query.append_pair(name, &value),
                "header" => request = request.header(name, value),
                other => panic!("a parameter in {other}"),
            }
        }
        if self.operation.needs_token() {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = self.body.map_or_else(String::new, |(kind, value)| {
            request = std::mem::take(&mut request).header(CONTENT_TYPE, kind);
            written(kind, value)
        });
        let query = query.finish();
        let uri = if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        };
        let mut request = request.uri(&uri).body(Body::from(body)).unwrap();
        if let Some(signature) = self.signature(&uri) {
            request
                .headers_mut()
                .insert(SIGNATURE, signature.parse().unwrap());
        }
        request
    }

    /// The provider's, which no document can hold: it depends on a secret.
    fn signature(&self, uri: &str) -> Option<String> {
        let (_, form) = self.body?;
        let is_provider = self.operation.path.starts_with("/webhooks/twilio/");
        if !is_provider || self.refusal == Some("bad-signature") {
            return None;
        }
        let form = form.as_object().unwrap().iter();
        let form = form.map(|(name, value)| (&**name, value.as_str().unwrap()));
        let url = format!("{PUBLIC_URL}{uri}");
        Some(sign(&url, form.collect(), SIMULATOR_AUTH_TOKEN))
    }

    async fn run(&self) {
        let Operation { method, path, .. } = self.operation;
        let name = self.refusal.unwrap_or("success");
        let world = World::create().await;
        let answer = answer(&world.api, self.request(&world.token)).await;
        match self.refusal {
            Some(code) => {
                let status = self.operation.status_of_problem(code);
                answer.problem(status.expect(code));
                let kind = format!("urn:mysms:problem:{code}");
                assert_eq!(answer.json()["type"], kind, "{method} {path}: {name}");
            }
            None => assert!(
                answer.status.is_success(),
                "{method} {path}: {name}: {} {}",
                answer.status,
                answer.text()
            ),
        }
        self.operation.check(&answer);
    }
}

/// A stream of events has no end to wait for, so of that only the beginning is looked at.
async fn answer(api: &TestApi, request: Request<Body>) -> Answer {
    let (parts, body) = api.respond(request).await.into_parts();
    let kind = parts.headers.get(CONTENT_TYPE);
    let is_endless = kind.is_some_and(|kind| kind == "text/event-stream");
    let body = if is_endless { Body::empty() } else { body };
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

fn written(kind: &str, value: &Value) -> String {
    match kind {
        "application/json" => value.to_string(),
        "application/x-www-form-urlencoded" => {
            let fields = value.as_object().unwrap().iter();
            let fields = fields.map(|(name, value)| (name, value.as_str().unwrap()));
            form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish()
        }
        "application/octet-stream" => value.as_str().unwrap().to_owned(),
        other => panic!("examples of {other} cannot be sent"),
    }
}

#[tokio::test]
async fn every_example_does_what_is_said() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    let mut sent = 0;
    for operation in contract.operations() {
        let refused = samples::refused(operation.id());
        let bodies = operation.bodies();
        let kind = bodies.first().map(|(kind, ..)| *kind);
        let refused = refused
            .iter()
            .map(|(code, value)| (kind.map(|kind| (kind, value)), Some(*code)));
        let good = bodies
            .iter()
            .map(|&(kind, _, value)| (Some((kind, value)), None));
        let bare = bodies.is_empty().then_some((None, None));
        for (body, refusal) in good.chain(bare).chain(refused) {
            for whole in [false, true] {
                let example = Example {
                    operation,
                    body,
                    refusal,
                    whole,
                };
                example.run().await;
                sent += 1;
            }
        }
    }
    assert!(sent > 70, "only {sent} requests");
}

#[tokio::test]
async fn examples_are_what_their_schemas_say() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    let schemas = contract.document()["components"]["schemas"].as_object();
    for (name, schema) in schemas.unwrap() {
        for example in schema["examples"].as_array().into_iter().flatten() {
            let faults = contract.faults(schema, example);
            assert!(faults.is_empty(), "{name}: {faults:?}");
        }
    }
    for operation in contract.operations() {
        for (kind, name, value) in operation.bodies() {
            let faults = contract.faults(operation.schema_of_body(kind), value);
            assert!(faults.is_empty(), "{}: {name}: {faults:?}", operation.path);
        }
    }
}

#[tokio::test]
async fn nothing_is_filled_in_that_may_be_left_out() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    for operation in contract.operations() {
        for parameter in operation.parameters() {
            let name = format!("{} {}", operation.id(), parameter["name"]);
            let is_shown = contract.example(parameter).is_some();
            assert_eq!(is_shown, parameter["required"] == true, "{name}");
        }
    }
}
