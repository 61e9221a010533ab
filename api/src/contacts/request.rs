//! Contacts as they come.

use mysms_core::domain::{Address, Contact, ContactLabels, ContactName, ContactNote, MOST_LABELS};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{Checks, Field};
use crate::openapi::schema;

/// What is known of somebody.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactRequest)]
#[serde(expecting = "an object with `name`")]
pub(super) struct PutContact {
    #[serde(default)]
    #[schema(required, value_type = schema::ContactName)]
    name: Field,
    /// Nothing, if it is left out.
    #[serde(default)]
    #[schema(value_type = Option<schema::ContactNote>)]
    note: Field,
    /// None, if it is left out.
    #[serde(default)]
    #[schema(value_type = Option<Vec<schema::ContactLabel>>, max_items = 10)]
    labels: Option<Value>,
}

/// One of many contacts.
#[derive(Deserialize, ToSchema)]
#[schema(as = ContactOfBatch)]
#[serde(expecting = "an object with `number` and `name`")]
pub(super) struct GivenContact {
    #[serde(default)]
    #[schema(required, value_type = schema::ContactNumber)]
    number: Field,
    #[serde(flatten)]
    contact: PutContact,
}

impl PutContact {
    /// The contact of a number that a path names.
    pub(super) fn of(self, number: &Address) -> Result<Contact, ApiError> {
        let mut checks = Checks::default();
        let number = read_number(&mut checks, Field::Text(number.as_str().to_owned()));
        let contact = self.read(&mut checks, number);
        checks.finish(contact)
    }

    fn read(self, checks: &mut Checks, number: Option<Address>) -> Option<Contact> {
        let name = checks.read("name", self.name, |text| ContactName::parse(&text));
        let note = checks.optional("note", self.note, |text| ContactNote::parse(&text));
        let labels = match self.labels {
            None => Some(ContactLabels::default()),
            Some(given) => labels(checks, given),
        };
        Some(Contact {
            number: number?,
            name: name?,
            note: note.unwrap_or_default(),
            labels: labels?,
        })
    }
}

impl GivenContact {
    pub(super) fn checked(self) -> Result<Contact, ApiError> {
        let mut checks = Checks::default();
        let number = read_number(&mut checks, self.number);
        let contact = self.contact.read(&mut checks, number);
        checks.finish(contact)
    }
}

/// What is no number of anybody would seem to be stored, and name nobody.
fn read_number(checks: &mut Checks, given: Field) -> Option<Address> {
    checks.read("number", given, |text| Address::named(&text))
}

fn labels(checks: &mut Checks, given: Value) -> Option<ContactLabels> {
    const FIELD: &str = "labels";
    let items = checks.list(FIELD, given)?;
    // One that comes twice is no fault, and a list without an end is.
    let first = &items[..items.len().min(2 * MOST_LABELS)];
    let read = checks.strings(FIELD, first, |label| Ok::<_, String>(label.to_owned()))?;
    if first.len() < items.len() {
        return checks.refuse(FIELD, &format!("must be at most {MOST_LABELS}"));
    }
    ContactLabels::parse(read).map_or_else(|error| checks.refuse(FIELD, &error.to_string()), Some)
}
