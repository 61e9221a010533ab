use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{Router, middleware::from_fn, response::Redirect, routing::get};
use tokio::{net::TcpListener, time::timeout};

use crate::{
    Options, account, api, control, handset, host, media, page, reporting, senders,
    state::Sim,
    wire::{Connection, Wire},
};

/// How long requests and callbacks under way may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// A running simulator. Dropping it ends all it does at once, as a kill would; [`Simulator::stop`]
/// is the gentle way.
pub struct Simulator {
    address: SocketAddr,
    sim: Arc<Sim>,
}

impl Simulator {
    /// Listens and begins to work off the callbacks that the ledger says are owed.
    ///
    /// Fails when the address or the ledger cannot be used. Must be called within a tokio runtime.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let address = options.bind;
        let listener = TcpListener::bind(address).await;
        Self::on(
            listener.with_context(|| format!("cannot listen on {address}"))?,
            options,
        )
    }

    /// Serves on a listener, whatever [`Options::bind`] says, until `shutdown` completes; then stops
    /// gently.
    pub async fn serve(
        listener: TcpListener,
        options: Options,
        shutdown: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let simulator = Self::on(listener, options)?;
        shutdown.await;
        simulator.stop().await;
        Ok(())
    }

    /// Does the same on a listener, whatever [`Options::bind`] says.
    pub fn on(listener: TcpListener, options: Options) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let sim = Sim::new(options)?;
        let wire = Wire {
            listener,
            killed: sim.killed.clone(),
        };
        let app = router(&sim).into_make_service_with_connect_info::<Connection>();
        let server =
            axum::serve(wire, app).with_graceful_shutdown(sim.stopping.clone().cancelled_owned());
        sim.spawn(server.into_future());
        let callbacks = reporting::run(Arc::clone(&sim));
        sim.spawn(sim.stopping.clone().run_until_cancelled_owned(callbacks));
        Ok(Self { address, sim })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as the base URL for a client: `http://127.0.0.1:4010`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The page on which the phones are seen and written on.
    pub fn phone_page(&self) -> String {
        format!("{}/sim", self.url())
    }

    /// Answers what is under way, cutting scripted delays short, lets callbacks under way end, for
    /// five seconds at most, and closes the ledger.
    pub async fn stop(self) {
        self.sim.stopping.cancel();
        self.sim.tasks.close();
        if timeout(GRACE, self.sim.tasks.wait()).await.is_err() {
            tracing::warn!("requests or callbacks under way were cut off");
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.sim.stopping.cancel();
        self.sim.killed.cancel();
        self.sim.ledger.close();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is no part of the API"
)]
fn router(sim: &Arc<Sim>) -> Router {
    let own = control::router()
        .merge(handset::router())
        .merge(senders::router())
        .merge(page::router());
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/", get(async || Redirect::to("/sim")))
        .nest("/sim", own)
        .merge(api::router(sim))
        .merge(account::elsewhere())
        .merge(media::router())
        .with_state(Arc::clone(sim))
        .layer(from_fn(host::check))
}
