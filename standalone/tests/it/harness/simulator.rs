//! The simulated provider, whose ledger is the judge of every test.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use twilio_sim::{Options, Simulator};

use super::eventually;

pub(crate) struct Judge {
    simulator: Simulator,
    http: reqwest::Client,
}

impl Judge {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self {
            simulator: Simulator::start(options).await.expect("a simulator"),
            http: super::client::http(),
        }
    }

    pub(crate) fn url(&self) -> String {
        self.simulator.url()
    }

    /// Everything that the provider ever accepted for a handset.
    pub(crate) async fn accepted(&self) -> Vec<Value> {
        let answer = self.get("/sim/messages").await;
        let messages = answer.as_array().expect("a list of messages").iter();
        messages
            .filter(|message| message["direction"] != "inbound")
            .cloned()
            .collect()
    }

    /// Lets a handset write to the number that wrote to it, and returns the text's SID.
    pub(crate) async fn write(&self, handset: &str, body: &str) -> String {
        let url = format!("{}/sim/inbound", self.url());
        let text = json!({"from": handset, "body": body});
        let answer = self.http.post(url).json(&text).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 201);
        let message: Value = answer.json().await.expect("JSON");
        message["sid"].as_str().expect("a SID").to_owned()
    }

    /// Waits until the messenger has taken a text of a handset.
    pub(crate) async fn wait_until_taken(&self, handset: &str, sid: &str) {
        let path = format!("/sim/phones/{handset}");
        eventually("the handset's text is taken", async || {
            let screen = self.get(&path).await;
            let mut texts = screen["texts"].as_array().expect("texts").iter();
            texts.any(|text| text["sid"] == sid && text["told"] == "taken")
        })
        .await;
    }

    /// The bodies of the texts on a handset, its own included, oldest first.
    pub(crate) async fn on_handset(&self, handset: &str) -> Vec<String> {
        let screen = self.get(&format!("/sim/phones/{handset}")).await;
        let texts = screen["texts"].as_array().expect("texts").iter();
        texts
            .map(|text| text["body"].as_str().expect("a body").to_owned())
            .collect()
    }

    /// Whether the list that the messenger is shown has a text with this body.
    pub(crate) async fn lists(&self, body: &str) -> bool {
        let account = twilio_sim::TEST_ACCOUNT_SID;
        let url = format!("{}/2010-04-01/Accounts/{account}/Messages.json", self.url());
        let request = self.http.get(url);
        let request = request.basic_auth(account, Some(twilio_sim::TEST_AUTH_TOKEN));
        let answer = request.send().await.expect("an answer");
        let list: Value = answer.json().await.expect("JSON");
        let mut messages = list["messages"].as_array().expect("messages").iter();
        messages.any(|message| message["body"] == body)
    }

    /// How often each body was accepted.
    pub(crate) async fn copies(&self) -> BTreeMap<String, usize> {
        let mut copies = BTreeMap::new();
        for message in self.accepted().await {
            let body = message["body"].as_str().expect("a body").to_owned();
            *copies.entry(body).or_default() += 1;
        }
        copies
    }

    /// Requires that each of these texts was accepted exactly once, and nothing else.
    pub(crate) async fn assert_each_once(&self, bodies: &[String]) {
        let copies = self.copies().await;
        let lost: Vec<_> = bodies
            .iter()
            .filter(|body| !copies.contains_key(*body))
            .collect();
        let doubled: Vec<_> = copies.iter().filter(|(_, count)| **count > 1).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        assert!(doubled.is_empty(), "doubled: {doubled:?}");
        assert_eq!(copies.len(), bodies.len(), "texts that nobody sent");
    }

    /// A text from the same sender that the messenger has nothing to do with.
    pub(crate) async fn accept_from_elsewhere(&self, recipient: &str, body: &str) {
        let account = twilio_sim::TEST_ACCOUNT_SID;
        let url = format!("{}/2010-04-01/Accounts/{account}/Messages.json", self.url());
        let fields = [
            ("From", twilio_sim::TEST_SENDER),
            ("To", recipient),
            ("Body", body),
        ];
        let request = self.http.post(url).form(&fields);
        let request = request.basic_auth(account, Some(twilio_sim::TEST_AUTH_TOKEN));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 201);
    }

    /// Scripts a fault, as the simulator's own documentation describes it.
    pub(crate) async fn script(&self, fault: Value) {
        let url = format!("{}/sim/faults", self.url());
        let answer = self
            .http
            .post(url)
            .json(&fault)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 201, "{fault} was refused");
    }

    /// Ends every fault.
    pub(crate) async fn mend(&self) {
        let url = format!("{}/sim/faults", self.url());
        let answer = self.http.delete(url).send().await.expect("an answer");
        assert!(answer.status().is_success());
    }

    pub(crate) async fn set(&self, settings: Value) {
        let url = format!("{}/sim/settings", self.url());
        let answer = self
            .http
            .put(url)
            .json(&settings)
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_success(), "{settings} was refused");
    }

    pub(crate) async fn stats(&self) -> Value {
        self.get("/sim/stats").await
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.url());
        let answer = self.http.get(url).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }
}
