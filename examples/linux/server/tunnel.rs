//! The request to a proxy for a tunnel to the server: HTTP CONNECT (RFC 9110, 9.3.6).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use httparse::{EMPTY_HEADER, Response, Status};
use lankeeper::ProxySettings;
use lankeeper::nic::Exposed;
use zeroize::Zeroize;

use crate::endpoint::Endpoint;

/// The longest accepted response header, in bytes.
const HEAD: usize = 8192;
const HEADERS: usize = 64;

/// The answer of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The answer is not complete yet.
    Incomplete,
    /// The tunnel is established.
    Established,
    /// The credentials are missing or wrong; contains the status code.
    Unauthorised(u16),
    /// The proxy cannot or will not connect to the server; contains the status code.
    Refused(u16),
    /// The answer is not HTTP.
    Unreadable,
}

/// A pending request. It may contain a password, so it implements no `Debug` and is wiped.
pub struct Request(Vec<u8>);

/// The password is sealed, and this program has no key to unseal it.
pub struct SealedError;

impl Request {
    /// Creates the request for a tunnel to `server`.
    pub fn new(server: &Endpoint, proxy: &ProxySettings) -> Result<Self, SealedError> {
        let mut request = Self(Vec::with_capacity(512));
        request.add(format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n"));
        if let Some(username) = proxy.username() {
            let password = match proxy.password().map(|it| it.expose()) {
                Some(Exposed::Plaintext(text)) => text,
                Some(Exposed::Sealed(_)) => return Err(SealedError),
                None => "",
            };
            let mut plain = format!("{username}:{password}");
            let mut coded = STANDARD.encode(&plain);
            request.add(format!("Proxy-Authorization: Basic {coded}\r\n"));
            plain.zeroize();
            coded.zeroize();
        }
        request.add("\r\n".to_owned());
        Ok(request)
    }

    /// The part that is not yet sent.
    pub fn rest(&self) -> &[u8] {
        &self.0
    }

    /// Removes `length` bytes that were sent.
    pub fn sent(&mut self, length: usize) {
        self.0[..length].zeroize();
        self.0.drain(..length);
    }

    fn add(&mut self, mut text: String) {
        self.0.extend_from_slice(text.as_bytes());
        text.zeroize();
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Answer {
    /// Parses the bytes received so far.
    pub fn read(bytes: &[u8]) -> Self {
        let mut headers = [EMPTY_HEADER; HEADERS];
        let mut response = Response::new(&mut headers);
        match response.parse(bytes) {
            Ok(Status::Partial) if bytes.len() < HEAD => Self::Incomplete,
            Ok(Status::Complete(_)) => match response.code {
                Some(200..300) => Self::Established,
                // Some proxies answer 401 instead of 407.
                Some(code @ (401 | 407)) => Self::Unauthorised(code),
                Some(code) => Self::Refused(code),
                None => Self::Unreadable,
            },
            Ok(Status::Partial) | Err(_) => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lankeeper::nic::ProxyPassword;

    fn request(proxy: &ProxySettings) -> String {
        let server: Endpoint = "server.test:443".parse().unwrap();
        let Ok(request) = Request::new(&server, proxy) else {
            panic!("the password is in plaintext");
        };
        String::from_utf8(request.rest().to_vec()).unwrap()
    }

    #[test]
    fn request_names_the_server_and_whoever_asks() {
        let proxy = ProxySettings::new("proxy.test", 8888).unwrap();
        assert_eq!(
            request(&proxy),
            "CONNECT server.test:443 HTTP/1.1\r\nHost: server.test:443\r\n\r\n"
        );
        let password = ProxyPassword::plaintext("secret").unwrap();
        let proxy = proxy.with_credentials("hub", Some(password)).unwrap();
        let authorisation = "\r\nProxy-Authorization: Basic aHViOnNlY3JldA==\r\n\r\n";
        assert!(request(&proxy).ends_with(authorisation));
    }

    #[test]
    fn sealed_password_is_an_error() {
        let password = ProxyPassword::sealed(b"blob").unwrap();
        let proxy = ProxySettings::new("proxy.test", 8888).unwrap();
        let proxy = proxy.with_credentials("hub", Some(password)).unwrap();
        let server = "10.0.0.1:443".parse().unwrap();
        assert!(Request::new(&server, &proxy).is_err());
    }

    #[test]
    fn answers_are_distinguished_and_read_to_their_end() {
        for (text, answer) in [
            (
                "HTTP/1.0 200 Connection established\r\n\r\n",
                Answer::Established,
            ),
            (
                "HTTP/1.1 200 OK\r\nProxy-agent: x\r\n\r\nhello",
                Answer::Established,
            ),
            (
                "HTTP/1.1 401 No\r\nWWW-Authenticate: x\r\n\r\n",
                Answer::Unauthorised(401),
            ),
            ("HTTP/1.1 407 No\r\n\r\n<html>", Answer::Unauthorised(407)),
            ("HTTP/1.1 403 Filtered\r\n\r\n", Answer::Refused(403)),
            (
                "HTTP/1.1 500 Unable to connect\r\n\r\n",
                Answer::Refused(500),
            ),
            ("SSH-2.0-OpenSSH\r\n", Answer::Unreadable),
        ] {
            assert_eq!(Answer::read(text.as_bytes()), answer, "{text}");
            let head = text.find("\r\n\r\n").map_or(0, |at| at + 4);
            for end in 0..head {
                assert_eq!(
                    Answer::read(&text.as_bytes()[..end]),
                    Answer::Incomplete,
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn endless_head_is_unreadable() {
        let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(HEAD));
        assert_eq!(Answer::read(endless.as_bytes()), Answer::Unreadable);
    }
}
