use std::path::Path;
use std::time::Duration;

use clap::Parser;
use mysms_core::domain::{
    ALL_SENDERS, Address, Consent, ConsentEntry, ConsentSource, Right, Timestamp,
};
use mysms_core::provider::Glossary;
use runtime::exit::Exit;

use super::import::Import;
use super::{Consents, Notation};
use crate::admin::AdminPorts;
use crate::testing::{START, TestApi};

const ANNA: &str = "+14155550123";
const OURS: &str = "+15005550006";

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    consents: Consents,
}

/// What a command prints, and how it exits.
async fn run(api: &TestApi, words: &[&str]) -> (String, Exit) {
    let words = ["consent"].iter().chain(words);
    let Line { consents } = Line::try_parse_from(words).unwrap();
    let ports = AdminPorts {
        stores: api.stores.clone(),
        clock: api.clock.clone(),
        glossary: Glossary::new(|_| "the provider's words"),
        lease: api.state.delivery.lease(),
        home: None,
        heard_after: Duration::ZERO,
        checkup: None,
    };
    consents.run(&ports).await.unwrap()
}

async fn done(api: &TestApi, words: &[&str]) -> String {
    let (text, exit) = run(api, words).await;
    assert_eq!(exit, Exit::Done, "{words:?}: {text}");
    text
}

async fn entries(api: &TestApi) -> Vec<ConsentEntry> {
    let consents = &api.stores.consents;
    consents.entries(None, None, 10_000).await.unwrap()
}

async fn refuses(api: &TestApi, sender: &str, number: &str) -> bool {
    let number = [Address::of_author(number)];
    let found = api.stores.opt_outs.opted_out(sender, &number).await;
    !found.unwrap().is_empty()
}

/// A list in a file of its own.
fn list(name: &str, text: impl AsRef<[u8]>) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

#[tokio::test]
async fn what_is_exported_and_imported_into_an_empty_installation_is_exported_alike() {
    let api = TestApi::start().await;
    for (text, consent) in [
        ("STOP", Consent::Withdrawn),
        ("START", Consent::Given),
        ("stop texting me", Consent::Maybe),
    ] {
        api.hear(ANNA, text, consent).await;
        api.clock.advance(Duration::from_secs(1));
    }
    api.hear("PARCELBOX", "STOP", Consent::Withdrawn).await;
    let (_kept, table) = list(
        "others.csv",
        "number,said_at,note\n+14155550199,2025-01-01T00:00:00Z,\"=evil, but; +harmless\"\n",
    );
    done(&api, &["import", &table]).await;
    for name in ["all.csv", "all.ndjson"] {
        let (directory, first) = list(name, "");
        let said = done(&api, &["export", &first]).await;
        assert_eq!(said, "5 rows are written.\n");
        let written = std::fs::read_to_string(&first).unwrap();
        assert!(
            !written.contains(",=evil") && !written.contains(",+"),
            "{written}"
        );
        let empty = TestApi::start().await;
        assert_eq!(
            done(&empty, &["import", &first]).await,
            "5 rows are stored.\n"
        );
        done(&empty, &["import", &first]).await;
        assert_eq!(entries(&empty).await, entries(&api).await);
        assert!(refuses(&empty, OURS, "PARCELBOX").await);
        assert!(refuses(&empty, OURS, "+14155550199").await);
        assert!(!refuses(&empty, OURS, ANNA).await);
        let second = directory.path().join(format!("second-{name}"));
        let second = second.to_str().unwrap();
        done(&empty, &["export", second]).await;
        assert_eq!(std::fs::read_to_string(second).unwrap(), written);
    }
}

#[tokio::test]
async fn a_list_is_taken_in_once_however_often_it_is_imported() {
    let api = TestApi::start().await;
    let (_kept, table) = list(
        "stops.csv",
        format!("\u{feff}Number,sender\r\n{ANNA},\r\n+14155550199,{OURS}\r\n")
            .replace("Number", "number"),
    );
    let (refused, exit) = run(&api, &["import", &table]).await;
    assert_eq!(exit, Exit::Failed);
    assert!(
        refused.contains("line 2, column said_at: is missing: give --said-at"),
        "{refused}"
    );
    let at = "2025-12-31T00:00:00Z";
    for _ in 0..2 {
        done(&api, &["import", &table, "--said-at", at]).await;
    }
    let kept = entries(&api).await;
    assert_eq!(kept.len(), 2);
    assert_eq!(
        (&*kept[0].sender, kept[0].consent),
        (ALL_SENDERS, Consent::Withdrawn)
    );
    assert_eq!(kept[0].said_at, at.parse().unwrap());
    assert!(refuses(&api, "+15005550009", ANNA).await);
    // What was said since counts.
    api.hear("+14155550199", "START", Consent::Given).await;
    done(&api, &["import", &table, "--said-at", at]).await;
    assert!(!refuses(&api, OURS, "+14155550199").await);
}

#[tokio::test]
async fn a_bad_row_is_named_and_nothing_is_stored_unless_it_is_left_out() {
    let api = TestApi::start().await;
    let future = "2999-01-01T00:00:00Z";
    let rows = [
        format!("{ANNA},{OURS},withdrawn,2025-01-01T00:00:00Z,"),
        format!(",{OURS},withdrawn,2025-01-01T00:00:00Z,"),
        format!("{ANNA},{OURS},maybe not,2025-01-01T00:00:00Z,"),
        format!("{ANNA},{OURS},given,yesterday,"),
        format!("{ANNA},{OURS},given,{future},"),
        format!("{ANNA},{OURS},given,2025-01-01T00:00:00Z,a,b"),
        format!("{ANNA},...,given,2025-01-01T00:00:00Z,"),
    ];
    let text = format!("number,sender,state,said_at,note\n{}\n", rows.join("\n"));
    let (_kept, table) = list("rows.csv", &text);
    let (said, exit) = run(&api, &["import", &table]).await;
    assert_eq!(exit, Exit::Failed);
    for line in [
        "line 3, column number: is missing",
        "line 4, column state: must be withdrawn, given or maybe",
        "line 5, column said_at: ",
        "line 6, column said_at: must be after 1970",
        "line 7, has 6 columns, the first line 5",
        "line 8, column sender: ",
        "6 rows are bad.",
        "Nothing was stored.",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert_eq!(entries(&api).await, []);
    let said = done(&api, &["import", &table, "--skip-bad"]).await;
    assert!(
        said.ends_with("6 rows are bad.\n1 rows are stored.\n"),
        "{said}"
    );
    assert_eq!(entries(&api).await.len(), 1);

    let lines = format!(
        "{{\"number\":\"{ANNA}\",\"said_at\":\"2025-01-01T00:00:00Z\"}}\n\n[\"{ANNA}\"]\n{{\"numbers\":1}}\n"
    );
    let (_kept, lines) = list("rows.jsonl", lines);
    let (said, _) = run(&api, &["import", &lines]).await;
    assert!(said.contains("line 3, is no JSON object"), "{said}");
    assert!(said.contains("line 4, unknown field `numbers`"), "{said}");
    let (_kept, columns) = list("columns.csv", "phone\n+14155550123\n");
    let (said, _) = run(&api, &["import", &columns]).await;
    assert!(
        said.contains("line 1, there is no column \"phone\""),
        "{said}"
    );
    let (_kept, latin) = list("latin.csv", b"number,note\n+14155550123,caf\xe9\n");
    let (said, _) = run(&api, &["import", &latin]).await;
    assert!(said.contains("line 2, is not UTF-8"), "{said}");
    let (_kept, nameless) = list("nameless", "");
    let (said, exit) = run(&api, &["import", &nameless]).await;
    assert!(exit == Exit::Failed && said.contains("--format"), "{said}");
}

#[tokio::test]
async fn the_evidence_is_shown_oldest_first() {
    let api = TestApi::start().await;
    let (nothing, exit) = run(&api, &["show", ANNA]).await;
    assert_eq!(
        (&*nothing, exit),
        ("Nothing was said from there.\n", Exit::Failed)
    );
    let stop = api.hear(ANNA, "STOP", Consent::Withdrawn).await;
    api.clock.advance(Duration::from_secs(1));
    api.hear(ANNA, "START", Consent::Given).await;
    let shown = done(&api, &["show", "+1 415 555 0123"]).await;
    assert!(
        shown.starts_with(&format!("{ANNA}\ngiven      {OURS} since ")),
        "{shown}"
    );
    let places = ["withdrawn", "given"].map(|state| shown.find(&format!("state      {state}")));
    assert!(places[0].is_some() && places[0] < places[1], "{shown}");
    let sid = stop.provider.unwrap().sid;
    assert!(
        shown.contains(&format!("reference  {}", sid.as_str())),
        "{shown}"
    );
    let acts = api.stores.acts.acts(9).await.unwrap();
    assert_eq!(acts[0].command, "consent show");
}

#[tokio::test]
async fn a_user_is_let_look_after_what_is_everybodys_and_no_more_later() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let has = async || {
        api.state.settings.look().await.unwrap();
        let settings = api.state.settings.of(john.id).await.unwrap();
        (settings.has(Right::Consent), settings.has(Right::Inbox))
    };
    done(&api, &["grant", "John_Doe"]).await;
    assert_eq!(has().await, (true, false));
    assert_eq!(done(&api, &["list"]).await, "john_doe\n");
    done(&api, &["revoke", "john_doe"]).await;
    assert_eq!(has().await, (false, false));
    assert_eq!(done(&api, &["list"]).await, "");
    let (text, exit) = run(&api, &["grant", "nobody"]).await;
    assert_eq!((&*text, exit), ("There is no user nobody.\n", Exit::Failed));
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_read_as_they_stand() {
    let at = "2025-12-31T00:00:00Z";
    let rows = (0..100_000).map(|number| format!("+1415{number:07}"));
    let rows: Vec<_> = ["number".to_owned()].into_iter().chain(rows).collect();
    let text = rows.join("\n");
    let import = super::import::Import {
        notation: super::Notation::of(Path::new("a.CSV")).unwrap(),
        said_at: Some(at.parse::<Timestamp>().unwrap()),
        skip_bad: false,
    };
    let list = import.read(text.as_bytes(), START).unwrap();
    assert_eq!((list.entries.len(), list.bad.len()), (100_000, 0));
}

#[test]
fn what_is_nobodys_number_or_goes_on_in_the_next_line_is_not_taken() {
    let import = |said_at| Import {
        notation: Notation::Csv,
        said_at,
        skip_bad: false,
    };
    let now = Timestamp::from_millis(1_800_000_000_000);
    let past = Some(Timestamp::from_millis(1_000));
    let read = |text: &str| import(past).read(text.as_bytes(), now);
    for bad in [
        "4155551604",
        "1.41556E+10",
        "+14155550115;de",
        "(415) 555-0113",
    ] {
        let list = read(&format!("number\n\"{bad}\"\n")).unwrap();
        assert_eq!((list.entries.len(), list.bad.len()), (0, 1), "{bad}");
        assert_eq!(list.bad[0].1.column, Some("number"), "{bad}");
    }
    for bad in ["15005550006", "ALL"] {
        let list = read(&format!("number,sender\n+14155550123,{bad}\n")).unwrap();
        assert!(
            bad == "ALL" || list.bad[0].1.column == Some("sender"),
            "{bad}"
        );
    }
    let cut = read("number,state\n+14155550123,withdrawn\n+1415555012\n").unwrap();
    assert_eq!((cut.entries.len(), cut.bad[0].0), (1, 3));
    for refused in [
        "phone\n+14155550123\n",
        "number,note\n+14155550123,\"she said\n+14155550124,x\n",
    ] {
        assert!(read(refused).is_err(), "{refused}");
    }
    let to_come = Some(Timestamp::from_millis(2_900_000_000_000));
    assert!(import(to_come).read("number\n".as_bytes(), now).is_err());
}

#[test]
fn rows_are_told_apart_whatever_others_call_them() {
    let import = Import {
        notation: Notation::Csv,
        said_at: None,
        skip_bad: false,
    };
    let now = Timestamp::from_millis(1_800_000_000_000);
    let text = "id,number,reference,state,said_at\n\
        1,+14155551204,mailchimp,withdrawn,2026-01-01T00:00:00Z\n\
        1,+14155551204,mailchimp,given,2026-02-01T00:00:00Z\n\
        1,+14155551204,mailchimp,withdrawn,2026-03-01T00:00:00Z\n\
        1,+14155551205,mailchimp,withdrawn,2026-03-01T00:00:00Z\n";
    let list = import.read(text.as_bytes(), now).unwrap();
    let ids: std::collections::BTreeSet<_> = list.entries.iter().map(|entry| &entry.id).collect();
    assert_eq!(ids.len(), 4);
}

#[test]
fn a_line_that_does_not_end_is_refused_before_it_fills_the_memory() {
    struct Endless(u64);
    impl std::io::Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 += buffer.len() as u64;
            assert!(self.0 < 1024 * 1024, "it is read on and on");
            buffer.fill(b'x');
            Ok(buffer.len())
        }
    }
    let import = Import {
        notation: Notation::Csv,
        said_at: Some(Timestamp::from_millis(1_700_000_000_000)),
        skip_bad: true,
    };
    let now = Timestamp::from_millis(1_800_000_000_000);
    let many = "+14155550123,kept\n".repeat(20_000);
    let lines = format!("number,note\n{many}");
    let read = |begin: &str| {
        let input = std::io::Read::chain(begin.as_bytes(), Endless(0));
        let refused = import.read(input, now).err().unwrap();
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidData);
        refused.to_string()
    };
    assert_eq!(read(""), "line 1 is longer than 64 KiB");
    for begin in ["+14155550123,", "+14155550123,\"a\nb"] {
        let why = read(&format!("{lines}{begin}"));
        assert_eq!(why, "line 20002 is longer than 64 KiB", "{begin}");
    }
    // One that ends, but late.
    let long = format!("{lines}+14155550123,{}\n", "x".repeat(66 * 1024));
    let refused = import.read(long.as_bytes(), now).err().unwrap();
    assert_eq!(refused.to_string(), "line 20002 is longer than 64 KiB");
    let list = import.read(lines.as_bytes(), now).unwrap();
    assert_eq!((list.entries.len(), list.bad.len()), (20_000, 0));
}

#[tokio::test]
async fn what_somebody_told_an_operator_counts_and_is_kept() {
    let api = TestApi::start().await;
    api.hear(ANNA, "stop texting me", Consent::Maybe).await;
    let out = ["set", ANNA, "out", "--note", "She called."];
    let said = done(&api, &out).await;
    assert!(said.contains("withdrawn  all senders since"), "{said}");
    assert!(said.contains("withdrawn  +15005550006 since"), "{said}");
    for sender in [OURS, "+15005550007"] {
        assert!(refuses(&api, sender, ANNA).await);
    }
    let open = api
        .stores
        .opt_outs
        .standing_with(OURS, Consent::Maybe, None, 9);
    assert_eq!(open.await.unwrap(), []);
    let entry = entries(&api).await.pop().unwrap();
    assert_eq!(entry.evidence.source, ConsentSource::Operator);
    assert!(entry.evidence.by.is_some());
    assert_eq!(entry.evidence.note.unwrap().as_str(), "She called.");

    done(&api, &["set", ANNA, "in"]).await;
    assert!(!refuses(&api, "+15005550007", ANNA).await);
    assert!(refuses(&api, OURS, ANNA).await, "it has its own");
    let said = done(&api, &["set", "00 1 415 555 0123", "in", "--sender", OURS]).await;
    assert!(said.starts_with("given      +15005550006 since"), "{said}");
    assert!(!refuses(&api, OURS, ANNA).await);
    // What was said before changes nothing, and that is told.
    let earlier = ["--said-at", "2025-01-01T00:00:00Z", "--sender", OURS];
    let earlier = [&["set", ANNA, "out"], &earlier[..]].concat();
    let said = done(&api, &earlier).await;
    assert!(
        said.contains("given") && said.contains("said later"),
        "{said}"
    );
    assert!(!refuses(&api, OURS, ANNA).await);

    let kept = entries(&api).await.len();
    let (said, exit) = run(
        &api,
        &["set", ANNA, "out", "--said-at", "2999-01-01T00:00:00Z"],
    )
    .await;
    assert_eq!(exit, Exit::Failed, "{said}");
    for bad in [
        ["consent", "set", "4155550123", "out"],
        ["consent", "set", ANNA, "no"],
    ] {
        assert!(Line::try_parse_from(bad).is_err(), "{bad:?}");
    }
    assert_eq!(entries(&api).await.len(), kept);
    let acts = api.stores.acts.acts(9).await.unwrap();
    assert!(
        acts.iter()
            .all(|act| act.command == "consent set" && act.about.is_none())
    );
    assert_eq!(acts.len(), 4);
}
