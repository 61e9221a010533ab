//! Everything is killed, frozen and restarted while texts are sent; then four books are compared.
//!
//! A run has a [`Script`] that its seed decides: which texts are sent, what the provider does with
//! each, and which process is harmed after how many texts. Two APIs, three workers, a MongoDB, a
//! RabbitMQ and a simulated provider are started for it and ended with it.
//!
//! The provider is killed and frozen like the others; it keeps its book in a file.
//!
//! With clusters in place of the two servers, these are harmed in every way that clusters are made
//! for, and witnesses see whether anything that anybody was told turns out to be untrue.

mod clients;
mod field;
mod judge;
mod ledger;
mod outages;
mod receiver;
mod report;
mod run;
mod script;
mod senders;
mod servers;
mod setting;
mod strike;
mod texts;
mod witness;
mod writers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lab::cluster::Elections;
use lab::{Account, Programs};
use tokio::time::{Instant, sleep};

use self::clients::Clients;
use self::field::{Field, Shape};
use self::ledger::Ledger;
use self::receiver::Receivers;
use self::run::{Run, script_provider};
use self::setting::PROVIDER_TIMEOUT;
use self::witness::Witnesses;
use self::writers::Writers;
use crate::messenger::prepare;

pub use judge::{Offence, Wrong};
pub use outages::Outage;
pub use receiver::Told;
pub use report::{Evidence, Report};
pub use script::Script;
pub use witness::Witnessed;

/// What a run is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Decides the script.
    pub seed: u64,
    /// Texts to send.
    pub messages: usize,
    /// The programs under test.
    pub programs: Programs,
    /// Gets the logs and the data; what an earlier run left in it is removed.
    pub directory: PathBuf,
    /// A replica set with such elections and a RabbitMQ cluster, instead of one server of each.
    pub clusters: Option<Elections>,
    /// Three senders with rates, three users, and texts of all classes, instead of one sender and user.
    pub several_senders: bool,
}

impl Options {
    pub fn script(&self) -> Script {
        let script = match self.clusters {
            None => Script::new(self.seed, self.messages),
            Some(_) => Script::for_clusters(self.seed, self.messages),
        };
        if self.several_senders {
            script.with_senders()
        } else {
            script
        }
    }
}

/// A run, from the first process to the comparison. `progress` is told a line now and then.
///
/// Fails if the run itself could not be carried out; what it found is in the report.
pub async fn run(options: &Options, progress: impl Fn(String)) -> anyhow::Result<Report> {
    let began = Instant::now();
    prepare(&options.directory)?;
    let script = Arc::new(options.script());
    progress(format!("{}; starting the processes", script.summary()));
    let shape = Shape {
        elections: options.clusters,
        counted: script.counted,
        spread: script.spread,
    };
    let field = Field::start(&options.programs, &options.directory, shape);
    let field = Arc::new(field.await?);
    let http = lab::http(Duration::from_secs(6))?;
    let mut users = Vec::new();
    for n in 0..script.users() {
        let name = format!("torture-{n}");
        users.push(Account::sign_up(http.clone(), &field.bases[0], &name).await?);
    }
    let receivers = Receivers::begin(&users, &field.bases[0], script.seed).await?;
    let mut ledger = Ledger::open(&field.mongo_uri).await?;
    let authors = script.contents.iter().map(|content| content.to.clone());
    let authors: Vec<String> = authors.collect();
    let writers = Writers::begin(&field.provider, authors.clone());
    let witnesses = options
        .clusters
        .map(|_| Witnesses::begin(&field, &users[0], authors));
    let reader = witnesses.as_ref().map(Witnesses::reader);
    let clients = Clients::new(Arc::clone(&script), users, field.bases.clone(), reader);
    script_provider(&script, &field.provider, &clients).await?;

    let mut run = Run {
        began,
        script: &script,
        clients: &clients,
        field: &field,
        ledger: &mut ledger,
        receivers,
        witnesses,
        writers,
        progress: &progress,
    };
    run.harm_while_sending().await?;
    run.writers.end().await;
    run.wait_for_quiet().await?;
    // A request that is still under way would come to something by now.
    sleep(PROVIDER_TIMEOUT + Duration::from_secs(1)).await;
    run.compare(&options.directory).await
}
