//! The port by which one process announces to all others that something changed for a user.

use tokio::sync::broadcast;

use crate::domain::{Timestamp, UserId};

/// Announcements that a subscriber may be behind before it misses some.
pub const BEHIND: usize = 1024;

/// Something that a user sees changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announcement {
    pub owner: UserId,
    pub what: Changed,
    /// When it changed: of a message its `updated_at`. Of several changes the earliest.
    pub at: Timestamp,
}

/// What changed for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Changed {
    Messages,
    Endpoints,
    /// What the user noted on conversations.
    Marks,
}

impl Announcement {
    pub fn of_messages(owner: UserId, at: Timestamp) -> Self {
        let what = Changed::Messages;
        Self { owner, what, at }
    }

    pub fn of_endpoints(owner: UserId, at: Timestamp) -> Self {
        let what = Changed::Endpoints;
        Self { owner, what, at }
    }

    pub fn of_marks(owner: UserId, at: Timestamp) -> Self {
        let what = Changed::Marks;
        Self { owner, what, at }
    }
}

/// Announces that something changed, and hears it. What changed is in the ledger; an announcement may be
/// lost, and several may become one.
pub trait Announcements: Send + Sync {
    /// Never waits and never fails.
    fn announce(&self, announcement: Announcement);

    /// Hears what is announced from now on, by this process too. A subscriber that is too far behind gets
    /// an error, and has to look by itself.
    fn subscribe(&self) -> broadcast::Receiver<Announcement>;
}

/// Announcements within a single process.
pub struct LocalAnnouncements(broadcast::Sender<Announcement>);

impl Default for LocalAnnouncements {
    fn default() -> Self {
        Self(broadcast::Sender::new(BEHIND))
    }
}

impl Announcements for LocalAnnouncements {
    fn announce(&self, announcement: Announcement) {
        // It fails when nobody listens.
        let _ = self.0.send(announcement);
    }

    fn subscribe(&self) -> broadcast::Receiver<Announcement> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_who_listen_hear_and_whoever_is_far_behind_is_told_so() {
        let announcements = LocalAnnouncements::default();
        let owner = UserId::generate(Timestamp::EPOCH);
        let said = |millis| Announcement::of_messages(owner, Timestamp::from_millis(millis));
        announcements.announce(said(0));
        let (mut first, mut second) = (announcements.subscribe(), announcements.subscribe());
        announcements.announce(said(1));
        assert_eq!(first.try_recv(), Ok(said(1)));
        for millis in 0..10_000 {
            announcements.announce(said(millis));
        }
        let lagged = |told| matches!(told, Err(broadcast::error::TryRecvError::Lagged(_)));
        assert!(lagged(first.try_recv()) && lagged(second.try_recv()));
    }
}
