//! Who keeps senders from sending, as users are told of it.

use std::sync::Arc;

use mysms_core::domain::{LineId, Timestamp};
use mysms_core::store::{Pause, Pauses, Result};
use view::{PauseView, PausedBy};

use super::recent::Recent;

/// The pauses, as they were a second ago at the earliest.
pub(super) struct Halts {
    pauses: Arc<dyn Pauses>,
    known: Recent<Vec<Pause>>,
}

impl Halts {
    pub(super) fn new(pauses: Arc<dyn Pauses>) -> Self {
        Self {
            pauses,
            known: Recent::default(),
        }
    }

    /// What keeps a sender from sending now.
    pub(super) async fn of(&self, line: &LineId, now: Timestamp) -> Result<Option<PauseView>> {
        let pauses = self.known.get(self.pauses.paused()).await?;
        Ok(halt(&pauses, line, now))
    }
}

/// The pause that lasts longest. One whose sender may be tried by now is over, unless that fails.
fn halt(pauses: &[Pause], line: &LineId, now: Timestamp) -> Option<PauseView> {
    let halting =
        |pause: &&Pause| pause.is_by_operator() || pause.sender.is_of(line) && pause.probe_at > now;
    let last = pauses.iter().filter(halting).max_by_key(|it| it.probe_at)?;
    let by = match &last.sender {
        _ if last.is_by_operator() => PausedBy::Operator,
        sender if sender.is_of_carriers(line) => PausedBy::Carrier,
        _ => PausedBy::Provider,
    };
    Some(PauseView {
        by,
        since: last.since,
        until: (by != PausedBy::Operator).then_some(last.probe_at),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mysms_core::store::SenderKey;

    use super::*;
    use crate::testing::START;

    fn pause(sender: SenderKey, minutes: u64) -> Pause {
        Pause {
            sender,
            code: "21606".to_owned(),
            reason: "It is not ours.".to_owned(),
            since: START,
            probe_at: START + Duration::from_mins(minutes),
            failures: 0,
            probing_until: None,
        }
    }

    #[test]
    fn of_all_pauses_of_a_sender_the_one_that_lasts_longest_is_told() {
        let line = LineId::new("AC1", "12345");
        let told = |pauses: &[Pause]| halt(pauses, &line, START).map(|it| (it.by, it.until));
        let until = |minutes| Some(START + Duration::from_mins(minutes));
        let provider = pause(SenderKey::new("AC1", "12345", "credential"), 1);
        let carrier = pause(SenderKey::of_carriers("AC1", "12345"), 2);
        let other = pause(SenderKey::new("AC1", "1234567", "credential"), 3);
        let due = pause(SenderKey::new("AC1", "12345", "former"), 0);
        let operator = Pause::by_operator("maintenance".to_owned(), START);
        assert_eq!(told(&[other.clone(), due]), None);
        let known = [provider.clone(), other];
        assert_eq!(told(&known), Some((PausedBy::Provider, until(1))));
        let known = [carrier.clone(), provider];
        assert_eq!(told(&known), Some((PausedBy::Carrier, until(2))));
        let known = [operator, carrier];
        assert_eq!(told(&known), Some((PausedBy::Operator, None)));
    }
}
