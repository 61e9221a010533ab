//! States that differ in nothing that matters are one: the order of tasks, the numbers of tokens,
//! which of two twins is which.

use super::state::{Message, Phase, State, Task, Token};

/// More tokens than there can be at a time: two for each task and one for each row.
const TOKENS: usize = 16;

impl State {
    /// The same state as every other that differs only in names and order (nearly: two twins in the
    /// same state of affairs keep their order, which costs states and nothing else).
    pub(crate) fn canonical(&self) -> Self {
        let mut state = self.clone();
        state.sort_messages();
        state.sort_tasks();
        state
    }

    fn sort_messages(&mut self) {
        let (rows, next) = (self.messages.iter(), self.messages.iter().skip(1));
        if rows.zip(next).all(|(row, next)| row.text < next.text) {
            return;
        }
        let messages = (0..).take(self.messages.len());
        let mut order: Vec<_> = messages
            .map(|message| (self.looks(message), message))
            .collect();
        if order.is_sorted() {
            return;
        }
        order.sort_unstable();
        let mut places = [0; TOKENS];
        for (place, (_, message)) in (0..).zip(&order) {
            places[usize::from(*message)] = place;
        }
        let rows = order.iter();
        self.messages = rows
            .map(|(_, message)| self.messages[usize::from(*message)])
            .collect();
        let place_of = |message: u8| places[usize::from(message)];
        for task in self.tasks.iter_mut().chain(&mut self.late_write) {
            task.message = place_of(task.message);
        }
        for sid in &mut self.sids {
            sid.origin = place_of(sid.origin);
            sid.owner = sid.owner.map(place_of);
        }
    }

    /// What a message looks like, whatever its place and its token: the row and what the first two
    /// tasks do with it.
    fn looks(&self, message: u8) -> (Message, [Option<Phase>; 2]) {
        let mut row = self.messages[usize::from(message)];
        if let Some(lease) = &mut row.lease {
            lease.token = lease.token.map(|_| Token(0));
        }
        let mut phases = [None; 2];
        let tasks = self.tasks.iter().filter(|task| task.message == message);
        for (phase, task) in phases.iter_mut().zip(tasks) {
            *phase = Some(task.phase);
        }
        phases.sort_unstable();
        (row, phases)
    }

    fn sort_tasks(&mut self) {
        let mut names = Names::default();
        for row in &mut self.messages {
            if let Some(lease) = &mut row.lease {
                lease.token = lease.token.map(|token| names.name(token));
            }
        }
        let key = |task: &Task| {
            let name = names.find(task.token);
            (task.message, task.phase, task.from, name)
        };
        self.tasks.sort_unstable_by_key(key);
        for task in self.tasks.iter_mut().chain(&mut self.late_write) {
            task.token = task.token.map(|token| names.name(token));
        }
    }
}

/// Tokens in the order in which they were met; the place of each is its new number.
#[derive(Default)]
struct Names {
    met: [Option<Token>; TOKENS],
}

impl Names {
    fn name(&mut self, token: Token) -> Token {
        let mut place = 0;
        while self.met[usize::from(place)].is_some_and(|met| met != token) {
            place += 1;
        }
        self.met[usize::from(place)] = Some(token);
        Token(place)
    }

    fn find(&self, token: Option<Token>) -> Option<usize> {
        let token = token?;
        self.met.iter().position(|met| *met == Some(token))
    }
}
