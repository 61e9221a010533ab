//! What each kind of wrong looks like in the books. A messenger that works shows none of them, so
//! the court is tried on forged ones.

use std::collections::BTreeMap;

use lab::File;
use mongodb::bson::{DateTime, Uuid};
use twilio_sim::Status;

use super::*;
use crate::torture::ledger::{FileRow, ProviderRow};
use crate::torture::senders::Manner;
use crate::torture::texts::{Content, Text};

const SENDER: &str = "+15005550006";

fn file(url: String) -> File {
    File { url: Some(url) }
}

/// The books of two contents, the second of which is wanted twice; nothing is wrong with them.
struct Books {
    script: Script,
    told: Told,
    rows: Vec<Row>,
    book: Book,
}

impl Books {
    fn in_order() -> Self {
        let content = |n: usize| Content {
            to: format!("+1555000000{n}"),
            body: format!("text {n}"),
            urls: vec![format!("https://files.example.com/{n}")],
            faults: Vec::new(),
            refused: false,
            list_unavailable: false,
        };
        let text = |n: usize, content| Text {
            key: format!("key-{n}"),
            content,
            manner: Manner::default(),
        };
        let script = Script {
            counted: false,
            spread: false,
            seed: 0,
            contents: vec![content(0), content(1)],
            texts: vec![text(0, 0), text(1, 1), text(2, 1)],
            strikes: Vec::new(),
        };
        let of = |text: &Text| script.contents[text.content].clone();
        let rows: Vec<Row> = script
            .texts
            .iter()
            .enumerate()
            .map(|(n, text)| Row {
                id: Uuid::new(),
                owner: Uuid::new(),
                idempotency_key: Some(text.key.clone()),
                recipient: Some(of(text).to),
                body: Some(of(text).body),
                media: of(text)
                    .urls
                    .into_iter()
                    .map(|url| FileRow { url })
                    .collect(),
                status: "delivered".to_owned(),
                error_code: None,
                provider: Some(ProviderRow { sid: sid(n) }),
                sender: Some(SENDER.to_owned()),
                updated_at: DateTime::from_millis(0),
                timeline: Vec::new(),
            })
            .collect();
        let entries: Vec<Entry> = script
            .texts
            .iter()
            .enumerate()
            .map(|(n, text)| Entry {
                sid: sid(n),
                to: of(text).to,
                body: of(text).body,
                media: of(text).urls.into_iter().map(file).collect(),
                status: Status::Delivered,
                error_code: None,
                created: String::new(),
                reported: true,
                erased: None,
            })
            .collect();
        Self {
            told: rows.iter().map(|row| [row.id.to_string()].into()).collect(),
            script,
            rows,
            book: Book {
                senders: (0..3).map(|n| (sid(n), SENDER.to_owned())).collect(),
                entries,
            },
        }
    }

    /// Never taken by the provider.
    fn unsent(mut self, n: usize) -> Self {
        self.book.entries.remove(n);
        self.rows[n].provider = None;
        self
    }

    fn says(mut self, n: usize, status: &str, code: Option<&str>) -> Self {
        self.rows[n].status = status.to_owned();
        self.rows[n].error_code = code.map(str::to_owned);
        self
    }

    fn judged(&self) -> Judgement {
        let nothing = BTreeMap::new();
        judge(&self.script, &self.told, &self.rows, &self.book, &nothing)
    }

    #[track_caller]
    fn assert_wrong(&self, expected: &[Wrong]) {
        let judgement = self.judged();
        let mut found: Vec<_> = judgement.offences.iter().map(|o| o.wrong).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{judgement:?}");
    }
}

fn sid(n: usize) -> String {
    format!("SM{n}")
}

#[test]
fn books_in_order_are_clean() {
    Books::in_order().assert_wrong(&[]);
}

#[test]
fn what_a_client_was_told_of_but_the_ledger_does_not_have_is_lost() {
    let mut books = Books::in_order();
    books.rows.remove(0);
    books.book.entries.remove(0);
    books.assert_wrong(&[Wrong::Lost]);
}

#[test]
fn what_was_never_sent_is_lost_whatever_the_ledger_says() {
    let expired = Books::in_order().unsent(0);
    expired
        .says(0, "failed", Some("expired"))
        .assert_wrong(&[Wrong::Lost]);
    let pretended = Books::in_order().unsent(0);
    pretended.assert_wrong(&[Wrong::Lost, Wrong::Mislabelled]);
    let twin = Books::in_order().unsent(2);
    twin.says(2, "failed", Some("21610"))
        .assert_wrong(&[Wrong::Lost]);
}

#[test]
fn what_the_provider_refused_is_not_lost() {
    let mut books = Books::in_order().unsent(0).says(0, "failed", Some("21610"));
    books.script.contents[0].refused = true;
    books.assert_wrong(&[]);
}

#[test]
fn a_copy_too_many_is_doubled_also_among_twins() {
    for n in 0..3 {
        let mut books = Books::in_order();
        let copy = Entry {
            sid: sid(9),
            ..books.book.entries[n].clone()
        };
        books.book.entries.push(copy);
        books.assert_wrong(&[Wrong::Doubled]);
    }
}

#[test]
fn a_key_with_two_messages_is_doubled() {
    let mut books = Books::in_order();
    books.told[0].insert(Uuid::new().to_string());
    books.assert_wrong(&[Wrong::Lost, Wrong::Doubled]);
}

#[test]
fn a_status_a_code_a_sid_or_a_sender_that_is_not_the_providers_is_mislabelled() {
    let wrong = [Wrong::Mislabelled];
    Books::in_order()
        .says(0, "undelivered", None)
        .assert_wrong(&wrong);
    Books::in_order()
        .says(0, "delivered", Some("30003"))
        .assert_wrong(&wrong);
    let mut twins = Books::in_order();
    twins.rows[2].provider = Some(ProviderRow { sid: sid(1) });
    twins.assert_wrong(&wrong);
    let mut foreign = Books::in_order();
    foreign.rows[0].provider = Some(ProviderRow { sid: sid(1) });
    foreign.assert_wrong(&[Wrong::Mislabelled; 2]);
    let mut altered = Books::in_order();
    altered.book.entries[0].body.push('!');
    altered.assert_wrong(&wrong);
    let mut of_another = Books::in_order();
    of_another.book.entries[0].media = vec![file("https://files.example.com/1".to_owned())];
    of_another.assert_wrong(&wrong);
    let mut without = Books::in_order();
    without.rows[0].media.clear();
    without.assert_wrong(&wrong);
    let mut moved = Books::in_order();
    moved.rows[0].sender = Some("71001".to_owned());
    moved.assert_wrong(&wrong);
}

#[test]
fn a_status_that_went_back_is_mislabelled_even_if_it_ends_right() {
    let books = Books::in_order();
    let went_back = [(books.rows[0].id.to_string(), "back".to_owned())].into();
    let Books {
        script,
        told,
        rows,
        book,
    } = &books;
    let judgement = judge(script, told, rows, book, &went_back);
    assert_eq!(judgement.offences[0].wrong, Wrong::Mislabelled);
}

#[test]
fn what_does_not_come_to_rest_is_unsettled() {
    let wrong = [Wrong::Unsettled];
    Books::in_order()
        .unsent(0)
        .says(0, "queued", None)
        .assert_wrong(&wrong);
    Books::in_order()
        .unsent(0)
        .says(0, "sending", None)
        .assert_wrong(&wrong);
    Books::in_order()
        .says(0, "accepted", None)
        .assert_wrong(&wrong);
    Books::in_order().says(0, "sent", None).assert_wrong(&wrong);
    let mut for_ever = Books::in_order().says(0, "sent", None);
    for_ever.book.entries[0].status = Status::Sent;
    for_ever.assert_wrong(&[]);
}

#[test]
fn an_outcome_is_unknown_only_where_the_list_was_unavailable() {
    let unknown = |sent: bool| {
        let mut books = Books::in_order().says(0, "failed", Some("outcome_unknown"));
        books.rows[0].provider = None;
        if !sent {
            books.book.entries.remove(0);
        }
        books
    };
    for sent in [true, false] {
        let mut books = unknown(sent);
        books.assert_wrong(&[Wrong::NeedlesslyUnknown]);
        books.script.contents[0].list_unavailable = true;
        books.assert_wrong(&[]);
        assert_eq!(books.judged().outcome_unknown, 1);
    }
}

#[test]
fn an_outcome_of_files_without_words_is_unknown_only_without_a_report() {
    let mut books = Books::in_order().says(1, "failed", Some("outcome_unknown"));
    books.rows[1].provider = None;
    books.script.contents[1].body.clear();
    for n in [1, 2] {
        books.rows[n].body = None;
        books.book.entries[n].body.clear();
    }
    books.assert_wrong(&[Wrong::NeedlesslyUnknown]);
    books.book.entries[1].reported = false;
    books.assert_wrong(&[]);
    assert_eq!(books.judged().outcome_unknown, 1);
    books.script.contents[1].body = "words".to_owned();
    for n in [1, 2] {
        books.rows[n].body = Some("words".to_owned());
        books.book.entries[n].body = "words".to_owned();
    }
    books.assert_wrong(&[Wrong::NeedlesslyUnknown]);
}
