//! What the provider said, merged by rank into whatever the message is.

use crate::domain::timeline::{self, Event, TimelineEntry};
use crate::domain::{Fact, Message, Provider, Status};

/// What a fact did to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactEffect {
    /// The status rose.
    Raised,
    /// It is on the timeline, or settled which error code stays; the status is as it was.
    Recorded,
    /// It was known already.
    Unchanged,
}

impl Message {
    /// Merges a fact about this message's own SID, or gives it the SID if it has none.
    pub fn apply_fact(&mut self, fact: &Fact) -> FactEffect {
        let status = fact.status.status();
        let raised = self.status < status;
        let same_rank = self.status == status;
        let recorded = self.record(fact, Event::Provider);
        self.provider.get_or_insert_with(|| Provider {
            sid: fact.sid.clone(),
            at: fact.at,
            adopted: false,
        });
        if raised {
            self.raise(fact);
            self.touch(fact.at);
            return FactEffect::Raised;
        }
        let code_changed = same_rank && self.keep_smaller_code(fact.code.as_deref());
        if recorded || code_changed {
            self.touch(fact.at);
            FactEffect::Recorded
        } else {
            FactEffect::Unchanged
        }
    }

    /// Records a fact about a second SID for this message; true the first time that this SID shows
    /// that the provider took the text twice.
    ///
    /// If our own SID was adopted from a list, the second one may be a twin's (`twin_in_doubt`: an
    /// identical text to the same number is `sending`), whose own look will find it. Otherwise the
    /// text went out twice, and that the recipient has it is evidence for this message too.
    pub fn apply_surplus(&mut self, fact: &Fact, twin_in_doubt: bool) -> bool {
        let adopted = self.has_adopted_sid();
        let first = !self.has_surplus(fact);
        let recorded = self.record(fact, Event::Surplus);
        let status = fact.status.status();
        let raised = !adopted && status == Status::Delivered && self.status < status;
        if raised {
            self.raise(fact);
        }
        if raised || recorded {
            self.touch(fact.at);
        }
        first && !(adopted && twin_in_doubt)
    }

    /// Whether its SID came from the provider's list.
    pub fn has_adopted_sid(&self) -> bool {
        self.provider.as_ref().is_some_and(|known| known.adopted)
    }

    fn has_surplus(&self, fact: &Fact) -> bool {
        self.timeline
            .iter()
            .any(|entry| entry.event == Event::Surplus && entry.sid.as_ref() == Some(&fact.sid))
    }

    /// Raises the status to the fact's and sets what depends on it.
    pub(super) fn raise(&mut self, fact: &Fact) {
        self.status = fact.status.status();
        self.error_code.clone_from(&fact.code);
        self.lease = None;
        self.unseen = 0;
        if self.status == Status::Delivered {
            self.delivered_at = Some(fact.at);
        }
        self.wake_at = None;
        if self.awaits_status() {
            self.wake_at = fact.poll_at;
            self.not_before = fact.poll_at.unwrap_or(self.not_before);
        }
        self.erase_if_deleted();
    }

    /// Puts a fact on the timeline unless it is there; tells whether it was new.
    pub(super) fn record(&mut self, fact: &Fact, event: Event) -> bool {
        let entry = TimelineEntry::new(fact.at, event)
            .with_sid(&fact.sid)
            .with_status(fact.status.status())
            .with_code(fact.code.as_deref())
            .with_detail(fact.detail.as_deref());
        let new = !self.timeline.iter().any(|known| known.is_same_fact(&entry));
        if new {
            timeline::append(&mut self.timeline, entry);
        }
        new
    }

    /// Of two codes for one status the smaller stays, so that no order of arrival shows.
    fn keep_smaller_code(&mut self, code: Option<&str>) -> bool {
        let Some(code) = code else { return false };
        let smaller = self.error_code.as_deref().is_none_or(|known| code < known);
        if smaller {
            self.error_code = Some(code.to_owned());
        }
        smaller
    }
}
