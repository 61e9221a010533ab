//! What the documents say must be so.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use api::admin::Admin;
use clap::Subcommand as _;
use mysms_core::domain::{Lane, PerClass};
use runtime::config::VARIABLES;
use runtime::exit::Exit;
use runtime::metrics::{Metrics, PausedBy, Service, text};
use serde_json::Value;

const CONFIGURATION: &str = include_str!("../../../docs/configuration.md");
const OPERATING: &str = include_str!("../../../docs/operate.md");
const DEPLOYING: &str = include_str!("../../../docs/deploy.md");
const ALERTS: &str = include_str!("../../../docs/alerts.yml");
const DASHBOARD: &str = include_str!("../../../docs/grafana-dashboard.json");

#[test]
fn the_table_lists_every_variable_as_the_code_knows_it() {
    let rows: Vec<String> = VARIABLES
        .iter()
        .map(|variable| {
            let default = variable
                .default
                .map_or(String::new(), |value| format!("`{value}`"));
            format!("| `{}` | {default} | {} |", variable.name, variable.meaning)
        })
        .collect();
    let table: Vec<&str> = CONFIGURATION
        .lines()
        .skip_while(|line| *line != "| variable | default | meaning |")
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(table, rows, "the table should be:\n{}", rows.join("\n"));
}

#[test]
fn the_page_for_operators_has_every_command_of_theirs() {
    let commands = Admin::augment_subcommands(clap::Command::new("admin"));
    let names: Vec<_> = commands
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        let written = format!("mysms-api admin {name}");
        assert!(OPERATING.contains(&written), "{name} is missing");
    }
}

#[test]
fn the_guide_to_deploying_has_the_table_of_exit_codes() {
    let table = Exit::table();
    let rows = table.lines().skip(1).map(|line| {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        format!("| {code} | {meaning} |")
    });
    let rows: Vec<_> = rows.collect();
    assert!(DEPLOYING.contains(&rows.join("\n")), "{rows:#?}");
}

/// The names of series, each with its labels.
type Series = BTreeMap<String, BTreeSet<String>>;

/// Every series that a messenger can show.
fn shown() -> Series {
    let metrics = Metrics::default();
    // These have no series before something has happened.
    metrics.request("GET", "/me", 200, Duration::ZERO);
    metrics.set_ledger_age(Lane::Send, Duration::ZERO);
    metrics.set_paused(PausedBy::Operator, 0);
    metrics.set_waiting(PerClass::default());
    let shown = text(&metrics.registry(Service::Standalone)).unwrap();
    let samples = shown.lines().filter(|line| !line.starts_with('#'));
    series_in(&samples.collect::<Vec<_>>().join("\n"))
}

/// The series that a text names, such as `mysms_requests_total{status=~"5.."}`.
fn series_in(text: &str) -> Series {
    let mut found = Series::new();
    for (at, _) in text.match_indices("mysms_") {
        let rest = &text[at..];
        let end = rest.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
        let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
        let labels = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let labels = labels.map_or("", |(labels, _)| labels).split(',');
        let names = labels.filter_map(|label| label.split(['=', '!']).next());
        let known = found.entry(name.to_owned()).or_default();
        known.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
    }
    found
}

fn assert_all_exist(file: &str, used: &Series) {
    let shown = shown();
    assert!(used.len() > 5, "{file} uses {used:?}");
    for (name, labels) in used {
        let Some(known) = shown.get(name) else {
            panic!("{file} uses {name}, which no process shows");
        };
        let unknown: Vec<_> = labels.difference(known).collect();
        assert!(unknown.is_empty(), "{file}: {name} has no {unknown:?}");
    }
}

#[test]
fn the_alerts_use_metrics_that_exist() {
    assert_all_exist("alerts.yml", &series_in(ALERTS));
}

#[test]
fn the_dashboard_shows_every_metric_and_no_other() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels
        .filter_map(|panel| panel["targets"].as_array())
        .flatten();
    let expressions: Vec<_> = targets
        .map(|target| target["expr"].as_str().unwrap())
        .collect();
    let used = series_in(&expressions.join("\n"));
    assert_all_exist("grafana-dashboard.json", &used);
    let missing: Vec<_> = shown()
        .into_keys()
        .filter(|name| !name.ends_with("_sum") && !name.ends_with("_count"))
        .filter(|name| !used.contains_key(name))
        .collect();
    assert!(missing.is_empty(), "no panel shows {missing:?}");
}
