//! The account itself, and whether the provider can reach us.

use mysms_core::chain::Chain;
use mysms_core::provider::{Health, Item, Provider, ReadFailure};
use url::Url;

use super::desk::{Desk, text};
use super::unseen;

const ACCOUNT: &str = "account";
const CALLBACKS: &str = "callbacks";

/// What was found about the account, and whether it makes sense to look at more.
pub(super) async fn look(desk: &Desk) -> (Vec<Item>, bool) {
    let item = |health, says: &str| Item::new(ACCOUNT, health, says);
    let mut items = Vec::new();
    match desk.read(desk.account_json()).await {
        Err(ReadFailure::Refused { code, detail }) if code == "20003" => {
            return (vec![item(Health::Broken, detail)], false);
        }
        Err(failure) if failure.is_unreachable() => {
            let says = "The provider cannot be reached: check the network and TWILIO_API_BASE_URL.";
            return (vec![item(Health::Broken, says)], false);
        }
        Err(failure) => items.push(unseen(ACCOUNT, "whether the account is active", &failure)),
        Ok(None) => items.push(item(
            Health::Broken,
            "The provider does not know the account.",
        )),
        Ok(Some(account)) => {
            items.extend(standing(text(&account, "status"), text(&account, "type")));
        }
    }
    items.push(match desk.twilio().check().await {
        Ok(()) => item(
            Health::Good,
            "Messages can be listed, so unknown outcomes can be settled.",
        ),
        Err(failure) => Item::new(
            ACCOUNT,
            Health::Broken,
            format!(
                "The message list cannot be read, so unknown outcomes cannot be settled: {}.",
                failure.remedy()
            ),
        ),
    });
    (items, true)
}

fn standing(status: &str, kind: &str) -> Vec<Item> {
    let item = |health, says: String| Item::new(ACCOUNT, health, says);
    let mut items = vec![match status {
        "active" => item(
            Health::Good,
            "The credentials are right and the account is active.".to_owned(),
        ),
        status => item(
            Health::Broken,
            format!("The account is {status}: nothing is sent until the provider opens it again."),
        ),
    }];
    if kind == "Trial" {
        let says = "It is a trial account: texts go to verified numbers only, and begin with words of the provider's.";
        items.push(item(Health::Unwise, says.to_owned()));
    }
    items
}

/// Whether what the provider calls is us. It is asked from here, so a firewall before others stays unseen.
pub(super) async fn callbacks(desk: &Desk) -> Item {
    let item = |health, says: String| Item::new(CALLBACKS, health, says);
    let Some(base) = &desk.public_base_url else {
        let says = "PUBLIC_BASE_URL is not set: received texts do not reach us at once, and statuses are asked for.";
        return item(Health::Unwise, says.to_owned());
    };
    let Ok(url) = Url::parse(&format!("{base}/healthz")) else {
        return item(Health::Broken, "PUBLIC_BASE_URL is no URL.".to_owned());
    };
    match desk.twilio().status_of(url).await {
        Ok(200) => item(Health::Good, format!("{base} answers, as seen from here.")),
        Ok(status) => item(
            Health::Broken,
            format!(
                "{base}/healthz answers with {status} instead of 200: the provider's calls do not reach the API."
            ),
        ),
        Err(failure) => item(
            Health::Broken,
            format!(
                "{base}/healthz cannot be read from here ({}): the provider's calls may not reach the API.",
                Chain(&failure)
            ),
        ),
    }
}
