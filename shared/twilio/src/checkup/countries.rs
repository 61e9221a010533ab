//! The countries whose numbers the account may write to.

use mysms_core::domain::Country;
use mysms_core::provider::{Health, Item};
use serde_json::Value;

use super::desk::{Api, Desk, text};
use super::unseen;

const COUNTRIES: &str = "countries";

/// So many are asked for at once.
const AT_ONCE: usize = 40;

/// Compares them with the countries that we let texts go to.
pub(super) async fn look(desk: &Desk, wanted: Option<&[Country]>) -> Vec<Item> {
    let Some(wanted) = wanted else {
        let says =
            "RECIPIENT_COUNTRIES allows every country, so those of the account decide alone.";
        return vec![Item::new(COUNTRIES, Health::Unwise, says)];
    };
    let mut refused = Vec::new();
    for part in wanted.chunks(AT_ONCE) {
        let codes: Vec<_> = part.iter().copied().map(Country::as_str).collect();
        let path = format!(
            "v1/Messaging/GeoPermissions?CountryCode={}",
            codes.join("%2C")
        );
        match desk.read(desk.in_api(Api::Accounts, &path)).await {
            Ok(answer) => {
                let answer = answer.unwrap_or_default();
                refused.extend(codes.into_iter().filter(|code| !is_enabled(&answer, code)));
            }
            Err(failure) => {
                return vec![unseen(COUNTRIES, "which countries are enabled", &failure)];
            }
        }
    }
    vec![if refused.is_empty() {
        let says = "All countries of RECIPIENT_COUNTRIES are enabled at the provider.";
        Item::new(COUNTRIES, Health::Good, says)
    } else {
        let says = format!(
            "RECIPIENT_COUNTRIES allows {}, the provider does not: texts there fail with 21408. Enable them at the provider under Geo permissions, or leave them out.",
            refused.join(", ")
        );
        Item::new(COUNTRIES, Health::Broken, says)
    }]
}

fn is_enabled(answer: &Value, code: &str) -> bool {
    let permissions = answer["permissions"].as_array();
    permissions.into_iter().flatten().any(|permission| {
        text(permission, "country_code").eq_ignore_ascii_case(code) && permission["enabled"] == true
    })
}
