//! What operators did.

use std::fmt::{Display, Write};

use mysms_core::store::Result;
use runtime::operator::record;

use super::AdminPorts;

impl AdminPorts {
    /// Records what is about to be done to what has this id.
    pub(super) async fn record(&self, command: &str, about: Option<impl Display>) -> Result<()> {
        let about = about.map(|id| id.to_string());
        record(&*self.stores.acts, command, about, self.clock.now()).await
    }
}

pub(super) async fn run(ports: &AdminPorts, limit: u32) -> Result<String> {
    let mut lines = String::new();
    for act in ports.stores.acts.acts(limit).await? {
        // An operator's machine may call them anything.
        let by = act.by.escape_debug().to_string();
        let about = act.about.unwrap_or_default();
        let line = format!("{}  {by:<16} {:<16} {about}", act.at, act.command);
        let _ = writeln!(lines, "{}", line.trim_end());
    }
    if lines.is_empty() {
        lines += "Nothing is recorded.\n";
    }
    Ok(lines)
}
