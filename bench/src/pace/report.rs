//! What a run came to, for people and for machines.

use std::fmt;

use serde::Serialize;

/// The result of a run, proof by proof.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub proofs: Vec<Proof>,
    pub seconds: u64,
}

/// What was tried, and the figures that it came to.
#[derive(Debug, Serialize)]
pub struct Proof {
    pub name: String,
    pub figures: Vec<Figure>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    pub what: String,
    pub found: f64,
    pub must_be: Bound,
    /// A machine that is too slow, or busy with other things, can spoil it.
    pub needs_speed: bool,
}

/// What a figure has to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    Anything,
    AtMost(f64),
    AtLeast(f64),
}

impl Report {
    /// Whether every figure is as it must be.
    pub fn is_kept(&self) -> bool {
        self.figures().all(Figure::is_kept)
    }

    /// The same of those that hold on any machine.
    pub fn is_sound(&self) -> bool {
        let mut sure = self.figures().filter(|figure| !figure.needs_speed);
        sure.all(Figure::is_kept)
    }

    fn figures(&self) -> impl Iterator<Item = &Figure> {
        self.proofs.iter().flat_map(|proof| &proof.figures)
    }
}

impl Proof {
    pub(super) fn of(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            figures: Vec::new(),
        }
    }

    /// Notes a figure that has to be so on any machine.
    pub(super) fn must(&mut self, what: impl Into<String>, found: f64, must_be: Bound) {
        self.note(what, found, must_be, false);
    }

    /// Notes one that has to be so where the machine has time for it.
    pub(super) fn should(&mut self, what: impl Into<String>, found: f64, must_be: Bound) {
        self.note(what, found, must_be, true);
    }

    /// Notes one that nothing depends on.
    pub(super) fn tell(&mut self, what: impl Into<String>, found: f64) {
        self.note(what, found, Bound::Anything, true);
    }

    fn note(&mut self, what: impl Into<String>, found: f64, must_be: Bound, needs_speed: bool) {
        self.figures.push(Figure {
            what: what.into(),
            found,
            must_be,
            needs_speed,
        });
    }
}

impl Figure {
    fn is_kept(&self) -> bool {
        match self.must_be {
            Bound::Anything => true,
            Bound::AtMost(most) => self.found <= most,
            Bound::AtLeast(least) => self.found >= least,
        }
    }
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(super) fn count(count: usize) -> f64 {
    count as f64
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for proof in &self.proofs {
            writeln!(f, "{}", proof.name)?;
            for figure in &proof.figures {
                writeln!(f, "{figure}")?;
            }
            writeln!(f)?;
        }
        writeln!(f, "{} seconds", self.seconds)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = shown(self.found);
        write!(f, "  {:<54}{found:>10}", self.what)?;
        match self.must_be {
            Bound::Anything => return Ok(()),
            Bound::AtMost(most) => write!(f, "   at most {:<8}", shown(most))?,
            Bound::AtLeast(least) => write!(f, "   at least {:<7}", shown(least))?,
        }
        f.write_str(if self.is_kept() { "" } else { "  BROKEN" })
    }
}

/// Whole numbers without a fraction, others with as much of it as says something.
fn shown(figure: f64) -> String {
    if figure.fract() == 0.0 {
        format!("{figure:.0}")
    } else if figure.abs() < 10.0 {
        format!("{figure:.2}")
    } else {
        format!("{figure:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_kept_if_every_figure_is_within_its_bound() {
        let mut proof = Proof::of("pace");
        proof.must("in a second", 16.0, Bound::AtMost(16.0));
        proof.should("used", 97.0, Bound::AtLeast(97.0));
        proof.tell("texts", 1.0);
        let mut report = Report {
            proofs: vec![proof],
            seconds: 1,
        };
        assert!(report.is_kept() && report.is_sound());
        report.proofs[0].should("used", 96.9, Bound::AtLeast(97.0));
        assert!(!report.is_kept() && report.is_sound());
        report.proofs[0].must("in a second", 17.0, Bound::AtMost(16.0));
        assert!(!report.is_sound());
        assert!(report.to_string().contains("17   at most 16"));
    }
}
