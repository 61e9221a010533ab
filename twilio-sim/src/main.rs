//! The simulator as a process of its own.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use clap::{Args, Parser, Subcommand};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;
use twilio_sim::{
    Options, Settings, SettingsChange, Simulator, TEST_ACCOUNT_SID, TEST_AUTH_TOKEN,
    TEST_MESSAGING_SERVICE_SID, TEST_SENDER, Terms,
};

/// A scriptable stand-in for Twilio's Messages API.
///
/// `RUST_LOG` says what is logged, `LOG_FORMAT` (`text` or `json`) in which form.
#[derive(Parser)]
#[command(name = "twilio-sim", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Exits with 0 if a simulator answers on the address.
    Healthcheck(Address),
}

#[derive(Args)]
struct Address {
    /// The address to listen on.
    #[arg(long, env = "SIM_BIND", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// The port to listen on; 0 takes a free one.
    #[arg(long, env = "SIM_PORT", default_value_t = 4010)]
    port: u16,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    address: Address,
    /// The file that keeps the ledger; without one it is kept in memory.
    #[arg(long, env = "SIM_LEDGER")]
    ledger: Option<PathBuf>,
    /// The account that exists.
    #[arg(long, env = "SIM_ACCOUNT_SID", default_value = TEST_ACCOUNT_SID)]
    account_sid: String,
    /// Its auth token, which also signs the callbacks.
    #[arg(long, env = "SIM_AUTH_TOKEN", default_value = TEST_AUTH_TOKEN, hide_env_values = true)]
    auth_token: String,
    /// A number, short code or name that may be used as From; several are separated by commas.
    #[arg(long = "sender", env = "SIM_SENDERS", value_delimiter = ',', default_value = TEST_SENDER)]
    senders: Vec<String>,
    /// The Messaging Service that exists.
    #[arg(long, env = "SIM_MESSAGING_SERVICE_SID", default_value = TEST_MESSAGING_SERVICE_SID)]
    messaging_service_sid: String,
    /// What senders may do, as JSON: `{"+15005550006": {"segments_per_second": 1}}`, with the fields of
    /// `PUT /sim/senders/{address}`. Senders that are named only here exist as well.
    #[arg(long, env = "SIM_TERMS", default_value = "{}", hide_default_value = true, value_parser = terms)]
    terms: AllTerms,
    /// Behave like a trial account.
    #[arg(long, env = "SIM_TRIAL")]
    trial: bool,
    /// A recipient that a trial account may write to; several are separated by commas.
    #[arg(long, env = "SIM_VERIFIED", value_delimiter = ',')]
    verified: Vec<String>,
    /// Milliseconds from one status to the next.
    #[arg(long, env = "SIM_STEP_MS", default_value_t = Settings::default().step_ms)]
    step_ms: u32,
    /// How far the provider's clock is ahead of ours, in seconds.
    #[arg(
        long,
        env = "SIM_CLOCK_OFFSET_SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    clock_offset_seconds: i32,
    /// Creates under way before more are refused with 20429; 0 is no limit.
    #[arg(long, env = "SIM_CONCURRENCY_LIMIT", default_value_t = 0)]
    concurrency_limit: u32,
    /// Where texts from handsets are posted, with Twilio's overrides if need be, such as
    /// `http://127.0.0.1:3000/webhooks/twilio/inbound#rc=5&rp=all`; without it they are only kept.
    #[arg(long, env = "SIM_INBOUND_URL", value_parser = webhook)]
    inbound_url: Option<String>,
    /// Name the `OptOutType` in texts from handsets, as with Advanced Opt-Out.
    #[arg(long, env = "SIM_ADVANCED_OPT_OUT")]
    advanced_opt_out: bool,
    /// Callbacks under way at the same time, at most.
    #[arg(long, env = "SIM_CALLBACK_CONCURRENCY", default_value_t = Options::default().callback_concurrency)]
    callback_concurrency: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    start_log();
    // A second installation in the same process is refused, and the first one does.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match cli.command {
        Some(Command::Healthcheck(address)) => healthcheck(&address).await,
        None => serve(cli.serve).await,
    }
}

/// As the messenger does it: `LOG_FORMAT` is `text` or `json`, by default what suits the reader.
fn start_log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let terminal = io::stderr().is_terminal();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(terminal);
    let json = match std::env::var("LOG_FORMAT").as_deref() {
        Ok("json") => true,
        Ok("text") => false,
        _ => !terminal,
    };
    if json {
        log.json().flatten_event(true).init();
    } else {
        log.init();
    }
}

async fn serve(flags: Serve) -> anyhow::Result<()> {
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let options = flags.into_options();
    let listener = TcpListener::bind(options.bind).await;
    let listener = listener.with_context(|| format!("cannot listen on {}", options.bind))?;
    let address = listener.local_addr()?;
    let shutdown = async move {
        tracing::info!(
            "listening on http://{address}: nothing sent here leaves this machine; \
             the phones are at http://{address}/sim"
        );
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    };
    Simulator::serve(listener, options, shutdown).await
}

async fn healthcheck(address: &Address) -> anyhow::Result<()> {
    // A server that listens everywhere is also asked on loopback.
    let host = match address.bind {
        host if host.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        host => host,
    };
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(2))
        .build()?;
    let url = format!("http://{}/healthz", SocketAddr::new(host, address.port));
    let status = client.get(&url).send().await?.status();
    ensure!(status.is_success(), "{url} answered {status}");
    Ok(())
}

/// The terms of each sender.
type AllTerms = BTreeMap<String, Terms>;

fn terms(text: &str) -> Result<AllTerms, serde_json::Error> {
    serde_json::from_str(text)
}

fn webhook(text: &str) -> Result<String, &'static str> {
    let change = SettingsChange {
        inbound_url: Some(text.to_owned()),
        ..SettingsChange::default()
    };
    change.check()?;
    Ok(text.to_owned())
}

impl Serve {
    fn into_options(self) -> Options {
        Options {
            bind: SocketAddr::new(self.address.bind, self.address.port),
            ledger: self.ledger,
            account_sid: self.account_sid,
            auth_token: self.auth_token,
            senders: self.senders,
            messaging_service_sid: self.messaging_service_sid,
            terms: self.terms,
            callback_concurrency: self.callback_concurrency,
            settings: Settings {
                trial: self.trial,
                verified: self.verified.into_iter().collect(),
                step_ms: self.step_ms,
                clock_offset_seconds: self.clock_offset_seconds,
                concurrency_limit: self.concurrency_limit,
                inbound_url: self.inbound_url,
                advanced_opt_out: self.advanced_opt_out,
                content_url: None,
            },
        }
    }
}
