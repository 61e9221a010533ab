//! What the exit codes of our programs mean: one table for all of them, and no code means two things.

use std::error::Error;
use std::fmt::Write as _;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::operator::{NotYet, RestoreError};

/// How a program ended. Its number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It stopped when it was asked to and left nothing undone, or did what it was asked.
    Done = 0,
    /// What it was asked to do failed: a server is away, a port is taken, there is no such thing, the
    /// operator declined. Also the code of whatever has none of its own.
    Failed = 1,
    /// A flag or a setting is wrong or missing. To start it again changes nothing.
    Misconfigured = 2,
    /// The database lacks migrations.
    SchemaBehind = 3,
    /// The database was migrated by a newer version that this one cannot share it with.
    SchemaTooNew = 4,
    /// A task that has to last ended or panicked, so the process stopped itself.
    Crashed = 5,
    /// It stopped, but not all that was in flight ended within the grace period.
    Abandoned = 6,
}

impl Exit {
    const ALL: [Self; 7] = [
        Self::Done,
        Self::Failed,
        Self::Misconfigured,
        Self::SchemaBehind,
        Self::SchemaTooNew,
        Self::Crashed,
        Self::Abandoned,
    ];

    /// What `--help` says of it.
    const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "stopped cleanly, or done",
            Self::Failed => "failed, declined, or there is no such thing",
            Self::Misconfigured => "wrong flags or settings",
            Self::SchemaBehind => "the database lacks migrations: run `mysms-migrate`",
            Self::SchemaTooNew => "the database was migrated by a newer, incompatible version",
            Self::Crashed => "a task of the process ended early or panicked",
            Self::Abandoned => "stopped, but had to abandon work in flight",
        }
    }

    /// [`Exit::Done`] if something was done, otherwise [`Exit::Failed`].
    pub const fn done_or_failed(done: bool) -> Self {
        if done { Self::Done } else { Self::Failed }
    }

    /// [`Exit::Misconfigured`] if an error is about a setting or a flag.
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let flag =
            error.is::<NotYet>() || matches!(error.downcast_ref(), Some(RestoreError::Since(_)));
        (flag || error.is::<ConfigError>()).then_some(Self::Misconfigured)
    }

    /// Ends the process at once. Of a program with MongoDB nothing may be dropped in its stead: the driver's tasks would
    /// find one another gone, in any order, and panic in front of whoever reads what the program says.
    pub fn leave(self) -> ! {
        std::process::exit(self as i32)
    }

    /// The table for the help texts of the programs.
    pub fn table() -> String {
        let mut table = "Exit codes:".to_owned();
        for exit in Self::ALL {
            // Writing to a string cannot fail.
            let _ = write!(table, "\n  {}  {}", exit as u8, exit.meaning());
        }
        table
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_never_change_because_scripts_know_them() {
        let codes: Vec<_> = Exit::ALL.iter().map(|exit| *exit as u8).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(Exit::Misconfigured as u8, 2, "as clap says it of flags");
        assert_eq!(Exit::SchemaBehind as u8, 3);
        assert_eq!(Exit::Abandoned as u8, 6);
    }

    #[test]
    fn the_table_has_a_line_for_each() {
        let table = Exit::table();
        let mut meanings: Vec<_> = Exit::ALL.iter().map(|exit| exit.meaning()).collect();
        for (code, meaning) in meanings.iter().enumerate() {
            assert!(table.contains(&format!("\n  {code}  {meaning}")), "{table}");
        }
        meanings.sort_unstable();
        meanings.dedup();
        assert_eq!(meanings.len(), Exit::ALL.len(), "no two mean the same");
    }
}
