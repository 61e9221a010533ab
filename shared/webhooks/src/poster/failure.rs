//! What an error of the HTTP client means.

use std::error::Error;
use std::io;

use mysms_core::domain::PostFailure;

use crate::guard::NoAddress;

pub(super) fn of(error: &reqwest::Error) -> PostFailure {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = source {
        if let Some(no_address) = cause.downcast_ref::<NoAddress>() {
            return match no_address {
                NoAddress::Unknown => PostFailure::UnknownHost,
                NoAddress::Closed(_) => PostFailure::Forbidden,
            };
        }
        if is_tls(cause) {
            return PostFailure::Tls;
        }
        source = cause.source();
    }
    if error.is_connect() {
        PostFailure::Unreachable
    } else {
        PostFailure::Broken
    }
}

/// TLS reports its errors inside those of the connection, one or two deep.
fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    let inner = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match inner {
        Some(inner) => is_tls(inner),
        None => cause.is::<rustls::Error>(),
    }
}
