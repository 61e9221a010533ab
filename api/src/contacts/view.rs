use mysms_core::domain::{Address, Contact, ContactLabels, ContactName, ContactNote};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::schema;

/// Somebody a user knows.
#[derive(Serialize, ToSchema)]
#[schema(as = Contact)]
pub(super) struct ContactView {
    #[schema(value_type = schema::Address)]
    number: Address,
    #[schema(value_type = schema::ContactName)]
    name: ContactName,
    #[schema(value_type = schema::ContactNote)]
    note: ContactNote,
    #[schema(value_type = Vec<schema::ContactLabel>, max_items = 10)]
    labels: ContactLabels,
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        Self {
            number: contact.number,
            name: contact.name,
            note: contact.note,
            labels: contact.labels,
        }
    }
}
