//! What the environment of the process says about proxies.

use std::process::Command;

use super::receiver::{Receiver, answer};
use super::*;

const TARGET: &str = "MYSMS_TEST_TARGET";

/// Run in a child whose environment names proxies, because clients read that only once.
#[tokio::test]
async fn no_proxy_is_used_whatever_the_environment_says() {
    if let Ok(target) = std::env::var(TARGET) {
        let outcome = post(&Setting::default().poster(), &url(&target)).await;
        assert!(outcome.answer.is_taken(), "{outcome:?}");
        return;
    }
    let receiver = Receiver::start(answer(200, ""));
    let proxy = Receiver::start(answer(200, ""));
    let address = format!("http://127.0.0.1:{}", proxy.port);
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args([
            "--exact",
            "poster::tests::environment::no_proxy_is_used_whatever_the_environment_says",
        ])
        .env(TARGET, receiver.url().as_str());
    for variable in ["http_proxy", "https_proxy", "all_proxy"] {
        child.env(variable, &address);
        child.env(variable.to_uppercase(), &address);
    }
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    assert_eq!((receiver.connections(), proxy.connections()), (1, 0));
}
