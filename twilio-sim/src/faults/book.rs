use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
};

use serde::Serialize;

use super::{Fault, Kind, Stage};
use crate::lock::lock;

/// The script: which faults are still to strike.
#[derive(Default)]
pub(crate) struct Book(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    last_id: u64,
    general: BTreeMap<u64, Fault>,
    by_recipient: HashMap<String, BTreeMap<u64, Fault>>,
}

/// A fault as the control API shows it.
#[derive(Serialize)]
pub(crate) struct Entry {
    id: u64,
    #[serde(flatten)]
    fault: Fault,
}

impl Book {
    pub(crate) fn add(&self, fault: Fault) -> u64 {
        let mut pages = self.pages();
        pages.last_id += 1;
        let id = pages.last_id;
        let list = match &fault.to {
            Some(to) => pages.by_recipient.entry(to.clone()).or_default(),
            None => &mut pages.general,
        };
        list.insert(id, fault);
        id
    }

    pub(crate) fn clear(&self) {
        let mut pages = self.pages();
        pages.general.clear();
        pages.by_recipient.clear();
    }

    /// Whether there was such a fault.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut pages = self.pages();
        let removed = pages.general.remove(&id).is_some();
        removed
            | pages
                .by_recipient
                .values_mut()
                .any(|list| list.remove(&id).is_some())
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        let pages = self.pages();
        let lists = pages.by_recipient.values().chain([&pages.general]);
        let mut entries: Vec<Entry> = lists
            .flatten()
            .map(|(&id, fault)| Entry {
                id,
                fault: fault.clone(),
            })
            .collect();
        entries.sort_unstable_by_key(|entry| entry.id);
        entries
    }

    /// What strikes a request at this stage; each fault drawn has one time less to go.
    pub(crate) fn draw(&self, stage: Stage, to: Option<&str>) -> Vec<Kind> {
        let mut drawn = Vec::new();
        let mut pages = self.pages();
        if let Some(to) = to
            && let Some(list) = pages.by_recipient.get_mut(to)
        {
            draw_from(list, stage, &mut drawn);
            if list.is_empty() {
                pages.by_recipient.remove(to);
            }
        }
        draw_from(&mut pages.general, stage, &mut drawn);
        drawn
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        lock(&self.0)
    }
}

fn draw_from(list: &mut BTreeMap<u64, Fault>, stage: Stage, drawn: &mut Vec<Kind>) {
    list.retain(|_, fault| {
        let kind = fault.fault;
        let strikes = kind.strikes(stage)
            && drawn.iter().all(|other| other.slot() != kind.slot())
            && fault.rate.is_none_or(rand::random_bool);
        if !strikes {
            return true;
        }
        drawn.push(kind);
        fault.times = fault.times.map(|times| times - 1);
        fault.times != Some(0)
    });
}
