//! The document as a contract that requests and answers can be held against.

use jsonschema::Draft;
use serde_json::{Value, json};

use super::samples;
use crate::testing::{Answer, TestApi};

pub(super) struct Contract(Value);

/// One operation of the document.
#[derive(Clone, Copy)]
pub(super) struct Operation<'a> {
    contract: &'a Contract,
    pub method: &'a str,
    pub path: &'a str,
    pub said: &'a Value,
}

impl Contract {
    pub(super) async fn of(api: &TestApi) -> Self {
        let answer = api
            .call(crate::testing::request(
                http::Method::GET,
                "/openapi.json",
                None,
                "",
            ))
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/json");
        Self(answer.json())
    }

    pub(super) fn document(&self) -> &Value {
        &self.0
    }

    pub(super) fn operations(&self) -> Vec<Operation<'_>> {
        let mut operations = Vec::new();
        for (path, item) in self.0["paths"].as_object().unwrap() {
            for (method, said) in item.as_object().unwrap() {
                operations.push(Operation {
                    contract: self,
                    method,
                    path,
                    said,
                });
            }
        }
        operations
    }

    /// What a reference stands for, or the value itself.
    pub(super) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value["$ref"].as_str() else {
            return value;
        };
        let pointer = reference.strip_prefix('#').unwrap();
        self.0.pointer(pointer).expect(reference)
    }

    /// The example of a parameter, its own or that of its type.
    pub(super) fn example<'v>(&'v self, parameter: &'v Value) -> Option<&'v Value> {
        let schema = self.resolve(&parameter["schema"]);
        let examples = [
            parameter.get("example"),
            schema["examples"].get(0),
            schema.get("example"),
        ];
        examples.into_iter().flatten().next()
    }

    /// All that keeps a value from being what its schema says. A field that the schema does not know
    /// does too.
    pub(super) fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut root = strict(schema);
        let schemas = self.0["components"]["schemas"].as_object().unwrap();
        let schemas = schemas
            .iter()
            .map(|(name, schema)| (name.clone(), strict_within(schema)));
        root["components"] = json!({"schemas": schemas.collect::<Value>()});
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .build(&root)
            .unwrap();
        validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }
}

/// Forbids fields that are not described, wherever a schema is used.
fn strict(schema: &Value) -> Value {
    let mut schema = strict_within(schema);
    let describes_fields = ["$ref", "allOf", "properties"]
        .iter()
        .any(|keyword| !schema[keyword].is_null());
    if describes_fields {
        schema["unevaluatedProperties"] = json!(false);
    }
    schema
}

/// The same for what is in it only. A named schema may be a part of an `allOf`, and its parts do not
/// know of each other: there it is the whole that forbids.
fn strict_within(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let strict_field = |(key, part): (&String, &Value)| match (key.as_str(), part) {
                ("allOf", Value::Array(parts)) => {
                    (key.clone(), parts.iter().map(strict_within).collect())
                }
                _ => (key.clone(), strict(part)),
            };
            fields.iter().map(strict_field).collect()
        }
        Value::Array(parts) => parts.iter().map(strict).collect(),
        other => other.clone(),
    }
}

impl<'a> Operation<'a> {
    /// Whether an answer is one of those that are described: its status, its headers, its kind and
    /// its body.
    #[track_caller]
    pub(super) fn check(&self, answer: &Answer) {
        let name = format!("{} {}: {}", self.method, self.path, answer.status);
        let response = &self.said["responses"][answer.status.as_str()];
        assert!(
            response.is_object(),
            "{name} is not described: {}",
            answer.text()
        );
        for header in self.contract.0["components"]["headers"]
            .as_object()
            .unwrap()
            .keys()
        {
            let described = response["headers"][header].is_object();
            assert!(
                described || answer.header(header).is_empty(),
                "{name}: {header}"
            );
        }
        let Some(content) = response["content"].as_object() else {
            assert!(answer.body.is_empty(), "{name} has a body");
            return;
        };
        let kind = answer.header("content-type").split(';').next().unwrap();
        let media = content.get(kind).or_else(|| content.get("*/*"));
        // Bytes of any kind, as files have it.
        let media = media.or_else(|| content.get("application/octet-stream"));
        let media = media.unwrap_or_else(|| panic!("{name}: {kind} is not described"));
        if kind == "application/json" || kind.ends_with("+json") {
            let faults = self.contract.faults(&media["schema"], &answer.json());
            assert!(
                faults.is_empty(),
                "{name}: {faults:#?} in {}",
                answer.text()
            );
        }
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = &Value> {
        let parameters = self.said["parameters"].as_array().into_iter().flatten();
        parameters.map(|parameter| self.contract.resolve(parameter))
    }

    /// The example of a parameter, its own or that of its type; or else one that the document keeps to
    /// itself.
    pub(super) fn example(&self, parameter: &Value) -> String {
        let name = parameter["name"].as_str().unwrap();
        match self.contract.example(parameter) {
            Some(Value::String(text)) => text.clone(),
            // One of what may be given several times.
            Some(Value::Array(several)) => several[0].as_str().unwrap().to_owned(),
            Some(other) => other.to_string(),
            None => samples::parameter(self.id(), name)
                .unwrap_or_else(|| panic!("{}: {name} has no example", self.id()))
                .to_owned(),
        }
    }

    pub(super) fn id(&self) -> &'a str {
        self.said["operationId"].as_str().unwrap()
    }

    /// Whether a request has to show for whom it is made.
    pub(super) fn needs_token(&self) -> bool {
        !self.said["security"].as_array().unwrap().is_empty()
    }

    /// The kind, the name and the value of each example of the body; none if there is no body.
    pub(super) fn bodies(&self) -> Vec<(&str, &str, &Value)> {
        let mut bodies = Vec::new();
        let content = self.said["requestBody"]["content"].as_object();
        for (kind, media) in content.into_iter().flatten() {
            let examples = media["examples"].as_object();
            let name = format!("{} {}: {kind}", self.method, self.path);
            for (example, said) in examples.unwrap_or_else(|| panic!("{name} has no examples")) {
                bodies.push((&**kind, &**example, &said["value"]));
            }
        }
        bodies
    }

    pub(super) fn schema_of_body(&self, kind: &str) -> &Value {
        &self.said["requestBody"]["content"][kind]["schema"]
    }

    /// The status of the answer whose example has this name: a problem's code.
    pub(super) fn status_of_problem(&self, code: &str) -> Option<u16> {
        let responses = self.said["responses"].as_object().unwrap();
        let (status, _) = responses.iter().find(|(_, response)| {
            !response["content"]["application/problem+json"]["examples"][code].is_null()
        })?;
        status.parse().ok()
    }
}
