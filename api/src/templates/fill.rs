//! A text made of a template.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use mysms_core::domain::{Template, TemplateId, Unfilled, UserId, check_words, is_field_name};
use serde_json::value::RawValue;
use tokio::sync::Mutex;

use super::{OwnTemplate, shelf};
use crate::error::{ApiError, FieldError};
use crate::extract::{Checks, Field, Pairs};
use crate::state::AppState;

const TEMPLATE: &str = "template";
const FIELDS: &str = "fields";

/// More fields than any template has: each takes five characters of a text.
const MOST_FIELDS: usize = 400;

/// The templates that the texts of one request are made of, which may be the same for a thousand of them.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<TemplateId, Option<Template>>>);

/// What a request says instead of a text: by this it is known again, whatever becomes of the template.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) template: TemplateId,
    pub(crate) values: BTreeMap<String, String>,
}

/// The text of a request that names a template.
pub(crate) struct Filled {
    /// `None` if that cannot be told from the request.
    pub(crate) recipe: Option<Recipe>,
    /// The words, or what is wrong with them.
    pub(crate) text: Result<String, Vec<FieldError>>,
}

impl Known {
    /// Fills a template of a user. `content` is what the request gives in its place, which it must not.
    pub(crate) async fn fill(
        &self,
        state: &AppState,
        owner: UserId,
        (template, fields): (Field, Option<Box<RawValue>>),
        content: &Field,
    ) -> Result<Filled, ApiError> {
        let mut checks = Checks::default();
        let has_content = !matches!(content, Field::Absent);
        let id = read_id(&mut checks, template, has_content);
        let values = match fields {
            Some(fields) => read_values(&mut checks, &fields),
            None => Some(BTreeMap::new()),
        };
        let template = match id {
            Some(id) => self.find(state, owner, id).await?,
            None => None,
        };
        if id.is_some() && template.is_none() {
            checks.refuse::<()>(TEMPLATE, "is none of yours");
        }
        let filled = template
            .zip(values.as_ref())
            .map(|(it, values)| it.content.fill(values));
        let text = match filled {
            Some(Ok(text)) => Some(text),
            Some(Err(unfilled)) => {
                for fault in unfilled {
                    refuse(&mut checks, fault);
                }
                None
            }
            None => None,
        };
        let faults = checks.into_errors();
        let recipe = id.zip(values).filter(|_| !has_content);
        Ok(Filled {
            recipe: recipe.map(|(template, values)| Recipe { template, values }),
            text: text.filter(|_| faults.is_empty()).ok_or(faults),
        })
    }

    async fn find(
        &self,
        state: &AppState,
        owner: UserId,
        id: TemplateId,
    ) -> Result<Option<Template>, ApiError> {
        let mut known = self.0.lock().await;
        if let Some(template) = known.get(&id) {
            return Ok(template.clone());
        }
        let found = shelf::find(state, OwnTemplate { owner, id }).await?;
        known.insert(id, found.clone());
        Ok(found)
    }
}

/// Which template is named; there are fields if it is none.
fn read_id(checks: &mut Checks, template: Field, has_content: bool) -> Option<TemplateId> {
    match template {
        Field::Absent if has_content => {
            return checks.refuse(FIELDS, "can only be given with a template");
        }
        Field::Absent => return checks.refuse(TEMPLATE, "is required with fields"),
        _ if has_content => {
            checks.refuse::<()>(TEMPLATE, "and content cannot be given together");
        }
        _ => {}
    }
    checks.read(TEMPLATE, template, |text| {
        text.parse().map_err(|_| "must be the id of a template")
    })
}

fn refuse(checks: &mut Checks, fault: Unfilled) {
    let (name, why) = match fault {
        Unfilled::Missing(name) => (name, "is required by the template"),
        Unfilled::Unknown(name) => (name, "is no field of the template"),
    };
    checks.refuse::<()>(named(&name), why);
}

/// The field that a value is.
fn named(name: &str) -> Cow<'static, str> {
    format!("{FIELDS}.{name}").into()
}

fn read_values(checks: &mut Checks, given: &RawValue) -> Option<BTreeMap<String, String>> {
    let Ok(Pairs::<MOST_FIELDS> { kept, count }) = serde_json::from_str(given.get()) else {
        return checks.refuse(FIELDS, "must be an object of strings");
    };
    if count > MOST_FIELDS {
        return checks.refuse(FIELDS, "are more than any template has");
    }
    let mut values = BTreeMap::new();
    let mut is_sound = true;
    // All of them, so that each fault is told.
    for (name, value) in kept {
        let read = if !is_field_name(&name) {
            checks.refuse(FIELDS, "have a name that no field can have")
        } else if values.contains_key(&name) {
            checks.refuse(named(&name), "is given twice")
        } else {
            checks.read(named(&name), value, |value| {
                check_words(&value).map(|()| value)
            })
        };
        is_sound &= read.is_some();
        // A second one is one whatever was wrong with the first.
        values.entry(name).or_insert(read.unwrap_or_default());
    }
    is_sound.then_some(values)
}
