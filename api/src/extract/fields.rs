use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::error::{ApiError, FieldError};

/// A field of a request as it came, so that all its faults are found, not just the first.
#[derive(Default)]
pub(crate) enum Field {
    /// Not there, or null.
    #[default]
    Absent,
    Text(String),
    /// As exact as sensible numbers need.
    Number(f64),
    Flag(bool),
    /// A list or the like.
    Other,
}

/// Collects what is wrong with the fields of one request.
#[derive(Default)]
pub(crate) struct Checks(Vec<FieldError>);

impl Checks {
    /// Reads a required field; `None` if something is wrong with it.
    pub(crate) fn read<T, E: fmt::Display>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        field: Field,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        match field {
            Field::Absent => self.refuse(name, "is required"),
            Field::Text(text) => self.parse(name, text, parse),
            Field::Number(_) | Field::Flag(_) | Field::Other => {
                self.refuse(name, "must be a string")
            }
        }
    }

    /// Reads a field that may be left out; `None` also if it is.
    pub(crate) fn optional<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        field: Field,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        match field {
            Field::Absent => None,
            given => self.read(name, given, parse),
        }
    }

    /// Reads a number that may be left out; `None` also if it is.
    pub(crate) fn number<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        field: &Field,
        parse: impl FnOnce(f64) -> Result<T, E>,
    ) -> Option<T> {
        match field {
            Field::Absent => None,
            Field::Number(number) => self.parse(name, *number, parse),
            Field::Text(_) | Field::Flag(_) | Field::Other => self.refuse(name, "must be a number"),
        }
    }

    /// Reads `true` or `false` that may be left out; `None` also if it is.
    pub(crate) fn flag(&mut self, name: &'static str, field: &Field) -> Option<bool> {
        match field {
            Field::Absent => None,
            Field::Flag(flag) => Some(*flag),
            Field::Text(_) | Field::Number(_) | Field::Other => {
                self.refuse(name, "must be true or false")
            }
        }
    }

    /// Reads each element of a list of strings; `None` if something is wrong with one of them.
    pub(crate) fn strings<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        items: &[Value],
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let mut values = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let read = item.as_str().ok_or_else(|| "must be a string".to_owned());
            match read.and_then(|text| parse(text).map_err(|error| error.to_string())) {
                Ok(value) => values.push(value),
                Err(why) => return self.refuse(name, &format!("at place {}: {why}", place + 1)),
            }
        }
        Some(values)
    }

    /// The elements of a field that has to be a list of strings.
    pub(crate) fn list(&mut self, name: &'static str, given: Value) -> Option<Vec<Value>> {
        match given {
            Value::Array(items) => Some(items),
            _ => self.refuse(name, "must be a list of strings"),
        }
    }

    /// Reads a required field that may be any text.
    pub(crate) fn text(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        field: Field,
    ) -> Option<String> {
        self.read(name, field, Ok::<_, Infallible>)
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

    /// Reads a parameter that may be given several times; empty also if it is not given.
    pub(crate) fn parameters<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        query: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
        let values = values.filter_map(|(_, value)| self.parse(name, &*value, &parse));
        values.collect()
    }

    /// The value made of the fields, or all that is wrong with them.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, ApiError> {
        let sound = self.0.is_empty();
        value.filter(|_| sound).ok_or(ApiError::Invalid(self.0))
    }

    /// Nothing is wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is wrong so far.
    pub(crate) fn into_errors(self) -> Vec<FieldError> {
        self.0
    }

    fn parse<V, T, E: fmt::Display>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: V,
        parse: impl FnOnce(V) -> Result<T, E>,
    ) -> Option<T> {
        match parse(value) {
            Ok(value) => Some(value),
            Err(error) => self.refuse(name, &error.to_string()),
        }
    }

    /// Says what is wrong with a field.
    pub(crate) fn refuse<T>(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        message: &str,
    ) -> Option<T> {
        self.0.push(FieldError {
            field: field.into(),
            message: message.to_owned(),
        });
        None
    }

    pub(crate) fn refuse_all(&mut self, faults: Vec<FieldError>) {
        self.0.extend(faults);
    }

    /// Takes over what another check says is wrong; fails with what says nothing of the request.
    pub(crate) fn note(&mut self, checked: Result<(), ApiError>) -> Result<(), ApiError> {
        match checked {
            Err(ApiError::Invalid(faults)) => {
                self.refuse_all(faults);
                Ok(())
            }
            checked => checked,
        }
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

    fn visit_bool<E>(self, flag: bool) -> Result<Field, E> {
        Ok(Field::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Field, E> {
        let number = i32::try_from(number).unwrap_or(i32::MIN);
        Ok(Field::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Field, E> {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Field::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Field, E> {
        Ok(Field::Number(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Field, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Field, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }
}
