//! What people said about our texts.

mod export;
mod formula;
mod import;
mod row;
mod set;
mod show;
mod table;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use mysms_core::domain::{Address, Note, Right, SenderAddress, Timestamp, Username};
use runtime::exit::Exit;

use super::rights::{self, Granted};
use super::{AdminError, AdminPorts};

const CONSENT: Granted = Granted {
    right: Right::Consent,
    commands: ["consent grant", "consent revoke"],
    what: "what people want of senders that everybody uses, and of all",
};

/// What is done about what people want.
#[derive(Debug, Subcommand)]
pub enum Consents {
    /// All that somebody said, the oldest first: the evidence for what was sent to them, and not sent
    Show {
        /// A number in international form, or what else a text came from
        #[arg(value_parser = Address::parse)]
        number: Address,
    },
    /// Say what somebody wants, who told us so
    ///
    /// It is kept for ever who said so, when, and the note. What waits to be sent to them against it fails when
    /// its turn comes.
    Set {
        /// A number in international form, or what else a text came from
        #[arg(value_parser = Address::named)]
        number: Address,
        wanted: Wanted,
        /// Of what; of all senders, unless it is said
        #[arg(long, value_parser = SenderAddress::parse)]
        sender: Option<SenderAddress>,
        /// How it is known, up to 500 characters
        #[arg(long, value_parser = Note::parse)]
        note: Option<Note>,
        /// When they said it; now, unless it is said
        #[arg(long)]
        said_at: Option<Timestamp>,
    },
    /// Take in a list, such as of those who want no texts
    ///
    /// Columns, or fields: `number`, which every row needs; `sender`, all senders without it; `state`,
    /// withdrawn without it, or given or maybe; `said_at`; and `note`. What `export` wrote is taken as it is.
    /// The whole list is checked before anything is stored. What is known already stays as it is, so a
    /// list may be taken in again, for instance because it broke off.
    Import {
        /// The list; - for what comes in
        file: PathBuf,
        /// By the end of the file's name, unless it is said
        #[arg(long)]
        format: Option<Notation>,
        /// When it was said, for rows that do not tell
        #[arg(long)]
        said_at: Option<Timestamp>,
        /// Leave bad rows out instead of storing nothing
        #[arg(long)]
        skip_bad: bool,
    },
    /// Write down all that anybody said, number by number
    Export {
        /// Where to; - for what comes out
        file: PathBuf,
        /// By the end of the file's name, unless it is said
        #[arg(long)]
        format: Option<Notation>,
    },
    /// Who looks after what people want of senders that everybody uses
    List,
    /// Let a user see and write what people want of senders that everybody uses, and of all
    ///
    /// They see the numbers of everybody who said anything to those.
    Grant {
        #[arg(value_parser = Username::parse)]
        name: Username,
    },
    /// Do not let a user do that any more; what they wrote stays
    Revoke {
        #[arg(value_parser = Username::parse)]
        name: Username,
    },
}

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Wanted {
    /// No texts.
    Out,
    /// Texts.
    In,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Notation {
    /// A table with a line of names, columns in any order.
    Csv,
    /// A JSON object in each line.
    Ndjson,
}

impl Consents {
    pub(super) async fn run(&self, ports: &AdminPorts) -> Result<(String, Exit), AdminError> {
        match self {
            Self::Show { number } => {
                ports.record("consent show", None::<String>).await?;
                show::run(ports, number).await
            }
            Self::Set {
                number,
                wanted,
                sender,
                note,
                said_at,
            } => {
                let said = set::Said {
                    number,
                    wanted: *wanted,
                    sender: sender.as_ref(),
                    note: note.clone(),
                    at: *said_at,
                };
                said.run(ports).await
            }
            Self::Import {
                file,
                format,
                said_at,
                skip_bad,
            } => {
                let Some(notation) = format.or_else(|| Notation::of(file)) else {
                    return Ok((UNKNOWN.to_owned(), Exit::Failed));
                };
                ports.record("consent import", None::<String>).await?;
                let import = import::Import {
                    notation,
                    said_at: *said_at,
                    skip_bad: *skip_bad,
                };
                import.run(ports, file).await
            }
            Self::Export { file, format } => {
                let Some(notation) = format.or_else(|| Notation::of(file)) else {
                    return Ok((UNKNOWN.to_owned(), Exit::Failed));
                };
                ports.record("consent export", None::<String>).await?;
                export::run(ports, file, notation).await
            }
            Self::List => {
                let names = rights::having(ports, Right::Consent).await?;
                let lines = names.into_iter().map(|name| name + "\n");
                Ok((lines.collect(), Exit::Done))
            }
            Self::Grant { name } => rights::set(ports, CONSENT, name, true).await,
            Self::Revoke { name } => rights::set(ports, CONSENT, name, false).await,
        }
    }
}

const UNKNOWN: &str = "Say --format csv or --format ndjson: the name of the file does not tell.\n";

impl Notation {
    fn of(file: &Path) -> Option<Self> {
        match file.extension().and_then(OsStr::to_str)? {
            end if end.eq_ignore_ascii_case("csv") => Some(Self::Csv),
            end if end.eq_ignore_ascii_case("ndjson") || end.eq_ignore_ascii_case("jsonl") => {
                Some(Self::Ndjson)
            }
            _ => None,
        }
    }
}

/// Whether what comes in or out is meant.
fn is_standard(file: &Path) -> bool {
    file.as_os_str() == "-"
}

#[cfg(test)]
mod tests;
