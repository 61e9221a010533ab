use mysms_core::clock::MAX_CLOCK_SKEW;
use mysms_core::domain::{
    ALL_SENDERS, Address, Consent, ConsentEntry, Evidence, Note, SenderAddress, Standing,
    Timestamp, Wish,
};
use runtime::exit::Exit;
use runtime::operator;

use super::Wanted;
use super::row::is_past;
use super::show::named;
use crate::admin::{AdminError, AdminPorts};

/// What an operator says that somebody wants.
pub(super) struct Said<'a> {
    pub number: &'a Address,
    pub wanted: Wanted,
    /// All senders without one.
    pub sender: Option<&'a SenderAddress>,
    pub note: Option<Note>,
    /// Now without it.
    pub at: Option<Timestamp>,
}

impl Said<'_> {
    pub(super) async fn run(self, ports: &AdminPorts) -> Result<(String, Exit), AdminError> {
        let now = ports.clock.now();
        if self.at.is_some_and(|at| !is_past(at, now + MAX_CLOCK_SKEW)) {
            let why = "--said-at must be after 1970 and not yet to come\n";
            return Ok((why.to_owned(), Exit::Failed));
        }
        ports.record("consent set", None::<String>).await?;
        let opt_outs = &ports.stores.opt_outs;
        let known = opt_outs.standings(self.number).await?;
        let scope = self.sender.map_or(ALL_SENDERS, SenderAddress::as_str);
        let consent = match self.wanted {
            Wanted::Out => Consent::Withdrawn,
            Wanted::In => Consent::Given,
        };
        let subject = (self.number.clone(), scope, consent);
        let mut wish = Wish::decided(subject, &known, |_| true, now);
        if let Some(at) = self.at {
            wish.at = at;
        }
        // As everybody does it: the wish before its evidence.
        opt_outs.note(&wish, now).await?;
        let evidence = Evidence::operator(operator::name(), self.note);
        let entries = ConsentEntry::of(&wish, &evidence, now);
        ports.stores.consents.keep(&entries).await?;
        let known = opt_outs.standings(self.number).await?;
        Ok((told(&known, &wish), Exit::Done))
    }
}

/// What counts now of what was said.
fn told(known: &[Standing], wish: &Wish) -> String {
    let of_wish = known.iter().filter(|it| wish.senders.contains(&it.sender));
    let line = |it: &Standing| {
        let (state, sender) = (it.consent.as_str(), named(&it.sender));
        let overtaken = if it.at > wish.at { ", said later" } else { "" };
        format!("{state:<10} {sender} since {}{overtaken}\n", it.at)
    };
    of_wish.map(line).collect()
}
