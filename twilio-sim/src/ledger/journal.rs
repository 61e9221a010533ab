use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::message::{Erased, Message};

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    Accepted(Box<Message>),
    Erased {
        sid: String,
        what: Erased,
    },
    CallbackDone {
        sid: String,
        callback: usize,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        failed: bool,
    },
    MediumDeleted {
        message: String,
        medium: String,
    },
}

/// Where the ledger is written down.
#[derive(Default)]
pub(super) enum Journal {
    /// Nowhere.
    #[default]
    Memory,
    /// A file of JSON lines that only ever grows, and where its last whole line ends.
    File { file: File, length: u64 },
    /// The simulator has stopped.
    Closed,
}

impl Journal {
    /// Opens the file, or makes it, and reads it. A last line that a killed process left unfinished
    /// was never answered and is cut off.
    ///
    /// Fails when another process holds the file or a line cannot be read.
    pub(super) fn open(path: &Path) -> anyhow::Result<(Self, Vec<Record>)> {
        let name = path.display();
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .with_context(|| format!("cannot open the ledger {name}"))?;
        if file.try_lock().is_err() {
            bail!("the ledger {name} is in use by another simulator");
        }
        let (records, length) = read(&file).with_context(|| format!("cannot read {name}"))?;
        file.set_len(length)
            .with_context(|| format!("cannot repair {name}"))?;
        Ok((Self::File { file, length }, records))
    }

    /// Lets go of the file for others.
    pub(super) fn close(&mut self) {
        if let Self::File { file, .. } = self {
            // Closing alone would not do while a process that is just being started has a copy.
            let _ = file.unlock();
        }
        *self = Self::Closed;
    }

    /// Hands the line to the operating system before it returns.
    pub(super) fn append(&mut self, record: &Record) -> io::Result<()> {
        match self {
            Self::Memory => Ok(()),
            Self::Closed => Err(io::Error::other("the simulator has stopped")),
            Self::File { file, length } => {
                let mut line = serde_json::to_vec(record)?;
                line.push(b'\n');
                let written = file.write_all(&line);
                match written {
                    Ok(()) => *length += line.len() as u64,
                    // Half a line, as on a full disk, would spoil the next one.
                    Err(_) => file.set_len(*length)?,
                }
                written
            }
        }
    }
}

/// The records, and how long the file is up to the end of the last whole line.
fn read(file: &File) -> anyhow::Result<(Vec<Record>, u64)> {
    let mut reader = BufReader::new(file);
    let mut records = Vec::new();
    let mut length = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            return Ok((records, length));
        }
        let number = records.len() + 1;
        records.push(serde_json::from_slice(&line).with_context(|| format!("line {number}"))?);
        length += read as u64;
    }
}
