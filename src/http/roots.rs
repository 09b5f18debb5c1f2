//! Which certificates are trusted: the system's, and where there are none, as in an empty container
//! image, those of Mozilla that are part of this program.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::CertificateResult;

use super::HttpError;
use super::error::Cause;

/// How TLS is spoken. Reads the system's certificates (or those that `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` name), so it takes a moment.
pub(super) fn tls() -> Result<ClientConfig, HttpError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::Setup(error.into()))?
        .with_root_certificates(roots(rustls_native_certs::load_native_certs())?)
        .with_no_client_auth();
    Ok(config)
}

fn roots(system: CertificateResult) -> Result<RootCertStore, HttpError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(system.certs);
    if !roots.is_empty() {
        // Of what can't be read beside them, the others may do.
        return Ok(roots);
    }
    // Somebody chose whom to trust. Others are no replacement.
    if let Some(error) = system.errors.into_iter().next() {
        return Err(HttpError::Roots(Cause(error.to_string())));
    }
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rustls_native_certs::load_certs_from_paths;

    use super::*;

    #[test]
    fn where_the_system_has_none_the_embedded_ones_are_used() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("none.pem");
        fs_err::write(&empty, "").unwrap();
        for system in [
            load_certs_from_paths(None, None),
            load_certs_from_paths(None, Some(folder.path())),
            load_certs_from_paths(Some(&empty), None),
        ] {
            assert!(roots(system).unwrap().len() > 100);
        }
    }

    #[test]
    fn certificates_of_one_s_own_are_all_that_is_trusted() {
        let key = rcgen::generate_simple_self_signed(["api.example".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own.pem");
        fs_err::write(&file, key.cert.pem()).unwrap();
        let missing = folder.path().join("missing");
        assert_eq!(
            roots(load_certs_from_paths(Some(&file), None))
                .unwrap()
                .len(),
            1
        );
        let both = load_certs_from_paths(Some(&file), Some(&missing));
        assert_eq!(roots(both).unwrap().len(), 1);
    }

    #[test]
    fn a_named_file_that_cannot_be_read_is_not_replaced_by_others() {
        let nowhere = Path::new("/nowhere/own.pem");
        let error = roots(load_certs_from_paths(Some(nowhere), None)).unwrap_err();
        let text = crate::chain::chain(&error);
        assert!(
            text.starts_with("the trusted certificates can't be read: "),
            "{text}"
        );
        assert!(text.contains("/nowhere/own.pem"), "{text}");
    }
}
