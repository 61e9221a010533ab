//! The steps of those who change messages, of the worker and of the receiver.

use super::Rules;
use super::step::{Look, Step};
use crate::fingerprint;
use crate::search::Machine;

const MESSAGES: usize = 2;

/// How long after it was decided a change is stored at the latest.
const LATENESS: u8 = 1;

/// Changes are decided until then.
const DECIDED_UNTIL: u8 = 2;

/// By then the second look has passed everything.
const END: u8 = DECIDED_UNTIL + 2 * LATENESS + 4;

/// An endpoint that is told.
pub(super) struct Telling {
    pub(super) rules: Rules,
    /// Changes of each message.
    pub(super) changes: u8,
    /// How often the worker dies.
    pub(super) deaths: u8,
    pub(super) refusals: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Violation {
    /// The receiver got an older state of a message after a newer one.
    WentBack,
    /// It got the same state twice, though nobody died.
    ToldTwice,
    NeverTold,
}

/// A time, and which message changed then.
type Place = (u8, u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Message {
    /// 0: it is not there.
    version: u8,
    at: u8,
    /// When a change was decided that is not stored.
    decided: Option<u8>,
}

/// What the worker knows and stores as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Progress {
    place: Place,
    trail: Place,
    /// The version that was refused last, of each message that is pending.
    pending: [u8; MESSAGES],
}

/// What is being told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Job {
    message: u8,
    version: u8,
    at: u8,
    phase: Phase,
    look: Look,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    Read,
    Taken,
    Noted,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct State {
    now: u8,
    messages: [Message; MESSAGES],
    stored: Progress,
    known: Progress,
    job: Option<Job>,
    /// The time of the change that was noted, of each message.
    noted: [u8; MESSAGES],
    /// The version that the receiver has.
    got: [u8; MESSAGES],
    told_twice: bool,
    went_back: bool,
    deaths_left: u8,
    refusals_left: u8,
}

impl Machine for Telling {
    type State = State;
    type Step = Step;
    type Violation = Violation;

    const NEVER_SETTLED: Violation = Violation::NeverTold;

    fn beginnings(&self) -> Vec<State> {
        vec![State {
            now: 0,
            messages: Default::default(),
            stored: Progress::default(),
            known: Progress::default(),
            job: None,
            noted: [0; MESSAGES],
            got: [0; MESSAGES],
            told_twice: false,
            went_back: false,
            deaths_left: self.deaths,
            refusals_left: self.refusals,
        }]
    }

    fn moves(&self, from: &State) -> Vec<(Step, State)> {
        let mut moves = self.changes(*from);
        moves.extend(self.look(*from));
        match from.job {
            None => moves.extend(self.tell_again(*from)),
            Some(job) => moves.extend(self.go_on(*from, job)),
        }
        if from.stored != from.known {
            let stored = from.known;
            moves.push((Step::Save, State { stored, ..*from }));
        }
        if from.deaths_left > 0 {
            let died = State {
                known: from.stored,
                job: None,
                deaths_left: from.deaths_left - 1,
                ..*from
            };
            moves.push((Step::Die, died));
        }
        moves
    }

    fn fingerprint(&self, state: &State) -> u64 {
        fingerprint::of(state)
    }

    fn wrong_state(&self, state: &State) -> Option<Violation> {
        if state.went_back {
            return Some(Violation::WentBack);
        }
        let twice = state.told_twice && state.deaths_left == self.deaths;
        twice.then_some(Violation::ToldTwice)
    }

    fn wrong_step(&self, _: &State, _: Step, _: &State) -> Option<Violation> {
        None
    }

    fn is_settled(&self, state: &State) -> bool {
        let told = state.messages.iter().zip(state.got);
        let mut told = told.map(|(message, got)| (message.version == got, message.decided));
        told.all(|(told, decided)| told && decided.is_none())
    }

    fn is_own_step(&self, _: &State, step: Step) -> bool {
        !matches!(step, Step::Decide(_) | Step::Refuse(_) | Step::Die)
    }
}

impl Telling {
    fn changes(&self, from: State) -> Vec<(Step, State)> {
        let mut moves = Vec::new();
        for (number, index) in (0..).zip(0..MESSAGES) {
            let message = from.messages[index];
            let mut changed = from;
            match message.decided {
                None if message.version < self.changes && from.now <= DECIDED_UNTIL => {
                    changed.messages[index].decided = Some(from.now);
                    moves.push((Step::Decide(number), changed));
                }
                None => {}
                Some(decided) => {
                    // The time of a message never goes back; 0 is the time of none.
                    changed.messages[index] = Message {
                        version: message.version + 1,
                        at: decided.max(message.at) + 1,
                        decided: None,
                    };
                    moves.push((Step::Store(number), changed));
                }
            }
        }
        let decided = from.messages.iter().filter_map(|message| message.decided);
        let mut late = decided.map(|decided| decided + LATENESS);
        if from.now < END && late.all(|latest| from.now < latest) {
            let now = from.now + 1;
            moves.push((Step::Tick, State { now, ..from }));
        }
        moves
    }

    /// The looks find the next message, or pass over it, also while one is being told.
    fn look(&self, from: State) -> Vec<(Step, State)> {
        let mut moves = Vec::new();
        for look in [Look::Near, Look::Far] {
            let Some(number) = self.next(&from, look) else {
                continue;
            };
            let index = usize::from(number);
            let message = from.messages[index];
            let noted = self.rules.noted_is_compared && from.noted[index] >= message.at;
            let busy = from.job.is_some_and(|job| job.message == number);
            let waits = busy && self.rules.busy_is_waited_for;
            let needless = noted || from.known.pending[index] > 0;
            let mut read = from;
            if needless && !waits {
                read.pass(look, (message.at, number));
                moves.push((Step::PassOver(look, number), read));
            } else if from.job.is_none() {
                read.job = Some(Job::read(number, message, look));
                if !self.rules.noted_before_moving {
                    read.pass(look, (message.at, number));
                }
                moves.push((Step::Read(look, number), read));
            }
        }
        moves
    }

    fn tell_again(&self, from: State) -> Vec<(Step, State)> {
        let mut moves = Vec::new();
        for (number, index) in (0..).zip(0..MESSAGES) {
            let refused = from.known.pending[index];
            if refused > 0 {
                let mut job = Job::read(number, from.messages[index], Look::Again);
                if !self.rules.pending_is_read_anew {
                    job.version = refused;
                }
                let again = State {
                    job: Some(job),
                    ..from
                };
                moves.push((Step::Read(Look::Again, number), again));
            }
        }
        moves
    }

    fn next(&self, state: &State, look: Look) -> Option<u8> {
        let Progress { place, trail, .. } = state.known;
        let places = (0..).zip(state.messages).filter(|(_, it)| it.version > 0);
        let places = places.map(|(number, message)| (message.at, number));
        let late = |at: u8| !self.rules.trails_by_lateness || at + LATENESS + 1 < state.now;
        let next = match look {
            Look::Near => places.filter(|it| *it > place).min(),
            Look::Far if self.rules.second_look => places
                .filter(|it| *it > trail && *it <= place && late(it.0))
                .min(),
            _ => None,
        };
        next.map(|(_, number)| number)
    }

    fn go_on(&self, from: State, job: Job) -> Vec<(Step, State)> {
        let (number, index) = (job.message, usize::from(job.message));
        let mut next = from;
        let in_phase = |phase| Some(Job { phase, ..job });
        match job.phase {
            Phase::Read => {
                next.job = in_phase(Phase::Taken);
                next.told_twice |= from.got[index] == job.version;
                next.went_back |= from.got[index] > job.version;
                next.got[index] = job.version;
                let mut moves = vec![(Step::Tell(number), next)];
                if from.refusals_left > 0 {
                    let refused = State {
                        job: in_phase(Phase::Refused),
                        refusals_left: from.refusals_left - 1,
                        ..from
                    };
                    moves.push((Step::Refuse(number), refused));
                }
                moves
            }
            Phase::Taken => {
                next.job = in_phase(Phase::Noted);
                next.noted[index] = from.noted[index].max(job.at);
                vec![(Step::Note(number), next)]
            }
            Phase::Noted | Phase::Refused => {
                next.job = None;
                next.known.pending[index] = 0;
                if job.phase == Phase::Refused && self.rules.refused_is_pending {
                    next.known.pending[index] = job.version;
                }
                next.pass(job.look, (job.at, number));
                vec![(Step::Move(number), next)]
            }
        }
    }
}

impl State {
    fn pass(&mut self, look: Look, place: Place) {
        match look {
            Look::Near => self.known.place = self.known.place.max(place),
            Look::Far => self.known.trail = self.known.trail.max(place),
            Look::Again => {}
        }
    }
}

impl Job {
    fn read(number: u8, message: Message, look: Look) -> Self {
        Self {
            message: number,
            version: message.version,
            at: message.at,
            phase: Phase::Read,
            look,
        }
    }
}
