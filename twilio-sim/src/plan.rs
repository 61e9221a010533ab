//! Lays down the life of a message at the moment it is accepted.

use crate::{
    Kind, Status,
    message::{Callback, Step},
    senders::Passage,
};

/// Until a text's validity is over it may wait for its sender.
const VALIDITY_OVER: u32 = 30036;

/// What the life of a message is made from.
pub(crate) struct Plan<'a> {
    pub(crate) now_ms: i64,
    /// How its sender took it.
    pub(crate) passage: Passage,
    pub(crate) step_ms: u32,
    pub(crate) validity_seconds: u32,
    /// Sent through a Messaging Service.
    pub(crate) service: bool,
    pub(crate) faults: &'a [Kind],
}

/// The life of a text from a handset: it is received at once, and reported by one callback unless a
/// fault says otherwise.
pub(crate) fn received(now_ms: i64, faults: &[Kind]) -> (Vec<Step>, Vec<Callback>) {
    let plan = Plan {
        now_ms,
        passage: Passage::Leaves(now_ms),
        step_ms: 0,
        validity_seconds: 0,
        service: false,
        faults,
    };
    let step = Step {
        at_ms: now_ms,
        status: Status::Received,
        code: None,
    };
    let callbacks = vec![plan.callback(step); plan.copies(step.status)];
    (vec![step], callbacks)
}

/// The life of a text that nobody asked to be told about.
pub(crate) fn unreported(now_ms: i64, step_ms: u32) -> Vec<Step> {
    let plan = Plan {
        now_ms,
        passage: Passage::Leaves(now_ms),
        step_ms,
        validity_seconds: u32::MAX,
        service: false,
        faults: &[],
    };
    plan.steps()
}

/// The callbacks of a message: the first `early` of them come before the answer.
#[derive(Default)]
pub(crate) struct Callbacks {
    pub(crate) list: Vec<Callback>,
    pub(crate) early: usize,
}

impl Plan<'_> {
    pub(crate) fn steps(&self) -> Vec<Step> {
        let (path, code) = self.path();
        let (end, wait_ms) = (path.len() - 1, self.wait_ms());
        let waits = |status| !matches!(status, Status::Accepted | Status::Queued);
        let times = (0..).map(|n: i64| self.now_ms + n * i64::from(self.step_ms));
        let mut steps: Vec<Step> = path
            .into_iter()
            .zip(times)
            .enumerate()
            .map(|(n, (status, at_ms))| Step {
                at_ms: at_ms + if waits(status) { wait_ms } else { 0 },
                status,
                code: code.filter(|_| n == end),
            })
            .collect();
        self.expire(&mut steps);
        if let Some(reached) = self.early_step(&steps) {
            for step in &mut steps[..=reached] {
                step.at_ms = self.now_ms;
            }
        }
        steps
    }

    pub(crate) fn callbacks(&self, steps: &[Step]) -> Callbacks {
        let early_step = self.early_step(steps);
        let mut early = Vec::new();
        let mut list = Vec::new();
        for (n, step) in steps.iter().enumerate().skip(1) {
            if matches!(step.status, Status::Accepted | Status::Sending) {
                continue;
            }
            let is_early = early_step.is_some_and(|last| n <= last);
            let target = if is_early { &mut early } else { &mut list };
            target.extend(std::iter::repeat_n(
                self.callback(*step),
                self.copies(step.status),
            ));
        }
        list.sort_by_key(|callback| callback.due_ms);
        if self.faults.contains(&Kind::CallbackReversed) {
            let latest = list.last().map_or(0, |callback| callback.due_ms);
            list.reverse();
            for callback in &mut list {
                callback.due_ms = latest;
            }
        }
        let count = early.len();
        early.append(&mut list);
        Callbacks {
            list: early,
            early: count,
        }
    }

    /// From when on the list shows the message.
    pub(crate) fn listed_ms(&self) -> i64 {
        let late = self.faults.iter().find_map(|kind| match kind {
            Kind::ListLate { ms } => Some(i64::from(*ms)),
            _ => None,
        });
        self.now_ms + late.unwrap_or(0)
    }

    /// The statuses that it goes through, and the error code of the last.
    fn path(&self) -> (Vec<Status>, Option<u32>) {
        let accepted = self.service.then_some(Status::Accepted);
        let mut path: Vec<Status> = accepted.into_iter().chain([Status::Queued]).collect();
        if let Passage::Fails(code) = self.passage {
            path.push(Status::Failed);
            return (path, Some(code));
        }
        let (last, code) = self.outcome();
        path.push(Status::Sending);
        if !matches!(last, Status::Failed | Status::Sent) {
            path.push(Status::Sent);
        }
        path.push(last);
        (path, code)
    }

    /// How long it is queued for its sender's sake.
    fn wait_ms(&self) -> i64 {
        match self.passage {
            Passage::Leaves(at_ms) => at_ms - self.now_ms,
            Passage::Expires => self.validity_ms() + 1,
            Passage::Fails(_) | Passage::Refused(_) => 0,
        }
    }

    fn validity_ms(&self) -> i64 {
        i64::from(self.validity_seconds) * 1000
    }

    fn outcome(&self) -> (Status, Option<u32>) {
        let scripted = self.faults.iter().find_map(|kind| match kind {
            Kind::Outcome { status, code } => Some((*status, *code)),
            _ => None,
        });
        scripted.unwrap_or((Status::Delivered, None))
    }

    /// A message that is not sent within its validity fails instead.
    fn expire(&self, steps: &mut Vec<Step>) {
        let over_ms = self.now_ms + self.validity_ms();
        if let Some(n) = steps.iter().position(|step| step.at_ms > over_ms) {
            let waiting = steps[..n].iter().all(|step| step.status != Status::Sent);
            if waiting {
                steps.truncate(n);
                steps.push(Step {
                    at_ms: over_ms,
                    status: Status::Failed,
                    code: Some(VALIDITY_OVER),
                });
            }
        }
    }

    fn early_step(&self, steps: &[Step]) -> Option<usize> {
        let wanted = self.faults.iter().find_map(|kind| match kind {
            Kind::CallbackEarly { status } => Some(*status),
            _ => None,
        })?;
        steps
            .iter()
            .enumerate()
            .skip(1)
            .position(|(_, step)| match wanted {
                Some(status) => step.status == status,
                None => step.status != Status::Sending,
            })
            .map(|n| n + 1)
    }

    fn callback(&self, step: Step) -> Callback {
        let late = self.faults.iter().find_map(|kind| match kind {
            Kind::CallbackLate { ms, status } if strikes(*status, step.status) => {
                Some(i64::from(*ms))
            }
            _ => None,
        });
        Callback {
            due_ms: step.at_ms + late.unwrap_or(0),
            status: step.status,
            code: step.code,
            done: false,
            failed: false,
        }
    }

    fn copies(&self, of: Status) -> usize {
        let (mut lost, mut doubled) = (false, false);
        for kind in self.faults {
            match kind {
                Kind::CallbackLost { status } => lost |= strikes(*status, of),
                Kind::CallbackDoubled { status } => doubled |= strikes(*status, of),
                _ => {}
            }
        }
        match (lost, doubled) {
            (true, _) => 0,
            (false, true) => 2,
            (false, false) => 1,
        }
    }
}

fn strikes(only: Option<Status>, status: Status) -> bool {
    only.is_none_or(|only| only == status)
}
