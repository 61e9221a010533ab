//! From when on a text may leave, as far as quiet hours are concerned.

use super::{Class, QuietHours, Sender, Timestamp, Zone, open_from};

/// The first moment from `at` on that is quiet neither for the text's user nor for its sender; `None` if
/// there is none within [`super::OPENS_WITHIN`]. A login code leaves at any time.
///
/// The clocks are those of where the recipient is. If that is not known, those that the rule names;
/// otherwise the sender's.
pub fn opening(
    class: Class,
    user: Option<&QuietHours>,
    sender: &Sender,
    recipient: Option<&Zone>,
    at: Timestamp,
) -> Option<Timestamp> {
    let rules = user.into_iter().chain(&sender.quiet);
    let rules: Vec<_> = rules
        .filter(|_| class != Class::Otp)
        .map(|hours| match recipient {
            Some(zone) => hours.in_zone(zone.clone()),
            None => hours.clone(),
        })
        .collect();
    if rules.is_empty() {
        return Some(at);
    }
    let own = sender.zone().unwrap_or_else(Zone::utc);
    let rules: Vec<_> = rules.iter().map(|hours| (hours, &own)).collect();
    open_from(&rules, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SenderAddress;

    fn quiet(from: &str, to: &str, zone: Option<&str>) -> QuietHours {
        let mut hours = serde_json::json!({"windows": [{"from": from, "to": to}]});
        if let Some(zone) = zone {
            hours["time_zone"] = zone.into();
        }
        serde_json::from_value(hours).unwrap()
    }

    fn sender(address: &str, quiet: Option<QuietHours>) -> Sender {
        Sender {
            quiet,
            ..Sender::usual("AC1", SenderAddress::parse(address).unwrap())
        }
    }

    fn opens(
        user: Option<&QuietHours>,
        sender: &Sender,
        recipient: Option<&str>,
        at: &str,
    ) -> String {
        let recipient = recipient.map(|zone| Zone::parse(zone).unwrap());
        let at = at.parse().unwrap();
        let class = Class::default();
        opening(class, user, sender, recipient.as_ref(), at)
            .unwrap()
            .to_string()
    }

    #[test]
    fn the_recipients_clocks_come_before_the_rules_and_those_before_the_senders() {
        let evening = "2026-01-31T20:30:00.000Z";
        let berlin = sender("+4915112345678", None);
        let own = quiet("21:00", "08:00", Some("America/New_York"));
        // In Berlin it is half past nine in the evening, in New York half past three in the afternoon.
        assert_eq!(opens(Some(&own), &berlin, None, evening), evening);
        let told = opens(Some(&own), &berlin, Some("Europe/Berlin"), evening);
        assert_eq!(told, "2026-02-01T07:00:00.000Z");
        let without = quiet("21:00", "08:00", None);
        let told = opens(Some(&without), &berlin, None, evening);
        assert_eq!(told, "2026-02-01T07:00:00.000Z");
        // A service has no clocks.
        let service = sender("MG00000000000000000000000000000001", None);
        assert_eq!(opens(Some(&without), &service, None, evening), evening);
    }

    #[test]
    fn a_text_keeps_the_rules_of_its_user_and_of_its_sender_and_a_login_code_none() {
        let night = quiet("21:00", "08:00", Some("UTC"));
        let morning = sender("12345", Some(quiet("08:00", "10:00", Some("UTC"))));
        let at = "2026-01-31T22:00:00.000Z";
        assert_eq!(
            opens(Some(&night), &morning, None, at),
            "2026-02-01T10:00:00.000Z"
        );
        let now = at.parse().unwrap();
        let login = opening(Class::Otp, Some(&night), &morning, None, now);
        assert_eq!(login, Some(now));
        let rest = sender("12345", Some(quiet("08:00", "21:00", Some("UTC"))));
        let bulk = opening(Class::Bulk, Some(&night), &rest, None, now);
        assert_eq!(bulk, None, "both leave no moment");
    }
}
