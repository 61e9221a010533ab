use std::time::Duration;

use super::Env;
use super::variables::{MEDIA_MB, UPLOAD_DAYS, UPLOAD_MB_PER_USER};

const MEGABYTE: u64 = 1024 * 1024;

const DAY: u64 = 24 * 60 * 60;

/// What becomes of the files that people send us, and that users send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaConfig {
    /// Larger ones are not shown, in bytes.
    pub largest: u64,
    /// The most that is kept of what one user brings, in bytes.
    pub uploads_per_user: u64,
    /// How long after its last message could be sent an upload is kept.
    pub uploads_kept: Duration,
}

impl MediaConfig {
    pub fn read(env: &mut Env) -> Option<Self> {
        let megabytes: Option<u32> = env.number(MEDIA_MB, 1..=1024);
        let per_user: Option<u32> = env.number(UPLOAD_MB_PER_USER, 0..=100_000);
        let days: Option<u32> = env.number(UPLOAD_DAYS, 1..=3650);
        Some(Self {
            largest: u64::from(megabytes?) * MEGABYTE,
            uploads_per_user: u64::from(per_user?) * MEGABYTE,
            uploads_kept: Duration::from_secs(u64::from(days?) * DAY),
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

    #[test]
    fn uploads_take_so_much_room_for_so_long() {
        let usual = accepted(&[], MediaConfig::read);
        assert_eq!(usual.uploads_per_user, 50 * MEGABYTE);
        assert_eq!(usual.uploads_kept, Duration::from_hours(30 * 24));
        let pairs = [("UPLOAD_MB_PER_USER", "0"), ("UPLOAD_DAYS", "1")];
        let little = accepted(&pairs, MediaConfig::read);
        assert_eq!(little.uploads_per_user, 0);
        assert_eq!(little.uploads_kept, Duration::from_hours(24));
        let pairs = [("UPLOAD_MB_PER_USER", "-1"), ("UPLOAD_DAYS", "0")];
        assert_eq!(refused(&pairs, MediaConfig::read).len(), 2);
    }
}
