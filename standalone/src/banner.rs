//! What `mysms` says once it listens.

use std::io::Write;
use std::net::SocketAddr;

use runtime::config::{ProviderConfig, from_here};
use twilio_sim::Simulator;

/// Prints it to standard output.
pub(crate) fn show(text: &str) {
    // A closed standard output must not stop the messenger.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Where the messenger is, whether texts are real, and how to begin.
pub(crate) fn text(
    address: SocketAddr,
    provider: &ProviderConfig,
    simulator: Option<&Simulator>,
) -> String {
    let url = format!("http://{}", from_here(address.ip(), address.port()));
    let provider = match (provider.simulated, simulator) {
        (true, Some(inside)) => format!(
            "SIMULATED: no text leaves this machine; the phones are at {}",
            inside.phone_page()
        ),
        (true, None) => format!(
            "SIMULATED: no text is sent for real ({})",
            provider.base_url
        ),
        (false, _) => format!(
            "Twilio account {}: texts are sent and cost money",
            provider.account
        ),
    };
    format!(
        r#"
MySMS Messenger listens on {url}
Provider: {provider}

Open {url} in a browser, or try it here:
  TOKEN=$(curl -s {url}/signup -d '{{"username":"john_doe","password":"password123"}}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  curl -s {url}/messages -H "Authorization: Bearer $TOKEN" -d '{{"recipient":"+14155550123","content":"Hello"}}'
  curl -s {url}/messages -H "Authorization: Bearer $TOKEN"

"#
    )
}
