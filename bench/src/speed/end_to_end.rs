//! What a text costs from the POST to the last callback stored, beside what it costs the ideal pipeline.

use std::time::Duration;

use tokio::time::Instant;

use super::accepting::bare_inserts;
use super::delivering::{CALLBACKS, post, until_called_back};
use super::ideal::Ideal;
use super::load::{Pace, Target};
use super::report::{PerText, Report, median};
use super::{Field, us_each};
use crate::messenger::Usages;

/// Measures with one worker that has nothing else to do. The ideal pipeline is there meanwhile, and
/// each of both waits while the other one works.
pub(super) async fn measure(
    field: &Field,
    report: &mut Report,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    let ideal = Ideal::start(field).await?;
    let (mut least, mut ours) = (Vec::new(), Vec::new());
    let texts = field.scale.texts;
    for turn in 1..=field.scale.windows {
        progress(format!(
            "{texts} texts from POST to delivered, window {turn}"
        ));
        // So that the ceiling of the ratio is of this part of the run too.
        bare_inserts(field, Pace::Closed).await?;
        let usages = || ideal.usages(field);
        least.push(passage(field, &ideal.target, usages).await?);
        let usages = || field.stack.usages();
        ours.push(passage(field, &field.target, usages).await?);
    }
    let (ours, least) = (per_text(&ours, texts), per_text(&least, texts));
    report.compare(ours, least);
    Ok(())
}

/// How fast the texts of a window came through, and what they cost together.
struct Passage {
    per_s: f64,
    usages: Usages,
}

async fn passage(
    field: &Field,
    target: &Target,
    usages: impl Fn() -> anyhow::Result<Usages>,
) -> anyhow::Result<Passage> {
    let texts = field.scale.texts;
    let done = u64::try_from(field.stack.provider.callbacks_delivered().await?)?;
    let (began, before) = (Instant::now(), usages()?);
    post(target, texts).await?;
    until_called_back(field, done + CALLBACKS * texts).await?;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let per_s = texts as f64 / began.elapsed().as_secs_f64();
    Ok(Passage {
        per_s,
        usages: usages()?.since(&before),
    })
}

fn per_text(passages: &[Passage], texts: u64) -> PerText {
    let share = |of: fn(&Usages) -> Duration| {
        let each = passages.iter().map(|each| us_each(of(&each.usages), texts));
        median(each.collect())
    };
    PerText {
        per_s: median(passages.iter().map(|each| each.per_s).collect()),
        api: share(|usages| usages.api.cpu),
        worker: share(|usages| usages.workers.cpu),
        mongod: share(|usages| usages.database.cpu),
        broker: share(|usages| usages.broker.cpu),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::Usage;

    fn passage_of(api_ms: u64) -> Passage {
        let costing = |ms| Usage {
            cpu: Duration::from_millis(ms),
            ..Usage::default()
        };
        Passage {
            per_s: 1.0,
            usages: Usages {
                api: costing(api_ms),
                workers: costing(20),
                database: costing(30),
                broker: costing(40),
            },
        }
    }

    #[test]
    fn each_part_is_told_by_its_middle_window() {
        let each = per_text(&[9, 1000, 10].map(passage_of), 10);
        assert!((each.api - 1000.0).abs() < 1e-6);
        assert!((each.cpu() - 10_000.0).abs() < 1e-6);
    }
}
