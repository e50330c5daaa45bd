//! With which certificate? Two PEM files: a certificate with those that lead to it, and its private key.

use crate::config::Http;
use crate::error::Error;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;

const HINT: &str = "http.tls_certificate and http.tls_key name files in PEM, BEGIN CERTIFICATE and BEGIN PRIVATE KEY";

/// What the configuration wants: `None` is no TLS.
pub fn of_config(http: &Http) -> Result<Option<Arc<ServerConfig>>, Error> {
    match (http.tls_certificate.as_os_str().is_empty(), http.tls_key.as_os_str().is_empty()) {
        (true, true) => Ok(None),
        (false, false) => load(&http.tls_certificate, &http.tls_key).map(Some),
        (certificate_missing, _) => {
            let (there, missing) = match certificate_missing {
                true => ("http.tls_key", "http.tls_certificate"),
                false => ("http.tls_certificate", "http.tls_key"),
            };
            Err(Error::new(format!("{missing} is not set"))
                .detail(format!("{there} is: TLS needs a certificate and its key"))
                .hint("set both for TLS, or none"))
        }
    }
}

fn load(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, Error> {
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, pem::Error>>);
    let chain = chain.map_err(|error| unread("certificate", certificate, &error))?;
    if chain.is_empty() {
        return Err(unread("certificate", certificate, &pem::Error::NoItemsFound));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unread("key", key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.and_then(|config| config.with_no_client_auth().with_single_cert(chain, private));
    let mut config = config.map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => Error::new("the key of TLS does not belong to the certificate")
            .detail(format!("{} and {} are of two pairs", certificate.display(), key.display()))
            .hint("in the file of the certificate the service's own comes first, then those that lead to it"),
        other => Error::new("TLS cannot be had with this certificate and key")
            .detail(format!("{} and {}: {other}", certificate.display(), key.display()))
            .hint(HINT),
    })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn unread(what: &str, file: &Path, error: &pem::Error) -> Error {
    let detail = match error {
        pem::Error::NoItemsFound => format!("there is no {what} in it"),
        pem::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    Error::new(format!("the {what} of TLS cannot be read from {}", file.display())).detail(detail).hint(HINT)
}
