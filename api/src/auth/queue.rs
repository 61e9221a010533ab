//! A queue in which nobody waits behind the crowd of another.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use crate::network::Network;

/// Holds so much, and gives it out in turns: one of each network after the other, and within what may
/// all be one customer's one of each narrower network.
///
/// While it is full, whoever has fewer places takes one from who has the most, so there is a place for
/// each network before anybody has a second.
pub(super) struct FairQueue<T> {
    room: usize,
    waiting: Turns<Turns<VecDeque<T>>>,
}

impl<T> FairQueue<T> {
    pub(super) fn new(room: usize) -> Self {
        Self {
            room,
            waiting: Turns::default(),
        }
    }

    /// Lets something of a client's wait; gives what finds no place, which may be something else.
    pub(super) fn push(&mut self, client: IpAddr, item: T) -> Option<T> {
        let (site, network) = (Network::widest(client), Network::of(client));
        let mut turned_away = None;
        if self.waiting.len() >= self.room {
            let own = self.waiting.number_of(site);
            // Otherwise it would only change who has more.
            if self.waiting.most() <= own + 1 {
                return Some(item);
            }
            turned_away = self.waiting.take_from_most();
        }
        self.waiting.of(site).of(network).push_back(item);
        turned_away
    }

    /// What waited for the longest of the network whose turn it is.
    pub(super) fn pop(&mut self) -> Option<T> {
        self.waiting.take_next()
    }
}

/// What waits in a row, in an order of its own.
trait Row: Default {
    type Item;

    fn len(&self) -> usize;

    fn take_next(&mut self) -> Option<Self::Item>;

    /// Takes the latest of whoever has the most.
    fn take_from_most(&mut self) -> Option<Self::Item>;
}

impl<T> Row for VecDeque<T> {
    type Item = T;

    fn len(&self) -> usize {
        Self::len(self)
    }

    fn take_next(&mut self) -> Option<T> {
        self.pop_front()
    }

    fn take_from_most(&mut self) -> Option<T> {
        self.pop_back()
    }
}

/// The rows of networks that take turns. None of them is empty.
struct Turns<R> {
    rows: HashMap<Network, R>,
    order: VecDeque<Network>,
}

impl<R> Default for Turns<R> {
    fn default() -> Self {
        Self {
            rows: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<R: Row> Turns<R> {
    /// The row of a network, which something is put into. A new one is the last to have its turn.
    fn of(&mut self, network: Network) -> &mut R {
        self.rows.entry(network).or_insert_with(|| {
            self.order.push_back(network);
            R::default()
        })
    }

    fn number_of(&self, network: Network) -> usize {
        self.rows.get(&network).map_or(0, Row::len)
    }

    fn most(&self) -> usize {
        self.rows.values().map(Row::len).max().unwrap_or(0)
    }

    fn drop_if_empty(&mut self, network: Network) {
        if self.number_of(network) == 0 {
            self.rows.remove(&network);
            self.order.retain(|other| *other != network);
        }
    }
}

impl<R: Row> Row for Turns<R> {
    type Item = R::Item;

    fn len(&self) -> usize {
        self.rows.values().map(Row::len).sum()
    }

    fn take_next(&mut self) -> Option<R::Item> {
        let network = self.order.pop_front()?;
        let item = self.rows.get_mut(&network)?.take_next();
        self.order.push_back(network);
        self.drop_if_empty(network);
        item
    }

    fn take_from_most(&mut self) -> Option<R::Item> {
        let (&network, _) = self.rows.iter().max_by_key(|(_, row)| row.len())?;
        let item = self.rows.get_mut(&network)?.take_from_most();
        self.drop_if_empty(network);
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Client = &'static str;

    fn queue(room: usize, clients: &[Client]) -> (FairQueue<Client>, Vec<Client>) {
        let mut queue = FairQueue::new(room);
        let refused = clients
            .iter()
            .filter_map(|client| queue.push(client.parse().unwrap(), *client))
            .collect();
        (queue, refused)
    }

    fn all(queue: &mut FairQueue<Client>) -> Vec<Client> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn networks_take_turns_however_many_each_lets_wait() {
        let (evil, john, jane) = ("203.0.113.7", "198.51.100.1", "198.51.100.2");
        let (mut queue, refused) = queue(9, &[evil, evil, evil, evil, john, jane, john]);
        assert!(refused.is_empty());
        let order = [evil, john, jane, evil, john, evil, evil];
        assert_eq!(all(&mut queue), order);
        assert_eq!(queue.pop(), None);
        assert!(queue.waiting.rows.is_empty() && queue.waiting.order.is_empty());
    }

    #[test]
    fn who_comes_again_after_a_turn_waits_for_the_next() {
        let (evil, john) = ("203.0.113.7", "198.51.100.1");
        let (mut queue, _) = queue(9, &[evil, john]);
        assert_eq!(queue.pop(), Some(evil));
        queue.push(evil.parse().unwrap(), evil);
        assert_eq!(all(&mut queue), [john, evil]);
    }

    #[test]
    fn an_ipv6_line_is_one_network_and_shares_its_turn() {
        let line = ["2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:1:2::2"];
        let [one, two, third] = line;
        let john = "2001:db8:2::1";
        let (mut queue, _) = queue(9, &[two, third, one, john, john]);
        assert_eq!(all(&mut queue), [two, john, one, john, third]);
    }

    #[test]
    fn a_full_queue_has_a_place_for_each_network_before_a_second_for_any() {
        let (evil, john, jane) = ("203.0.113.7", "198.51.100.1", "198.51.100.2");
        let (mut queue, refused) = queue(3, &[evil, evil, evil, evil, john, jane, evil]);
        // The fourth itself, then two of its own for the others, then again itself.
        assert_eq!(refused, [evil, evil, evil, evil]);
        assert_eq!(all(&mut queue), [evil, john, jane]);
        let (mut queue, refused) = super::tests::queue(2, &[john, jane, evil]);
        assert_eq!(refused, [evil], "each has one and nobody more");
        assert_eq!(all(&mut queue), [john, jane]);
    }

    #[test]
    fn within_a_line_whoever_has_the_most_gives_way() {
        let (evil, same_line, john) = ("2001:db8:1:1::1", "2001:db8:1:2::1", "198.51.100.1");
        let (mut queue, refused) = queue(3, &[same_line, evil, evil, john]);
        assert_eq!(refused, [evil]);
        assert_eq!(all(&mut queue), [same_line, john, evil]);
    }
}
