//! One connection: TCP, and TLS where the address asks for it.

use std::fmt;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// Where to connect, and whether to speak TLS there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// TLS from the first byte.
    pub(crate) tls: bool,
    /// A name or an IP address, without brackets.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
}

impl Address {
    /// Whether the host is this machine by its loopback address or by the name `localhost`.
    pub(crate) fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// A URL taken apart: `scheme://[user@]host[:port][/path]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    /// Lower case.
    pub(crate) scheme: String,
    /// Percent-decoded.
    pub(crate) user: Option<String>,
    /// Name or address, without brackets.
    pub(crate) host: String,
    /// Only when it was given.
    pub(crate) port: Option<u16>,
    /// With its leading slash and query, or empty.
    pub(crate) path: String,
}

/// Why a text is not a URL that we can use.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not a usable URL: {why}")]
pub(crate) struct UrlError {
    /// What was given, without a password.
    pub(crate) text: String,
    /// What is wrong with it.
    pub(crate) why: &'static str,
}

impl Url {
    /// Takes `text` apart.
    ///
    /// A password inside the URL is refused: it would end up in histories and process lists.
    pub(crate) fn parse(text: &str) -> Result<Self, UrlError> {
        let refuse = |why| UrlError { text: without_password(text), why };
        if text.bytes().any(|b| b.is_ascii_control() || b == b' ' || b == b'#') {
            return Err(refuse("it holds a blank, a control character or a fragment"));
        }
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| refuse("it has no `scheme://`"))?;
        let (authority, path) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (user, host_port) = match authority.rsplit_once('@') {
            Some((user, host_port)) => (Some(user), host_port),
            None => (None, authority),
        };
        let user = match user {
            Some(user) if user.contains(':') => {
                return Err(refuse("a password does not belong into a URL; name a variable"));
            }
            Some(user) => {
                Some(percent_decode(user).ok_or_else(|| refuse("the user is not UTF-8"))?)
            }
            None => None,
        };
        let (host, port) = split_port(host_port).ok_or_else(|| refuse("the port is wrong"))?;
        if host.is_empty() {
            return Err(refuse("it names no host"));
        }
        Ok(Self {
            scheme: scheme.to_ascii_lowercase(),
            user,
            host: host.to_owned(),
            port,
            path: path.to_owned(),
        })
    }
}

fn without_password(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(start), Some(at)) if start + 3 < at => match text[start + 3..at].split_once(':') {
            Some((user, _)) => format!("{}{user}:…{}", &text[..start + 3], &text[at..]),
            None => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}

fn split_port(host_port: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if let Some(rest) = host_port.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        match after.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if after.is_empty() => (host, None),
            None => return None,
        }
    } else {
        match host_port.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (host_port, None),
        }
    };
    match port {
        None => Some((host, None)),
        Some(port) => Some((host, Some(port.parse().ok().filter(|&p: &u16| p != 0)?))),
    }
}

/// `%41` becomes `A`; a stray `%` stays; `None` when the bytes are not UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let digit = |b: Option<&u8>| b.and_then(|&b| char::from(b).to_digit(16));
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let coded = (b, digit(bytes.get(at + 1)), digit(bytes.get(at + 2)));
        if let (b'%', Some(high), Some(low)) = coded {
            out.push(u8::try_from(high * 16 + low).ok()?);
            at += 3;
        } else {
            out.push(b);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

/// Anything that carries bytes both ways.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open connection.
pub(crate) type Connection = Box<dyn Duplex>;

/// Why no connection came about.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The name has no address.
    #[error("cannot find the host {host}: {source}")]
    Resolve {
        /// The name.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody answers there.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// Where.
        address: Address,
        /// What the system said; of the last address tried.
        source: io::Error,
    },
    /// TCP works, TLS does not.
    #[error("no TLS with {address}: {source}")]
    Tls {
        /// Where.
        address: Address,
        /// What TLS said.
        source: io::Error,
    },
    /// No certificate authority is known, so that no server can be trusted.
    #[error("no trusted certificates on this machine ({0}); set SSL_CERT_FILE to a PEM file")]
    NoRoots(String),
}

/// Opens connections; holds the certificates that are trusted.
#[derive(Clone)]
pub(crate) struct Dialer {
    tls: Option<TlsConnector>,
}

impl Dialer {
    /// A dialer that cannot speak TLS.
    pub(crate) fn plain() -> Self {
        Self { tls: None }
    }

    /// A dialer that trusts what this machine trusts. `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.
    pub(crate) fn native() -> Result<Self, ConnectError> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (added, _unreadable) = roots.add_parsable_certificates(found.certs);
        if added == 0 {
            let why = found.errors.first().map_or("none found".to_owned(), ToString::to_string);
            return Err(ConnectError::NoRoots(why));
        }
        Ok(Self::with_roots(roots))
    }

    /// A dialer for this address: native certificates are read only when it wants TLS.
    pub(crate) fn for_address(address: &Address) -> Result<Self, ConnectError> {
        if address.tls { Self::native() } else { Ok(Self::plain()) }
    }

    /// A dialer that trusts exactly one certificate.
    #[cfg(test)]
    pub(crate) fn trusting(
        certificate: tokio_rustls::rustls::pki_types::CertificateDer<'static>,
    ) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(certificate).expect("a certificate of ours");
        Self::with_roots(roots)
    }

    fn with_roots(roots: RootCertStore) -> Self {
        let provider = Arc::new(crypto::ring::default_provider());
        // The versions are those of the provider itself, so that this cannot fail.
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .ok()
            .map(|versions| versions.with_root_certificates(roots).with_no_client_auth())
            .map(|config| TlsConnector::from(Arc::new(config)));
        Self { tls }
    }

    /// Opens one connection. The addresses of a name are tried in order, each once.
    pub(crate) async fn dial(&self, address: &Address) -> Result<Connection, ConnectError> {
        let resolved = tokio::net::lookup_host((address.host.as_str(), address.port))
            .await
            .map_err(|source| ConnectError::Resolve { host: address.host.clone(), source })?;
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for socket in resolved {
            match TcpStream::connect(socket).await {
                Ok(tcp) => return self.secure(tcp, address).await,
                Err(error) => last = error,
            }
        }
        Err(ConnectError::Connect { address: address.clone(), source: last })
    }

    async fn secure(&self, tcp: TcpStream, address: &Address) -> Result<Connection, ConnectError> {
        // Small requests must leave at once; failing to say so only costs time.
        let _ = tcp.set_nodelay(true);
        if !address.tls {
            return Ok(Box::new(tcp));
        }
        let failed = |source| ConnectError::Tls { address: address.clone(), source };
        let tls = self.tls.as_ref().ok_or_else(|| ConnectError::NoRoots("TLS is off".into()))?;
        let name = ServerName::try_from(address.host.clone())
            .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
        Ok(Box::new(tls.connect(name, tcp).await.map_err(failed)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect(text)
    }

    #[test]
    fn a_url_is_taken_apart() {
        let full = url("IMAPS://alice%40example.test@mail.example.test:9993/x?y");
        assert_eq!(full.scheme, "imaps");
        assert_eq!(full.user.as_deref(), Some("alice@example.test"));
        assert_eq!((full.host.as_str(), full.port), ("mail.example.test", Some(9993)));
        assert_eq!(full.path, "/x?y");
        let six = url("http://[::1]:28000");
        assert_eq!((six.host.as_str(), six.port, six.path.as_str()), ("::1", Some(28000), ""));
        assert_eq!(url("http://user@name@host").user.as_deref(), Some("user@name"));
    }

    #[test]
    fn what_is_not_a_url_is_refused() {
        for text in [
            "",
            "host",
            "http://",
            "http://:80",
            "http://h:0",
            "http://h:65536",
            "http://h:x",
            "http://[::1",
            "http://[::1]x",
            "http://h/a b",
            "http://h/\n",
            "http://%ff@h",
        ] {
            assert!(Url::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        let error = Url::parse("imap://alice:hunter2@host").unwrap_err();
        assert!(error.why.contains("password"));
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn loopback_is_known_by_address_and_by_name() {
        let at = |host: &str| Address { tls: false, host: host.into(), port: 1 };
        assert!(at("127.0.0.1").is_loopback() && at("::1").is_loopback());
        assert!(at("LocalHost").is_loopback());
        assert!(!at("10.0.0.1").is_loopback() && !at("localhost.example").is_loopback());
        assert_eq!(at("::1").to_string(), "[::1]:1");
    }
}
