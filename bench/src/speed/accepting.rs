//! How fast texts are accepted, beside bare inserts.

use super::ceiling::{BareInserts, BarePublishes};
use super::load::{Length, Pace, Window, window};
use super::report::{Report, median};
use super::{AT_ONCE, Field, us_each};

/// Connections at which accepting is measured.
const CONNECTIONS: [usize; 4] = [1, 16, 64, 256];

/// Of the latency curves.
const QUANTILES: [f64; 9] = [0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999];

/// Measures with the workers stopped.
pub(super) async fn measure(
    field: &Field,
    report: &mut Report,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    let (mut ceilings, mut accepted) = (Vec::new(), Vec::new());
    for turn in 1..=field.scale.windows {
        progress(format!("accepting beside bare inserts, window {turn}"));
        ceilings.push(bare_inserts(field, Pace::Closed).await?);
        accepted.push(accept(field, AT_ONCE, Pace::Closed).await?);
    }
    let middle = |costs: &[Cost], of: fn(&Cost) -> f64| median(costs.iter().map(of).collect());
    report.accept_conns = AT_ONCE;
    report.ceiling_insert_per_s = middle(&ceilings, |cost| cost.window.per_s());
    report.cpu_us_per_bare_insert = middle(&ceilings, |cost| cost.cpu_us);
    report.accept_per_s = middle(&accepted, |cost| cost.window.per_s());
    report.cpu_us_per_accept = middle(&accepted, |cost| cost.cpu_us);
    report.accept_ratio = report.accept_per_s / report.ceiling_insert_per_s;

    for connections in CONNECTIONS {
        progress(format!("accepting over {connections} connections"));
        let per_s = match connections {
            AT_ONCE => report.accept_per_s,
            _ => accept(field, connections, Pace::Closed)
                .await?
                .window
                .per_s(),
        };
        report.accept_by_connections.push((connections, per_s));
    }
    report.ceiling_publish_per_s = bare_publishes(field).await?.per_s();

    let best = report.accept_by_connections.iter().map(|(_, per_s)| *per_s);
    let rate = best.fold(0.0, f64::max) / 2.0;
    report.open_loop_per_s = rate;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for turn in 1..=field.scale.windows {
        progress(format!("open loop at {rate:.0}/s, window {turn}"));
        bare.push(bare_inserts(field, Pace::Open(rate)).await?);
        ours.push(accept(field, 4 * AT_ONCE, Pace::Open(rate)).await?);
    }
    report.accept_p50_ms = middle(&ours, |cost| cost.window.quantile_ms(0.5));
    report.accept_p99_ms = middle(&ours, |cost| cost.window.quantile_ms(0.99));
    report.ceiling_p99_ms = middle(&bare, |cost| cost.window.quantile_ms(0.99));
    report.accept_p99_ratio = report.accept_p99_ms / report.ceiling_p99_ms;
    report.accept_latency = curve(&ours);
    report.ceiling_latency = curve(&bare);
    Ok(())
}

/// A window, and what each of its requests cost in CPU time.
pub(super) struct Cost {
    pub(super) window: Window,
    pub(super) cpu_us: f64,
}

/// Bare inserts; what they cost is the database server's share alone.
pub(super) async fn bare_inserts(field: &Field, pace: Pace) -> anyhow::Result<Cost> {
    let at_once = u32::try_from(AT_ONCE)?;
    let bare = BareInserts::open(&field.stack.mongo_uri, at_once).await?;
    let before = field.stack.usages()?;
    let length = Length::Time(field.scale.window);
    let window = window(AT_ONCE, pace, length, async || Ok(bare.clone())).await?;
    let cpu = field.stack.usages()?.since(&before).database.cpu;
    Ok(Cost {
        cpu_us: us_each(cpu, window.done),
        window,
    })
}

async fn bare_publishes(field: &Field) -> anyhow::Result<Window> {
    let bare = BarePublishes::open(&field.stack.broker.url()).await?;
    let length = Length::Time(field.scale.window);
    window(AT_ONCE, Pace::Closed, length, async || Ok(bare.clone())).await
}

/// Accepting; what it costs is the API's, the database's and the broker's share together.
pub(super) async fn accept(field: &Field, lanes: usize, pace: Pace) -> anyhow::Result<Cost> {
    let before = field.stack.usages()?;
    let length = Length::Time(field.scale.window);
    let window = window(lanes, pace, length, || field.target.poster()).await?;
    let usages = field.stack.usages()?.since(&before);
    let cpu = usages.api.cpu + usages.database.cpu + usages.broker.cpu;
    Ok(Cost {
        cpu_us: us_each(cpu, window.done),
        window,
    })
}

fn curve(costs: &[Cost]) -> Vec<(f64, f64)> {
    let at = |quantile: f64| {
        let each = costs.iter().map(|cost| cost.window.quantile_ms(quantile));
        (quantile, median(each.collect()))
    };
    QUANTILES.map(at).to_vec()
}
