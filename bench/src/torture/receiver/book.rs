//! What receivers noted, and whether it is what the ledger says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use mongodb::bson;
use serde::Serialize;
use serde_json::Value;

use crate::torture::judge::{Offence, Wrong};
use crate::torture::ledger::Row;

/// What receivers were told, in numbers.
#[derive(Debug, Default, Serialize)]
pub struct Told {
    /// Events that were noted.
    pub events: usize,
    /// Those of them that had been noted before.
    pub repeated: usize,
    /// Requests that were refused, or not answered.
    pub refused: usize,
    pub untold: usize,
    pub gaps: usize,
    pub backwards: usize,
}

/// An event as it was noted.
#[derive(Debug, Clone)]
pub(super) struct Noted {
    id: String,
    message: String,
    version: u64,
    previous: Option<u64>,
    status: String,
    /// In milliseconds since 1970, like those of the steps.
    changed_at: i64,
    steps: Vec<i64>,
}

/// All events in the order in which they came.
#[derive(Debug, Default, Clone)]
pub(super) struct Book {
    events: Vec<Noted>,
    pub(super) refused: usize,
}

impl Noted {
    /// `None`: it is about no message, or not as it should be.
    pub(super) fn read(id: &str, event: &Value) -> Option<Self> {
        let data = &event["data"];
        let text = |name: &str| data[name].as_str().map(str::to_owned);
        let steps = data["timeline"].as_array()?.iter();
        let steps: Option<_> = steps.map(|step| millis(&step["at"])).collect();
        Some(Self {
            id: id.to_owned(),
            message: text("id")?,
            version: data["version"].as_u64()?,
            previous: data["previous_version"].as_u64(),
            status: text("status")?,
            changed_at: millis(&data["updated_at"])?,
            steps: steps?,
        })
    }
}

impl Book {
    pub(super) fn note(&mut self, event: Noted) {
        self.events.push(event);
    }

    pub(super) fn joined(books: impl Iterator<Item = Self>) -> Self {
        books.fold(Self::default(), |mut all, book| {
            all.events.extend(book.events);
            all.refused += book.refused;
            all
        })
    }

    /// Whether every message was told as it is.
    pub(super) fn is_complete(&self, rows: &[Row]) -> bool {
        let told = self.by_message();
        of_users(rows).all(|row| untold(row, &told).is_none())
    }

    pub(super) fn compare(&self, rows: &[Row]) -> (Told, Vec<Offence>) {
        let told = self.by_message();
        let ids: BTreeSet<_> = self.events.iter().map(|event| &event.id).collect();
        let untold = of_users(rows).filter_map(|row| {
            let why = untold(row, &told)?;
            Some(offence(Wrong::Untold, &row.id.to_string(), why))
        });
        let mut offences: Vec<_> = untold.collect();
        for (message, events) in &told {
            if let Some(why) = gap(events) {
                offences.push(offence(Wrong::Gap, message, why));
            }
            if let Some(why) = backwards(events) {
                offences.push(offence(Wrong::Backwards, message, why));
            }
        }
        let numbers = Told {
            events: self.events.len(),
            repeated: self.events.len() - ids.len(),
            refused: self.refused,
            untold: 0,
            gaps: 0,
            backwards: 0,
        };
        (numbers, offences)
    }

    fn by_message(&self) -> BTreeMap<&str, Vec<&Noted>> {
        let mut told = BTreeMap::<_, Vec<_>>::new();
        for event in &self.events {
            told.entry(&*event.message).or_default().push(event);
        }
        told
    }
}

/// What users sent, and what was written to them: what is nobody's is told to no receiver.
fn of_users(rows: &[Row]) -> impl Iterator<Item = &Row> {
    rows.iter().filter(|row| row.is_owned())
}

/// What somebody was not told who was told all these events.
fn untold(row: &Row, told: &BTreeMap<&str, Vec<&Noted>>) -> Option<String> {
    let id = row.id.to_string();
    let Some(events) = told.get(&*id) else {
        return Some("no event told of it".to_owned());
    };
    let latest = events.iter().max_by_key(|event| event.version)?;
    let changed_at = row.updated_at.timestamp_millis();
    if latest.status != row.status || latest.changed_at != changed_at {
        let (told, status) = (&latest.status, &row.status);
        let behind = changed_at - latest.changed_at;
        return Some(format!(
            "told as {told}, but it is {status}, {behind} ms later"
        ));
    }
    let steps: BTreeSet<_> = events.iter().flat_map(|event| &event.steps).collect();
    let missing = row
        .timeline
        .iter()
        .filter(|step| !steps.contains(&step.at.timestamp_millis()));
    let missing = missing.count();
    (missing > 0).then(|| format!("no event told of {missing} of its steps"))
}

/// An event that speaks of one before it that never came.
fn gap(events: &[&Noted]) -> Option<String> {
    let mut came = BTreeSet::new();
    for event in events {
        came.insert(event.version);
        if let Some(previous) = event.previous.filter(|previous| !came.contains(previous)) {
            return Some(format!(
                "{} speaks of version {previous}, which never came",
                event.id
            ));
        }
    }
    None
}

/// An event that tells of an older version than one before it.
fn backwards(events: &[&Noted]) -> Option<String> {
    let mut newest = 0;
    for event in events {
        if event.version < newest {
            return Some(format!("{} came after version {newest}", event.id));
        }
        newest = event.version;
    }
    None
}

fn millis(time: &Value) -> Option<i64> {
    let time = bson::DateTime::parse_rfc3339_str(time.as_str()?).ok()?;
    Some(time.timestamp_millis())
}

fn offence(wrong: Wrong, id: &str, why: String) -> Offence {
    Offence {
        wrong,
        text: String::new(),
        ids: vec![id.to_owned()],
        why,
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, number) in [
            ("told", self.events),
            ("  once more", self.repeated),
            ("  refused", self.refused),
            ("untold", self.untold),
            ("gaps", self.gaps),
            ("backwards", self.backwards),
        ] {
            writeln!(f, "{name:<18}{number:>8}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::torture::ledger::{EntryRow, NOBODY};

    fn row() -> Row {
        Row {
            id: bson::Uuid::new(),
            owner: bson::Uuid::new(),
            idempotency_key: Some("1".to_owned()),
            recipient: None,
            body: None,
            media: Vec::new(),
            status: "delivered".to_owned(),
            error_code: None,
            provider: None,
            sender: None,
            updated_at: at(4),
            timeline: [1, 4]
                .map(|second| EntryRow {
                    at: at(second),
                    event: String::new(),
                })
                .into(),
        }
    }

    fn at(second: i64) -> bson::DateTime {
        bson::DateTime::from_millis(1_767_225_600_000 + second * 1000)
    }

    fn book(row: &Row, events: &[(u32, Option<u32>, &str, &[i64])]) -> Book {
        let mut book = Book::default();
        for (version, previous, status, steps) in events {
            let time = |second: &i64| at(*second).try_to_rfc3339_string().unwrap();
            let timeline: Vec<_> = steps.iter().map(|step| json!({"at": time(step)})).collect();
            let event = json!({"data": {
                "id": row.id.to_string(),
                "version": version,
                "previous_version": previous,
                "status": status,
                "updated_at": time(steps.last().unwrap()),
                "timeline": timeline,
            }});
            book.note(Noted::read(&format!("msg_{version}"), &event).unwrap());
        }
        book
    }

    fn wrongs(row: &Row, events: &[(u32, Option<u32>, &str, &[i64])]) -> Vec<Wrong> {
        let rows = std::slice::from_ref(row);
        let (_, offences) = book(row, events).compare(rows);
        offences.into_iter().map(|offence| offence.wrong).collect()
    }

    #[test]
    fn whoever_was_told_all_has_nothing_to_complain_of() {
        let row = row();
        assert_eq!(wrongs(&row, &[(3, None, "delivered", &[1, 4])]), []);
        let twice: &[_] = &[
            (1, None, "queued", &[1][..]),
            (1, None, "queued", &[1]),
            (3, Some(1), "delivered", &[4]),
        ];
        assert_eq!(wrongs(&row, twice), []);
    }

    #[test]
    fn what_was_written_to_a_user_has_to_be_told_too() {
        let received = Row {
            idempotency_key: None,
            timeline: Vec::new(),
            ..row()
        };
        assert_eq!(wrongs(&received, &[(0, None, "delivered", &[4])]), []);
        assert_eq!(wrongs(&received, &[]), [Wrong::Untold]);
        assert!(!Book::default().is_complete(std::slice::from_ref(&received)));
        let of_nobody = Row {
            owner: NOBODY,
            ..received
        };
        assert_eq!(wrongs(&of_nobody, &[]), []);
        assert!(Book::default().is_complete(std::slice::from_ref(&of_nobody)));
    }

    /// So the ledger has to be read anew for as long as it is waited for.
    #[test]
    fn a_ledger_from_before_the_last_change_makes_it_look_untold() {
        let row = row();
        let before = Row {
            status: "sent".to_owned(),
            updated_at: at(3),
            timeline: row.timeline[..1].to_vec(),
            ..row.clone()
        };
        let book = book(&row, &[(3, None, "delivered", &[1, 4])]);
        assert!(book.is_complete(&[row]));
        assert!(!book.is_complete(&[before]));
    }

    #[test]
    fn what_was_not_told_is_noticed() {
        let row = row();
        assert_eq!(wrongs(&row, &[]), [Wrong::Untold]);
        assert_eq!(wrongs(&row, &[(1, None, "queued", &[1])]), [Wrong::Untold]);
        // The end without the way there.
        assert_eq!(
            wrongs(&row, &[(3, None, "delivered", &[4])]),
            [Wrong::Untold]
        );
        let gap: &[_] = &[
            (2, Some(1), "sent", &[1][..]),
            (3, Some(2), "delivered", &[4]),
        ];
        assert_eq!(wrongs(&row, gap), [Wrong::Gap]);
        let back: &[_] = &[
            (2, None, "queued", &[1][..]),
            (3, Some(2), "delivered", &[4]),
            (2, None, "queued", &[1]),
        ];
        assert_eq!(wrongs(&row, back), [Wrong::Backwards]);
    }
}
