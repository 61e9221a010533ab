use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::error::{ApiError, FieldError};

/// A text field of a request as it came, so that all its faults are found, not just the first.
#[derive(Default)]
pub(crate) enum Field {
    /// Not there, or null.
    #[default]
    Absent,
    Text(String),
    /// A number, a list or the like.
    NotText,
}

/// Collects what is wrong with the fields of one request.
#[derive(Default)]
pub(crate) struct Checks(Vec<FieldError>);

impl Checks {
    /// Reads a required field; `None` if something is wrong with it.
    pub(crate) fn read<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        field: Field,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        match field {
            Field::Absent => self.refuse(name, "is required"),
            Field::NotText => self.refuse(name, "must be a string"),
            Field::Text(text) => self.parse(name, text, parse),
        }
    }

    /// Reads a parameter that may be given once; `None` also if it is not given.
    pub(crate) fn parameter<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        query: &str,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        let mut values = form_urlencoded::parse(query.as_bytes())
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned());
        match (values.next(), values.next()) {
            (None, _) => None,
            (Some(value), None) => self.parse(name, value, parse),
            (Some(_), Some(_)) => self.refuse(name, "must be given once"),
        }
    }

    /// The value made of the fields, or all that is wrong with them.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, ApiError> {
        let sound = self.0.is_empty();
        value.filter(|_| sound).ok_or(ApiError::Invalid(self.0))
    }

    fn parse<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        text: String,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => self.refuse(name, &error.to_string()),
        }
    }

    fn refuse<T>(&mut self, field: &'static str, message: &str) -> Option<T> {
        self.0.push(FieldError {
            field,
            message: message.to_owned(),
        });
        None
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Field, E> {
        Ok(Field::Text(text))
    }

    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Field, E> {
        Ok(Field::NotText)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Field, E> {
        Ok(Field::NotText)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Field, E> {
        Ok(Field::NotText)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Field, E> {
        Ok(Field::NotText)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Field, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::NotText)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Field, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::NotText)
    }
}
