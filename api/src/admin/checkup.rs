//! Whether the account at the provider is set up so that nothing is lost, and mending what is not.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use clap::Subcommand;
use mysms_core::chain::Chain;
use mysms_core::provider::{Change, Health, Item, Setup};
use runtime::exit::Exit;
use runtime::operator::confirm;

use super::{AdminError, AdminPorts};

/// A command about the account at Twilio.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Account {
    /// Look whether the account is set up so that no text is lost or refused; exits with 1 if it is not
    ///
    /// It looks at the credentials, the numbers, short codes and services that texts leave from, where what
    /// is written to them goes, their registrations with carriers, and the countries that may get texts.
    Check {
        /// Change what can be changed from here, after asking about each change
        #[arg(long)]
        fix: bool,
    },
}

impl Account {
    pub(super) async fn run(self, ports: &AdminPorts) -> Result<(String, Exit), AdminError> {
        let Self::Check { fix } = self;
        let Some(checkup) = &ports.checkup else {
            let text = "There is nothing to look at: the provider is simulated inside mysms.\n";
            return Ok((text.to_owned(), Exit::Done));
        };
        let home = ports.home.as_ref().ok_or(AdminError::NoProvider)?;
        let registry = home.registry(ports).await?;
        let setup = Setup {
            senders: registry.senders(),
            countries: home.countries.as_deref(),
        };
        let mut items = checkup.look(&setup).await;
        if fix && items.iter().any(|item| item.change.is_some()) {
            io::stdout().write_all(listed(&items).as_bytes())?;
            let mut changed = false;
            for item in &items {
                changed |= mend(ports, item).await?;
            }
            if !changed {
                return Ok(("Nothing was changed.\n".to_owned(), exit(&items)));
            }
            items = checkup.look(&setup).await;
        }
        let hint = if fix { "" } else { hint(&items) };
        Ok((listed(&items) + hint, exit(&items)))
    }
}

/// Asks whether an item is to be mended, and does it; returns whether anything was changed.
async fn mend(ports: &AdminPorts, item: &Item) -> Result<bool, AdminError> {
    let Some(change) = &item.change else {
        return Ok(false);
    };
    if !confirm(&question(&**change))? {
        return Ok(false);
    }
    ports.record("twilio fix", Some(&item.about)).await?;
    let told = match change.make().await {
        Ok(()) => "Done.".to_owned(),
        Err(failure) => format!("That failed: {}; {}.", Chain(&failure), failure.remedy()),
    };
    writeln!(io::stdout(), "{told}")?;
    // Without an answer it may have been done.
    Ok(true)
}

fn question(change: &dyn Change) -> String {
    let says = change.says();
    match change.replaces() {
        Some(used) => {
            format!("It is used by something else now, which will stop: {used}\nStill {says}?")
        }
        None => format!("Shall we {says}?"),
    }
}

fn exit(items: &[Item]) -> Exit {
    let broken = items.iter().any(|item| item.health == Health::Broken);
    Exit::done_or_failed(!broken)
}

fn listed(items: &[Item]) -> String {
    let widest = items.iter().map(|item| item.about.chars().count()).max();
    let width = widest.unwrap_or_default();
    let mut text = String::new();
    for Item {
        about,
        health,
        says,
        ..
    } in items
    {
        let _ = writeln!(text, "{:<7}  {about:<width$}  {says}", health.as_str());
    }
    let count = |health| items.iter().filter(|item| item.health == health).count();
    let [good, unknown, unwise, broken] = [
        Health::Good,
        Health::Unknown,
        Health::Unwise,
        Health::Broken,
    ]
    .map(count);
    let _ = writeln!(
        text,
        "{broken} broken, {unwise} unwise, {unknown} unknown, {good} good"
    );
    text
}

fn hint(items: &[Item]) -> &'static str {
    if items.iter().any(|item| item.change.is_some()) {
        "Some of it can be changed from here: run it again with --fix.\n"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use mysms_core::provider::ReadFailure;

    use super::*;

    struct Replacing(Option<&'static str>);

    #[async_trait]
    impl Change for Replacing {
        fn says(&self) -> String {
            "switch it off".to_owned()
        }

        fn replaces(&self) -> Option<&str> {
            self.0
        }

        async fn make(&self) -> Result<(), ReadFailure> {
            Ok(())
        }
    }

    #[test]
    fn what_is_broken_is_listed_with_what_can_be_done_and_fails_the_command() {
        let good = Item::new("account", Health::Good, "All is well.");
        let items = [good];
        assert_eq!(exit(&items), Exit::Done);
        assert_eq!(hint(&items), "");
        let broken = Item::new("sender 12345", Health::Broken, "It is lost.");
        let items = [broken.with(Replacing(None))];
        assert_eq!(exit(&items), Exit::Failed);
        let text = listed(&items);
        assert!(
            text.starts_with("broken   sender 12345  It is lost.\n"),
            "{text}"
        );
        assert!(
            text.ends_with("1 broken, 0 unwise, 0 unknown, 0 good\n"),
            "{text}"
        );
        assert!(hint(&items).contains("--fix"));
    }

    #[test]
    fn whoever_would_lose_something_is_told_before_it_is_changed() {
        assert_eq!(question(&Replacing(None)), "Shall we switch it off?");
        let asked = question(&Replacing(Some("https://crm.example.com/in")));
        assert!(asked.contains("https://crm.example.com/in"), "{asked}");
        assert!(asked.contains("will stop"), "{asked}");
    }
}
