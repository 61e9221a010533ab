use async_trait::async_trait;
use shared::domain::{Timestamp, UserId};
use shared::store::{Quotas, Reservation, Reserved, Result};

use super::{Reference, State};

#[async_trait]
impl Quotas for Reference {
    async fn reserve(&self, reservation: &Reservation, limit: u32) -> Result<Reserved> {
        let mut state = self.state();
        if state
            .reservations
            .iter()
            .any(|known| known.id == reservation.id)
        {
            return Ok(Reserved::Granted);
        }
        let spent = state.spent(reservation.user, reservation.day);
        if spent + u64::from(reservation.segments) > u64::from(limit) {
            return Ok(Reserved::Exceeded);
        }
        state.reservations.push(*reservation);
        Ok(Reserved::Granted)
    }

    async fn reduce(&self, reservation: &Reservation, used: u32) -> Result<()> {
        let mut state = self.state();
        let mut known = state.reservations.iter_mut();
        if let Some(known) = known.find(|known| known.id == reservation.id) {
            known.segments = known.segments.min(used);
        }
        Ok(())
    }

    async fn spent(&self, user: UserId, at: Timestamp) -> Result<u64> {
        let day = Reservation::new(user, 0, at).day;
        Ok(self.state().spent(user, day))
    }
}

impl State {
    fn spent(&self, user: UserId, day: i64) -> u64 {
        self.reservations
            .iter()
            .filter(|known| known.user == user && known.day == day)
            .map(|known| u64::from(known.segments))
            .sum()
    }
}
