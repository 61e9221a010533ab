use std::collections::BTreeSet;

use lapin::types::DeliveryTag;
use tokio::sync::mpsc;

/// How deliveries of one connection are settled. It holds no more than were prefetched.
pub(super) type Settlements = mpsc::UnboundedSender<Outcome>;

/// What became of a delivery.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    tag: DeliveryTag,
    done: bool,
}

/// The right to settle one delivery, on the connection by which it came. Dropped, it returns the
/// delivery to the queue; once that connection is lost it does nothing, as the broker has already
/// done so.
pub(super) struct Receipt {
    tag: DeliveryTag,
    settlements: Settlements,
    done: bool,
}

impl Receipt {
    pub(super) fn new(tag: DeliveryTag, settlements: Settlements) -> Self {
        Self {
            tag,
            settlements,
            done: false,
        }
    }

    pub(super) fn acknowledge(mut self) {
        self.done = true;
    }

    pub(super) fn is_void(&self) -> bool {
        self.settlements.is_closed()
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        let _ = self.settlements.send(Outcome {
            tag: self.tag,
            done: self.done,
        });
    }
}

/// What is said to the broker.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Settlement {
    /// With `multiple` all tags up to this one are done with.
    Done {
        tag: DeliveryTag,
        multiple: bool,
    },
    Returned {
        tag: DeliveryTag,
    },
}

/// Which deliveries of a channel, numbered from 1, are settled.
#[derive(Debug, Default)]
pub(super) struct Tags {
    /// All up to this one.
    low: DeliveryTag,
    /// And these above it.
    beyond: BTreeSet<DeliveryTag>,
}

impl Tags {
    /// Settles `first` and whatever else waits, in as few words as possible.
    pub(super) fn plan(
        &mut self,
        first: Outcome,
        others: &mut mpsc::UnboundedReceiver<Outcome>,
    ) -> Vec<Settlement> {
        let mut outcomes = vec![first];
        while let Ok(outcome) = others.try_recv() {
            outcomes.push(outcome);
        }
        self.settle(&outcomes)
    }

    fn settle(&mut self, outcomes: &[Outcome]) -> Vec<Settlement> {
        let tags = |done| outcomes.iter().filter(move |outcome| outcome.done == done);
        let returned = tags(false).map(|outcome| outcome.tag);
        let mut done: BTreeSet<_> = tags(true).map(|outcome| outcome.tag).collect();
        // Said first, because `multiple` would take them along.
        self.beyond.extend(returned.clone());
        let mut said: Vec<_> = returned.map(|tag| Settlement::Returned { tag }).collect();
        let (mut last, mut count) = (0, 0);
        loop {
            let next = self.low + 1;
            if done.remove(&next) {
                (last, count) = (next, count + 1);
            } else if !self.beyond.remove(&next) {
                break;
            }
            self.low = next;
        }
        if count > 0 {
            said.push(Settlement::Done {
                tag: last,
                multiple: count > 1,
            });
        }
        said.extend(done.iter().map(|&tag| Settlement::Done {
            tag,
            multiple: false,
        }));
        self.beyond.append(&mut done);
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Settlement::{Done, Returned};

    fn done(tags: &[DeliveryTag]) -> Vec<Outcome> {
        tags.iter()
            .map(|&tag| Outcome { tag, done: true })
            .collect()
    }

    fn single(tag: DeliveryTag) -> Settlement {
        Done {
            tag,
            multiple: false,
        }
    }

    #[test]
    fn acknowledgements_that_follow_each_other_are_one() {
        let mut tags = Tags::default();
        assert_eq!(tags.settle(&done(&[1])), [single(1)]);
        assert_eq!(
            tags.settle(&done(&[4, 2, 3])),
            [Done {
                tag: 4,
                multiple: true
            }]
        );
    }

    #[test]
    fn what_is_still_at_work_is_not_taken_along() {
        let mut tags = Tags::default();
        assert_eq!(
            tags.settle(&done(&[2, 3, 5])),
            [single(2), single(3), single(5)]
        );
        assert_eq!(tags.settle(&done(&[1])), [single(1)]);
        assert_eq!(
            tags.settle(&done(&[4, 6])),
            [Done {
                tag: 6,
                multiple: true
            }]
        );
        assert_eq!(tags.settle(&done(&[7])), [single(7)]);
    }

    #[test]
    fn what_is_returned_is_returned_before_the_others_are_acknowledged() {
        let mut tags = Tags::default();
        let mut outcomes = done(&[1, 3]);
        outcomes.push(Outcome {
            tag: 2,
            done: false,
        });
        assert_eq!(
            tags.settle(&outcomes),
            [
                Returned { tag: 2 },
                Done {
                    tag: 3,
                    multiple: true
                }
            ]
        );
    }

    #[test]
    fn every_order_settles_each_tag_once() {
        for seed in 0..500_u64 {
            let mut open: Vec<DeliveryTag> = (1..=40).collect();
            let mut state = seed;
            let mut pick = |limit: usize| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                usize::try_from(state >> 33).unwrap() % limit
            };
            let (mut tags, mut outstanding) = (Tags::default(), BTreeSet::from_iter(open.clone()));
            while !open.is_empty() {
                let mut batch = Vec::new();
                for _ in 0..=pick(open.len().min(6)) {
                    let tag = open.remove(pick(open.len().min(8)));
                    batch.push(Outcome {
                        tag,
                        done: pick(4) > 0,
                    });
                }
                for said in tags.settle(&batch) {
                    let (Done { tag, .. } | Returned { tag }) = said;
                    assert!(
                        outstanding.remove(&tag),
                        "the broker does not know {tag} any more"
                    );
                    if matches!(said, Done { multiple: true, .. }) {
                        let above = outstanding.split_off(&tag);
                        assert!(outstanding.iter().all(|tag| !open.contains(tag)));
                        outstanding = above;
                    }
                }
                assert!(
                    outstanding.iter().eq(open.iter()),
                    "only what is open is outstanding"
                );
            }
        }
    }
}
