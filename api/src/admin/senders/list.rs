use std::collections::HashMap;
use std::fmt::Write;

use mysms_core::domain::{Class, Country, Line, LineId, Registry, Sender, Timestamp};
use mysms_core::pace::Lines;
use mysms_core::store::{Pause, QueueId};

use super::Desk;
use super::edit::at_most;
use crate::admin::AdminError;

/// Every sender of the account, the environment's marked as that.
pub(super) async fn run(desk: Desk<'_>) -> Result<String, AdminError> {
    let ports = desk.ports;
    let registry = desk.registry().await?;
    let lines = Lines::new(ports.stores.records.clone(), ports.clock.clone());
    let standing = Standing {
        lines: lines.all().await?,
        pauses: ports.stores.pauses.paused().await?,
        now: ports.clock.now(),
    };
    let mut text = format!("account {}\n", desk.home.account);
    for sender in registry.senders() {
        text += &first_line(&registry, sender);
        if registry.is_paced() {
            let waiting = waiting(desk, sender).await?;
            let _ = writeln!(text, "  {waiting} segments wait");
        }
        for line in standing.troubles(&registry, sender) {
            let _ = writeln!(text, "  {line}");
        }
        let owner = match sender.owner {
            Some(id) => ports.stores.accounts.by_id(id).await?,
            None => None,
        };
        let owner = owner.map(|owner| owner.username.as_str().to_owned());
        for line in rules(sender, owner.as_deref()) {
            let _ = writeln!(text, "  {line}");
        }
    }
    Ok(text)
}

fn first_line(registry: &Registry, sender: &Sender) -> String {
    let (address, kind) = (&sender.address, sender.kind.as_str());
    let rate = match registry.rate_of(sender) {
        None => "as fast as the provider takes its texts".to_owned(),
        Some(rate) if sender.rate.is_none() => format!("{}, as usual for its kind", at_most(rate)),
        Some(rate) => at_most(rate),
    };
    let named = if sender.from_environment {
        " (the environment's)"
    } else {
        ""
    };
    let state = sender.state.as_str();
    format!("{address}{named}: {kind}, {state}, {rate}\n")
}

async fn waiting(desk: Desk<'_>, sender: &Sender) -> Result<u64, AdminError> {
    let mut waiting = 0;
    for class in Class::ALL {
        let line = LineId::new(&sender.account, sender.address.as_str());
        let queue = QueueId { line, class };
        let (standing, _) = desk.ports.stores.turns.queue(&queue).await?;
        waiting += standing.waiting();
    }
    Ok(waiting)
}

fn rules(sender: &Sender, owner: Option<&str>) -> Vec<String> {
    let mut rules = Vec::new();
    if !sender.countries.is_empty() {
        let codes: Vec<_> = sender
            .countries
            .iter()
            .map(|it| Country::as_str(*it))
            .collect();
        rules.push(format!("serves {}", codes.join(",")));
    }
    if let Some(id) = sender.owner {
        let name = owner.map_or_else(|| format!("user {id}, who is gone"), str::to_owned);
        rules.push(format!("only for {name}"));
    }
    rules.push(format!("inbound: {}", sender.inbound.as_str()));
    let quiet = sender.quiet.as_ref().map(serde_json::to_string);
    if let Some(Ok(quiet)) = quiet {
        rules.push(format!("quiet hours {quiet}"));
    }
    rules
}

/// What keeps senders from sending at their rates.
struct Standing {
    lines: HashMap<String, Line>,
    pauses: Vec<Pause>,
    now: Timestamp,
}

impl Standing {
    fn troubles(&self, registry: &Registry, sender: &Sender) -> Vec<String> {
        let mut troubles = Vec::new();
        let id = LineId::new(&sender.account, sender.address.as_str());
        let line = self.lines.get(id.as_str());
        if let Some(cap) = &sender.cap {
            let day = cap.at(self.now);
            let spent = line.map_or(0, |line| line.spent_on(day));
            let (segments, zone) = (cap.segments, &cap.zone);
            troubles.push(format!(
                "{spent} of {segments} segments of the day are used, which ends at {} ({zone})",
                day.ends
            ));
        }
        let percent = line.map_or(100, |line| line.percent(self.now));
        if percent < 100 && registry.is_paced() {
            troubles.push(format!(
                "sends at {percent} % of its rate, because the provider found it too fast"
            ));
        }
        let own = self.pauses.iter().filter(|pause| pause.sender.is_of(&id));
        troubles.extend(own.map(|pause| {
            let (since, reason, code) = (pause.since, &pause.reason, &pause.code);
            format!(
                "paused since {since}, to be tried again at {}: {reason} ({code})",
                pause.probe_at
            )
        }));
        troubles
    }
}
