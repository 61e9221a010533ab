use axum::body::Body;
use futures_util::StreamExt;
use http::{Method, Request};
use serde_json::{Value, json};

use super::listing::{fill, next};
use crate::testing::{Answer, TestApi, TestUser, request};

fn asking(user: &TestUser, path: &str, accept: &str) -> Request<Body> {
    let mut request = request(Method::GET, path, Some(user), Body::empty());
    let headers = request.headers_mut();
    headers.insert("accept", accept.parse().unwrap());
    request
}

async fn get(api: &TestApi, user: &TestUser, path: &str, accept: &str) -> Answer {
    api.call(asking(user, path, accept)).await
}

fn rows(table: &Answer) -> Vec<csv::StringRecord> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(&table.body[..]);
    reader.into_records().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_table_has_the_fields_of_the_messages() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let texts = [
        "hello",
        "=HYPERLINK(\"http://x\")",
        "+1",
        "a,\"b\"\r\nc",
        "'quoted'",
    ];
    for text in texts {
        api.send(&john, text).await;
    }
    let table = get(&api, &john, "/messages", "text/csv").await;
    assert_eq!(table.status, 200);
    let kind = "text/csv; charset=utf-8; header=present";
    assert_eq!(table.header("content-type"), kind);
    let file = "attachment; filename=\"messages.csv\"";
    assert_eq!(table.header("content-disposition"), file);
    assert!(table.body.starts_with("\u{feff}id,".as_bytes()));
    assert!(table.header("vary").to_lowercase().contains("accept"));
    let rows = rows(&table);
    assert_eq!(rows.len(), 1 + texts.len());

    // The columns are named as the fields are, in the order of the fields.
    let text = api.get("/messages", &john).await.text();
    let places = rows[0]
        .iter()
        .map(|name| text.find(&format!("\"{name}\":")).unwrap());
    assert!(places.is_sorted());
    let list: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(list[0].as_object().unwrap().len(), rows[0].len());
    for (row, message) in rows[1..].iter().zip(&list) {
        for (name, cell) in rows[0].iter().zip(row) {
            let expected = match &message[name] {
                Value::Null => String::new(),
                Value::Object(tags) if tags.is_empty() => String::new(),
                Value::Array(media) if media.is_empty() => String::new(),
                Value::String(text) if text.starts_with(['=', '+']) => {
                    format!("'{text}")
                }
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(cell, expected, "{name}");
        }
    }
}

#[tokio::test]
async fn lines_of_json_are_the_same_messages() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    fill(&api, &john, 1200).await;
    let lines = get(&api, &john, "/messages", "application/x-ndjson").await;
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    assert!(lines.body.ends_with(b"}\n"));
    let text = lines.text();
    let messages: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let list = api.get("/messages", &john).await.json();
    assert_eq!(json!(messages), list);
}

#[tokio::test]
async fn a_file_is_what_the_list_would_be_in_that_notation() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    fill(&api, &john, 5).await;
    for (name, accept) in [
        ("", "text/csv"),
        ("format=csv", "text/csv"),
        ("format=ndjson", "application/x-ndjson"),
    ] {
        for part in ["", "&order=desc&q=3", "&limit=2"] {
            let asked = format!("/messages/export?{name}{part}");
            let file = get(&api, &john, &asked, "*/*").await;
            let list = get(&api, &john, &format!("/messages?{part}"), accept).await;
            assert_eq!(file.status, 200, "{asked}");
            assert_eq!(file.body, list.body, "{asked}");
            for header in ["content-type", "content-disposition", "x-next-cursor"] {
                assert_eq!(file.header(header), list.header(header), "{asked}");
            }
        }
    }
    // The next page is in the same notation.
    let asked = "/messages/export?format=ndjson&limit=2";
    let page = get(&api, &john, asked, "*/*").await;
    let page = get(&api, &john, &next(asked, &page).unwrap(), "*/*").await;
    assert_eq!(page.header("content-type"), "application/x-ndjson");

    let bad = get(&api, &john, "/messages/export?format=json&limit=0", "*/*").await;
    assert_eq!(bad.problem(400), ["format", "limit"]);
}

#[tokio::test]
async fn an_empty_history_is_a_table_without_rows_and_no_lines() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for path in ["/messages", "/messages?limit=5", "/messages?q=x"] {
        let table = get(&api, &john, path, "text/csv").await;
        assert_eq!(rows(&table).len(), 1, "{path}");
        let lines = get(&api, &john, path, "application/x-ndjson").await;
        assert_eq!((lines.status.as_u16(), lines.text().as_str()), (200, ""));
    }
}

#[tokio::test]
async fn every_format_comes_in_pages_too() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    fill(&api, &john, 5).await;
    let mut path = format!("/messages/{}?order=desc&limit=2&q=", john.hash);
    path.truncate(path.len() - 3);
    let mut seen = Vec::new();
    loop {
        let page = get(&api, &john, &path, "text/csv").await;
        let rows = rows(&page);
        seen.extend(rows[1..].iter().map(|row| row[4].to_owned()));
        match next(&path, &page) {
            Some(target) => path = target,
            None => break,
        }
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
}

#[tokio::test]
async fn a_table_comes_part_by_part_and_breaks_off_when_the_ledger_does() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    fill(&api, &john, 1600).await;
    let table = api.respond(asking(&john, "/messages", "text/csv")).await;
    let mut parts = table.into_body().into_data_stream();
    let first = parts.next().await.unwrap().unwrap();
    assert_eq!(str::from_utf8(&first).unwrap().lines().count(), 201);
    let second = parts.next().await.unwrap().unwrap();
    assert_eq!(str::from_utf8(&second).unwrap().lines().count(), 200);
    api.store.close().await;
    assert!(parts.next().await.unwrap().is_err());
}

#[tokio::test]
async fn what_we_cannot_write_is_answered_in_json() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for accept in ["image/png", "application/xml;q=0.9, nonsense"] {
        let list = get(&api, &john, "/messages", accept).await;
        assert_eq!((list.status.as_u16(), list.json()), (200, json!([])));
    }
    let bad = get(&api, &john, "/messages?limit=0", "text/csv").await;
    bad.problem(400);
}
