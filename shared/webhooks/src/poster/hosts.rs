//! How many requests one host gets at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// More than one user's endpoints may have at a time, so that a user who has them hang at a host that
/// many use does not keep the others from it.
const MOST_PER_HOST: usize = 128;

/// So many hosts are remembered before those that nobody is at are forgotten.
const MANY: usize = 1024;

pub(super) struct Hosts {
    places: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Hosts {
    pub(super) fn new() -> Self {
        Self {
            places: Mutex::new(HashMap::new()),
        }
    }

    /// Waits for a place at the host of the URL; dropping it gives it back.
    pub(super) async fn enter(&self, url: &Url) -> Option<OwnedSemaphorePermit> {
        let host = url.host_str().unwrap_or_default();
        let places = self.places_of(host);
        // Nobody closes them.
        places.acquire_owned().await.ok()
    }

    fn places_of(&self, host: &str) -> Arc<Semaphore> {
        let mut all = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = all.get(host) {
            return Arc::clone(places);
        }
        if all.len() >= MANY {
            all.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let places = Arc::new(Semaphore::new(MOST_PER_HOST));
        all.insert(host.to_owned(), Arc::clone(&places));
        places
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn url(host: &str) -> Url {
        format!("https://{host}/").parse().unwrap()
    }

    #[test]
    fn a_host_has_so_many_places_and_each_host_its_own() {
        let hosts = Hosts::new();
        let enter = |host: &str| hosts.enter(&url(host)).now_or_never();
        let mut inside: Vec<_> = (0..MOST_PER_HOST).map(|_| enter("a.example")).collect();
        assert!(inside.iter().all(Option::is_some));
        assert!(enter("a.example").is_none(), "one too many");
        assert!(enter("b.example").is_some(), "another host");
        inside.pop();
        assert!(enter("a.example").is_some(), "a place that was given back");
    }

    #[test]
    fn hosts_that_nobody_is_at_are_forgotten() {
        let hosts = Hosts::new();
        let inside = hosts.enter(&url("busy.example")).now_or_never();
        for number in 0..2 * MANY {
            hosts
                .enter(&url(&format!("{number}.example")))
                .now_or_never();
        }
        let known = hosts.places.lock().unwrap();
        assert!(known.len() <= MANY, "{}", known.len());
        assert!(known.contains_key("busy.example"));
        drop(inside);
    }
}
