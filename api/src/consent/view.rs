use std::collections::{HashMap, VecDeque};

use mysms_core::domain::{Address, Consent, ConsentEntry, Standing, Timestamp, is_all_senders};
use mysms_core::store::Result;
use serde::Serialize;
use utoipa::ToSchema;

use super::Keeper;
use crate::openapi::schema;
use crate::state::AppState;

/// Entries that are shown.
const SHOWN: usize = 100;

/// Entries that are read at a time, and how often at most: of whoever says more than that operators alone are
/// shown the latest.
const PART: usize = 1_000;
const PARTS: usize = 100;

/// What counts for a number and one sender, or all of them.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsentState)]
pub(super) struct StateView {
    /// Null stands for all senders.
    #[schema(value_type = Option<schema::SenderAddress>, required)]
    sender: Option<String>,
    /// Null if nothing was said.
    #[schema(value_type = Option<schema::Consent>, required)]
    state: Option<&'static str>,
    /// When it was said.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    said_at: Option<Timestamp>,
    /// Texts from this sender to the number are refused, for what was said of it or of all senders.
    #[schema(example = true)]
    refused: bool,
    /// The caller may change it.
    #[schema(example = true)]
    changeable: bool,
}

/// One thing that somebody said about texts. Entries are never changed.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsentEntry)]
pub(super) struct EntryView {
    /// Null stands for all senders.
    #[schema(value_type = Option<schema::SenderAddress>, required)]
    sender: Option<String>,
    #[schema(value_type = schema::Consent)]
    state: &'static str,
    #[schema(value_type = schema::Timestamp)]
    said_at: Timestamp,
    #[schema(value_type = schema::Timestamp)]
    noted_at: Timestamp,
    #[schema(value_type = schema::ConsentSource)]
    source: &'static str,
    /// The provider's id of the text that they wrote, or the id of the message that was refused.
    #[schema(required, example = "SM0123456789abcdef0123456789abcdef")]
    reference: Option<String>,
    /// Who told us, if it was not they: the id of a user, or the name of an operator.
    #[schema(required, example = "019b76da-a878-7000-8000-000000000004")]
    by: Option<String>,
    #[schema(required, max_length = 500, example = "She called.")]
    note: Option<String>,
}

/// What is known of whether somebody wants texts.
#[derive(Serialize, ToSchema)]
#[schema(as = OptOut)]
pub(super) struct OptOutView {
    #[schema(value_type = schema::Address)]
    number: Address,
    /// For each sender that the caller may use, and for all of them.
    states: Vec<StateView>,
    /// What was said of the senders that the caller looks after, the oldest first: the latest 100. Keys need
    /// `consent:read` to see it.
    journal: Vec<EntryView>,
}

/// A number in the list.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedOptOut)]
pub(crate) struct ListedView {
    #[schema(value_type = schema::Address)]
    number: Address,
    /// Null stands for all senders.
    #[schema(value_type = Option<schema::SenderAddress>, required)]
    sender: Option<String>,
    #[schema(value_type = schema::Consent)]
    state: &'static str,
    #[schema(value_type = schema::Timestamp)]
    said_at: Timestamp,
}

/// What is known of a number.
pub(super) struct Known {
    pub(super) standings: Vec<Standing>,
    /// What the caller may know of it.
    entries: VecDeque<ConsentEntry>,
    /// What the provider itself heard last about each sender that the caller looks after.
    heard: HashMap<String, Consent>,
}

impl Known {
    pub(super) async fn read(state: &AppState, keeper: &Keeper, number: &Address) -> Result<Self> {
        let standings = state.stores.opt_outs.standings(number);
        let standings = state.store_timeout.once(standings).await?;
        let (mut entries, mut heard) = (VecDeque::new(), HashMap::new());
        let mut after = None;
        for _ in 0..PARTS {
            let consents = &state.stores.consents;
            let part = consents.entries(Some(number), after.as_ref(), PART);
            let part = state.store_timeout.once(part).await?;
            let is_last = part.len() < PART;
            after = part.last().map(ConsentEntry::place);
            for entry in part {
                if !keeper.looks_after(&entry.sender) {
                    continue;
                }
                if entry.is_heard_by_provider() {
                    heard.insert(entry.sender.clone(), entry.consent);
                }
                entries.push_back(entry);
            }
            let surplus = entries.len().saturating_sub(SHOWN);
            entries.drain(..surplus);
            if is_last {
                break;
            }
        }
        Ok(Self {
            standings,
            entries,
            heard,
        })
    }

    /// Whether the provider is known to refuse texts from a sender, or from any if all are meant. What users
    /// and lists say it does not hear of.
    pub(super) fn is_refused_by_provider(&self, scope: &str) -> bool {
        self.heard.iter().any(|(sender, consent)| {
            *consent == Consent::Withdrawn && (is_all_senders(scope) || sender == scope)
        })
    }

    pub(super) fn of(&self, scope: &str) -> Option<&Standing> {
        self.standings.iter().find(|it| it.sender == scope)
    }

    fn is_withdrawn(&self, scope: &str) -> bool {
        self.of(scope)
            .is_some_and(|standing| standing.consent == Consent::Withdrawn)
    }

    pub(super) fn view(self, keeper: &Keeper, number: Address) -> OptOutView {
        let all_withdrawn = self.is_withdrawn(keeper.all_senders());
        let state = |scope: &str| {
            let standing = self.of(scope);
            StateView {
                sender: named(scope),
                state: standing.map(|it| it.consent.as_str()),
                said_at: standing.map(|it| it.at),
                refused: all_withdrawn || self.is_withdrawn(scope),
                changeable: keeper.looks_after(scope),
            }
        };
        OptOutView {
            states: keeper.known().into_iter().map(state).collect(),
            number,
            journal: if keeper.may_read() {
                self.entries.iter().map(EntryView::from).collect()
            } else {
                Vec::new()
            },
        }
    }
}

fn named(scope: &str) -> Option<String> {
    (!is_all_senders(scope)).then(|| scope.to_owned())
}

impl From<&ConsentEntry> for EntryView {
    fn from(entry: &ConsentEntry) -> Self {
        let evidence = &entry.evidence;
        Self {
            sender: named(&entry.sender),
            state: entry.consent.as_str(),
            said_at: entry.said_at,
            noted_at: entry.noted_at,
            source: evidence.source.as_str(),
            reference: evidence.reference.clone(),
            by: evidence.by.clone(),
            note: evidence.note.as_ref().map(|note| note.as_str().to_owned()),
        }
    }
}

impl From<Standing> for ListedView {
    fn from(standing: Standing) -> Self {
        Self {
            sender: named(&standing.sender),
            state: standing.consent.as_str(),
            said_at: standing.at,
            number: standing.recipient,
        }
    }
}
