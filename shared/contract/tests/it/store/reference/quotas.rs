use async_trait::async_trait;
use mysms_core::domain::Timestamp;
use mysms_core::store::{Counter, Quotas, Reservation, Reserved, Result};
use uuid::Uuid;

use super::{Reference, State};

/// A charge that was counted.
pub(super) struct Counted {
    id: Uuid,
    counter: Counter,
    window: i64,
    amount: u32,
}

#[async_trait]
impl Quotas for Reference {
    async fn reserve(&self, reservation: &Reservation) -> Result<Reserved> {
        let mut state = self.state();
        let at = reservation.at;
        let (mut fresh, mut exceeded) = (Vec::new(), Vec::new());
        for charge in &reservation.charges {
            let counter = charge.counter;
            if state
                .counted
                .iter()
                .any(|it| it.id == reservation.id && it.counter == counter)
            {
                continue;
            }
            let spent = state.spent(counter, counter.window(at));
            if spent + u64::from(charge.amount) > u64::from(charge.limit) {
                exceeded.push(counter);
            } else {
                fresh.push(Counted {
                    id: reservation.id,
                    counter,
                    window: counter.window(at),
                    amount: charge.amount,
                });
            }
        }
        if !exceeded.is_empty() {
            return Ok(Reserved::Exceeded(exceeded));
        }
        state.counted.extend(fresh);
        Ok(Reserved::Granted)
    }

    async fn give_back(&self, reservation: &Reservation) -> Result<()> {
        let mut state = self.state();
        for known in state
            .counted
            .iter_mut()
            .filter(|known| known.id == reservation.id)
        {
            known.amount = 0;
        }
        Ok(())
    }

    async fn spent(&self, counters: &[Counter], at: Timestamp) -> Result<Vec<u64>> {
        let state = self.state();
        let spent = |counter: &Counter| state.spent(*counter, counter.window(at));
        Ok(counters.iter().map(spent).collect())
    }
}

impl State {
    fn spent(&self, counter: Counter, window: i64) -> u64 {
        self.counted
            .iter()
            .filter(|known| known.counter == counter && known.window == window)
            .map(|known| u64::from(known.amount))
            .sum()
    }
}
