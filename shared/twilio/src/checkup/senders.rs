//! What texts leave from: whether it is the account's, may send, and brings us what is written to it.

use mysms_core::domain::{Country, PhoneNumber, Sender, SenderAddress, SenderKind};
use mysms_core::provider::{Health, Item};
use serde_json::Value;

use super::desk::{Api, Desk, text};
use super::services::{self, Services, list};
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
        SenderKind::ShortCode => {
            let path = format!("SMS/ShortCodes.json?ShortCode={}", sender.address);
            of_account(desk, about, (&path, "short_codes", "SMS/ShortCodes"))
                .await
                .1
        }
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
    if numbers.is_empty() {
        let says = "It has no numbers: every text from it is refused (21703).";
        return vec![Item::new(about, Health::Broken, says)];
    }
    let mut items = vec![services::rewriting(desk, about, service)];
    if services::leaves_inbound_to_numbers(service) {
        for number in &numbers {
            let about = format!("{about}, number {}", number.as_str());
            items.extend(listed_number(desk, &about, number).await.1);
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
    let (resource, mut items) = listed_number(desk, about, &number).await;
    let Some(resource) = resource else {
        return items;
    };
    let owner = services.and_then(|services| services.owner(&number));
    if let Some(owner) = owner
        && let Some(item) = services::inbound(desk, &format!("{about}, by its service"), owner)
    {
        // The number's own address does not count.
        items.retain(|item| item.change.is_none() || item.health != Health::Broken);
        items.push(item);
    }
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

async fn listed_number(
    desk: &Desk,
    about: &str,
    number: &PhoneNumber,
) -> (Option<Value>, Vec<Item>) {
    let digits = number.as_str().trim_start_matches('+');
    let path = format!("IncomingPhoneNumbers.json?PhoneNumber=%2B{digits}");
    of_account(
        desk,
        about,
        (&path, "incoming_phone_numbers", "IncomingPhoneNumbers"),
    )
    .await
}

/// A number or short code as the account lists it, and what is to be said about it.
async fn of_account(
    desk: &Desk,
    about: &str,
    (path, field, folder): (&str, &str, &str),
) -> (Option<Value>, Vec<Item>) {
    let answer = match desk.read(desk.in_account(path)).await {
        Ok(answer) => answer.unwrap_or_default(),
        Err(failure) => {
            return (
                None,
                vec![unseen(about, "whether it is the account's", &failure)],
            );
        }
    };
    let Some(resource) = list(&answer, field).first() else {
        let says = "The account does not have it: every text from it is refused (21606).";
        return (None, vec![Item::new(about, Health::Broken, says)]);
    };
    let mut items = Vec::new();
    if resource["capabilities"]["sms"] == false {
        let says = "It can neither send nor receive texts.";
        items.push(Item::new(about, Health::Broken, says));
    }
    if text(resource, "sms_application_sid").is_empty() {
        let at = desk.in_account(&format!("{folder}/{}.json", text(resource, "sid")));
        items.extend(inbound::judge(
            desk,
            about,
            (resource, at),
            &inbound::OF_NUMBER,
        ));
    } else {
        let says = "What is written to it goes where its application says, which is not looked at.";
        items.push(Item::new(about, Health::Unknown, says));
    }
    (Some(resource.clone()), items)
}

/// Whether carriers let the texts of a toll-free number through.
async fn verification(desk: &Desk, about: &str, sid: &str) -> Item {
    let path = format!("v1/Tollfree/Verifications?TollfreePhoneNumberSid={sid}");
    let answer = match desk.read(desk.in_api(Api::Messaging, &path)).await {
        Ok(answer) => answer.unwrap_or_default(),
        Err(failure) => return unseen(about, "whether it is verified", &failure),
    };
    let verifications = list(&answer, "verifications");
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
