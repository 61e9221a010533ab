use std::fmt::Write;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use mysms_core::clock::MAX_CLOCK_SKEW;
use mysms_core::domain::{ConsentEntry, Timestamp, Wish};
use runtime::exit::Exit;
use runtime::operator::{self, Progress};

use super::row::{Fault, Row, Usual, is_past};
use super::table::{LONGEST_LINE, Table, invalid, too_long};
use super::{Notation, is_standard};
use crate::admin::{AdminError, AdminPorts};

/// Entries that are stored at a time.
const PART: usize = 500;

/// The most rows of a list: it is checked as a whole before anything is stored.
const MOST_ROWS: usize = 1_000_000;

/// Bad rows that are shown.
const SHOWN: usize = 20;

pub(super) struct Import {
    pub notation: Notation,
    pub said_at: Option<Timestamp>,
    pub skip_bad: bool,
}

/// What a list says.
#[derive(Default)]
pub(super) struct List {
    pub entries: Vec<ConsentEntry>,
    /// By the number of the line.
    pub bad: Vec<(u64, Fault)>,
}

impl Import {
    pub(super) async fn run(
        &self,
        ports: &AdminPorts,
        file: &Path,
    ) -> Result<(String, Exit), AdminError> {
        let list = if is_standard(file) {
            self.read(io::stdin().lock(), ports.clock.now())
        } else {
            self.read(File::open(file)?, ports.clock.now())
        };
        let list = match list {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Ok((format!("{error}\nNothing was stored.\n"), Exit::Failed));
            }
            list => list?,
        };
        let mut text = list.faults();
        if !list.bad.is_empty() && !self.skip_bad {
            text += "Nothing was stored. Mend the list, or leave bad rows out with --skip-bad.\n";
            return Ok((text, Exit::Failed));
        }
        store(ports, &list.entries).await?;
        let _ = writeln!(text, "{} rows are stored.", list.entries.len());
        Ok((text, Exit::Done))
    }

    /// Reads a list, good rows and bad ones.
    pub(super) fn read(&self, input: impl Read, now: Timestamp) -> io::Result<List> {
        if self
            .said_at
            .is_some_and(|at| !is_past(at, now + MAX_CLOCK_SKEW))
        {
            return Err(invalid(
                "--said-at must be after 1970 and not yet to come".to_owned(),
            ));
        }
        let operator = operator::name();
        let usual = Usual {
            said_at: self.said_at,
            operator: &operator,
            now,
        };
        let mut list = List::default();
        let take = |line: u64, row: Result<Row, Fault>| {
            match row.and_then(|row| row.entry(&usual)) {
                Ok(entry) => list.entries.push(entry),
                Err(fault) => list.bad.push((line, fault)),
            }
            list.entries.len() + list.bad.len() <= MOST_ROWS
        };
        let is_whole = match self.notation {
            Notation::Csv => read_table(input, take)?,
            Notation::Ndjson => read_lines(BufReader::new(input), take)?,
        };
        if !is_whole {
            let why = "a list may have 1,000,000 rows: divide it";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(list)
    }
}

/// Gives each row to `take` until that has enough.
fn read_table(
    input: impl Read,
    mut take: impl FnMut(u64, Result<Row, Fault>) -> bool,
) -> io::Result<bool> {
    let mut table = Table::open(input)?;
    while let Some((line, row)) = table.next_row()? {
        if !take(line, row) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read_lines(
    mut input: impl BufRead,
    mut take: impl FnMut(u64, Result<Row, Fault>) -> bool,
) -> io::Result<bool> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        if line.len() as u64 == LONGEST_LINE {
            return Err(too_long(number));
        }
        let text = line.trim_ascii();
        let text = text
            .strip_prefix(crate::extract::BYTE_ORDER_MARK)
            .unwrap_or(text);
        if text.is_empty() {
            continue;
        }
        // Otherwise an array would be taken for the fields in their order.
        let row = if text.starts_with(b"{") {
            serde_json::from_slice(text).map_err(|error| error.to_string())
        } else {
            Err("is no JSON object".to_owned())
        };
        let row = row.map_err(|why| Fault { column: None, why });
        if !take(number, row) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Stores the wishes before their evidence, as everybody does: of a list that breaks off, what counts is
/// heeded, and the next run adds the rest.
async fn store(ports: &AdminPorts, entries: &[ConsentEntry]) -> Result<(), AdminError> {
    let mut progress = Progress::default();
    let mut stored = 0;
    for part in entries.chunks(PART) {
        let wishes: Vec<Wish> = part.iter().map(ConsentEntry::wish).collect();
        let now = ports.clock.now();
        ports.stores.opt_outs.note_all(&wishes, now).await?;
        ports.stores.consents.keep(part).await?;
        stored += part.len();
        progress.tell_beside(|| format!("{stored} of {} rows are stored.", entries.len()))?;
    }
    Ok(())
}

impl List {
    fn faults(&self) -> String {
        let mut text = String::new();
        for (line, fault) in self.bad.iter().take(SHOWN) {
            let _ = writeln!(text, "line {line}, {fault}");
        }
        if let Some(more) = self.bad.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            let _ = writeln!(text, "And {more} more bad rows.");
        }
        if !self.bad.is_empty() {
            let _ = writeln!(text, "{} rows are bad.", self.bad.len());
        }
        text
    }
}
