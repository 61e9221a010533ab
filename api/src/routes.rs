use std::task::{Context, Poll};

use axum::Router;
use http::Request;
use mysms_core::domain::KeyToken;
use tower::Service;
use utoipa_axum::router::OpenApiRouter;

use crate::error::ApiError;
use crate::extract::bearer;
use crate::state::AppState;
use crate::{
    accounts, client, consent, contacts, conversations, endpoints, events, health, inbox, keys,
    messages, middleware, openapi, push, senders, settings, templates, uploads, webhooks,
};

/// The whole API, in both worlds. A request with a key for tests meets the sandbox, any other what is real.
#[derive(Clone)]
pub struct Api {
    real: Router,
    sandbox: Router,
}

impl Api {
    pub fn new(state: &AppState) -> Self {
        Self {
            real: router(state),
            sandbox: router(&state.sandbox()),
        }
    }
}

impl<B> Service<Request<B>> for Api
where
    Router: Service<Request<B>>,
{
    type Response = <Router as Service<Request<B>>>::Response;
    type Error = <Router as Service<Request<B>>>::Error;
    type Future = <Router as Service<Request<B>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Routers are always ready, so it is enough to ask one of them.
        self.real.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if bearer(request.headers()).is_some_and(KeyToken::is_one_for_tests) {
            self.sandbox.call(request)
        } else {
            self.real.call(request)
        }
    }
}

fn router(state: &AppState) -> Router {
    let routes = OpenApiRouter::default()
        .merge(accounts::router(state))
        .merge(keys::router())
        .merge(settings::router())
        .merge(messages::router())
        .merge(uploads::router())
        .merge(senders::router())
        .merge(conversations::router())
        .merge(contacts::router())
        .merge(templates::router())
        .merge(consent::router())
        .merge(inbox::router())
        .merge(events::router())
        .merge(endpoints::router())
        .merge(push::router())
        .merge(webhooks::router())
        .merge(health::router())
        .merge(client::router());
    let routes = openapi::publish(routes)
        .merge(client::pages())
        .merge(uploads::files())
        .merge(accounts::for_browsers())
        .fallback(async || ApiError::NoSuchPath)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .with_state(state.clone());
    middleware::wrap(routes, state)
}
