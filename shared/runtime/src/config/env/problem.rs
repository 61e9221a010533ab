use std::fmt::{self, Display};

use super::super::Variable;

/// One thing to put right before the process can start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub variable: Variable,
    /// What is wrong, as the end of a sentence that begins with the variable's name.
    pub wrong: String,
}

/// All problems of a configuration, one a line.
#[derive(Debug)]
pub struct ConfigError {
    pub(super) problems: Vec<Problem>,
}

impl ConfigError {
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Variable { name, example, .. } = self.variable;
        write!(f, "{name} {}; for example {name}={example}", self.wrong)
    }
}

impl Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is incomplete or wrong:")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
