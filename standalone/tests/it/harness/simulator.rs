//! The simulated provider, whose ledger is the judge of every test.

use std::collections::BTreeMap;

use lab::{Entry, Simulator, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use twilio_sim::{Options, TEST_ACCOUNT_SID, TEST_AUTH_TOKEN, TEST_SENDER};

/// A simulator in this process.
pub(crate) struct Judge {
    _running: twilio_sim::Simulator,
    simulator: Simulator,
}

impl Judge {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let running = twilio_sim::Simulator::start(options).await;
        let running = running.expect("a simulator");
        Self {
            simulator: Simulator::at(running.url()).expect("an HTTP client"),
            _running: running,
        }
    }

    pub(crate) fn url(&self) -> &str {
        self.simulator.url()
    }

    /// Everything that the provider ever accepted for a handset.
    pub(crate) async fn accepted(&self) -> Vec<Entry> {
        self.simulator.book().await.expect("a ledger")
    }

    /// Lets a handset write to the number that wrote to it, and returns the text's SID.
    pub(crate) async fn write(&self, handset: &str, body: &str) -> String {
        let answer = self.simulator.write(handset, body).await;
        let message: Value = answer.expect("an answer").json().await.expect("JSON");
        message["sid"].as_str().expect("a SID").to_owned()
    }

    /// Lets a handset send files without words, as the simulator's own documentation describes them; returns
    /// the text's SID.
    pub(crate) async fn send_files(&self, handset: &str, media: Value) -> String {
        let text = json!({"from": handset, "media": media});
        let request = self.simulator.request(Method::POST, "/sim/inbound");
        let answer = request.json(&text).send().await.expect("an answer");
        let message: Value = answer.json().await.expect("JSON");
        message["sid"].as_str().expect("a SID").to_owned()
    }

    /// Deletes the files of a text.
    pub(crate) async fn forget_files(&self, sid: &str) {
        for uri in self.files(sid).await.expect("a text") {
            assert_eq!(self.ask(Method::DELETE, &uri).await.status(), 204);
        }
    }

    /// What the provider shows of a text: its body; nothing if it has no record of it.
    pub(crate) async fn shown_body(&self, sid: &str) -> Option<String> {
        let record = self.resource(&format!("{sid}.json")).await?;
        Some(record["body"].as_str().expect("a body").to_owned())
    }

    /// Where it keeps what it knows of a text's files; nothing if it has no record of the text.
    pub(crate) async fn files(&self, sid: &str) -> Option<Vec<String>> {
        let list = self.resource(&format!("{sid}/Media.json")).await?;
        let files = list["media_list"].as_array().expect("files").iter();
        Some(
            files
                .map(|file| file["uri"].as_str().expect("an address").to_owned())
                .collect(),
        )
    }

    /// Whether it still hands out a file, whatever became of the text.
    pub(crate) async fn has_file(&self, uri: &str) -> bool {
        let name = uri.rsplit('/').next().expect("a name");
        let sid = name.strip_suffix(".json").expect("a resource");
        let content = self
            .simulator
            .request(Method::GET, &format!("/content/{sid}"));
        content
            .send()
            .await
            .expect("an answer")
            .status()
            .is_success()
    }

    /// A resource of a message; nothing if there is none.
    async fn resource(&self, name: &str) -> Option<Value> {
        let messages = format!("/2010-04-01/Accounts/{TEST_ACCOUNT_SID}/Messages");
        let answer = self.ask(Method::GET, &format!("{messages}/{name}")).await;
        if answer.status() == 404 {
            return None;
        }
        Some(answer.json().await.expect("JSON"))
    }

    /// A request with the messenger's credentials.
    async fn ask(&self, method: Method, path: &str) -> reqwest::Response {
        let request = self.simulator.request(method, path);
        let request = request.basic_auth(TEST_ACCOUNT_SID, Some(TEST_AUTH_TOKEN));
        request.send().await.expect("an answer")
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
        let answer = self.as_messenger(Method::GET).send().await;
        let list: Value = answer.expect("an answer").json().await.expect("JSON");
        let mut messages = list["messages"].as_array().expect("messages").iter();
        messages.any(|message| message["body"] == body)
    }

    /// How often each body was accepted.
    pub(crate) async fn copies(&self) -> BTreeMap<String, usize> {
        let mut copies = BTreeMap::new();
        for message in self.accepted().await {
            *copies.entry(message.body).or_default() += 1;
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
        let fields = [("From", TEST_SENDER), ("To", recipient), ("Body", body)];
        let answer = self.as_messenger(Method::POST).form(&fields).send().await;
        assert_eq!(answer.expect("an answer").status(), 201);
    }

    /// Scripts a fault, as the simulator's own documentation describes it.
    pub(crate) async fn script(&self, fault: Value) {
        let scripted = self.simulator.fault(&fault).await;
        scripted.unwrap_or_else(|error| panic!("{fault} was refused: {error}"));
    }

    /// Ends every fault.
    pub(crate) async fn mend(&self) {
        self.simulator.mend().await.expect("no faults");
    }

    pub(crate) async fn set(&self, settings: Value) {
        let set = self.simulator.set(&settings).await;
        set.unwrap_or_else(|error| panic!("{settings} was refused: {error}"));
    }

    /// Sets the account up; what is left out is in order.
    pub(crate) async fn set_up(&self, setup: Value) {
        let set_up = self.simulator.set_up(&setup).await;
        set_up.unwrap_or_else(|error| panic!("{setup} was refused: {error}"));
    }

    pub(crate) async fn settings(&self) -> Value {
        self.get("/sim/settings").await
    }

    pub(crate) async fn stats(&self) -> Value {
        self.get("/sim/stats").await
    }

    async fn get(&self, path: &str) -> Value {
        self.simulator.get(path).await.expect("JSON")
    }

    /// A request for the list of messages, with the messenger's credentials.
    fn as_messenger(&self, method: Method) -> reqwest::RequestBuilder {
        let path = format!("/2010-04-01/Accounts/{TEST_ACCOUNT_SID}/Messages.json");
        let request = self.simulator.request(method, &path);
        request.basic_auth(TEST_ACCOUNT_SID, Some(TEST_AUTH_TOKEN))
    }
}
