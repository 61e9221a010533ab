//! Logins that go on, from one token to the next.

use std::time::Duration;

use super::{SessionId, Timestamp, TokenId, UserId};

/// How long the cookie of the turn before is still good: two tabs may show it at the same moment, and an
/// answer may be lost. A browser shows its cookie a few times a day, so what a thief has is noticed then.
const GRACE: Duration = Duration::from_mins(5);

/// What began with a login, and lasts as long as its tokens are renewed or its cookie is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    /// The user's at the login. The session has ended with all of this generation.
    pub generation: u32,
    /// The latest token, the only one that can be renewed.
    pub token: TokenId,
    pub begun_at: Timestamp,
    /// When the latest token was given.
    pub renewed_at: Timestamp,
    /// From when on neither the latest token nor the cookie is good for anything.
    pub until: Timestamp,
    pub origin: Origin,
    /// `None`: it goes on by its tokens alone.
    pub cookie: Option<Cookie>,
}

/// By what a browser goes on with a session in whatever tab, without any token.
///
/// A cookie is good for one turn: when it is shown, the next turn begins, and with it another cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie {
    /// The latest.
    pub turn: u32,
    /// When it began.
    pub since: Timestamp,
    /// The browser keeps it when it is closed.
    pub is_kept: bool,
}

/// What is to be thought of a cookie that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// The next turn begins.
    Latest,
    /// Its turn is just over, because somebody showed it at the same time or heard no answer: the cookie of
    /// this turn is given once more.
    JustOver,
    /// It was used up. Whoever shows it has it from somebody else, or the other way round.
    UsedUp,
}

impl Cookie {
    /// What a cookie of `turn` is worth at `now`.
    pub fn showing(&self, turn: u32, now: Timestamp) -> Showing {
        if turn == self.turn {
            Showing::Latest
        } else if turn.checked_add(1) == Some(self.turn) && now <= self.since + GRACE {
            Showing::JustOver
        } else {
            Showing::UsedUp
        }
    }

    /// That of the next turn.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Self {
        Self {
            turn: self.turn.saturating_add(1),
            since: now,
            ..self
        }
    }
}

/// Where a session began, told no closer than its user needs to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The network around the client's address.
    pub network: String,
    /// What the client called itself, if anything.
    pub agent: Option<String>,
}

/// A token in the place of an earlier one.
#[derive(Debug, Clone, Copy)]
pub struct Renewal {
    pub session: SessionId,
    pub from: TokenId,
    pub to: TokenId,
    pub now: Timestamp,
    /// From when on the new one is good for nothing.
    pub until: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_good_for_one_turn_and_a_moment_of_the_next() {
        let since = Timestamp::from_millis(1_767_225_600_500);
        let cookie = Cookie {
            turn: 7,
            since,
            is_kept: true,
        };
        let much_later = since + Duration::from_hours(1000);
        let over = since + GRACE + Duration::from_millis(1);
        for (turn, now, expected) in [
            (7, since, Showing::Latest),
            (7, much_later, Showing::Latest),
            (6, since, Showing::JustOver),
            (6, since + GRACE, Showing::JustOver),
            (6, over, Showing::UsedUp),
            (5, since, Showing::UsedUp),
            (8, since, Showing::UsedUp),
            (u32::MAX, since, Showing::UsedUp),
        ] {
            assert_eq!(cookie.showing(turn, now), expected, "{turn}");
        }
        let next = cookie.next(much_later);
        assert_eq!((next.turn, next.since, next.is_kept), (8, much_later, true));
    }
}
