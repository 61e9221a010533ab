//! A run once everything stands: harms while texts are sent, waits for quiet, compares.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lab::{Entry, Simulator};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::clients::Clients;
use super::field::Field;
use super::judge::{Book, Offence, is_settled, judge};
use super::ledger::{Census, Ledger};
use super::outages::outages;
use super::receiver::Receivers;
use super::report::{Evidence, Kills, Report};
use super::script::Script;
use super::setting::GIVEN_UP_AFTER;
use super::strike::Strike;
use super::witness::Witnesses;
use super::writers::Writers;

/// The pace of the script.
const BETWEEN_STRIKES: Duration = Duration::from_secs(2);

/// Of those on clusters, which are to be over before the next one.
const BETWEEN_CLUSTER_STRIKES: Duration = Duration::from_secs(30);

/// How long a look waits for the ledger.
const ANSWER: Duration = Duration::from_millis(1_500);

/// How long after the last text everything may take to come to rest.
const UNTIL_QUIET: Duration = Duration::from_mins(3).saturating_add(GIVEN_UP_AFTER);

/// Tells the provider what it will do with the texts that are still to come, and with those that it
/// never tells of; it forgets that when it is ended.
pub(super) async fn script_provider(
    script: &Script,
    provider: &Simulator,
    clients: &Clients,
) -> anyhow::Result<()> {
    let mut ahead: Vec<bool> = script.contents.iter().map(|c| c.list_unavailable).collect();
    for (text, told) in script.texts.iter().zip(&clients.told()) {
        ahead[text.content] |= told.is_empty();
    }
    let contents = script.contents.iter().zip(ahead);
    let ahead = contents.filter(|(_, ahead)| *ahead);
    let mut ahead: Vec<_> = ahead.map(|(content, _)| content).collect();
    // Before any of them is looked for again.
    ahead.sort_by_key(|content| !content.list_unavailable);
    let faults = ahead.into_iter().map(|content| content.faults.clone());
    provider.script(faults.collect()).await
}

/// A run under way.
pub(super) struct Run<'a, P> {
    pub(super) began: Instant,
    pub(super) script: &'a Arc<Script>,
    pub(super) clients: &'a Arc<Clients>,
    pub(super) field: &'a Arc<Field>,
    pub(super) ledger: &'a mut Ledger,
    pub(super) receivers: Receivers,
    pub(super) witnesses: Option<Witnesses>,
    pub(super) writers: Writers,
    pub(super) progress: &'a P,
}

impl<P: Fn(String)> Run<'_, P> {
    pub(super) async fn harm_while_sending(&mut self) -> anyhow::Result<()> {
        let mut work = JoinSet::new();
        let (clients, time) = (Arc::clone(self.clients), pace(&self.script.strikes)?);
        work.spawn(async move { clients.send_all(time).await });
        let (log, mut lines) = tokio::sync::mpsc::unbounded_channel();
        for n in 0..self.script.strikes.len() {
            let (script, field) = (Arc::clone(self.script), Arc::clone(self.field));
            let (log, clients) = (log.clone(), Arc::clone(self.clients));
            work.spawn(async move {
                let strike = &script.strikes[n];
                when(strike, clients.accepted()).await;
                let say = || {
                    // Nobody reads it any more once the run has failed.
                    let _ = log.send(strike.to_string());
                };
                if strike.is_on_a_cluster() {
                    let turn = clients.hold_back_until(field.servers.turn()).await;
                    say();
                    return field.servers.strike(strike, turn).await;
                }
                say();
                let anew = script_provider(&script, &field.provider, &clients);
                field.strike(strike, anew).await
            });
        }
        drop(log);
        let mut ticks = tokio::time::interval(BETWEEN_STRIKES);
        loop {
            tokio::select! {
                done = work.join_next() => match done {
                    Some(done) => done??,
                    None => return Ok(()),
                },
                Some(line) = lines.recv() => self.say(&line),
                _ = ticks.tick() => self.look().await,
            }
        }
    }

    /// Shows how far it is; a ledger that is out of reach is no surprise here.
    async fn look(&mut self) {
        let accepted = *self.clients.accepted().borrow();
        let unknowable: Vec<&str> = self.script.unknowable().collect();
        let files: Vec<&str> = self.script.files().collect();
        let looked = async {
            // Once is enough for each of them, but when it comes into the ledger is not known here.
            self.ledger.cut_validity(&unknowable).await?;
            self.ledger.cut_validity_in_doubt(&files).await?;
            self.ledger.watch().await
        };
        let shown = match timeout(ANSWER, looked).await {
            Ok(Ok(census)) => {
                let waiting = ["queued", "sending"].map(|status| census.get(status));
                self.clients
                    .note_waiting(waiting.into_iter().flatten().sum());
                show(&census)
            }
            _ => "the ledger does not answer".to_owned(),
        };
        self.say(&format!("{accepted} accepted | {shown}"));
    }

    pub(super) async fn wait_for_quiet(&mut self) -> anyhow::Result<()> {
        self.say("all texts are accepted, all strikes are over; waiting for quiet");
        let deadline = Instant::now() + UNTIL_QUIET;
        while Instant::now() < deadline {
            self.look().await;
            if self.is_quiet().await? {
                return Ok(());
            }
            sleep(Duration::from_secs(1)).await;
        }
        self.say("it does not become quiet");
        Ok(())
    }

    /// Every message rests, and those that rest without an end rest so with the provider as well.
    async fn is_quiet(&self) -> anyhow::Result<bool> {
        let rows = self.ledger.rows().await?;
        if !rows.iter().all(is_settled) {
            return Ok(false);
        }
        let resting = rows.iter().filter(|row| row.status == "sent").count();
        let book = self.field.provider.book().await?;
        let sent = |entry: &&Entry| entry.status == twilio_sim::Status::Sent;
        let pending = self.field.provider.callbacks_pending().await?;
        Ok(pending == 0 && resting == book.iter().filter(sent).count())
    }

    pub(super) async fn compare(&mut self, logs: &Path) -> anyhow::Result<Report> {
        if let Some(witnesses) = &mut self.witnesses {
            witnesses.end().await;
        }
        self.say("waiting until what was written to us is found");
        let (written, unheard) = self.writers.testify(self.ledger).await?;
        self.ledger.watch().await?;
        let told = self.clients.told();
        let rows = self.ledger.rows().await?;
        let arrivals = self.field.provider.arrivals(0).await?;
        let arrivals = arrivals.into_iter();
        let book = Book {
            entries: self.field.provider.book().await?,
            senders: arrivals.map(|line| (line.sid, line.sender)).collect(),
        };
        let judgement = judge(self.script, &told, &rows, &book, self.ledger.went_back());
        let mut offences = judgement.offences;
        offences.extend(unheard);
        self.say("waiting until the receivers are told");
        let (noted, untold) = self
            .receivers
            .testify(self.ledger, &self.field.bases[0])
            .await?;
        offences.extend(untold);
        let mut report = Report {
            accepted: told.iter().filter(|ids| !ids.is_empty()).count(),
            lost: 0,
            doubled: 0,
            mislabelled: 0,
            unsettled: 0,
            outcome_unknown: judgement.outcome_unknown,
            needlessly_unknown: 0,
            written,
            unheard: 0,
            crashed: self.field.crashes().await?,
            kills: kills(&self.script.strikes),
            senders: senders(&book),
            moved: rows.iter().filter(|row| row.was_moved()).count(),
            told: noted,
            witnessed: None,
            outages: BTreeMap::new(),
            seconds: self.began.elapsed().as_secs(),
            seed: self.script.seed,
            offences: Vec::new(),
            logs: logs.display().to_string(),
        };
        if let Some(witnesses) = &self.witnesses {
            let (witnessed, seen) = witnesses.testify(&rows).await;
            offences.extend(seen);
            report.witnessed = Some(witnessed);
            let sent = book.entries.iter();
            let sent = sent.filter_map(Entry::accepted_at).collect();
            let struck = self.field.servers.struck();
            let samples = witnesses.samples();
            let held = self.clients.held();
            report.outages = outages(&struck, &held, [self.clients.times(), sent], &samples);
        }
        for offence in offences {
            report.count(offence.wrong);
            let books = self.evidence(&offence, &book.entries).await?;
            report.offences.push(Evidence { offence, books });
        }
        Ok(report)
    }

    async fn evidence(&self, offence: &Offence, book: &[Entry]) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut recipients = Vec::new();
        for id in &offence.ids {
            let document = self.ledger.document(id.parse()?).await?;
            recipients.extend(document.get_str("recipient").map(str::to_owned));
            found.push(format!("ledger: {document}"));
        }
        for entry in book.iter().filter(|entry| recipients.contains(&entry.to)) {
            found.push(format!("provider: {entry:?}"));
        }
        Ok(found)
    }

    fn say(&self, line: &str) {
        let seconds = self.began.elapsed().as_secs();
        (self.progress)(format!("{seconds:>4} s  {line}"));
    }
}

/// In which time the texts are to be sent.
fn pace(strikes: &[Strike]) -> anyhow::Result<Duration> {
    let on_clusters = strikes.iter().filter(|strike| strike.is_on_a_cluster());
    let on_clusters = u32::try_from(on_clusters.count())?;
    let on_all = BETWEEN_STRIKES * u32::try_from(strikes.len())?;
    Ok(on_all.max(BETWEEN_CLUSTER_STRIKES * on_clusters))
}

async fn when(strike: &Strike, mut accepted: watch::Receiver<usize>) {
    // It fails when the clients are gone, and then the run has failed.
    let _ = accepted.wait_for(|accepted| *accepted >= strike.at).await;
}

fn show(census: &Census) -> String {
    let counts: Vec<_> = census
        .iter()
        .map(|(status, n)| format!("{status} {n}"))
        .collect();
    counts.join(", ")
}

/// How many texts left from each sender.
fn senders(book: &Book) -> BTreeMap<String, usize> {
    let mut senders = BTreeMap::new();
    for sender in book.senders.values() {
        *senders.entry(sender.clone()).or_default() += 1;
    }
    senders
}

fn kills(strikes: &[Strike]) -> Kills {
    let mut kills = Kills::new();
    for strike in strikes {
        let victim = kills.entry(strike.victim.kind()).or_default();
        *victim.entry(strike.harm.word()).or_default() += 1;
    }
    kills
}
