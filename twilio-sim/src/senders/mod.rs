//! Whom the account may send as, and what the carriers let each of them do.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::{ledger::Ledger, lock::lock};

mod http;
mod kind;
mod lane;
mod terms;

pub(crate) use http::router;
pub use kind::SenderKind;
pub(crate) use kind::{is_number, is_service_sid};
use lane::Lane;
pub(crate) use lane::{Load, Passage};
pub use terms::{OverQueue, OverRate, Terms};

/// A sender of the account, and how things stand with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SenderState {
    /// What `From` or `MessagingServiceSid` has to be.
    pub address: String,
    /// What kind of sender that is.
    pub kind: SenderKind,
    /// What it may do.
    pub terms: Terms,
    /// Segments that have not left yet.
    pub waiting_segments: u64,
    /// Segments that were taken in the day that is now, without those of texts that its terms let fail.
    pub day_segments: u64,
    /// When that day ends, in milliseconds since 1970.
    pub day_ends_at_ms: i64,
    /// How many texts were taken since it is a sender of this process.
    pub accepted: u64,
    /// How many of those its terms let fail.
    pub failed: u64,
    /// How many creates its terms refused since then.
    pub refused: u64,
}

/// The senders of the account, in the order in which they came.
pub(crate) struct Senders(Mutex<Vec<Entry>>);

struct Entry {
    address: String,
    kind: SenderKind,
    terms: Terms,
    lane: Lane,
    accepted: u64,
    failed: u64,
    refused: u64,
}

impl Senders {
    /// These senders, which go on where the ledger says they were.
    pub(crate) fn new(
        addresses: impl IntoIterator<Item = String>,
        terms: BTreeMap<String, Terms>,
        ledger: &Ledger,
    ) -> anyhow::Result<Self> {
        let mut entries = Vec::new();
        let plain = addresses.into_iter();
        let plain = plain.map(|address| (address, Terms::default()));
        for (address, terms) in plain.chain(terms) {
            put(&mut entries, &address, terms)
                .map_err(anyhow::Error::msg)
                .with_context(|| format!("{address:?} cannot be a sender"))?;
        }
        ledger.each_departure(|sender, load, leaves_ms| {
            if let Some(entry) = entries.iter_mut().find(|entry| entry.address == sender) {
                entry.lane.note(&entry.terms, load, leaves_ms);
            }
        });
        Ok(Self(Mutex::new(entries)))
    }

    /// Adds a sender, or changes what it may do; what waits leaves as it would have.
    pub(crate) fn set(
        &self,
        address: &str,
        terms: Terms,
        now_ms: i64,
    ) -> Result<SenderState, &'static str> {
        let mut entries = self.entries();
        let entry = put(&mut entries, address, terms)?;
        entry.lane.set(&entry.terms, now_ms);
        Ok(entry.state(now_ms))
    }

    /// Whether there was such a sender.
    pub(crate) fn remove(&self, address: &str) -> bool {
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|entry| entry.address != address);
        entries.len() < before
    }

    pub(crate) fn states(&self, now_ms: i64) -> Vec<SenderState> {
        let mut entries = self.entries();
        entries
            .iter_mut()
            .map(|entry| entry.state(now_ms))
            .collect()
    }

    /// What kind of sender this is, if it is one of the account's.
    pub(crate) fn kind(&self, address: &str) -> Option<SenderKind> {
        let entries = self.entries();
        let found = entries.iter().find(|entry| entry.address == address);
        found.map(|entry| entry.kind)
    }

    /// From whom texts may come that are on phones.
    pub(crate) fn authors(&self) -> Vec<String> {
        let entries = self.entries();
        let authors = entries
            .iter()
            .filter(|entry| entry.kind != SenderKind::Service);
        authors.map(|entry| entry.address.clone()).collect()
    }

    /// Whom phones can write to.
    pub(crate) fn recipients(&self) -> Vec<String> {
        let entries = self.entries();
        let recipients = entries.iter().filter(|entry| entry.kind.takes_texts());
        recipients.map(|entry| entry.address.clone()).collect()
    }

    /// The number that sends for a Messaging Service, if the account has one that does.
    pub(crate) fn number_of(&self, service: &str) -> Option<String> {
        let entries = self.entries();
        let service = entries.iter().find(|entry| entry.address == service)?;
        number_for(&entries, service).map(str::to_owned)
    }

    /// Whose texts an opt-out holds for: the number's, or those of the whole Messaging Service that it
    /// sends for.
    pub(crate) fn scope(&self, number: &str, service: Option<&str>) -> String {
        if let Some(service) = service {
            return service.to_owned();
        }
        let entries = self.entries();
        let mut services = entries.iter().filter(|it| it.kind == SenderKind::Service);
        let service = services.find(|service| number_for(&entries, service) == Some(number));
        service
            .map_or(number, |service| &service.address)
            .to_owned()
    }

    /// Why a create from this sender would be refused now, if it would.
    pub(crate) fn refusal(&self, sender: &str, load: Load) -> Option<u32> {
        let mut entries = self.entries();
        let entry = entries.iter_mut().find(|entry| entry.address == sender)?;
        match entry.lane.look(&entry.terms, entry.kind, load) {
            Passage::Refused(code) => {
                entry.refused += 1;
                Some(code)
            }
            _ => None,
        }
    }

    /// What becomes of a text from this sender, which takes its place among the others. One that was removed meanwhile
    /// keeps nobody waiting.
    pub(crate) fn pass(&self, sender: &str, load: Load) -> Passage {
        let mut entries = self.entries();
        let entry = entries.iter_mut().find(|entry| entry.address == sender);
        entry.map_or(Passage::Leaves(load.now_ms), |entry| entry.pass(load))
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        lock(&self.0)
    }
}

/// Says what makes no sense, if anything.
fn put<'a>(
    entries: &'a mut Vec<Entry>,
    address: &str,
    terms: Terms,
) -> Result<&'a mut Entry, &'static str> {
    let kind = SenderKind::of(address);
    let kind = kind.ok_or("a sender is a number, a short code, a name or a Messaging Service")?;
    terms.check(kind)?;
    let place = entries.iter().position(|entry| entry.address == address);
    let place = place.unwrap_or_else(|| {
        entries.push(Entry::new(address, kind));
        entries.len() - 1
    });
    let entry = &mut entries[place];
    entry.terms = terms;
    Ok(entry)
}

/// The number that sends for a service: the one that its terms name, or the account's first.
fn number_for<'a>(entries: &'a [Entry], service: &Entry) -> Option<&'a str> {
    let named = service.terms.number.as_deref();
    let sends = |entry: &&Entry| {
        entry.kind.takes_texts() && named.is_none_or(|named| entry.address == named)
    };
    entries.iter().find(sends).map(|entry| &*entry.address)
}

impl Entry {
    fn new(address: &str, kind: SenderKind) -> Self {
        Self {
            address: address.to_owned(),
            kind,
            terms: Terms::default(),
            lane: Lane::default(),
            accepted: 0,
            failed: 0,
            refused: 0,
        }
    }

    fn pass(&mut self, load: Load) -> Passage {
        let passage = self.lane.pass(&self.terms, self.kind, load);
        match passage {
            Passage::Refused(_) => self.refused += 1,
            Passage::Fails(_) => {
                self.accepted += 1;
                self.failed += 1;
            }
            Passage::Leaves(_) | Passage::Expires => self.accepted += 1,
        }
        passage
    }

    fn state(&mut self, now_ms: i64) -> SenderState {
        self.lane.advance(&self.terms, now_ms);
        SenderState {
            address: self.address.clone(),
            kind: self.kind,
            terms: self.terms.clone(),
            waiting_segments: self.lane.waiting_segments,
            day_segments: self.lane.day_segments,
            day_ends_at_ms: self.lane.day_ends_ms,
            accepted: self.accepted,
            failed: self.failed,
            refused: self.refused,
        }
    }
}
