//! What `mysms` is told by its environment.

use std::fs::File;
use std::path::PathBuf;

use runtime::config::{
    CapsConfig, CorsOrigins, DeliveryConfig, Env, HttpConfig, InboxConfig, MediaConfig,
    ProviderConfig, RecipientsConfig, SignUpMode, Simulator, TokenConfig, WebhooksConfig,
    check_shutdown, variables,
};

use crate::{private, secret};

pub(crate) struct Config {
    pub(crate) http: HttpConfig,
    pub(crate) tokens: TokenConfig,
    pub(crate) provider: ProviderConfig,
    pub(crate) delivery: DeliveryConfig,
    pub(crate) signup: SignUpMode,
    pub(crate) recipients: RecipientsConfig,
    pub(crate) caps: CapsConfig,
    pub(crate) inbox: InboxConfig,
    pub(crate) webhooks: WebhooksConfig,
    pub(crate) media: MediaConfig,
    pub(crate) metrics_port: Option<u16>,
    /// Where the simulator inside is to listen; on its usual port, or on any, if nothing is said.
    pub(crate) simulator_port: Option<u16>,
    pub(crate) data_dir: PathBuf,
    /// What holds the data directory; to be kept for as long as the process lives.
    pub(crate) held: Option<[File; 2]>,
    /// The simulated provider runs inside, unless the address of another one is given.
    pub(crate) embeds_simulator: bool,
}

/// The file in the data directory that keeps the token secret.
pub(crate) const SECRET_FILE: &str = "jwt-secret";

/// The simulated provider runs inside, unless the address of another one is given.
pub(crate) fn simulator(env: &Env) -> Simulator {
    if env.is_set(variables::TWILIO_API_BASE_URL) {
        Simulator::External
    } else {
        Simulator::Embedded
    }
}

impl Config {
    /// Reads the environment; the data directory and the token secret are made if need be.
    pub(crate) fn read(mut env: Env) -> anyhow::Result<Self> {
        let simulator = simulator(&env);
        let http = HttpConfig::read(&mut env, CorsOrigins::Loopback);
        let own_tokens = !env.is_set(variables::JWT_SECRET_KEY);
        let tokens = TokenConfig::read_optional(&mut env);
        let provider = ProviderConfig::read(&mut env, simulator);
        let delivery = DeliveryConfig::read(&mut env, provider.as_ref());
        check_shutdown(&mut env, http.as_ref(), delivery.as_ref());
        let signup = SignUpMode::read(&mut env, provider.as_ref());
        let recipients = RecipientsConfig::read(&mut env, provider.as_ref());
        let caps = CapsConfig::read(&mut env, provider.as_ref(), recipients.as_ref());
        let webhooks = WebhooksConfig::read(&mut env, provider.as_ref());
        let inbox = InboxConfig::read(&mut env);
        let media = MediaConfig::read(&mut env);
        let metrics_port = env.optional_port(variables::METRICS_PORT);
        let simulator_port = env.optional_port(variables::SIMULATOR_PORT);
        let data_dir = env.text(variables::DATA_DIR).map(PathBuf::from);
        let settings = || {
            Some((
                http?,
                provider?,
                delivery?,
                signup?,
                recipients?,
                caps?,
                webhooks?,
                media?,
                data_dir?,
            ))
        };
        let (http, provider, delivery, signup, recipients, caps, webhooks, media, data_dir) =
            env.finish(settings())?;
        for warning in delivery.warnings() {
            tracing::warn!("{warning}");
        }
        private::prepare(&data_dir)?;
        let held = private::hold(&data_dir)?;
        let tokens = match tokens {
            Some(tokens) if !own_tokens => tokens,
            _ => TokenConfig {
                secret: secret::read_or_make(&data_dir.join(SECRET_FILE))?,
                previous: None,
            },
        };
        Ok(Self {
            embeds_simulator: provider.simulated && matches!(simulator, Simulator::Embedded),
            http,
            tokens,
            provider,
            delivery,
            signup,
            recipients,
            caps,
            inbox,
            webhooks,
            media,
            metrics_port,
            simulator_port,
            data_dir,
            held: Some(held),
        })
    }
}
