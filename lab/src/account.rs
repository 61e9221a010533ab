//! A front end whose user is logged in.

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::json;

/// A user of the messenger.
#[derive(Debug, Clone)]
pub struct Account {
    http: Client,
    name: String,
    token: String,
    hash: String,
}

/// Everybody's here.
const PASSWORD: &str = "password123";

/// A text that a client wants to be sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish<'a> {
    pub to: &'a str,
    /// Nothing is said if it is empty.
    pub text: &'a str,
    /// The addresses of files that go with it.
    pub media_urls: &'a [String],
    /// The key under which it is the same wish.
    pub key: &'a str,
    /// The sender that it is to leave from; the messenger chooses, if none is named.
    pub from: Option<&'a str>,
    pub class: Option<&'a str>,
}

/// What came of the wish to send a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The messenger has it, under this id.
    Accepted { id: String },
    /// Nobody knows; the same request may be made again with the same key. Why, in a few words.
    Unclear(String),
    /// The messenger does not take it as it is.
    Refused(StatusCode),
}

#[derive(Deserialize)]
struct SignedUp {
    token: String,
    username_hash: String,
}

#[derive(Deserialize)]
struct LoggedIn {
    token: String,
}

#[derive(Deserialize)]
struct Accepted {
    id: String,
}

impl Account {
    /// Makes a new user at the API under `base`.
    pub async fn sign_up(http: Client, base: &str, username: &str) -> anyhow::Result<Self> {
        let credentials = json!({"username": username, "password": PASSWORD});
        let request = http.post(format!("{base}/signup")).json(&credentials);
        let answer = request.send().await?.error_for_status()?;
        anyhow::ensure!(answer.status() == StatusCode::CREATED, "not created");
        let signed_up: SignedUp = answer.json().await?;
        Ok(Self {
            http,
            name: username.to_owned(),
            token: signed_up.token,
            hash: signed_up.username_hash,
        })
    }

    /// The same user with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// What its requests are authorised by.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// What stands for its name in paths.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// A request of its own, to be completed and sent.
    pub fn request(&self, method: Method, base: &str, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{base}{path}"));
        request.bearer_auth(&self.token)
    }

    /// The same user in another session.
    pub async fn logged_in(&self, base: &str) -> anyhow::Result<Self> {
        let credentials = json!({"username": self.name, "password": PASSWORD});
        let request = self.http.post(format!("{base}/login")).json(&credentials);
        let logged_in: LoggedIn = request.send().await?.error_for_status()?.json().await?;
        Ok(self.with_token(&logged_in.token))
    }

    /// Asks the API under `base`, once, to send a text.
    pub async fn send(&self, base: &str, wish: &Wish<'_>) -> Answer {
        let mut body = json!({"recipient": wish.to});
        if !wish.text.is_empty() {
            body["content"] = json!(wish.text);
        }
        if !wish.media_urls.is_empty() {
            body["media_urls"] = json!(wish.media_urls);
        }
        for (field, said) in [("from", wish.from), ("class", wish.class)] {
            if let Some(said) = said {
                body[field] = said.into();
            }
        }
        let request = self
            .request(Method::POST, base, "/messages")
            .header("Idempotency-Key", wish.key)
            .json(&body);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Answer::Unclear(error.without_url().to_string()),
        };
        match answer.status() {
            StatusCode::OK => match answer.json::<Accepted>().await {
                Ok(Accepted { id }) => Answer::Accepted { id },
                Err(error) => Answer::Unclear(error.without_url().to_string()),
            },
            status if status.is_server_error() => Answer::Unclear(status.to_string()),
            status => Answer::Refused(status),
        }
    }
}
