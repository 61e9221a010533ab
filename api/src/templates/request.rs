use mysms_core::domain::{Template, TemplateId, TemplateName, TemplateText};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{Checks, Field};
use crate::openapi::schema;

/// A text with places for what differs, as it came.
#[derive(Deserialize, ToSchema)]
#[schema(as = TemplateRequest)]
#[serde(expecting = "an object with `name` and `content`")]
pub(super) struct GivenTemplate {
    #[serde(default)]
    #[schema(required, value_type = schema::TemplateName)]
    name: Field,
    #[serde(default)]
    #[schema(required, value_type = schema::TemplateText)]
    content: Field,
}

impl GivenTemplate {
    pub(super) fn checked(self, id: TemplateId) -> Result<Template, ApiError> {
        let mut checks = Checks::default();
        let name = checks.read("name", self.name, |text| TemplateName::parse(&text));
        let content = checks.read("content", self.content, TemplateText::parse);
        let template = name.zip(content);
        checks.finish(template.map(|(name, content)| Template { id, name, content }))
    }
}
