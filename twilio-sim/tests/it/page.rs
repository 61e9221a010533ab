use serde_json::json;

use crate::support::{at_once, start};

fn kind(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(_, kind)| kind)
}

/// What a page or one of its files refers to, as far as it is of the simulator.
fn references(text: &str) -> Vec<String> {
    let links = text.split(['"', '\'']).filter_map(|part| {
        let sibling = part
            .strip_prefix("./")
            .filter(|name| kind(name) == Some("js"));
        let sibling = sibling.map(|name| format!("/sim/phone/{name}"));
        sibling.or_else(|| part.starts_with("/sim/").then(|| part.to_owned()))
    });
    links.collect()
}

#[tokio::test]
async fn the_page_and_all_it_needs_come_with_a_strict_policy() {
    let harness = start(at_once()).await;
    let mut wanted = vec!["/sim".to_owned()];
    let mut seen = 0;
    while let Some(path) = wanted.get(seen).cloned() {
        seen += 1;
        let url = format!("{}{path}", harness.account.base);
        let answer = harness.account.http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        let expected = match kind(&path) {
            None => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some(_) => "image/svg+xml",
        };
        assert_eq!(header("content-type"), expected);
        let text = answer.text().await.unwrap();
        for reference in references(&text) {
            if !wanted.contains(&reference) {
                wanted.push(reference);
            }
        }
    }
    assert!(
        wanted.contains(&"/sim/phone/composer.js".to_owned()),
        "{wanted:?}"
    );
    assert!(
        wanted.contains(&"/sim/phone/tokens.css".to_owned()),
        "{wanted:?}"
    );
}

#[tokio::test]
async fn the_address_alone_leads_to_the_page_and_other_files_do_not_exist() {
    let harness = start(at_once()).await;
    let base = &harness.account.base;
    let answer = harness.account.http.get(base).send().await.unwrap();
    assert_eq!(answer.url().path(), "/sim");
    for file in ["index.html", "types.d.ts", "..%2Fsrc%2Fmain.rs"] {
        let url = format!("{base}/sim/phone/{file}");
        let answer = harness.account.http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{file}");
    }
}

#[tokio::test]
async fn another_site_cannot_use_a_browser_to_write() {
    let harness = start(at_once()).await;
    let text = json!({"from": "+14155550100", "body": "x"}).to_string();
    let url = format!("{}/sim/inbound", harness.account.base);
    let request = harness.account.http.post(url).body(text);
    let plain = request.header("content-type", "text/plain").send().await;
    assert_eq!(plain.unwrap().status(), 415);
}
