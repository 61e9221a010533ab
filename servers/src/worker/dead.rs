use std::io::{self, Write};

use clap::Subcommand;
use rabbitmq::{DeadJob, DeadJobs, Fate};
use runtime::config::{AmqpConfig, Env};
use runtime::exit::Exit;

#[derive(Subcommand)]
pub(crate) enum Dead {
    /// List them, the oldest first, with the reason why each could not be read
    List,
    /// Put those back in the queue that this version can read; the others stay
    ///
    /// After an upgrade, for instance: an earlier worker cannot read the jobs of a later API. Their
    /// messages are none the worse; they were sent without their jobs.
    Replay,
}

impl Dead {
    pub(crate) async fn run(&self) -> anyhow::Result<Exit> {
        let mut env = Env::from_process();
        let amqp = AmqpConfig::read(&mut env);
        let dead = DeadJobs::connect(&env.finish(amqp)?).await?;
        let mut tally = Tally::default();
        let replay = matches!(self, Self::Replay);
        dead.each(replay, |job, fate| tally.count(job, fate))
            .await?;
        dead.close().await;
        tally.written?;
        let Tally { kept, replayed, .. } = tally;
        match self {
            Self::List => writeln!(io::stdout(), "{kept} dead jobs")?,
            Self::Replay => writeln!(
                io::stdout(),
                "{replayed} jobs are back in the queue, {kept} stay dead"
            )?,
        }
        Ok(Exit::Done)
    }
}

struct Tally {
    kept: u64,
    replayed: u64,
    written: io::Result<()>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            kept: 0,
            replayed: 0,
            written: Ok(()),
        }
    }
}

impl Tally {
    /// Tells about a job that stays; about one that goes, its messages do.
    fn count(&mut self, job: &DeadJob, fate: Fate) {
        match fate {
            Fate::Replayed => self.replayed += 1,
            Fate::Kept => {
                self.kept += 1;
                if self.written.is_ok() {
                    self.written = writeln!(io::stdout(), "{}. {}", self.kept, line(job));
                }
            }
        }
    }
}

fn line(job: &DeadJob) -> String {
    let reason = job.reason.as_deref().unwrap_or("no reason is given");
    let reason = reason.escape_debug();
    let bytes = job.bytes;
    match job.messages {
        Some(messages) => {
            format!("{reason} ({bytes} bytes; readable by now, about {messages} messages)")
        }
        None => format!("{reason} ({bytes} bytes)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_the_reason_and_nothing_of_the_content() {
        let job = |reason: Option<&str>, messages| DeadJob {
            reason: reason.map(str::to_owned),
            bytes: 27,
            messages,
        };
        assert_eq!(
            line(&job(Some("unknown version 9"), None)),
            "unknown version 9 (27 bytes)"
        );
        assert_eq!(
            line(&job(Some("a\nb"), Some(3))),
            "a\\nb (27 bytes; readable by now, about 3 messages)"
        );
        assert_eq!(line(&job(None, None)), "no reason is given (27 bytes)");
    }
}
