//! Names that lead where they should not, or somewhere else each time.

use std::collections::VecDeque;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::Notify;

use super::receiver::{Receiver, answer};
use super::*;
use crate::guard::{Channel, Lookups};

const TAKEN: Posted = Posted {
    answer: Answer::Status(200),
    retry_after: None,
};

/// Answers each question with the next entry of a script.
struct Scripted(Mutex<VecDeque<Vec<IpAddr>>>);

fn scripted(answers: &[&[&str]]) -> Arc<Scripted> {
    let answers = answers
        .iter()
        .map(|all| all.iter().map(|text| ip(text)).collect());
    Arc::new(Scripted(Mutex::new(answers.collect())))
}

impl Names for Scripted {
    fn look_up(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        assert_eq!(name, "receiver.example");
        let answer = self.0.lock().unwrap().pop_front();
        let answer = answer.ok_or_else(|| io::Error::other("no such host"));
        std::future::ready(answer).boxed()
    }
}

fn poster(networks: &'static [&'static str], names: Arc<dyn Names>) -> Poster {
    let setting = Setting {
        networks,
        names,
        ..Setting::default()
    };
    setting.poster()
}

fn at(receiver: &Receiver) -> Url {
    url(&format!("http://receiver.example:{}/", receiver.port))
}

const FORBIDDEN: Posted = failed(PostFailure::Forbidden);

#[tokio::test]
async fn an_answer_that_changes_after_the_check_is_checked_again() {
    let receiver = Receiver::start(answer(200, ""));
    let secure = url(&format!("https://receiver.example:{}/", receiver.port));
    let names = scripted(&[&["8.8.8.8"], &["127.0.0.1"], &["169.254.169.254"]]);
    let poster = poster(&["10.0.0.0/8"], names);
    assert_eq!(poster.look_at(&secure).await, Ok(()));
    for _ in 0..2 {
        assert_eq!(post(&poster, &secure).await, FORBIDDEN);
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn every_connection_asks_anew() {
    let closing = answer(200, "Connection: close\r\n");
    let receiver = Receiver::start(closing);
    let names = scripted(&[&["127.0.0.1"], &["127.0.0.3"], &["127.0.0.1"]]);
    let poster = poster(&["127.0.0.1"], names);
    let outcomes = [
        post(&poster, &at(&receiver)).await,
        post(&poster, &at(&receiver)).await,
        post(&poster, &at(&receiver)).await,
    ];
    assert_eq!(outcomes, [TAKEN, FORBIDDEN, TAKEN]);
}

#[tokio::test]
async fn of_several_addresses_only_those_allowed_are_tried() {
    let bad = Receiver::start(answer(200, ""));
    let good = Receiver::at(ip("127.0.0.2"), bad.port, answer(200, ""));
    let both: &[&str] = &["127.0.0.1", "127.0.0.2"];
    let mixed = poster(&["127.0.0.2"], scripted(&[both, both]));
    assert_eq!(mixed.look_at(&at(&good)).await, Ok(()));
    assert_eq!(post(&mixed, &at(&good)).await, TAKEN);
    assert_eq!((good.connections(), bad.connections()), (1, 0));

    // Nobody listens at the one that is allowed: the other is no way out.
    let names = scripted(&[&["127.0.0.3", "127.0.0.1"]]);
    let outcome = post(&poster(&["127.0.0.3"], names), &at(&bad)).await;
    assert_eq!(outcome, failed(PostFailure::Unreachable));
    assert_eq!(bad.connections(), 0);
}

#[tokio::test]
async fn a_name_is_refused_only_if_all_it_leads_to_is() {
    let secure = url("https://receiver.example/");
    let plain = url("http://receiver.example:8080/");
    let inside: &[&[&str]] = &[
        &["127.0.0.1"],
        &["10.0.0.1", "::1"],
        &["::ffff:192.168.1.1"],
        &["64:ff9b::7f00:1"],
        &["fe80::1"],
    ];
    for addresses in inside {
        let poster = poster(&["127.0.0.9"], scripted(&[addresses]));
        assert_eq!(
            poster.look_at(&secure).await,
            Err(Objection::Address),
            "{addresses:?}"
        );
    }
    // On the internet, but not encrypted.
    let names = scripted(&[&["8.8.8.8"]]);
    let outside = poster(&["127.0.0.9"], names);
    assert_eq!(outside.look_at(&plain).await, Err(Objection::Scheme));
    // A name may be registered before it exists; nothing is delivered until then.
    let nameless = poster(&["127.0.0.9"], scripted(&[&[], &[]]));
    assert_eq!(nameless.look_at(&secure).await, Ok(()));
    for _ in 0..2 {
        let outcome = post(&nameless, &secure).await;
        assert_eq!(outcome, failed(PostFailure::UnknownHost));
    }
}

#[tokio::test]
async fn the_machines_own_resolver_is_behind_the_same_guard() {
    let receiver = Receiver::start(answer(200, ""));
    let local = url(&format!("http://localhost:{}/", receiver.port));
    assert_eq!(post(&Setting::default().poster(), &local).await, TAKEN);
    let names = Arc::new(SystemNames::new());
    let closed = poster(&["127.0.0.9"], names);
    assert_eq!(post(&closed, &local).await, FORBIDDEN);
    let secure = url("https://localhost/");
    assert_eq!(post(&closed, &secure).await, FORBIDDEN);
    assert_eq!(receiver.connections(), 1);
}

/// Answers nobody before it is told to.
#[derive(Default)]
struct Slow {
    asked: AtomicUsize,
    go: Arc<Notify>,
}

impl Names for Slow {
    fn look_up(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let go = Arc::clone(&self.go);
        async move {
            go.notified().await;
            Ok(vec![ip("127.0.0.1")])
        }
        .boxed()
    }
}

#[tokio::test]
async fn a_name_that_many_wait_for_is_looked_up_once() {
    let names = Arc::new(Slow::default());
    let lookups = Lookups::new(Arc::<Slow>::clone(&names));
    let policy = policy(&["127.0.0.1"]);
    let look_up = || lookups.open_addresses(&policy, Channel::Plain, "receiver.example");
    let release = async { names.go.notify_one() };
    let (found, ()) = tokio::join!(join_all((0..16).map(|_| look_up())), release);
    assert!(
        found
            .iter()
            .all(|found| *found == Ok(vec![ip("127.0.0.1")])),
        "{found:?}"
    );
    assert_eq!(names.asked.load(Ordering::SeqCst), 1);
    // What was found is not kept.
    names.go.notify_one();
    assert!(look_up().await.is_ok());
    assert_eq!(names.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn names_whose_servers_do_not_answer_cost_no_more_than_the_time() {
    let names = Arc::new(Slow::default());
    let setting = Setting {
        networks: &["127.0.0.1"],
        names,
        timeout: IMPATIENCE,
    };
    let poster = setting.poster();
    let url = url("http://receiver.example:8080/");
    assert_eq!(post(&poster, &url).await, failed(PostFailure::Timeout));
    assert_eq!(poster.look_at(&url).await, Ok(()));
}
