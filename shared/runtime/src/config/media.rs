use super::Env;
use super::variables::MEDIA_MB;

const MEGABYTE: u64 = 1024 * 1024;

/// What becomes of the files that people send us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaConfig {
    /// Larger ones are not shown, in bytes.
    pub largest: u64,
}

impl MediaConfig {
    pub fn read(env: &mut Env) -> Option<Self> {
        let megabytes: u32 = env.number(MEDIA_MB, 1..=1024)?;
        Some(Self {
            largest: u64::from(megabytes) * MEGABYTE,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{accepted, refused};

    #[test]
    fn whatever_a_provider_takes_in_is_shown_unless_it_is_said_otherwise() {
        let read = |pairs| accepted(pairs, MediaConfig::read).largest;
        assert_eq!(read(&[]), 16 * MEGABYTE);
        assert_eq!(read(&[("MEDIA_MB", "5")]), 5 * MEGABYTE);
        for bad in ["0", "1025", "much"] {
            assert_eq!(refused(&[("MEDIA_MB", bad)], MediaConfig::read).len(), 1);
        }
    }
}
