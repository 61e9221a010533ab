//! A slow look at all endpoints, part by part.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mysms_core::store::{Kind, Result};
use runtime::lifecycle::TaskResult;

use super::finder::{Finder, log_unseen};
use super::seen::Seen;
use crate::context::log_store_error;

/// How long it takes to look at all endpoints, and how many are read at a time.
const ROUND: Duration = Duration::from_mins(1);
pub(super) const PART: usize = 100;

/// A look at all endpoints.
#[derive(Default)]
pub(super) struct Round {
    after: Option<String>,
    parts: u32,
    down: i64,
}

impl Finder {
    /// Looks at all endpoints, again and again, until the soft stop.
    pub(super) async fn look_slowly(self: Arc<Self>) -> TaskResult {
        let stop = self.desk.lifecycle.soft();
        // The first round does not know how long it is.
        let mut pause = Duration::from_secs(1);
        let mut round = Round::default();
        while !stop.is_cancelled() {
            match self.look_at_part(&mut round).await {
                Ok(true) => {}
                Ok(false) => {
                    self.desk.metrics.webhooks_down.set(round.down);
                    pause = ROUND / round.parts.max(1);
                    round = Round::default();
                }
                Err(error) => log_store_error(&error, false),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        Ok(())
    }

    /// Returns false after the last part.
    pub(super) async fn look_at_part(self: &Arc<Self>, round: &mut Round) -> Result<bool> {
        round.parts += 1;
        let after = round.after.as_deref();
        let records = &self.desk.records;
        let endpoints = records
            .records_under(Kind::Endpoint, "", after, PART)
            .await?;
        let progress = records
            .records_under(Kind::Progress, "", after, PART)
            .await?;
        // Beyond what was read it is not known how far they were told.
        let known_to = progress.last().filter(|_| progress.len() == PART);
        let progress: HashMap<_, _> = progress.iter().map(|it| (&*it.key, it)).collect();
        for endpoint in &endpoints {
            if known_to.is_some_and(|last| last.key < endpoint.key) {
                self.consider(&endpoint.key, None);
                continue;
            }
            match Seen::of(endpoint, progress.get(&*endpoint.key).copied()) {
                Ok(seen) => {
                    round.down += i64::from(seen.is_down());
                    if seen.is_free(&self.desk) {
                        self.consider_seen(seen);
                    }
                }
                Err(error) => log_unseen(&error),
            }
        }
        round.after = endpoints.last().map(|stored| stored.key.clone());
        Ok(endpoints.len() == PART)
    }
}
