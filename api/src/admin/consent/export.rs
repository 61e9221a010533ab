use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use csv::{Terminator, WriterBuilder};
use mysms_core::domain::ConsentEntry;
use runtime::exit::Exit;
use runtime::operator::Progress;

use super::row::{COLUMNS, Row};
use super::{Notation, is_standard};
use crate::admin::{AdminError, AdminPorts};
use crate::extract::BYTE_ORDER_MARK;

/// Entries that are read at a time.
const PART: usize = 1000;

/// Writes all entries, and tells how far it is beside them.
pub(super) async fn run(
    ports: &AdminPorts,
    file: &Path,
    notation: Notation,
) -> Result<(String, Exit), AdminError> {
    let is_standard = is_standard(file);
    let out: Box<dyn Write + Send> = if is_standard {
        Box::new(io::stdout())
    } else {
        Box::new(File::create(file)?)
    };
    let mut list = List::begin(BufWriter::new(out), notation)?;
    let mut progress = Progress::default();
    let (mut after, mut count) = (None, 0);
    loop {
        let consents = &ports.stores.consents;
        let part = consents.entries(None, after.as_ref(), PART).await?;
        let is_last = part.len() < PART;
        after = part.last().map(ConsentEntry::place);
        count += part.len();
        for entry in part {
            list.write(entry.into())?;
        }
        if is_last {
            break;
        }
        progress.tell_beside(|| format!("{count} rows are written so far."))?;
    }
    list.end()?;
    let text = if is_standard {
        String::new()
    } else {
        format!("{count} rows are written.\n")
    };
    Ok((text, Exit::Done))
}

/// A list that is being written.
enum List<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Ndjson(W),
}

impl<W: Write> List<W> {
    fn begin(mut out: W, notation: Notation) -> io::Result<Self> {
        if notation == Notation::Ndjson {
            return Ok(Self::Ndjson(out));
        }
        // Without it spreadsheets take the table to be in the encoding of the machine.
        out.write_all(BYTE_ORDER_MARK)?;
        let mut builder = WriterBuilder::new();
        let mut table = builder.terminator(Terminator::CRLF).from_writer(out);
        table.write_record(COLUMNS)?;
        Ok(Self::Csv(Box::new(table)))
    }

    fn write(&mut self, row: Row) -> io::Result<()> {
        match self {
            Self::Csv(table) => Ok(table.write_record(row.cells())?),
            Self::Ndjson(out) => {
                serde_json::to_writer(&mut *out, &row)?;
                out.write_all(b"\n")
            }
        }
    }

    fn end(self) -> io::Result<()> {
        match self {
            Self::Csv(mut table) => table.flush(),
            Self::Ndjson(mut out) => out.flush(),
        }
    }
}
