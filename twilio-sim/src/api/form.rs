use std::{borrow::Cow, collections::HashMap};

use crate::{
    SenderKind,
    error::Refused,
    media::MOST,
    message::LONGEST_BODY,
    segments,
    senders::{Load, is_number, is_service_sid},
    settings::is_webhook,
    state::{Live, Sim},
};

const LONGEST_CALLBACK: usize = 4000;
const LONGEST_VALIDITY_SECONDS: u32 = 36_000;
/// How a trial account's texts begin.
const TRIAL_PREFIX: &str = "Sent from your Twilio trial account - ";

/// Recipients with which Twilio's test credentials provoke an error.
const MAGIC_RECIPIENTS: [(&str, u32); 5] = [
    ("+15005550001", 21211),
    ("+15005550002", 21612),
    ("+15005550003", 21408),
    ("+15005550004", 21610),
    ("+15005550009", 21614),
];

/// Senders with which they do. Any other that is not ours is 21606.
const MAGIC_SENDERS: [(&str, u32); 3] = [
    ("+15005550001", 21212),
    ("+15005550007", 21606),
    ("+15005550008", 21611),
];

/// A create request that is in order.
pub(super) struct Create {
    pub(super) to: String,
    pub(super) from: String,
    pub(super) service: Option<String>,
    /// As it is sent, a trial account's prefix included.
    pub(super) body: String,
    /// Where the files are that it brings.
    pub(super) media: Vec<String>,
    pub(super) status_callback: Option<String>,
    pub(super) validity_seconds: u32,
}

impl Create {
    pub(super) fn parse(form: &[u8], sim: &Sim, live: &Live) -> Result<Self, Refused> {
        let form = Form::parse(form);
        let to = form.get("To").ok_or_else(|| Refused::new(21604))?;
        let (from, service) = sender(&form, sim)?;
        let media = media(&form)?;
        let body = body(&form, !media.is_empty())?;
        recipient(to)?;
        if !sim.senders.kind(&from).is_none_or(|kind| kind.reaches(to)) {
            return Err(Refused::new(21612).about(to));
        }
        let settings = &live.settings;
        if settings.trial && !settings.verified.contains(to) {
            return Err(Refused::new(21608).about(to));
        }
        let scope = sim.senders.scope(&from, service.as_deref());
        if sim.ledger.is_opted_out(to, &scope) {
            return Err(Refused::new(21610).about(to));
        }
        let prefix = if settings.trial { TRIAL_PREFIX } else { "" };
        Ok(Self {
            to: to.to_owned(),
            from,
            service,
            body: format!("{prefix}{body}"),
            media,
            status_callback: status_callback(&form)?,
            validity_seconds: validity(&form)?,
        })
    }

    /// What the request named: the Messaging Service, or else the number, code or name.
    pub(super) fn sender(&self) -> &str {
        self.service.as_deref().unwrap_or(&self.from)
    }

    /// What its sender has to carry.
    pub(super) fn load(&self, now_ms: i64) -> Load {
        Load {
            now_ms,
            segments: segments::count(&self.body),
            validity_seconds: self.validity_seconds,
        }
    }
}

/// The fields of a form; an empty one counts as absent, and of a repeated one the last counts, but for
/// files, of which each does.
struct Form<'a> {
    fields: HashMap<Cow<'a, str>, Cow<'a, str>>,
    media: Vec<Cow<'a, str>>,
}

impl<'a> Form<'a> {
    fn parse(form: &'a [u8]) -> Self {
        let pairs = form_urlencoded::parse(form);
        let media = pairs.filter(|(name, value)| name == "MediaUrl" && !value.is_empty());
        Self {
            fields: form_urlencoded::parse(form).collect(),
            media: media.map(|(_, value)| value).collect(),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .get(name)
            .map(AsRef::as_ref)
            .filter(|value: &&str| !value.is_empty())
    }
}

fn sender(form: &Form<'_>, sim: &Sim) -> Result<(String, Option<String>), Refused> {
    let (from, service) = (form.get("From"), form.get("MessagingServiceSid"));
    if let Some(service) = service {
        if !is_service_sid(service) {
            return Err(Refused::new(21705));
        }
        if sim.senders.kind(service).is_none() {
            return Err(Refused::new(21701));
        }
    }
    let from = match (from, service) {
        (Some(from), _) => from.to_owned(),
        (None, Some(service)) => {
            let number = sim.senders.number_of(service);
            number.ok_or_else(|| Refused::new(21703))?
        }
        (None, None) => return Err(Refused::new(21603)),
    };
    let kind = sim.senders.kind(&from);
    if kind.is_none_or(|kind| kind == SenderKind::Service) {
        let magic = MAGIC_SENDERS.iter().find(|(number, _)| *number == from);
        return Err(Refused::new(magic.map_or(21606, |(_, code)| *code)).about(&from));
    }
    Ok((from, service.map(str::to_owned)))
}

fn media(form: &Form<'_>) -> Result<Vec<String>, Refused> {
    if form.media.len() > MOST {
        return Err(Refused::new(21623));
    }
    if form.media.iter().all(|url| is_webhook(url)) {
        Ok(form.media.iter().map(ToString::to_string).collect())
    } else {
        Err(Refused::new(21620))
    }
}

/// A message of files alone needs none.
fn body<'a>(form: &'a Form<'_>, has_media: bool) -> Result<&'a str, Refused> {
    let body = form.get("Body").or(has_media.then_some(""));
    let body = body.ok_or_else(|| Refused::new(21602))?;
    if body.encode_utf16().count() > LONGEST_BODY {
        return Err(Refused::new(21617));
    }
    Ok(body)
}

fn recipient(to: &str) -> Result<(), Refused> {
    if let Some((_, code)) = MAGIC_RECIPIENTS.iter().find(|(number, _)| *number == to) {
        return Err(Refused::new(*code).about(to));
    }
    if is_number(to) {
        Ok(())
    } else {
        Err(Refused::new(21211).about(to))
    }
}

fn status_callback(form: &Form<'_>) -> Result<Option<String>, Refused> {
    let Some(text) = form.get("StatusCallback") else {
        return Ok(None);
    };
    if text.len() <= LONGEST_CALLBACK && is_webhook(text) {
        Ok(Some(text.to_owned()))
    } else {
        Err(Refused::new(21609))
    }
}

fn validity(form: &Form<'_>) -> Result<u32, Refused> {
    let Some(text) = form.get("ValidityPeriod") else {
        return Ok(LONGEST_VALIDITY_SECONDS);
    };
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| (1..=LONGEST_VALIDITY_SECONDS).contains(seconds));
    seconds.ok_or_else(|| Refused::new(21624))
}
