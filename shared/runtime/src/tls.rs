//! The one TLS implementation of the process.

use rustls::crypto::{CryptoProvider, aws_lc_rs};

/// Makes aws-lc the implementation that every TLS client uses; to be called before the first of them
/// is built. Further calls change nothing.
///
/// A dependency may bring a second one in, and rustls refuses to choose between two.
pub fn install_provider() {
    if CryptoProvider::get_default().is_none() {
        // It fails only when another thread has just installed the same one.
        let _ = aws_lc_rs::default_provider().install_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_may_be_installed_repeatedly() {
        install_provider();
        install_provider();
        assert!(CryptoProvider::get_default().is_some());
    }
}
