use std::fmt::Write;

use mysms_core::domain::{Address, ConsentEntry, is_all_senders};
use runtime::exit::Exit;

use crate::admin::{AdminError, AdminPorts};

/// Entries that are read at a time.
const PART: usize = 1000;

pub(super) async fn run(
    ports: &AdminPorts,
    number: &Address,
) -> Result<(String, Exit), AdminError> {
    let mut text = format!("{}\n", number.as_str());
    let standings = ports.stores.opt_outs.standings(number).await?;
    let is_unknown = standings.is_empty();
    for standing in standings {
        let (state, sender) = (standing.consent.as_str(), named(&standing.sender));
        let _ = writeln!(text, "{state:<10} {sender} since {}", standing.at);
    }
    let mut after = None;
    let mut count = 0;
    loop {
        let consents = &ports.stores.consents;
        let part = consents.entries(Some(number), after.as_ref(), PART).await?;
        for entry in &part {
            text.push('\n');
            write(&mut text, entry);
        }
        count += part.len();
        match part.last() {
            Some(last) if part.len() == PART => after = Some(last.place()),
            _ => break,
        }
    }
    if count == 0 && is_unknown {
        return Ok(("Nothing was said from there.\n".to_owned(), Exit::Failed));
    }
    Ok((text, Exit::Done))
}

pub(super) fn named(scope: &str) -> &str {
    if is_all_senders(scope) {
        "all senders"
    } else {
        scope
    }
}

fn write(text: &mut String, entry: &ConsentEntry) {
    let evidence = &entry.evidence;
    let mut line = |name: &str, value: &str| {
        // An operator's machine may call them anything.
        let _ = writeln!(text, "{name:<10} {}", value.escape_debug());
    };
    line("said at", &entry.said_at.to_string());
    line("state", entry.consent.as_str());
    line("sender", named(&entry.sender));
    line("source", evidence.source.as_str());
    if let Some(reference) = &evidence.reference {
        line("reference", reference);
    }
    if let Some(by) = &evidence.by {
        line("by", by);
    }
    if let Some(note) = &evidence.note {
        line("note", note.as_str());
    }
    line("noted at", &entry.noted_at.to_string());
}
