//! Compares the three books: what clients were told, what the ledger says, what the provider took.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lab::Entry;
use twilio_sim::Status;

use super::clients::Told;
use super::ledger::Row;
use super::script::Script;

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Accepted, but not in the ledger, or never sent.
    Lost,
    /// Sent more often than it was accepted, or in the ledger more than once.
    Doubled,
    /// Its status, or its SID, is not what the provider's book says.
    Mislabelled,
    /// Still on its way after everything became quiet.
    Unsettled,
    /// Its outcome is unknown although the provider's list was to be had or, of files without words, its
    /// reports were taken.
    NeedlesslyUnknown,
    /// A text to us that the provider received is not there once.
    Unheard,
    /// A text to us that the provider need not tell again is not there once.
    Received,
    /// An API did not know it after it had been accepted.
    Unseen,
    /// Somebody saw its status or its version go back.
    WentBack,
    /// Somebody was shown it, but it does not exist.
    Phantom,
    /// A token that had ended is good.
    Revived,
    /// A receiver was not told how it is in the end, or not of all its steps.
    Untold,
    /// A receiver was told that it knew a version of it, which never came.
    Gap,
    /// A receiver was told of an older version of it after a newer one.
    Backwards,
}

/// One text that something is wrong with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offence {
    pub wrong: Wrong,
    /// The text's key, or the recipient, where identical texts cannot be told apart; nothing where
    /// the message's id says it.
    pub text: String,
    /// The messages that it is about.
    pub ids: Vec<String>,
    pub why: String,
}

/// What the comparison came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) offences: Vec<Offence>,
    /// Messages with an unknown outcome, rightly or not.
    pub(super) outcome_unknown: usize,
}

/// The provider's book.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) entries: Vec<Entry>,
    /// Which sender the request named that brought a text, by its SID.
    pub(super) senders: HashMap<String, String>,
}

const OUTCOME_UNKNOWN: &str = "outcome_unknown";

/// What happened to a status over time is not in the books; `went_back` brings it in.
pub(super) fn judge(
    script: &Script,
    told: &Told,
    rows: &[Row],
    book: &Book,
    went_back: &BTreeMap<String, String>,
) -> Judgement {
    let mut court = Court::new(script, rows, book);
    court.compare_with_told(told);
    for content in 0..script.contents.len() {
        court.count_copies(content);
    }
    court.compare_statuses();
    for (id, why) in went_back {
        court.accuse(Wrong::Mislabelled, "", [id.clone()], why.clone());
    }
    court.judgement
}

struct Court<'a> {
    script: &'a Script,
    by_key: HashMap<&'a str, Vec<&'a Row>>,
    /// The rows of each content.
    rows: Vec<Vec<&'a Row>>,
    /// The provider's entries by recipient; each content has its own.
    entries: HashMap<&'a str, Vec<&'a Entry>>,
    senders: &'a HashMap<String, String>,
    judgement: Judgement,
}

impl<'a> Court<'a> {
    fn new(script: &'a Script, rows: &'a [Row], book: &'a Book) -> Self {
        let mut by_key = HashMap::<_, Vec<_>>::new();
        for row in rows {
            let key = row.idempotency_key.as_deref().unwrap_or_default();
            by_key.entry(key).or_default().push(row);
        }
        let mut by_content = vec![Vec::new(); script.contents.len()];
        for text in &script.texts {
            let rows = by_key.get(&*text.key).into_iter().flatten();
            by_content[text.content].extend(rows);
        }
        let mut by_recipient = HashMap::<_, Vec<_>>::new();
        for entry in &book.entries {
            by_recipient.entry(&*entry.to).or_default().push(entry);
        }
        Self {
            script,
            by_key,
            rows: by_content,
            entries: by_recipient,
            senders: &book.senders,
            judgement: Judgement::default(),
        }
    }

    /// Each id that a client was told is in the ledger, once for each key.
    fn compare_with_told(&mut self, told: &Told) {
        for (text, told) in self.script.texts.iter().zip(told) {
            let kept: BTreeSet<String> = self
                .by_key
                .get(&*text.key)
                .into_iter()
                .flatten()
                .map(|row| row.id.to_string())
                .collect();
            let gone: Vec<_> = told.difference(&kept).cloned().collect();
            if !gone.is_empty() {
                let why = "a client was told of it, but the ledger does not have it";
                self.accuse(Wrong::Lost, &text.key, gone, why);
            }
            if kept.len() > 1 || told.len() > 1 {
                let ids = kept.union(told).cloned();
                self.accuse(Wrong::Doubled, &text.key, ids, "one key, several messages");
            }
        }
    }

    /// The provider took each text as often as it was accepted.
    fn count_copies(&mut self, content: usize) {
        let script = self.script;
        let content_of = &script.contents[content];
        let rows = self.rows[content].clone();
        let entries = self.entries.get(&*content_of.to).cloned();
        let entries = entries.unwrap_or_default();
        let sent = entries.len();
        let unknown = rows.iter().filter(|row| is_unknown(row)).count();
        let refused = rows
            .iter()
            .filter(|row| content_of.refused && is_refused(row))
            .count();
        let most = rows.len() - refused;
        let least = most - unknown;
        let ids = || rows.iter().map(|row| row.id.to_string());
        if sent > most {
            let why = format!("sent {sent} times, should be {most}");
            self.accuse(Wrong::Doubled, &content_of.to, ids(), why);
        }
        let settled = rows.iter().all(|row| is_settled(row));
        if sent < least && settled {
            let why = format!("sent {sent} times, should be {least}");
            self.accuse(Wrong::Lost, &content_of.to, ids(), why);
        }
        self.judgement.outcome_unknown += unknown;
        // No list tells one text of files from another, and while the report of one is missing, none of its
        // twins is known to be absent.
        let unreported = || entries.iter().any(|entry| !entry.reported);
        let unknowable = content_of.list_unavailable || content_of.is_files() && unreported();
        if unknown > 0 && !unknowable {
            let why = "neither a list nor a report was kept from us";
            self.accuse(Wrong::NeedlesslyUnknown, &content_of.to, ids(), why);
        }
    }

    /// Each message says what the provider says about its SID.
    fn compare_statuses(&mut self) {
        let script = self.script;
        let mut owners = HashMap::new();
        for text in &script.texts {
            let content = &script.contents[text.content];
            let rows = self.by_key.get(&*text.key).cloned().unwrap_or_default();
            for row in rows {
                let entry = row.provider.as_ref().and_then(|provider| {
                    let entries = self.entries.get(&*content.to)?;
                    entries
                        .iter()
                        .copied()
                        .find(|entry| entry.sid == provider.sid)
                });
                let mut found = label(row, entry);
                let same = row.recipient.as_ref() == Some(&content.to)
                    && row.says(content)
                    && entry.is_none_or(|entry| {
                        entry.body == content.body && entry.urls() == content.urls
                    });
                if !same {
                    found = Some((Wrong::Mislabelled, "another text or recipient".to_owned()));
                }
                if let Some(left_from) = entry.and_then(|entry| self.senders.get(&entry.sid))
                    && row.sender.as_ref() != Some(left_from)
                {
                    let ours = row.sender.as_deref().unwrap_or("nothing");
                    let why = format!("from {ours}, where the provider says {left_from}");
                    found = Some((Wrong::Mislabelled, why));
                }
                if let Some(provider) = &row.provider
                    && let Some(other) = owners.insert(&provider.sid, row.id)
                {
                    let why = format!("its SID is also {other}'s");
                    found = Some((Wrong::Mislabelled, why));
                }
                if let Some((wrong, why)) = found {
                    self.accuse(wrong, &text.key, [row.id.to_string()], why);
                }
            }
        }
    }

    fn accuse(
        &mut self,
        wrong: Wrong,
        text: &str,
        ids: impl IntoIterator<Item = String>,
        why: impl Into<String>,
    ) {
        self.judgement.offences.push(Offence {
            wrong,
            text: text.to_owned(),
            ids: ids.into_iter().collect(),
            why: why.into(),
        });
    }
}

/// What is wrong with a message's label, given the provider's entry for its SID.
fn label(row: &Row, entry: Option<&Entry>) -> Option<(Wrong, String)> {
    let mislabelled = |why: String| Some((Wrong::Mislabelled, why));
    let Some(entry) = entry else {
        if row.provider.is_some() {
            return mislabelled("the provider does not know its SID".to_owned());
        }
        return match &*row.status {
            "failed" => None,
            "queued" | "sending" => Some((Wrong::Unsettled, row.status.clone())),
            status => mislabelled(format!("{status} without a SID")),
        };
    };
    let theirs = entry.status.word();
    if !is_settled(row) || (row.status == "sent" && entry.status != Status::Sent) {
        let why = format!("{} where the provider says {theirs}", row.status);
        return Some((Wrong::Unsettled, why));
    }
    let code = entry.error_code.map(|code| code.to_string());
    if row.status != theirs || row.error_code != code {
        let (status, ours) = (&row.status, row.error_code.as_deref().unwrap_or("no code"));
        let theirs_code = code.as_deref().unwrap_or("no code");
        return mislabelled(format!(
            "{status} ({ours}) where the provider says {theirs} ({theirs_code})"
        ));
    }
    None
}

/// Whether a message has come to rest, as far as the ledger alone can tell.
pub(super) fn is_settled(row: &Row) -> bool {
    !matches!(&*row.status, "queued" | "sending" | "accepted")
}

fn is_unknown(row: &Row) -> bool {
    row.error_code.as_deref() == Some(OUTCOME_UNKNOWN)
}

/// Failed without ever having been taken.
fn is_refused(row: &Row) -> bool {
    row.status == "failed" && row.provider.is_none() && !is_unknown(row)
}

#[cfg(test)]
mod tests;
