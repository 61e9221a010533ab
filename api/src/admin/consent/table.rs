//! Lists as spreadsheets write them.

use std::io::{self, Read};

use csv::{ErrorKind, Position, ReaderBuilder, StringRecord};

use super::row::{COLUMNS, Fault, Row};

/// The longest line of a list, in bytes.
pub(super) const LONGEST_LINE: u64 = 64 * 1024;

/// What is read at a time, in bytes.
const BUFFER: usize = 8 * 1024;

/// A table that is read row by row.
pub(super) struct Table<R> {
    rows: csv::Reader<Bounded<R>>,
    /// Of the columns.
    names: Vec<String>,
}

impl<R: Read> Table<R> {
    pub(super) fn open(input: R) -> io::Result<Self> {
        let mut builder = ReaderBuilder::new();
        let mut rows = builder
            .buffer_capacity(BUFFER)
            .from_reader(Bounded::new(input));
        let names = rows.headers().map_err(|error| unreadable(error, 1))?;
        let names: Vec<String> = names.iter().map(|it| it.trim().to_owned()).collect();
        if let Some(unknown) = names.iter().find(|name| !COLUMNS.contains(&&***name)) {
            let known = COLUMNS.join(", ");
            // Without it the rows may say something else than they seem to.
            return Err(invalid(format!(
                "line 1, there is no column {unknown:?}: it must be one of {known}"
            )));
        }
        Ok(Self { rows, names })
    }

    /// The next row, good or bad, and the number of its line; nothing after the last.
    pub(super) fn next_row(&mut self) -> io::Result<Option<(u64, Result<Row, Fault>)>> {
        let (begin, line) = (self.rows.position().byte(), self.rows.position().line());
        self.rows.get_mut().expect_line_at(begin);
        let mut record = StringRecord::new();
        match self.rows.read_record(&mut record) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let line = record.position().map_or(line, Position::line);
                if self.rows.position().byte() - begin > LONGEST_LINE {
                    return Err(too_long(line));
                }
                self.row(line, &record).map(|row| Some((line, Ok(row))))
            }
            Err(error) => match fault(&error) {
                Some(why) => {
                    let line = error.position().map_or(line, Position::line);
                    Ok(Some((line, Err(Fault { column: None, why }))))
                }
                None => Err(unreadable(error, line)),
            },
        }
    }

    fn row(&self, line: u64, record: &StringRecord) -> io::Result<Row> {
        if record.iter().any(|cell| cell.contains('\n')) {
            return Err(invalid(format!(
                "line {line}, a column goes on in the next line; a quotation mark may be left open"
            )));
        }
        let mut row = Row::default();
        for (name, value) in self.names.iter().zip(record) {
            if let Some(column) = row.column(name) {
                *column = Some(value.to_owned());
            }
        }
        Ok(row)
    }
}

/// Input that ends with an error where a line is not over after [`LONGEST_LINE`], be it because a quotation
/// mark is left open: a line is held in memory as a whole.
struct Bounded<R> {
    input: R,
    read: u64,
    /// Nothing behind this place is needed.
    end: u64,
}

impl<R: Read> Bounded<R> {
    fn new(input: R) -> Self {
        let mut bounded = Self {
            input,
            read: 0,
            end: 0,
        };
        bounded.expect_line_at(0);
        bounded
    }

    /// A line begins there. The last part of it is read together with what follows.
    fn expect_line_at(&mut self, begin: u64) {
        self.end = begin + LONGEST_LINE + BUFFER as u64;
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read > self.end {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.input.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}

/// What is wrong with a row, if the table can be read on.
fn fault(error: &csv::Error) -> Option<String> {
    match error.kind() {
        ErrorKind::Io(_) => None,
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => Some(format!("has {len} columns, the first line {expected_len}")),
        _ => Some("is not UTF-8, or no row of a table".to_owned()),
    }
}

/// Why a table cannot be read on, at a line.
fn unreadable(error: csv::Error, line: u64) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => too_long(line),
        ErrorKind::Io(error) => error,
        _ => invalid(format!("line {line} is not UTF-8, or no row of a table")),
    }
}

/// A list that is not what it seems: leaving rows out does not help.
pub(super) fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

pub(super) fn too_long(line: u64) -> io::Error {
    invalid(format!("line {line} is longer than 64 KiB"))
}
