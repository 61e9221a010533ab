//! Whom a request means, and which page sent it.
//!
//! A web page anywhere can make a browser ask this API. By DNS rebinding it does so under a name of
//! its own that leads here; as a simple form it does so without asking first.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version};
use runtime::config::{CorsOrigins, HttpConfig, ProviderConfig};
use url::Url;

use crate::cors;
use crate::error::ApiError;
use crate::state::AppState;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Under which names this API is asked.
#[derive(Debug, Clone)]
enum Names {
    /// Whoever reaches it comes by a name that is not known here.
    Any,
    /// It listens on this machine alone, so nobody but this machine's people means it.
    ThisMachine {
        bind: IpAddr,
        /// The host of `PUBLIC_BASE_URL`.
        public: Option<String>,
    },
}

impl Names {
    fn of(http: &HttpConfig, provider: &ProviderConfig) -> Self {
        if !http.bind.to_canonical().is_loopback() {
            return Self::Any;
        }
        let public = provider.public_base_url.as_deref();
        let public = public.and_then(|url| Url::parse(url).ok());
        Self::ThisMachine {
            bind: http.bind,
            public: public.and_then(|url| url.host_str().map(str::to_owned)),
        }
    }

    fn allow(&self, host: &str) -> bool {
        let Self::ThisMachine { bind, public } = self else {
            return true;
        };
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let address = address.parse::<IpAddr>().ok();
        let own = [[127, 0, 0, 1].into(), Ipv6Addr::LOCALHOST.into(), *bind];
        let by_name = |name: &str| name.eq_ignore_ascii_case(host);
        address.is_some_and(|address| own.contains(&address))
            || by_name("localhost")
            || public.as_deref().is_some_and(by_name)
    }
}

/// How this API is asked.
pub(crate) struct Asked {
    names: Names,
    http: Arc<HttpConfig>,
    provider: Arc<ProviderConfig>,
}

impl Asked {
    pub(crate) fn new(http: &Arc<HttpConfig>, provider: &Arc<ProviderConfig>) -> Self {
        Self {
            names: Names::of(http, provider),
            http: Arc::clone(http),
            provider: Arc::clone(provider),
        }
    }
}

/// Refuses what was meant for somebody else, or sent by a page that may not.
pub(crate) async fn check(
    State(asked): State<Arc<Asked>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let host = host(request.headers(), request.uri(), request.version())?;
    if host
        .as_ref()
        .is_some_and(|host| !asked.names.allow(host.host()))
    {
        return Err(ApiError::Misdirected);
    }
    let public = asked.provider.public_base_url.as_deref();
    let own = Own {
        host: host.as_ref(),
        public,
    };
    if is_of_a_strange_page(&request, &own, &asked.http.cors) {
        return Err(ApiError::CrossSite);
    }
    Ok(next.run(request).await)
}

/// The one host that a request names (RFC 9112, section 3.2). Only an old client may name none.
fn host(headers: &HeaderMap, uri: &Uri, version: Version) -> Result<Option<Authority>, ApiError> {
    let mut named = headers.get_all(HOST).iter();
    let once = "must be given once";
    let host = match (named.next(), named.next()) {
        (None, _) if version < Version::HTTP_11 => None,
        (Some(host), None) => Some(host),
        _ => return Err(ApiError::invalid("Host", once)),
    };
    let host = host.map(|host| Authority::try_from(host.as_bytes()));
    let host = host
        .transpose()
        .map_err(|_| ApiError::invalid("Host", "must be a host"))?;
    // A request line with a host of its own is about that one.
    Ok(uri.authority().cloned().or(host))
}

/// What only reads is not kept from pages here: they do not get to see it.
fn is_of_a_strange_page(request: &Request, own: &Own<'_>, cors: &CorsOrigins) -> bool {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    let headers = request.headers();
    !reads && is_cross_site(headers, own) && !has_allowed_origin(headers, cors)
}

/// A browser says so itself. One that is old, or that came here without TLS, only names the page's origin.
fn is_cross_site(headers: &HeaderMap, own: &Own<'_>) -> bool {
    match headers.get(SEC_FETCH_SITE) {
        Some(site) => site == "cross-site" || site == "same-site",
        None => headers
            .get(ORIGIN)
            .is_some_and(|origin| !own.is_origin(origin)),
    }
}

/// Where our own pages come from.
struct Own<'a> {
    /// The one that the request names.
    host: Option<&'a Authority>,
    /// `PUBLIC_BASE_URL`: a proxy may name another host to us than its clients name to it.
    public: Option<&'a str>,
}

impl Own<'_> {
    fn is_origin(&self, origin: &HeaderValue) -> bool {
        let Some(origin) = origin.to_str().ok().and_then(|text| Url::parse(text).ok()) else {
            return false;
        };
        // It names no scheme, so the page's own decides about its port.
        let named = self
            .host
            .map(|host| format!("{}://{host}", origin.scheme()));
        let own = [self.public, named.as_deref()].into_iter().flatten();
        own.filter_map(|url| Url::parse(url).ok())
            .any(|own| own.origin() == origin.origin())
    }
}

/// For what no page of another origin may do, whatever `CORS_ALLOWED_ORIGINS` lets it do else: the browser
/// adds to it what the page does not know.
#[derive(Clone, Copy)]
pub(crate) struct OwnPage {
    /// As far as is known, whatever proxies are in between.
    pub(crate) is_https: bool,
}

impl FromRequestParts<AppState> for OwnPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let host = host(&parts.headers, &parts.uri, parts.version)?;
        let public = state.provider.public_base_url.as_deref();
        let own = Own {
            host: host.as_ref(),
            public,
        };
        if is_cross_site(&parts.headers, &own) {
            return Err(ApiError::CrossSite);
        }
        // The browser alone knows, and names it with whatever may change something.
        let origin = parts.headers.get(ORIGIN);
        let origin = origin.and_then(|origin| origin.to_str().ok()).or(public);
        Ok(Self {
            is_https: origin.is_some_and(|origin| origin.starts_with("https:")),
        })
    }
}

fn has_allowed_origin(headers: &HeaderMap, cors: &CorsOrigins) -> bool {
    let origin = headers.get(ORIGIN);
    origin.is_some_and(|origin| cors::allows(cors, origin))
}

#[cfg(test)]
mod tests {
    use runtime::config::CorsOrigins;
    use serde_json::json;

    use super::*;
    use crate::testing::{Answer, TestApi, request};

    async fn ask(api: &TestApi, method: Method, headers: &[(&'static str, &str)]) -> Answer {
        let body = json!({"username": "john_doe", "password": "wrong password"}).to_string();
        let path = if method == Method::GET {
            "/healthz"
        } else {
            "/login"
        };
        let mut asked = request(method, path, None, body);
        asked.headers_mut().clear();
        for (name, value) in headers {
            asked.headers_mut().append(*name, value.parse().unwrap());
        }
        api.call_as_it_is(asked).await
    }

    #[tokio::test]
    async fn on_this_machine_only_its_own_names_are_answered() {
        let api = TestApi::start().await;
        for host in [
            "localhost",
            "LOCALHOST:3000",
            "127.0.0.1:3000",
            "[::1]:3000",
            "sms.example.com",
        ] {
            assert_eq!(
                ask(&api, Method::GET, &[("host", host)]).await.status,
                200,
                "{host}"
            );
        }
        for host in [
            "evil.example",
            "evil.example:3000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.2",
            "0.0.0.0",
            "192.168.0.7",
        ] {
            let answer = ask(&api, Method::GET, &[("host", host)]).await;
            answer.problem(421);
            assert_eq!(
                answer.json()["type"],
                "urn:mysms:problem:misdirected",
                "{host}"
            );
        }
    }

    #[tokio::test]
    async fn elsewhere_it_has_whatever_name_it_was_given() {
        let api = TestApi::with(|settings| settings.http.bind = [0, 0, 0, 0].into()).await;
        let answer = ask(&api, Method::GET, &[("host", "sms.internal:8080")]).await;
        assert_eq!(answer.status, 200);
    }

    #[tokio::test]
    async fn a_request_names_one_host() {
        let api = TestApi::start().await;
        for headers in [
            &[][..],
            &[("host", "localhost"), ("host", "localhost")],
            &[("host", "localhost, localhost")],
            &[("host", "")],
        ] {
            let answer = ask(&api, Method::GET, headers).await;
            assert_eq!(answer.problem(400), ["Host"], "{headers:?}");
        }
    }

    #[tokio::test]
    async fn a_page_of_another_site_changes_nothing_unless_it_may() {
        let list = CorsOrigins::List(vec!["https://app.example.com".to_owned()]);
        let api = TestApi::with(|settings| settings.http.cors = list.clone()).await;
        let site = |site, origin| {
            [
                ("host", "localhost"),
                ("sec-fetch-site", site),
                ("origin", origin),
            ]
        };
        for (site, status) in [
            (site("cross-site", "https://evil.example"), 403),
            (site("same-site", "http://localhost:8000"), 403),
            (site("cross-site", "null"), 403),
            (site("cross-site", "https://app.example.com"), 401),
            (site("same-origin", "http://localhost"), 401),
            (site("none", "http://localhost"), 401),
        ] {
            assert_eq!(
                ask(&api, Method::POST, &site).await.status,
                status,
                "{site:?}"
            );
        }
        // A browser that does not say it only names the page's origin.
        for (host, origin, status) in [
            ("localhost:3000", "http://evil.example", 403),
            ("localhost:3000", "null", 403),
            ("localhost:3000", "http://localhost:3001", 403),
            ("localhost:3000", "http://LOCALHOST:3000", 401),
            ("localhost", "http://localhost", 401),
            ("localhost", "https://localhost", 401),
            ("localhost:3000", "https://app.example.com", 401),
        ] {
            let headers = [("host", host), ("origin", origin)];
            let answer = ask(&api, Method::POST, &headers).await;
            assert_eq!(answer.status, status, "{host} {origin}");
        }
        let link = [("host", "localhost"), ("sec-fetch-site", "cross-site")];
        assert_eq!(
            ask(&api, Method::GET, &link).await.status,
            200,
            "a link leads here"
        );
    }
}
