use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

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
    if is_standard(file) {
        write(ports, Box::new(io::stdout()), notation).await?;
        return Ok((String::new(), Exit::Done));
    }
    // What is not a whole list takes the place of none.
    let is_regular = fs::metadata(file).map_or(true, |known| known.is_file());
    let unfinished = if is_regular {
        let mut name = file.as_os_str().to_owned();
        name.push(".part");
        PathBuf::from(name)
    } else {
        file.to_owned()
    };
    let written = File::create(&unfinished)?;
    let count = write(ports, Box::new(written), notation).await?;
    if is_regular {
        fs::rename(&unfinished, file)?;
    }
    Ok((format!("{count} rows are written.\n"), Exit::Done))
}

/// Writes all entries; returns how many there are.
async fn write(
    ports: &AdminPorts,
    out: Box<dyn Write + Send>,
    notation: Notation,
) -> Result<usize, AdminError> {
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
    Ok(count)
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
