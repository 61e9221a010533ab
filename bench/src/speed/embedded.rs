//! The messenger as one process.

use std::collections::BTreeMap;
use std::time::Duration;

use lab::{Account, Launch, Ready, Service, free_port, simulator};
use tokio::time::Instant;

use super::delivering::{CALLBACKS, until};
use super::load::{Length, Pace, Target, window};
use super::report::{Report, median};
use super::{AT_ONCE, Options};

pub(super) async fn measure(
    options: &Options,
    report: &mut Report,
    progress: &impl Fn(String),
) -> anyhow::Result<()> {
    progress("the messenger as one process".to_owned());
    let directory = options.directory.join("embedded");
    std::fs::create_dir_all(&directory)?;
    let (mut simulator, provider) =
        simulator(&options.programs, &directory, &[("SIM_STEP_MS", "0")])?;
    simulator.wait_until_ready().await?;
    let port = free_port()?;
    let base = format!("http://127.0.0.1:{port}");
    let environment = [
        ("RUST_LOG", "warn".to_owned()),
        ("PORT", port.to_string()),
        ("DATA_DIR", directory.to_string_lossy().into_owned()),
        ("SMS_PROVIDER", "simulator".to_owned()),
        ("TWILIO_API_BASE_URL", provider.url().to_owned()),
        ("PUBLIC_BASE_URL", base.clone()),
    ];
    let launch = Launch {
        name: "mysms".to_owned(),
        program: options.programs.find("mysms")?,
        args: Vec::new(),
        environment: environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<BTreeMap<_, _>>(),
        log: directory.join("mysms.log"),
    };
    let mut mysms = Service::start(launch, Ready::Http(format!("{base}/readyz")))?;
    mysms.wait_until_ready().await?;
    let http = lab::http(Duration::from_secs(10))?;
    let account = Account::sign_up(http, &base, "speed").await?;
    let target = Target::new(&base, account.token())?;

    let (mut accepted, mut delivered) = (Vec::new(), Vec::new());
    for _ in 0..options.scale.windows {
        let (began, texts) = (Instant::now(), options.scale.texts);
        let length = Length::Count(texts);
        let posted = window(AT_ONCE, Pace::Closed, length, || target.poster()).await?;
        accepted.push(posted.per_s());
        let all = CALLBACKS * target.posted();
        until(all, "callbacks are stored", || {
            provider.callbacks_delivered()
        })
        .await?;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        delivered.push(texts as f64 / began.elapsed().as_secs_f64());
    }
    report.embedded_accept_per_s = median(accepted);
    report.embedded_e2e_per_s = median(delivered);
    Ok(())
}
