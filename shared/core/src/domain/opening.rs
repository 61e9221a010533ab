//! From when on a text may leave, as far as quiet hours are concerned.

use super::{Class, Message, QuietHours, Sender, Timestamp, Zone, open_from};

/// The quiet hours that a text keeps, its user's and its sender's, each with the clocks that it means.
///
/// Those are the clocks of where the recipient is. If that is not known, those that the rule names;
/// otherwise the sender's.
pub fn quiet_rules(
    user: Option<&QuietHours>,
    sender: &Sender,
    recipient: Option<&Zone>,
) -> Vec<(QuietHours, Zone)> {
    let rules = user.into_iter().chain(&sender.quiet);
    let placed = rules.map(|hours| {
        let named = || hours.zone().cloned().or_else(|| sender.zone());
        let zone = recipient.cloned().or_else(named);
        let zone = zone.unwrap_or_else(Zone::utc);
        (hours.in_zone(zone.clone()), zone)
    });
    placed.collect()
}

/// The first moment from `at` on that is quiet by none of the rules; `None` if there is none within
/// [`super::OPENS_WITHIN`]. A login code leaves at any time.
pub fn opening(class: Class, rules: &[(QuietHours, Zone)], at: Timestamp) -> Option<Timestamp> {
    if class == Class::Otp || rules.is_empty() {
        return Some(at);
    }
    let rules: Vec<_> = rules.iter().map(|(hours, zone)| (hours, zone)).collect();
    open_from(&rules, at)
}

/// Until when a message has to wait that would leave now, because of its user's quiet hours or its
/// sender's; `None` if it need not. Whom their rules never let send is not kept waiting for ever.
pub fn rests_until(
    message: &Message,
    user: Option<&QuietHours>,
    sender: &Sender,
    now: Timestamp,
) -> Option<Timestamp> {
    let rules = quiet_rules(user, sender, message.time_zone.as_ref());
    opening(message.class, &rules, now).filter(|open| *open > now)
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
        let rules = quiet_rules(user, sender, recipient.as_ref());
        let open = opening(Class::default(), &rules, at.parse().unwrap());
        open.unwrap().to_string()
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
        let rules = quiet_rules(Some(&night), &morning, None);
        assert_eq!(opening(Class::Otp, &rules, now), Some(now));
        let rest = sender("12345", Some(quiet("08:00", "21:00", Some("UTC"))));
        let rules = quiet_rules(Some(&night), &rest, None);
        assert_eq!(opening(Class::Bulk, &rules, now), None, "nothing is left");
    }
}
