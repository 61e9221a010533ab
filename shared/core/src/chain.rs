//! Errors as they are logged.

use std::error::Error;
use std::fmt;

/// An error with its sources, in one line: the log has the whole reason, and has it once.
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::store::StoreError;

    #[test]
    fn a_chain_names_every_source() {
        let error = StoreError::unavailable("the ledger", io::Error::other("connection refused"));
        assert_eq!(
            Chain(&error).to_string(),
            "the ledger did not answer: connection refused"
        );
    }
}
