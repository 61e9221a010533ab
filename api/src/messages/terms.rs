//! On which terms a user wants a text sent.

use std::ops::RangeInclusive;
use std::time::Duration;

use mysms_core::domain::{Class, LocalTime, SenderAddress, Timestamp, UserSettings, Zone};

use crate::extract::{Checks, Field};

/// How far ahead a text can be scheduled, and quiet hours can keep one.
pub(super) const FURTHEST: Duration = Duration::from_hours(35 * 24);

/// How long a text may be tried, if its user says so.
const VALIDITY: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(24);

/// The terms as they came.
#[derive(Default)]
pub(super) struct GivenTerms {
    pub send_at: Field,
    pub send_at_local: Field,
    pub time_zone: Field,
    pub validity_seconds: Field,
    pub from: Field,
    pub class: Field,
    pub smart_encoding: Field,
}

/// When to send a text, for how long to try, and how. What is absent is as usual.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    /// At once, if absent.
    pub send_at: Option<Timestamp>,
    /// The same as it was said, if it was said by the clocks of a place.
    pub send_at_local: Option<LocalTime>,
    /// Where the recipient is.
    pub time_zone: Option<Zone>,
    /// It counts from the moment at which the text is to be sent.
    pub validity: Option<Duration>,
    pub from: Option<SenderAddress>,
    pub class: Option<Class>,
    /// As the user has set it, if absent.
    pub smart_encoding: Option<bool>,
}

impl GivenTerms {
    pub(super) fn read(self, checks: &mut Checks) -> Terms {
        let send_at = checks.optional("send_at", self.send_at, |text| text.parse::<Timestamp>());
        let is_placed = !matches!(self.time_zone, Field::Absent);
        let time_zone = checks.optional("time_zone", self.time_zone, |text| Zone::parse(&text));
        let send_at_local = checks.optional("send_at_local", self.send_at_local, |text| {
            text.parse::<LocalTime>()
        });
        if send_at_local.is_some() && !is_placed {
            checks.refuse::<()>("time_zone", "is required with send_at_local");
        }
        if send_at.is_some() && send_at_local.is_some() {
            checks.refuse::<()>("send_at_local", "and send_at cannot be given together");
        }
        let local = time_zone.as_ref().zip(send_at_local);
        Terms {
            send_at: send_at.or_else(|| local.map(|(zone, time)| zone.at_local(time))),
            send_at_local,
            time_zone,
            validity: checks.number("validity_seconds", &self.validity_seconds, validity),
            from: checks.optional("from", self.from, |text| SenderAddress::parse(&text)),
            class: checks.optional("class", self.class, |text| Class::parse(&text)),
            smart_encoding: checks.flag("smart_encoding", &self.smart_encoding),
        }
    }

    /// What is given, by name.
    pub(super) fn given(&self) -> impl Iterator<Item = &'static str> {
        let fields = [
            ("send_at", &self.send_at),
            ("send_at_local", &self.send_at_local),
            ("time_zone", &self.time_zone),
            ("validity_seconds", &self.validity_seconds),
            ("from", &self.from),
            ("class", &self.class),
            ("smart_encoding", &self.smart_encoding),
        ];
        let given = |(name, field): (&'static str, &Field)| {
            (!matches!(field, Field::Absent)).then_some(name)
        };
        fields.into_iter().filter_map(given)
    }
}

fn validity(seconds: f64) -> Result<Duration, &'static str> {
    let validity = Duration::try_from_secs_f64(seconds).ok();
    let whole = validity.filter(|validity| validity.subsec_nanos() == 0);
    whole
        .filter(|validity| VALIDITY.contains(validity))
        .ok_or("must be a whole number of seconds from 60 to 86400")
}

impl Terms {
    /// Whether what is only typeset is replaced.
    pub(super) fn wants_smart(&self, settings: &UserSettings) -> bool {
        self.smart_encoding.unwrap_or(settings.smart_encoding)
    }

    /// The field that says when to send.
    pub(super) fn when(&self) -> &'static str {
        match self.send_at_local {
            Some(_) => "send_at_local",
            None => "send_at",
        }
    }

    /// What is wrong with the time at which it is to be sent. A time that has passed is not taken
    /// for "at once", because a text that comes late may be worse than none.
    pub(super) fn fault(&self, now: Timestamp) -> Option<&'static str> {
        let send_at = self.send_at?;
        if send_at <= now {
            Some("must be in the future; leave it out to send at once")
        } else if send_at > now + FURTHEST {
            Some("must be at most 35 days ahead")
        } else {
            None
        }
    }

    /// When a text that may leave at a moment is not sent any more. It is tried for `usual` by default.
    pub(super) fn expires_at(&self, start: Timestamp, usual: Duration) -> Timestamp {
        start + self.validity.unwrap_or(usual)
    }
}
