//! What the processes are told by their environment.
//!
//! Each binary reads the groups it uses, and gets every problem in one error:
//!
//! ```
//! use runtime::config::{ConfigError, Env, HttpConfig, MongoConfig};
//!
//! struct Config {
//!     http: HttpConfig,
//!     mongo: MongoConfig,
//! }
//!
//! fn read(mut env: Env) -> Result<Config, ConfigError> {
//!     // All groups are read before the first `?`, so that no problem hides another.
//!     let http = HttpConfig::read(&mut env, Default::default());
//!     let mongo = MongoConfig::read(&mut env);
//!     let config = || Some(Config { http: http?, mongo: mongo? });
//!     env.finish(config())
//! }
//! # assert!(read(Env::from_lookup(|_| None)).is_err());
//! ```
//!
//! A `read` that answers `None` has recorded why in the [`Env`].

mod capacity;
mod caps;
mod delivery;
mod env;
mod http;
mod inbox;
mod limits;
mod media;
mod provider;
mod recipients;
mod servers;
mod signup;
#[cfg(test)]
mod testing;
mod tokens;
pub mod variables;
mod webhooks;

pub use capacity::CapacityConfig;
pub use caps::CapsConfig;
pub use delivery::DeliveryConfig;
pub use env::{ConfigError, Env, Problem};
pub use http::{CorsOrigins, HttpConfig, check_shutdown, from_here};
pub use inbox::InboxConfig;
pub use limits::LimitsConfig;
pub use media::MediaConfig;
pub use provider::{
    Credentials, ProviderConfig, SIMULATOR_ACCOUNT_SID, SIMULATOR_AUTH_TOKEN, SIMULATOR_SENDER,
    Sender, Simulator, is_near,
};
pub use recipients::{Recipients, RecipientsConfig};
pub use servers::{AmqpConfig, MongoConfig};
pub use signup::SignUpMode;
pub use tokens::{TokenConfig, WeakKey, check_key};
pub use variables::{VARIABLES, Variable};
pub use webhooks::{WebhookPorts, WebhooksConfig};
