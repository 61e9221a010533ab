//! Who may use a route, as its description says: what the document promises is what is enforced.

use std::collections::HashMap;

use axum::extract::MatchedPath;
use http::Method;
use http::request::Parts;
use mysms_core::domain::{Grant, Scope};
use serde_json::Value;

use super::RENDERED;
use crate::error::ApiError;

/// The names of the two ways in which a request shows for whom it is made.
pub(super) const TOKEN: &str = "token";
pub(super) const KEY: &str = "key";

/// Which keys may use a route. Everybody who has logged in may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    NoKey,
    EveryKey,
    KeyWith(Scope),
}

/// The routes that take keys, by path and method.
pub(super) struct Accesses(HashMap<(String, String), Access>);

impl Access {
    /// Of the route that a request is for. One that says nothing about keys takes none.
    pub(crate) fn of_route(parts: &Parts) -> Self {
        let path = parts.extensions.get::<MatchedPath>();
        let rendered = RENDERED.get();
        let known = path.zip(rendered).and_then(|(path, rendered)| {
            // Whatever can be got can be asked for without its body.
            let method = if parts.method == Method::HEAD {
                &Method::GET
            } else {
                &parts.method
            };
            rendered.accesses.of(method, path.as_str())
        });
        known.unwrap_or(Self::NoKey)
    }

    pub(crate) fn admit(self, grant: &Grant) -> Result<(), ApiError> {
        match self {
            Self::NoKey => Err(ApiError::LoginNeeded),
            Self::EveryKey => Ok(()),
            Self::KeyWith(scope) if grant.allows(scope) => Ok(()),
            Self::KeyWith(scope) => Err(ApiError::ScopeMissing { scope }),
        }
    }

    /// Of an operation as the document has it. A scope that is not known opens nothing.
    pub(super) fn of_operation(operation: &Value) -> Self {
        let mut ways = operation["security"].as_array().into_iter().flatten();
        let scopes = ways.find_map(|way| way[KEY].as_array());
        match scopes.map(Vec::as_slice) {
            Some([]) => Self::EveryKey,
            Some([scope]) => {
                let scope = scope.as_str().and_then(|scope| Scope::parse(scope).ok());
                scope.map_or(Self::NoKey, Self::KeyWith)
            }
            _ => Self::NoKey,
        }
    }
}

impl Accesses {
    pub(super) fn of_document(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let operations = paths.flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flatten();
            operations.map(move |(method, operation)| {
                let route = (path.clone(), method.to_ascii_uppercase());
                (route, Access::of_operation(operation))
            })
        });
        Self(operations.collect())
    }

    fn of(&self, method: &Method, path: &str) -> Option<Access> {
        let route = (path.to_owned(), method.as_str().to_owned());
        self.0.get(&route).copied()
    }
}
