use std::sync::Arc;

use mysms_core::chain::Chain;

use crate::accounts::erase_closed;
use crate::state::AppState;

/// Starts what goes on beside the requests: looks at what other processes have stored, the hub of the
/// event streams, and the end of closed accounts.
///
/// The first look at the opt-outs, the senders and what users have set is over when it returns, so that no
/// text has to be asked about. If such a look fails, each is, until one succeeds.
pub(super) async fn start_background(state: &AppState) {
    close_later(state);
    if let Err(error) = state.opt_outs.look(state.clock.now()).await {
        tracing::warn!(error = %Chain(&error), "cannot see yet who has opted out");
    }
    if let Err(error) = state.outgoing.look().await {
        tracing::warn!(error = %Chain(&error), "cannot see the senders yet");
    }
    if let Err(error) = state.settings.look().await {
        tracing::warn!(error = %Chain(&error), "cannot see yet what users have set");
    }
    let missing = state.default_owner.is_missing();
    if let Err(error) = state.store_timeout.once(missing).await {
        tracing::warn!(error = %Chain(&error), "cannot see yet whom DEFAULT_INBOX_USER names");
    }
    let (lifecycle, stop) = (&state.lifecycle, &state.closing);
    let watch = Arc::clone(&state.revoked).watch(Arc::clone(&state.clock), stop.clone());
    lifecycle.spawn("revocations", watch);
    let watch = Arc::clone(&state.opt_outs).watch(Arc::clone(&state.clock), stop.clone());
    lifecycle.spawn("opt-outs", watch);
    lifecycle.spawn("senders", Arc::clone(&state.outgoing).watch(stop.clone()));
    lifecycle.spawn("settings", Arc::clone(&state.settings).watch(stop.clone()));
    lifecycle.spawn("erasing", erase_closed(state.clone()));
    lifecycle.spawn("events", Arc::clone(&state.events).run(stop.clone()));
}

/// Takes no more requests a while after the soft stop began; at the hard stop it is so already.
fn close_later(state: &AppState) {
    let (soft, closing) = (state.lifecycle.soft(), state.closing.clone());
    let lag = state.http.capacity.shutdown_lag;
    state.lifecycle.tracker().spawn(async move {
        soft.cancelled().await;
        closing.run_until_cancelled(tokio::time::sleep(lag)).await;
        closing.cancel();
    });
}
