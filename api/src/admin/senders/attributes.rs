//! What an operator says about a sender.

use std::str::FromStr;

use clap::Args;
use mysms_core::domain::{
    Country, DailyCap, InboundRule, QuietHours, Rate, Sender, SenderKind, SenderState, UserId,
    Username, Zone,
};

/// Where carriers begin the day of a cap, if nothing else is said.
const CARRIERS: &str = "America/Los_Angeles";

#[derive(Debug, Clone, Default, Args)]
pub struct Attributes {
    /// `long_code`, `toll_free`, `short_code`, `alphanumeric` or `service`; by default what it looks like
    #[arg(long, value_parser = kind)]
    kind: Option<SenderKind>,
    /// Where its texts may go, such as `US,CA`; `all`
    #[arg(long, value_parser = countries)]
    countries: Option<Countries>,
    /// Segments a second, from 0.01 to 1000; `usual` for its kind
    #[arg(long, value_parser = rate)]
    rate: Option<Said<Rate>>,
    /// Segments a day; `none`
    #[arg(long, value_name = "SEGMENTS", value_parser = segments)]
    daily_cap: Option<Said<u64>>,
    /// With whose midnight the day begins; `America/Los_Angeles` unless said
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse)]
    cap_zone: Option<Zone>,
    /// The only user who may send from it, who also gets what is written to it; `none`
    #[arg(long, value_name = "NAME", value_parser = owner)]
    owner: Option<Said<Username>>,
    /// Who gets what is written to it: `owner`, `conversation` (whoever holds it) or `inbox` (nobody)
    #[arg(long, value_parser = inbound)]
    inbound: Option<InboundRule>,
    /// `active`, `draining` (it takes no new texts) or `off` (nothing leaves it)
    #[arg(long, value_parser = state)]
    state: Option<SenderState>,
    /// Quiet hours as JSON, such as `{"windows":[{"from":"21:00","to":"08:00"}],"time_zone":"UTC"}`;
    /// `none`
    #[arg(long, value_name = "JSON", value_parser = quiet)]
    quiet: Option<Said<QuietHours>>,
}

/// A value, or that there is to be none.
#[derive(Debug, Clone)]
enum Said<T> {
    Nothing,
    Value(T),
}

/// Everywhere, if there are none.
#[derive(Debug, Clone)]
struct Countries(Vec<Country>);

impl Attributes {
    /// The user who is named as the owner.
    pub(super) fn owner(&self) -> Option<&Username> {
        match &self.owner {
            Some(Said::Value(name)) => Some(name),
            Some(Said::Nothing) | None => None,
        }
    }

    /// The sender with what is said of it, or what is wrong with that. `owner` is the user who is named.
    pub(super) fn apply(
        &self,
        mut sender: Sender,
        owner: Option<UserId>,
    ) -> Result<Sender, String> {
        set(&mut sender.kind, self.kind);
        set(&mut sender.inbound, self.inbound);
        set(&mut sender.state, self.state);
        let countries = self.countries.clone();
        set(&mut sender.countries, countries.map(|Countries(list)| list));
        set_or_drop(&mut sender.rate, self.rate.as_ref());
        set_or_drop(&mut sender.quiet, self.quiet.as_ref());
        if self.owner.is_some() {
            sender.owner = owner;
        }
        sender.cap = self.cap(sender.cap.take())?;
        check(&sender)?;
        Ok(sender)
    }

    fn cap(&self, before: Option<DailyCap>) -> Result<Option<DailyCap>, String> {
        let (segments, zone) = match (&self.daily_cap, before) {
            (Some(Said::Nothing), _) | (None, None) => (None, None),
            (Some(Said::Value(segments)), before) => {
                (Some(*segments), before.map(|before| before.zone))
            }
            (None, Some(before)) => (Some(before.segments), Some(before.zone)),
        };
        let Some(segments) = segments else {
            return match self.cap_zone {
                Some(_) => Err("--cap-zone says nothing without a --daily-cap".to_owned()),
                None => Ok(None),
            };
        };
        let zone = self.cap_zone.clone().or(zone);
        let zone = zone.or_else(|| Zone::parse(CARRIERS).ok());
        let zone = zone.unwrap_or_else(Zone::utc);
        Ok(Some(DailyCap { segments, zone }))
    }
}

fn check(sender: &Sender) -> Result<(), String> {
    let form = sender.address.kind();
    let numbers = [SenderKind::LongCode, SenderKind::TollFree];
    let fits = form == sender.kind || (numbers.contains(&form) && numbers.contains(&sender.kind));
    if !fits {
        let (address, kind, form) = (&sender.address, sender.kind.as_str(), form.as_str());
        return Err(format!(
            "{address} cannot be a {kind}: it looks like a {form}"
        ));
    }
    let unplaced = |hours: &QuietHours| hours.zone().is_none();
    if sender.quiet.as_ref().is_some_and(unplaced) && sender.zone().is_none() {
        return Err("--quiet needs a time_zone: it is not known where the sender is".to_owned());
    }
    Ok(())
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn set_or_drop<T: Clone>(place: &mut Option<T>, said: Option<&Said<T>>) {
    match said {
        Some(Said::Value(value)) => *place = Some(value.clone()),
        Some(Said::Nothing) => *place = None,
        None => {}
    }
}

fn kind(text: &str) -> Result<SenderKind, &'static str> {
    let mut kinds = SenderKind::ALL.into_iter();
    let kind = kinds.find(|kind| kind.as_str() == text);
    kind.ok_or("must be long_code, toll_free, short_code, alphanumeric or service")
}

fn inbound(text: &str) -> Result<InboundRule, &'static str> {
    let mut rules = InboundRule::ALL.into_iter();
    let rule = rules.find(|rule| rule.as_str() == text);
    rule.ok_or("must be owner, conversation or inbox")
}

fn state(text: &str) -> Result<SenderState, &'static str> {
    let mut states = SenderState::ALL.into_iter();
    let state = states.find(|state| state.as_str() == text);
    state.ok_or("must be active, draining or off")
}

fn countries(text: &str) -> Result<Countries, String> {
    if text == "all" {
        return Ok(Countries(Vec::new()));
    }
    let country = |code: &str| {
        let country = Country::parse(code.trim());
        country
            .ok_or_else(|| format!("{code:?} is no country by its code of two letters, such as US"))
    };
    text.split(',')
        .map(country)
        .collect::<Result<_, _>>()
        .map(Countries)
}

fn rate(text: &str) -> Result<Said<Rate>, &'static str> {
    const WRONG: &str = "must be from 0.01 to 1000 segments a second, or `usual`";
    said(text, "usual", |text| {
        let segments: f64 = text.parse().map_err(|_| WRONG)?;
        Rate::try_from(segments).map_err(|_| WRONG)
    })
}

fn segments(text: &str) -> Result<Said<u64>, &'static str> {
    said(text, "none", |text| {
        let segments = u64::from_str(text).ok().filter(|segments| *segments > 0);
        segments.ok_or("must be a whole number of segments, or `none`")
    })
}

fn owner(text: &str) -> Result<Said<Username>, String> {
    said(text, "none", |text| {
        Username::parse(text).map_err(|error| error.to_string())
    })
}

fn quiet(text: &str) -> Result<Said<QuietHours>, String> {
    said(text, "none", |text| {
        let json: serde_json::Value =
            serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
        serde_json::from_value(json).map_err(|error| error.to_string())
    })
}

fn said<T, E>(
    text: &str,
    nothing: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Said<T>, E> {
    if text == nothing {
        return Ok(Said::Nothing);
    }
    parse(text).map(Said::Value)
}
