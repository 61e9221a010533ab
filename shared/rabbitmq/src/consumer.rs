use std::collections::VecDeque;

use futures_util::StreamExt;
use lapin::Channel;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions};
use lapin::types::FieldTable;
use mysms_core::queue::Job;
use tokio::sync::mpsc;

use super::failure::{Failure, answered};
use super::link::Link;
use super::payload;
use super::publisher::DeadLetter;
use super::receipt::{Receipt, Settlement, Settlements, Tags};
use super::supervisor::{Desk, Role};

/// The most jobs that the broker hands over before it is told what became of them.
pub(super) const PREFETCH: u16 = 8;

/// A job as it came from the broker.
pub(super) struct Arrival {
    pub(super) job: Job,
    pub(super) receipt: Receipt,
}

/// Takes jobs from the broker, and tells it which are done with.
pub(super) struct Consumer {
    arrivals: mpsc::Sender<Arrival>,
    dead_letters: mpsc::Sender<DeadLetter>,
}

impl Consumer {
    pub(super) fn new(
        arrivals: mpsc::Sender<Arrival>,
        dead_letters: mpsc::Sender<DeadLetter>,
    ) -> Self {
        Self {
            arrivals,
            dead_letters,
        }
    }
}

impl Role for Consumer {
    const NAME: &'static str = "mysms consumer";

    async fn serve(&mut self, link: &mut Link, desk: &Desk) -> Result<(), Failure> {
        let channel = link.channel.clone();
        let mut deliveries = consume(&channel, desk).await?;
        let mut tags = Tags::default();
        // Made anew for each connection, so that no other's deliveries are settled on this one.
        let (settlements, mut settled) = mpsc::unbounded_channel();
        // These hold no more than the prefetch. They keep a full channel from holding up the rest.
        let (mut readable, mut unreadable) = (VecDeque::new(), VecDeque::new());
        loop {
            tokio::select! {
                news = link.news() => { news?; }
                () = desk.closing.cancelled() => break,
                delivery = deliveries.next() => match delivery {
                    Some(delivery) => match sort(delivery?, &settlements) {
                        Ok(arrival) => readable.push_back(arrival),
                        Err(dead) => unreadable.push_back(dead),
                    },
                    None => return Err(Failure::QueueGone),
                },
                Some(first) = settled.recv() => {
                    settle(&channel, tags.plan(first, &mut settled)).await?;
                }
                Ok(place) = self.arrivals.reserve(), if !readable.is_empty() => {
                    hand_over(place, &mut readable);
                }
                Ok(place) = self.dead_letters.reserve(), if !unreadable.is_empty() => {
                    hand_over(place, &mut unreadable);
                }
            }
        }
        if let Ok(first) = settled.try_recv() {
            settle(&channel, tags.plan(first, &mut settled)).await?;
        }
        Ok(())
    }

    fn is_idle(&self) -> bool {
        true
    }
}

async fn consume(channel: &Channel, desk: &Desk) -> Result<lapin::Consumer, Failure> {
    answered(channel.basic_qos(PREFETCH, BasicQosOptions::default())).await?;
    let (queue, tag) = (desk.broker.queue.clone(), "".into());
    let consumer = channel.basic_consume(
        queue,
        tag,
        BasicConsumeOptions::default(),
        FieldTable::default(),
    );
    answered(consumer).await
}

fn sort(delivery: Delivery, settlements: &Settlements) -> Result<Arrival, DeadLetter> {
    let receipt = Receipt::new(delivery.delivery_tag, settlements.clone());
    match payload::read(&delivery.data) {
        Ok(job) => Ok(Arrival { job, receipt }),
        Err(reason) => {
            tracing::warn!(%reason, "a job cannot be read; it goes to the dead ones");
            Err(DeadLetter {
                payload: delivery.data,
                reason,
                receipt,
            })
        }
    }
}

fn hand_over<T>(place: mpsc::Permit<'_, T>, waiting: &mut VecDeque<T>) {
    if let Some(next) = waiting.pop_front() {
        place.send(next);
    }
}

async fn settle(channel: &Channel, settlements: Vec<Settlement>) -> Result<(), Failure> {
    for settlement in settlements {
        match settlement {
            Settlement::Done { tag, multiple } => {
                channel.basic_ack(tag, BasicAckOptions { multiple }).await?;
            }
            Settlement::Returned { tag } => {
                let options = BasicNackOptions {
                    multiple: false,
                    requeue: true,
                };
                channel.basic_nack(tag, options).await?;
            }
        }
    }
    Ok(())
}
