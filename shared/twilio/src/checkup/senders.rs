//! What texts leave from: whether it is the account's, may send, and brings us what is written to it.

use mysms_core::domain::{Country, PhoneNumber, Sender, SenderAddress, SenderKind};
use mysms_core::provider::{Health, Item};
use serde_json::Value;

use super::desk::{Api, Desk, text};
use super::services::{self, Services};
use super::{inbound, unseen};

/// The provider's word for a toll-free number that carriers let through.
const APPROVED: &str = "TWILIO_APPROVED";

/// Looks at one sender. `services` is `None` if they could not be read.
pub(super) async fn look(
    desk: &Desk,
    sender: &Sender,
    services: Option<&Services>,
    countries: Option<&[Country]>,
) -> Vec<Item> {
    let about = format!("sender {}", sender.address);
    let about = about.as_str();
    match sender.address.kind() {
        SenderKind::Alphanumeric => {
            let says = "Nobody can answer a name, so nobody can write STOP to it.";
            vec![Item::new(about, Health::Good, says)]
        }
        SenderKind::Service => service(desk, about, sender, services).await,
        SenderKind::ShortCode => alone(desk, about, &SHORT_CODES, sender.address.as_str()).await,
        SenderKind::LongCode | SenderKind::TollFree => {
            number(desk, about, sender, services, countries).await
        }
    }
}

async fn service(
    desk: &Desk,
    about: &str,
    sender: &Sender,
    services: Option<&Services>,
) -> Vec<Item> {
    let Some(services) = services else {
        return Vec::new();
    };
    let sid = sender.address.as_str();
    let Some(service) = services.get(sid) else {
        let says = "The account has no such Messaging Service: every text from it is refused.";
        return vec![Item::new(about, Health::Broken, says)];
    };
    let numbers = services.numbers_of(sid);
    let (codes, has_names) = match services::others_of(desk, sid).await {
        Ok(others) => others,
        Err(failure) => return vec![unseen(about, "what it sends from", &failure)],
    };
    if numbers.is_empty() && codes.is_empty() && !has_names {
        let says = "It has no numbers: every text from it is refused (21703).";
        return vec![Item::new(about, Health::Broken, says)];
    }
    let mut items = vec![services::rewriting(desk, about, service)];
    if services::leaves_inbound_to_numbers(service) {
        for number in &numbers {
            let about = format!("{about}, number {}", number.as_str());
            items.extend(alone(desk, &about, &NUMBERS, number.as_str()).await);
        }
        for code in &codes {
            let about = format!("{about}, short code {code}");
            items.extend(alone(desk, &about, &SHORT_CODES, code).await);
        }
    } else {
        items.extend(services::inbound(desk, about, service));
    }
    if numbers.iter().any(|number| needs_campaign(number)) {
        items.extend(services::campaign(desk, about, sid, Some(sender)).await);
    }
    items
}

async fn number(
    desk: &Desk,
    about: &str,
    sender: &Sender,
    services: Option<&Services>,
    countries: Option<&[Country]>,
) -> Vec<Item> {
    let Ok(number) = PhoneNumber::parse(sender.address.as_str()) else {
        return Vec::new();
    };
    let resource = match listed(desk, about, &NUMBERS, number.as_str()).await {
        Ok(resource) => resource,
        Err(instead) => return vec![instead],
    };
    let owner = services.and_then(|services| services.owner(&number));
    let mut items = Vec::from_iter(incapable(about, &resource));
    // If its service says where texts go, its own address does not count.
    items.extend(
        match owner.filter(|owner| !services::leaves_inbound_to_numbers(owner)) {
            Some(owner) => services::inbound(desk, &format!("{about}, by its service"), owner),
            None => own_inbound(desk, about, &NUMBERS, &resource),
        },
    );
    let to_us =
        countries.is_none_or(|countries| countries.iter().any(|country| country.as_str() == "US"));
    if to_us && needs_campaign(&number) && services.is_some() {
        items.extend(match owner {
            Some(owner) => {
                services::campaign(desk, about, text(owner, "sid"), Some(sender)).await
            }
            None => vec![Item::new(
                about,
                Health::Unwise,
                "It belongs to no Messaging Service with a campaign: carriers of the United States refuse its texts (30034).",
            )],
        });
    }
    if to_us && sender.address.kind() == SenderKind::TollFree {
        items.push(verification(desk, about, text(&resource, "sid")).await);
    }
    items
}

/// A local number of the country with +1 whose texts need a campaign.
fn needs_campaign(number: &PhoneNumber) -> bool {
    let address = SenderAddress::known(number.as_str());
    address.kind() == SenderKind::LongCode
        && number
            .country()
            .is_some_and(|country| country.as_str() == "US")
}

/// A list of the account's.
struct Shelf {
    folder: &'static str,
    /// By which one of it is asked for.
    filter: &'static str,
    /// In which the answer has it.
    field: &'static str,
    /// In which one of it says what it is.
    address: &'static str,
}

const NUMBERS: Shelf = Shelf {
    folder: "IncomingPhoneNumbers",
    filter: "PhoneNumber",
    field: "incoming_phone_numbers",
    address: "phone_number",
};

const SHORT_CODES: Shelf = Shelf {
    folder: "SMS/ShortCodes",
    filter: "ShortCode",
    field: "short_codes",
    address: "short_code",
};

/// What is to be said about a number or short code by itself.
async fn alone(desk: &Desk, about: &str, shelf: &Shelf, address: &str) -> Vec<Item> {
    match listed(desk, about, shelf, address).await {
        Ok(resource) => {
            let inbound = own_inbound(desk, about, shelf, &resource);
            incapable(about, &resource)
                .into_iter()
                .chain(inbound)
                .collect()
        }
        Err(instead) => vec![instead],
    }
}

/// A number or short code as the account lists it, or what is to be said instead.
async fn listed(desk: &Desk, about: &str, shelf: &Shelf, address: &str) -> Result<Value, Item> {
    let Shelf { folder, filter, .. } = shelf;
    let query = address.replace('+', "%2B");
    let url = desk.in_account(&format!("{folder}.json?{filter}={query}"));
    let listed = desk.list(url, shelf.field).await;
    let listed =
        listed.map_err(|failure| unseen(about, "whether it is the account's", &failure))?;
    // The provider lists all in which the address occurs: beside 12345 also 123456.
    let mut listed = listed.into_iter();
    let found = listed.find(|one| text(one, shelf.address) == address);
    let says = "The account does not have it: every text from it is refused (21606).";
    found.ok_or_else(|| Item::new(about, Health::Broken, says))
}

fn incapable(about: &str, resource: &Value) -> Option<Item> {
    let says = "It can neither send nor receive texts.";
    let cannot = resource["capabilities"]["sms"] == false;
    cannot.then(|| Item::new(about, Health::Broken, says))
}

/// Where what is written to it goes by its own setting.
fn own_inbound(desk: &Desk, about: &str, shelf: &Shelf, resource: &Value) -> Option<Item> {
    if !text(resource, "sms_application_sid").is_empty() {
        let says = "What is written to it goes where its application says, which is not looked at.";
        return Some(Item::new(about, Health::Unknown, says));
    }
    let at = desk.in_account(&format!("{}/{}.json", shelf.folder, text(resource, "sid")));
    inbound::judge(desk, about, (resource, at), &inbound::OF_NUMBER)
}

/// Whether carriers let the texts of a toll-free number through.
async fn verification(desk: &Desk, about: &str, sid: &str) -> Item {
    let path = format!("v1/Tollfree/Verifications?TollfreePhoneNumberSid={sid}");
    let url = desk.in_api(Api::Messaging, &path);
    let verifications = match desk.list(url, "verifications").await {
        Ok(verifications) => verifications,
        Err(failure) => return unseen(about, "whether it is verified", &failure),
    };
    let status = verifications.first().map(|one| text(one, "status"));
    match status {
        Some(APPROVED) => Item::new(about, Health::Good, "Carriers have verified it."),
        Some(status) => Item::new(
            about,
            Health::Broken,
            format!("Its verification is {status}: carriers refuse its texts (30032)."),
        ),
        None => Item::new(
            about,
            Health::Broken,
            "It is not verified: carriers refuse its texts (30032).",
        ),
    }
}
