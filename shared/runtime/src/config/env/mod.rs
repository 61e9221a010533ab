mod problem;
#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;

use super::Variable;
pub use problem::{ConfigError, Problem};

type Lookup = dyn Fn(&str) -> Option<String>;

/// The environment as a process sees it, and the problems found in it so far.
///
/// A variable that is set to nothing but blanks counts as not set. `NAME_FILE` stands for `NAME`: it
/// names a file whose content, less one trailing newline, is the value.
/// Values are never repeated in a problem, for they may be secret.
pub struct Env {
    lookup: Box<Lookup>,
    problems: Vec<Problem>,
}

impl Env {
    /// The environment of this process.
    pub fn from_process() -> Self {
        // Text that is not Unicode is refused later by what it should have been, rather than ignored.
        Self::from_lookup(|name| {
            std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        })
    }

    /// An environment in which `lookup` finds the variables.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self {
            lookup: Box::new(lookup),
            problems: Vec::new(),
        }
    }

    /// Gives `value`, or, when anything was refused, every problem at once.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, ConfigError> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(ConfigError {
                problems: self.problems,
            }),
        }
    }

    /// Records a problem; `wrong` ends the sentence that the variable's name begins.
    pub fn refuse(&mut self, variable: Variable, wrong: impl Into<String>) {
        self.problems.push(Problem {
            variable,
            wrong: wrong.into(),
        });
    }

    /// Whether the variable or its `_FILE` is set, to whatever.
    pub fn is_set(&self, variable: Variable) -> bool {
        self.value_of(variable.name).is_some() || self.value_of(&file_name(variable)).is_some()
    }

    /// Whether the variable has this value. Whoever needs the variable itself tells of its problems.
    pub fn says(&self, variable: Variable, value: &str) -> bool {
        let found = self.find(variable).ok().flatten();
        found.is_some_and(|found| found.trim() == value)
    }

    /// The value, or the default; neither is a problem.
    pub fn text(&mut self, variable: Variable) -> Option<String> {
        match self.find(variable) {
            Ok(Some(value)) => Some(value),
            Ok(None) => {
                if variable.default.is_none() {
                    self.refuse(variable, "must be set");
                }
                variable.default.map(str::to_owned)
            }
            Err(wrong) => {
                self.refuse(variable, wrong);
                None
            }
        }
    }

    /// The value if one is set; the default is not looked at.
    pub fn optional_text(&mut self, variable: Variable) -> Option<String> {
        self.find(variable).unwrap_or_else(|wrong| {
            self.refuse(variable, wrong);
            None
        })
    }

    /// Like [`Env::text`], for what must not be shown.
    pub fn secret(&mut self, variable: Variable) -> Option<SecretString> {
        self.text(variable).map(SecretString::from)
    }

    /// Like [`Env::optional_text`], for what must not be shown.
    pub fn optional_secret(&mut self, variable: Variable) -> Option<SecretString> {
        self.optional_text(variable).map(SecretString::from)
    }

    /// What `read` makes of the value or the default; when it makes nothing of it, that is a problem:
    /// "must be `expected`".
    pub fn parsed<T>(
        &mut self,
        variable: Variable,
        expected: impl Display,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(variable)?;
        self.accept(variable, expected, read(text.trim()))
    }

    /// Like [`Env::parsed`], but `None` without a problem when the variable is not set.
    pub fn optional_parsed<T>(
        &mut self,
        variable: Variable,
        expected: impl Display,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.optional_text(variable)?;
        self.accept(variable, expected, read(text.trim()))
    }

    /// A whole number within `range`.
    pub fn number<T: FromStr + PartialOrd + Display>(
        &mut self,
        variable: Variable,
        range: RangeInclusive<T>,
    ) -> Option<T> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.parsed(variable, expected, |text| {
            text.parse().ok().filter(|number| range.contains(number))
        })
    }

    /// A port that something is off without.
    pub fn optional_port(&mut self, variable: Variable) -> Option<u16> {
        self.optional_parsed(variable, "a port", |text| text.parse().ok())
    }

    /// A duration in seconds, fractions allowed, from a millisecond to a year.
    pub fn seconds(&mut self, variable: Variable) -> Option<Duration> {
        self.parsed(
            variable,
            "a number of seconds from 0.001 to 31536000",
            parse_seconds,
        )
    }

    /// A duration in milliseconds, from one to a year's worth.
    pub fn millis(&mut self, variable: Variable) -> Option<Duration> {
        let year = 365 * 24 * 3_600_000;
        self.number(variable, 1..=year).map(Duration::from_millis)
    }

    /// The items of a list separated by commas, blank ones left out; none when neither a value nor a
    /// default is there.
    pub fn list<T>(
        &mut self,
        variable: Variable,
        expected: impl Display,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let text = if variable.default.is_some() || self.is_set(variable) {
            self.text(variable)?
        } else {
            String::new()
        };
        let items = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        let items = items.map(read).collect();
        self.accept(variable, expected, items)
    }

    fn accept<T>(
        &mut self,
        variable: Variable,
        expected: impl Display,
        value: Option<T>,
    ) -> Option<T> {
        if value.is_none() {
            self.refuse(variable, format!("must be {expected}"));
        }
        value
    }

    fn find(&self, variable: Variable) -> Result<Option<String>, String> {
        let file = file_name(variable);
        match (self.value_of(variable.name), self.value_of(&file)) {
            (Some(_), Some(_)) => Err(format!("is set together with {file}: keep one of them")),
            (Some(value), None) => Ok(Some(value)),
            (None, Some(path)) => read_file(&file, &path).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn value_of(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }
}

/// A number of seconds from a millisecond, the unit of the ledger, to a year.
pub(super) fn parse_seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.parse().ok()?;
    (0.001..=31_536_000.0)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}

fn file_name(variable: Variable) -> String {
    format!("{}_FILE", variable.name)
}

// The path stays out of the problem: whoever confuses the two variables puts a secret there.
fn read_file(variable: &str, path: &str) -> Result<String, String> {
    let content = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot be read from the file that {variable} names: {error}"))?;
    let line = content.strip_suffix('\n').unwrap_or(&content);
    let value = line.strip_suffix('\r').unwrap_or(line);
    if value.trim().is_empty() {
        return Err(format!("is empty in the file that {variable} names"));
    }
    Ok(value.to_owned())
}
