//! What the commands for operators have in common.

mod restore;

use std::env;
use std::io::{self, BufRead, Write};
use std::str::FromStr;
use std::time::{Duration, Instant};

use jiff::{Span, SpanRelativeTo};
use mysms_core::domain::{Act, ActId, Timestamp};
use mysms_core::store::{self, Acts};

pub use restore::{AfterRestore, RestoreError};

/// How much is kept of an operator's name, in characters.
const LONGEST_NAME: usize = 64;

/// How often something that takes long tells how far it is.
const NEWS_EVERY: Duration = Duration::from_secs(2);

/// A moment in the past as an operator names it: by its time, or by how long ago it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    At(Timestamp),
    Ago(Duration),
}

#[derive(Debug, thiserror::Error)]
#[error("must be a time such as 2026-01-31T12:00:00Z, or how long ago it was, such as 2h or 7d")]
pub struct InvalidSince;

#[derive(Debug, thiserror::Error)]
#[error("{0} is yet to come")]
pub struct NotYet(Timestamp);

impl FromStr for Since {
    type Err = InvalidSince;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let span: Span = text.parse().map_err(|_| InvalidSince)?;
        let duration = span.to_duration(SpanRelativeTo::days_are_24_hours());
        let ago = duration.map_err(|_| InvalidSince)?.try_into();
        ago.map(Self::Ago).map_err(|_| InvalidSince)
    }
}

impl Since {
    /// The moment, seen from `now`.
    pub fn resolve(self, now: Timestamp) -> Result<Timestamp, NotYet> {
        match self {
            Self::At(at) if at > now => Err(NotYet(at)),
            Self::At(at) => Ok(at),
            Self::Ago(ago) => Ok(now - ago),
        }
    }
}

/// Records what an operator does, before it is done: what cannot be recorded is not done. `command` is
/// without what it was told, and `about` an id.
pub async fn record(
    acts: &dyn Acts,
    command: &str,
    about: Option<String>,
    now: Timestamp,
) -> store::Result<()> {
    let act = Act {
        id: ActId::generate(now),
        at: now,
        by: name(),
        command: command.to_owned(),
        about,
    };
    acts.record(&act).await
}

/// Who the operator is, as their machine says.
pub fn name() -> String {
    who(|name| env::var(name).ok())
}

/// The user whom the operator's machine knows, also behind `sudo`. In a container there may be none.
fn who(variable: impl Fn(&str) -> Option<String>) -> String {
    let given = ["SUDO_USER", "LOGNAME", "USER"]
        .into_iter()
        .filter_map(variable);
    let known = given.map(|name| name.trim().chars().take(LONGEST_NAME).collect::<String>());
    let mut known = known.filter(|name| !name.is_empty());
    known.next().unwrap_or_else(|| "unknown".to_owned())
}

/// Asks on the terminal. Only `y` and `yes` are a yes; so nobody there is a no.
pub fn confirm(question: &str) -> io::Result<bool> {
    let mut output = io::stdout().lock();
    write!(output, "{question} [y/N] ")?;
    output.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// Tells how far something is when it takes longer than a moment.
#[derive(Debug)]
pub struct Progress(Instant);

impl Default for Progress {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Progress {
    /// Prints what `news` says if nothing was told for two seconds.
    pub fn tell(&mut self, news: impl FnOnce() -> String) -> io::Result<()> {
        self.tell_to(io::stdout(), news)
    }

    /// The same beside what the command writes.
    pub fn tell_beside(&mut self, news: impl FnOnce() -> String) -> io::Result<()> {
        self.tell_to(io::stderr(), news)
    }

    fn tell_to(&mut self, mut out: impl Write, news: impl FnOnce() -> String) -> io::Result<()> {
        if self.0.elapsed() < NEWS_EVERY {
            return Ok(());
        }
        self.0 = Instant::now();
        writeln!(out, "{}", news())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    #[test]
    fn a_moment_is_named_by_its_time_or_by_how_long_ago_it_was() {
        let table = [
            ("2026-01-01T00:00:00Z", Duration::ZERO),
            ("2026-01-01T01:00:00+02:00", Duration::from_hours(1)),
            ("2h", Duration::from_hours(2)),
            ("90m", Duration::from_mins(90)),
            ("1h 30m", Duration::from_mins(90)),
            ("7d", Duration::from_hours(7 * 24)),
            ("0s", Duration::ZERO),
        ];
        for (text, ago) in table {
            let since: Since = text.parse().unwrap();
            assert_eq!(since.resolve(NOW).unwrap(), NOW - ago, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "yesterday", "-2h", "2", "1mo", "2026-01-01"] {
            assert!(text.parse::<Since>().is_err(), "{text}");
        }
        let later: Since = "2026-01-01T00:00:01Z".parse().unwrap();
        assert!(later.resolve(NOW).is_err());
    }

    #[test]
    fn an_operator_is_who_became_root_before_who_is_root() {
        let known = |pairs: &[(&str, &str)]| {
            who(|name| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(known(&[("USER", "root"), ("SUDO_USER", "anna")]), "anna");
        assert_eq!(known(&[("USER", "root"), ("LOGNAME", " ")]), "root");
        assert_eq!(known(&[]), "unknown");
    }

    #[test]
    fn only_yes_is_a_yes() {
        for (answer, yes) in [
            ("y\n", true),
            ("YES\n", true),
            ("", false),
            ("\n", false),
            ("no\n", false),
            ("yesterday\n", false),
        ] {
            assert_eq!(is_yes(answer), yes, "{answer:?}");
        }
    }
}
