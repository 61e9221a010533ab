//! Texts that a user sends again and again, with places for what differs.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Body, InvalidBody, TemplateId, UserId};

/// The most templates of a user.
pub const MOST_TEMPLATES: usize = 200;

/// The longest name of a template, in characters.
pub const LONGEST_TEMPLATE_NAME: usize = 64;

/// The longest name of a field, in characters.
pub const LONGEST_FIELD_NAME: usize = 64;

const OPENED: &str = "{{";
const CLOSED: &str = "}}";

/// A text with places, by the name that its user gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub id: TemplateId,
    pub name: TemplateName,
    pub content: TemplateText,
}

/// 1 to 64 characters, without white space around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TemplateName(String);

#[derive(Debug, thiserror::Error)]
#[error("must be 1 to {LONGEST_TEMPLATE_NAME} characters, without line breaks and the like")]
pub struct InvalidTemplateName;

/// A text in which `{{field}}` stands for what differs. As long as a text may be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TemplateText(String);

#[derive(Debug, thiserror::Error)]
pub enum InvalidTemplateText {
    #[error(transparent)]
    Body(#[from] InvalidBody),
    #[error(
        "must have the name of a field in each pair of braces: 1 to {LONGEST_FIELD_NAME} letters, digits and \
         underscores, such as {{{{first_name}}}}"
    )]
    Field,
}

/// Why a template cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfilled {
    /// The template has a field for which there is no value.
    Missing(String),
    /// There is a value for a field that the template does not have.
    Unknown(String),
}

/// What a template consists of.
enum Piece<'a> {
    Text(&'a str),
    Field(&'a str),
}

impl Template {
    /// What a user's template is stored under. Those of a user begin with [`Self::keys_of`].
    pub fn key_of(owner: UserId, id: TemplateId) -> String {
        format!("{owner}/{id}")
    }

    /// What the keys of a user's templates begin with.
    pub fn keys_of(owner: UserId) -> String {
        format!("{owner}/")
    }
}

impl TemplateName {
    /// Reads a name, dropping white space around it.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplateName> {
        let name = text.trim();
        let fits = (1..=LONGEST_TEMPLATE_NAME).contains(&name.chars().count());
        (fits && !name.contains(char::is_control))
            .then(|| Self(name.to_owned()))
            .ok_or(InvalidTemplateName)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TemplateText {
    pub fn parse(text: String) -> Result<Self, InvalidTemplateText> {
        Self::of(Body::sendable(text)?)
    }

    fn of(text: Body) -> Result<Self, InvalidTemplateText> {
        let text = String::from(text);
        pieces(&text).ok_or(InvalidTemplateText::Field)?;
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names of its fields, each once, in the order in which they first appear.
    pub fn fields(&self) -> Vec<&str> {
        let mut fields = Vec::new();
        for piece in pieces(&self.0).unwrap_or_default() {
            if let Piece::Field(name) = piece
                && !fields.contains(&name)
            {
                fields.push(name);
            }
        }
        fields
    }

    /// The text with a value in the place of each field; what a value says is taken as it is. It may be longer
    /// than a text may be.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Result<String, Vec<Unfilled>> {
        let fields = self.fields();
        let missing = fields.iter().filter(|name| !values.contains_key(**name));
        let missing = missing.map(|name| Unfilled::Missing((*name).to_owned()));
        let unknown = values
            .keys()
            .filter(|name| !fields.contains(&name.as_str()));
        let unknown = unknown.map(|name| Unfilled::Unknown(name.clone()));
        let faults: Vec<_> = missing.chain(unknown).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let pieces = pieces(&self.0).unwrap_or_default().into_iter();
        let filled = pieces.map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Field(name) => values.get(name).map_or("", String::as_str),
        });
        Ok(filled.collect())
    }
}

/// Whether a text can be the name of a field.
pub fn is_field_name(text: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    (1..=LONGEST_FIELD_NAME).contains(&text.chars().count()) && text.chars().all(is_part)
}

/// A text in its pieces; `None` if something between two pairs of braces names no field, or only one of them is
/// there.
fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, opened)) = rest.split_once(OPENED) {
        let (name, after) = opened.split_once(CLOSED)?;
        let name = name.trim();
        if before.contains(CLOSED) || !is_field_name(name) {
            return None;
        }
        pieces.extend([Piece::Text(before), Piece::Field(name)]);
        rest = after;
    }
    if rest.contains(CLOSED) {
        return None;
    }
    pieces.push(Piece::Text(rest));
    Some(pieces)
}

impl TryFrom<String> for TemplateName {
    type Error = InvalidTemplateName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<TemplateName> for String {
    fn from(name: TemplateName) -> Self {
        name.0
    }
}

/// As it was stored.
impl TryFrom<String> for TemplateText {
    type Error = InvalidTemplateText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::of(Body::parse(text)?)
    }
}

impl From<TemplateText> for String {
    fn from(text: TemplateText) -> Self {
        text.0
    }
}

/// What users write stays out of logs.
impl fmt::Debug for TemplateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TemplateText({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> TemplateText {
        TemplateText::parse(text.to_owned()).unwrap()
    }

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn each_field_is_replaced_wherever_it_stands_and_values_are_taken_as_they_are() {
        let text = template("Hi {{name}}, {{ code }} is your code, {{name}}. {a} }");
        assert_eq!(text.fields(), ["name", "code"]);
        let filled = text.fill(&values(&[("name", "{{code}}"), ("code", "42")]));
        assert_eq!(
            filled.unwrap(),
            "Hi {{code}}, 42 is your code, {{code}}. {a} }"
        );
        let plain = template("nothing differs");
        assert_eq!(plain.fill(&values(&[])).unwrap(), "nothing differs");
        let foreign = template("{{Straße_1}}{{имя}}");
        assert_eq!(foreign.fields(), ["Straße_1", "имя"]);
    }

    #[test]
    fn all_that_is_missing_or_unknown_is_told() {
        let text = template("{{a}} {{b}}");
        let faults = text.fill(&values(&[("b", "1"), ("c", "2")])).unwrap_err();
        let expected = [
            Unfilled::Missing("a".to_owned()),
            Unfilled::Unknown("c".to_owned()),
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn braces_name_a_field_or_are_refused() {
        for bad in [
            "{{}}",
            "{{a b}}",
            "{{a-b}}",
            "{{a",
            "a}}",
            "{{{a}}}",
            "}} {{a}}",
            "{{{{a}}}}",
            " ",
        ] {
            assert!(TemplateText::parse(bad.to_owned()).is_err(), "{bad:?}");
        }
        let long = format!("{{{{{}}}}}", "a".repeat(LONGEST_FIELD_NAME + 1));
        assert!(TemplateText::parse(long).is_err());
        assert!(TemplateText::parse("a".repeat(1600)).is_ok());
        assert!(TemplateText::parse("a".repeat(1601)).is_err());
    }
}
