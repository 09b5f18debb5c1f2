//! Which certificates are trusted: the system's, and where there are none, as in an empty container
//! image, those of Mozilla that are part of this program.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// How TLS is spoken. Reads the system's certificates (or those that `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` name), so it takes a moment.
pub(super) fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots())
        .with_no_client_auth();
    Ok(config)
}

fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // What can't be read is left out: the others may do.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}
