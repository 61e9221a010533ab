//! Runs of the model and what they report.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::Model;
use super::bounds::Bounds;
use super::invariants::Violation;
use super::rules::Rules;
use super::search::{Counterexample, Machine, Progress, explore};

/// Between two lines that tell how far a long run has come.
const REPORT_PAUSE: Duration = Duration::from_secs(2);

/// The bounds of an ordinary test run, or with `MODEL_BOUNDS=large` the others.
pub(crate) fn bounds(small: Bounds, large: Bounds) -> Bounds {
    match std::env::var("MODEL_BOUNDS").as_deref() {
        Ok("large") => large,
        Ok("small") | Err(_) => small,
        Ok(other) => panic!("MODEL_BOUNDS is small or large, not {other}"),
    }
}

/// Goes through every state under all rules and finds nothing wrong.
pub(crate) fn holds(name: &str, bounds: Bounds) {
    holds_by(Rules::ALL, name, bounds);
}

/// The same under these rules.
pub(crate) fn holds_by(rules: Rules, name: &str, bounds: Bounds) {
    is_right(name, &Model { bounds, rules });
}

/// Finds the violation that the rules, one of them switched off, let happen.
pub(crate) fn breaks(name: &str, bounds: Bounds, rules: Rules, violation: Violation) {
    is_wrong(name, &Model { bounds, rules }, violation);
}

/// Goes through every state of a machine and finds nothing wrong.
pub(crate) fn is_right<M: Machine>(name: &str, machine: &M) {
    let found = run(name, machine, None);
    let violation = found.map(|found| found.violation);
    assert_eq!(violation, None, "{name}: the steps are printed above");
}

/// Finds a violation in a machine.
pub(crate) fn is_wrong<M: Machine>(name: &str, machine: &M, violation: M::Violation) {
    let found = run(name, machine, Some(violation));
    assert!(found.is_some(), "{name}: the rule is not needed for this");
}

fn run<M: Machine>(
    name: &str,
    machine: &M,
    only: Option<M::Violation>,
) -> Option<Counterexample<M>> {
    let started = Instant::now();
    let mut reported = started;
    let report = explore(machine, only, |Progress { states, depth }| {
        if reported.elapsed() >= REPORT_PAUSE {
            reported = Instant::now();
            println!("{name}: {states} states so far, at depth {depth}");
        }
    });
    let seconds = started.elapsed().as_secs_f64();
    let Progress { states, depth } = report.progress;
    let mut text = format!("\n{name}: {states} states, depth {depth}, {seconds:.1} s");
    if let Some(found) = &report.found {
        let _ = write!(text, ", {:?} after", found.violation);
        for step in &found.steps {
            let _ = write!(text, "\n    {step}");
        }
    }
    // In one piece, because the tests run side by side.
    println!("{text}");
    report.found
}
