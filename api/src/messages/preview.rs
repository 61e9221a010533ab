//! What would become of a text.

use mysms_core::domain::{
    Class, Cost, Encoding, Foreign, PhoneNumber, Reference, SenderAddress, Smart, Tags, Timestamp,
    smart,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::idempotency::{HEADER, Key};
use super::prospect::{Prospect, Sketch};
use super::submit::Submission;
use super::text::{Draft, SendMessage, Text};
use crate::error::{ApiError, FieldError};
use crate::extract::Checks;
use crate::limits::Bill;
use crate::openapi::schema;
use view::{EncodingChange, PauseView};

const ENDS_TOO_EARLY: &str = "is over before the text is likely to leave";

/// The answer to a dry run. What cannot be told is null.
#[derive(Serialize, ToSchema)]
pub(super) struct Preview {
    dry_run: bool,
    /// No rule refuses it.
    pub(super) acceptable: bool,
    /// As the provider would get it.
    #[schema(value_type = Option<schema::Recipient>, required)]
    recipient: Option<PhoneNumber>,
    #[schema(value_type = Option<schema::Encoding>, required)]
    encoding: Option<Encoding>,
    /// What it fills of its segments: septets in GSM-7, UTF-16 units in UCS-2.
    #[schema(required, example = 17)]
    units: Option<usize>,
    #[schema(required, example = 1)]
    pub(super) segments: Option<u32>,
    /// The characters that force UCS-2, in the order in which they first appear.
    forcing_ucs2: Vec<ForcingUcs2>,
    #[schema(value_type = Option<schema::Timestamp>, required)]
    send_at: Option<Timestamp>,
    #[schema(value_type = schema::Timestamp)]
    expires_at: Timestamp,
    /// It would stay in the simulator.
    simulated: bool,
    /// What it would leave from.
    #[schema(value_type = Option<schema::SenderAddress>, required)]
    pub(super) sender: Option<SenderAddress>,
    #[schema(value_type = schema::Class)]
    class: Class,
    /// When it could leave at the earliest, if it had to wait for its `send_at` or for the end of quiet
    /// hours.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    pub(super) starts_at: Option<Timestamp>,
    /// When it would be likely to leave.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    pub(super) expected_at: Option<Timestamp>,
    /// By when it would have left in nineteen of twenty cases.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    pub(super) expected_by: Option<Timestamp>,
    /// When it would be given up, if it would be likely not to leave before: `expires_at`, moved along by the
    /// quiet hours until then.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    given_up_at: Option<Timestamp>,
    /// That nothing leaves its sender now; null if that is not so.
    #[schema(required)]
    paused: Option<PauseView>,
    /// What smart encoding would replace. What else is told is of the text with that replaced.
    encoding_changes: Vec<EncodingChange>,
    #[schema(value_type = Option<schema::Reference>, required)]
    reference: Option<Reference>,
    #[schema(value_type = schema::Tags)]
    tags: Tags,
    /// Every rule that refuses it, but for the limits.
    pub(super) errors: Vec<FieldError>,
    /// Every limit that refuses it now, and whether its recipient does.
    pub(super) limits: Vec<Limit>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Limit {
    /// The code of the problem that a text sent in earnest gets.
    #[schema(example = "sending-too-fast")]
    code: &'static str,
    /// A sentence for people.
    message: String,
    /// Seconds to wait.
    #[schema(required, minimum = 1, example = 20)]
    retry_after: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct ForcingUcs2 {
    #[schema(value_type = String, example = "ж")]
    character: char,
    #[schema(example = "U+0436")]
    code_point: String,
    /// Where it is first, in UTF-16 units from 0.
    index: usize,
    /// How often the text has it.
    count: usize,
}

/// Judges a request by the same rules as if it were meant. Stores and counts nothing.
pub(super) async fn preview(
    submission: &Submission<'_>,
    key: Result<Key, ApiError>,
    request: SendMessage,
) -> Result<Preview, ApiError> {
    let request = submission.word(request).await?;
    let words = request.words().map(str::to_owned);
    judge(submission, key, request.read(), words).await
}

/// The same of a request that was read, and of its words, whether or not they may be sent.
pub(super) async fn judge(
    submission: &Submission<'_>,
    key: Result<Key, ApiError>,
    draft: Draft,
    words: Option<String>,
) -> Result<Preview, ApiError> {
    let state = submission.state;
    // Files alone are sent with an empty text.
    let alone = draft.content.as_ref().filter(|_| draft.unmade.is_empty());
    let content = words.or_else(|| alone.map(|content| content.body.as_str().to_owned()));
    let text = draft.text();
    let Draft {
        recipient,
        terms,
        labels,
        unmade,
        mut checks,
        ..
    } = draft;
    let now = state.clock.now();
    let settings = state.settings.of(submission.caller.user).await?;
    let smart = content.map(|content| as_it_leaves(content, terms.wants_smart(&settings)));
    let cost = smart.as_ref().map(|smart| Cost::of(&smart.text));
    let segments = cost.as_ref().map_or(0, |cost| cost.segments);
    let sketch = Sketch {
        recipient: recipient.as_ref(),
        terms: &terms,
        segments,
    };
    let prospect = Prospect::of(submission, &settings, sketch, now).await?;
    let from = prospect.starts_at.unwrap_or(now);
    let expires_at = terms.expires_at(from, state.delivery.validity);
    let mut limits = Vec::new();
    // What was accepted before is answered again, whatever refuses it by now.
    if !is_repeated(submission, key, text.as_ref(), &mut checks).await? {
        checks.refuse_all(unmade);
        if let Some(fault) = terms.fault(now) {
            checks.refuse::<()>(terms.when(), fault);
        }
        for refusal in refusals(submission, recipient.as_ref()) {
            limits.push(Limit::from(&refusal));
            checks.refuse_all(refusal.fields());
        }
        if let Some(text) = &text {
            let files = submission.check_files(&text.content.media).await;
            checks.note(files)?;
        }
        for (field, why) in &prospect.faults {
            checks.refuse::<()>(*field, why);
        }
        if prospect.forecast.given_up_at(expires_at).is_some() {
            checks.refuse::<()>("validity_seconds", ENDS_TOO_EARLY);
        }
        let bill = Bill {
            user: submission.caller.user,
            recipient: recipient.as_ref(),
            segments,
            class: submission.class(&terms),
            send_at: prospect.starts_at,
        };
        let refusals = state.limits.refusals(bill, now).await?;
        limits.extend(refusals.iter().map(Limit::from));
        if let Some(text) = &text
            && let Some(sender) = &prospect.sender
            && state
                .opt_outs
                .refuses(sender.address.as_str(), &text.recipient)
                .await?
        {
            limits.push(Limit::from(&ApiError::RecipientOptedOut));
        }
    }
    let errors = checks.into_errors();
    Ok(Preview {
        dry_run: true,
        acceptable: errors.is_empty() && limits.is_empty(),
        recipient,
        encoding: cost.as_ref().map(|cost| cost.encoding),
        units: cost.as_ref().map(|cost| cost.units),
        segments: cost.as_ref().map(|cost| cost.segments),
        forcing_ucs2: cost
            .map(|cost| cost.foreign.into_iter().map(ForcingUcs2::from).collect())
            .unwrap_or_default(),
        send_at: terms.send_at,
        expires_at,
        simulated: state.provider.simulated,
        expected_at: prospect.forecast.at(),
        expected_by: prospect.forecast.by(),
        given_up_at: prospect.forecast.given_up_at(expires_at),
        paused: prospect.forecast.paused,
        sender: prospect.sender.map(|sender| sender.address),
        class: submission.class(&terms),
        starts_at: prospect.starts_at,
        encoding_changes: smart
            .map(|smart| EncodingChange::of(&smart.changes))
            .unwrap_or_default(),
        reference: labels.reference,
        tags: labels.tags,
        errors,
        limits,
    })
}

fn as_it_leaves(text: String, smartly: bool) -> Smart {
    if smartly {
        return smart(&text);
    }
    Smart {
        text,
        changes: Vec::new(),
    }
}

/// Why the recipient may not be sent to by this caller, or from here at all.
fn refusals(submission: &Submission<'_>, recipient: Option<&PhoneNumber>) -> Vec<ApiError> {
    let Some(recipient) = recipient else {
        return Vec::new();
    };
    let allowed = submission.state.recipients.allow(recipient);
    let country = (!allowed).then(|| ApiError::not_allowed(recipient));
    let reach = submission.caller.require_reach(recipient).err();
    reach.into_iter().chain(country).collect()
}

/// Whether the key belongs to the same request already.
async fn is_repeated(
    submission: &Submission<'_>,
    key: Result<Key, ApiError>,
    text: Option<&Text>,
    checks: &mut Checks,
) -> Result<bool, ApiError> {
    let key = match key {
        Ok(Key(key)) => key,
        Err(ApiError::Invalid(faults)) => {
            checks.refuse_all(faults);
            None
        }
        Err(error) => return Err(error),
    };
    let Some((key, text)) = key.zip(text) else {
        return Ok(false);
    };
    let asked = submission.idempotency(key, text);
    let Some(known) = submission.known(Some(&asked)).await? else {
        return Ok(false);
    };
    let first = submission.is_first(&known, text);
    if !first {
        checks.refuse::<()>(HEADER, "was used before for another message");
    }
    Ok(first)
}

impl From<&ApiError> for Limit {
    fn from(refusal: &ApiError) -> Self {
        Self {
            code: refusal.code(),
            message: refusal.to_string(),
            retry_after: refusal.retry_after(),
        }
    }
}

impl From<Foreign> for ForcingUcs2 {
    fn from(foreign: Foreign) -> Self {
        Self {
            character: foreign.character,
            code_point: format!("U+{:04X}", u32::from(foreign.character)),
            index: foreign.index,
            count: foreign.count,
        }
    }
}
