use mysms_core::domain::{Template, TemplateId, TemplateName, TemplateText};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::schema;

/// A text with places for what differs.
#[derive(Serialize, ToSchema)]
#[schema(as = Template)]
pub(super) struct TemplateView {
    #[schema(value_type = schema::TemplateId)]
    id: TemplateId,
    #[schema(value_type = schema::TemplateName)]
    name: TemplateName,
    #[schema(value_type = schema::TemplateText)]
    content: TemplateText,
    /// The fields of `content`, each once, in the order in which they first appear.
    #[schema(value_type = Vec<schema::TemplateField>)]
    fields: Vec<String>,
}

impl From<Template> for TemplateView {
    fn from(template: Template) -> Self {
        let fields = template.content.fields();
        Self {
            fields: fields.into_iter().map(str::to_owned).collect(),
            id: template.id,
            name: template.name,
            content: template.content,
        }
    }
}
