//! Messaging Services: those that texts leave from, and those that own a number of ours.

use std::collections::HashMap;

use mysms_core::domain::{PhoneNumber, Sender};
use mysms_core::provider::{Health, Item, ReadFailure};
use serde_json::Value;

use super::desk::{Api, Desk, FormChange, text};
use super::{inbound, unseen};

/// The provider's word for a campaign that may send.
const VERIFIED: &str = "VERIFIED";

/// The services of an account, and which of them owns which number.
pub(super) struct Services {
    known: HashMap<String, Value>,
    owners: HashMap<PhoneNumber, String>,
}

impl Services {
    pub(super) async fn read(desk: &Desk) -> Result<Self, ReadFailure> {
        let url = desk.in_api(Api::Messaging, "v1/Services");
        let mut services = Self {
            known: HashMap::new(),
            owners: HashMap::new(),
        };
        for service in desk.list(url, "services").await? {
            let sid = text(&service, "sid").to_owned();
            let path = format!("v1/Services/{sid}/PhoneNumbers");
            let url = desk.in_api(Api::Messaging, &path);
            for number in desk.list(url, "phone_numbers").await? {
                if let Ok(number) = PhoneNumber::parse(text(&number, "phone_number")) {
                    services.owners.insert(number, sid.clone());
                }
            }
            services.known.insert(sid, service);
        }
        Ok(services)
    }

    /// The service that a number belongs to, whose settings count more than the number's own.
    pub(super) fn owner(&self, number: &PhoneNumber) -> Option<&Value> {
        self.known.get(self.owners.get(number)?)
    }

    /// The numbers that a service sends from.
    pub(super) fn numbers_of(&self, sid: &str) -> Vec<&PhoneNumber> {
        let owned = self.owners.iter().filter(|(_, owner)| *owner == sid);
        let mut numbers: Vec<_> = owned.map(|(number, _)| number).collect();
        numbers.sort_unstable();
        numbers
    }

    pub(super) fn get(&self, sid: &str) -> Option<&Value> {
        self.known.get(sid)
    }
}

/// What a service sends from beside its numbers: its short codes, and whether it has names.
pub(super) async fn others_of(desk: &Desk, sid: &str) -> Result<(Vec<String>, bool), ReadFailure> {
    let list = async |folder: &str, field| {
        let path = format!("v1/Services/{sid}/{folder}");
        desk.list(desk.in_api(Api::Messaging, &path), field).await
    };
    let codes = list("ShortCodes", "short_codes").await?;
    let codes = codes.iter().map(|code| text(code, "short_code").to_owned());
    let names = list("AlphaSenders", "alpha_senders").await?;
    Ok((codes.collect(), !names.is_empty()))
}

/// Whether texts to the numbers of a service go where each number says, and not where the service does.
pub(super) fn leaves_inbound_to_numbers(service: &Value) -> bool {
    service["use_inbound_webhook_on_number"] == true
}

/// Where texts to the numbers of a service go that does not leave that to them.
pub(super) fn inbound(desk: &Desk, about: &str, service: &Value) -> Option<Item> {
    inbound::judge(
        desk,
        about,
        (service, at(desk, service)),
        &inbound::OF_SERVICE,
    )
}

fn at(desk: &Desk, service: &Value) -> url::Url {
    desk.in_api(
        Api::Messaging,
        &format!("v1/Services/{}", text(service, "sid")),
    )
}

/// Whether a service sends what we give it.
pub(super) fn rewriting(desk: &Desk, about: &str, service: &Value) -> Item {
    if service["smart_encoding"] != true {
        return Item::new(about, Health::Good, "The service sends texts as they are.");
    }
    let says = "Smart Encoding changes texts, so the provider lists other texts than ours, and an unknown outcome may stay unknown.";
    Item::new(about, Health::Unwise, says).with(FormChange {
        desk: desk.clone(),
        url: at(desk, service),
        form: vec![("SmartEncoding", "false".to_owned())],
        says: format!("switch Smart Encoding of {about} off; `smart_encoding` of a text or a user does the same here"),
        replaces: None,
    })
}

/// Whether carriers of the United States take texts from a service's local numbers, and how fast.
pub(super) async fn campaign(
    desk: &Desk,
    about: &str,
    sid: &str,
    sender: Option<&Sender>,
) -> Vec<Item> {
    let path = format!("v1/Services/{sid}/Compliance/Usa2p");
    let url = desk.in_api(Api::Messaging, &path);
    let campaigns = match desk.list(url, "compliance").await {
        Ok(campaigns) => campaigns,
        Err(failure) => return vec![unseen(about, "its campaign in the United States", &failure)],
    };
    let Some(campaign) = campaigns.first() else {
        let says = "No campaign is registered for it: carriers of the United States refuse texts from its local numbers (30034).";
        return vec![Item::new(about, Health::Broken, says)];
    };
    let status = text(campaign, "campaign_status");
    let mut items = vec![if status == VERIFIED {
        Item::new(
            about,
            Health::Good,
            "Its campaign in the United States is registered.",
        )
    } else {
        let says = format!(
            "Its campaign in the United States is {status}: carriers refuse texts from its local numbers until it is {VERIFIED}."
        );
        Item::new(about, Health::Broken, says)
    }];
    items.extend(sender.and_then(|sender| pace(about, sender, campaign)));
    items
}

/// Whether the rate that we know for a sender is more than its campaign has.
fn pace(about: &str, sender: &Sender, campaign: &Value) -> Option<Item> {
    let limits = campaign["rate_limits"].as_object()?.values();
    let allowed = limits.filter_map(|carrier| carrier["mps"].as_f64());
    let allowed = allowed.reduce(f64::min)?;
    let ours = f64::from(sender.rate?);
    (ours > allowed).then(|| {
        let says = format!("Its rate here is {ours} segments a second, and the strictest carrier allows its campaign {allowed}: see `admin senders set`.");
        Item::new(about, Health::Unwise, says)
    })
}
