//! A database of a test's own.

use mongodb::{Client, Database};
use uuid::Uuid;

/// The name of a database that nobody else uses, on a server.
///
/// It is for the test to remove it; that of a test that failed stays to be looked at.
#[derive(Debug, Clone)]
pub struct Scratch {
    server: String,
    name: String,
}

impl Scratch {
    /// On the server that all tests share.
    pub fn new() -> Self {
        Self::on(&mongo_uri())
    }

    /// On the server at `uri`, which names no database.
    pub fn on(uri: &str) -> Self {
        Self {
            server: uri.to_owned(),
            name: format!("mysms_test_{}", Uuid::new_v4().simple()),
        }
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server's address with the database as its path.
    pub fn uri(&self) -> String {
        let (server, options) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let hosts = server.find("://").map_or(0, |scheme| scheme + 3);
        let path = server[hosts..].find('/').map(|path| hosts + path);
        let server = &server[..path.unwrap_or(server.len())];
        let question = if options.is_empty() { "" } else { "?" };
        format!("{server}/{}{question}{options}", self.name)
    }

    /// The database as any client sees it.
    pub async fn database(&self) -> anyhow::Result<Database> {
        let client = Client::with_uri_str(&self.server).await?;
        Ok(client.database(&self.name))
    }

    pub async fn remove(&self) -> anyhow::Result<()> {
        Ok(self.database().await?.drop().await?)
    }
}

/// The MongoDB that all tests share: the one that `MONGO_URI` names, or that `make services` starts.
fn mongo_uri() -> String {
    std::env::var("MONGO_URI").unwrap_or_else(|_| "mongodb://127.0.0.1:27117".to_owned())
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}
