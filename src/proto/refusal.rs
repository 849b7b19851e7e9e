//! What a browser refuses to connect a WebSocket to, known before it is asked.

use std::borrow::Cow;
use std::error::Error as _;
use std::fmt;

use crate::error::Error;
use crate::proto::address::{host_and_port, is_local};
use crate::proto::cors::decide::is_bad_port;
use crate::proto::decimal::decimal;
use crate::proto::headers::is_token;

/// Why no connection was tried: what the `source()` of the error of [`connect`](crate::websocket::connect) is, where
/// its kind is [`InvalidRequest`](crate::ErrorKind::InvalidRequest).
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::websocket::{self, Refusal};
///
/// if let Err(error) = websocket::connect("ws://chat.example:6000/").await {
///     assert_eq!(Refusal::of(&error), Some(Refusal::Port(6000)));
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// It is no URL.
    Url,
    /// The scheme is none of ws, wss, http and https.
    Scheme,
    /// The URL has a fragment.
    Fragment,
    /// No browser connects to this port: [bad port](https://fetch.spec.whatwg.org/#port-blocking).
    Port(u16),
    /// A page from `https` asks for `ws`: [mixed content](https://w3c.github.io/webappsec-mixed-content/).
    MixedContent,
    /// A subprotocol is not a [token](https://www.rfc-editor.org/rfc/rfc6455#section-4.1), or is there twice.
    Subprotocol,
}

impl Refusal {
    /// The refusal behind an error, if that is what it is.
    ///
    /// ```
    /// use pagewire::websocket::Refusal;
    /// use pagewire::{Error, ErrorKind};
    ///
    /// assert_eq!(Refusal::of(&Error::new(ErrorKind::Network, "refused by somebody else")), None);
    /// ```
    #[must_use]
    pub fn of(error: &Error) -> Option<Refusal> {
        error.source()?.downcast_ref().copied()
    }

    /// A stable word: what the ES module shows as `error.refusal`.
    ///
    /// ```
    /// use pagewire::websocket::Refusal;
    ///
    /// assert_eq!(Refusal::MixedContent.as_str(), "mixed-content");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Refusal::Url => "url",
            Refusal::Scheme => "scheme",
            Refusal::Fragment => "fragment",
            Refusal::Port(_) => "port",
            Refusal::MixedContent => "mixed-content",
            Refusal::Subprotocol => "subprotocol",
        }
    }

    /// Looks at a WebSocket's address as the browser's parser writes it out, for a page that came `from_https` or not.
    pub(crate) fn of_address(href: &str, from_https: bool) -> Result<(), Refusal> {
        // An empty fragment is one, too.
        if href.bytes().any(|byte| byte == b'#') {
            return Err(Refusal::Fragment);
        }
        let (host, port) = host_and_port(href.as_bytes());
        match port {
            Some(port) if is_bad_port(port) => Err(Refusal::Port(port)),
            _ if from_https && href.starts_with("ws:") && !is_local(host) => Err(Refusal::MixedContent),
            _ => Ok(()),
        }
    }

    /// "If any of the values in protocols occur more than once or otherwise fail to match the requirements for elements
    /// that comprise the value of `Sec-WebSocket-Protocol` fields [...] then throw a "SyntaxError"":
    /// <https://websockets.spec.whatwg.org/#dom-websocket-websocket>
    pub(crate) fn of_protocols(protocols: &[String]) -> Result<(), Refusal> {
        let is_sound = |(at, name): (usize, &String)| is_token(name) && !protocols[..at].contains(name);
        if protocols.iter().enumerate().all(is_sound) { Ok(()) } else { Err(Refusal::Subprotocol) }
    }
}

impl Refusal {
    /// The reason as a sentence.
    pub(crate) fn text(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Refusal::Url => "not a URL",
            Refusal::Scheme => "a WebSocket URL has the scheme ws or wss, or http or https",
            Refusal::Fragment => "a WebSocket URL has no fragment",
            Refusal::Port(port) => {
                return ("no browser connects to port ".to_owned() + &decimal(port)).into();
            }
            Refusal::MixedContent => "a page from https may connect to wss only",
            Refusal::Subprotocol => "each subprotocol is a token, and stands once",
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

// Not derived: it goes with every socket, as each error's source can be printed, and so would what prints a tuple.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocols(names: &[&str]) -> Result<(), Refusal> {
        Refusal::of_protocols(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_sound_address_is_not_refused() {
        for (href, from_https) in [
            ("ws://a.example:8080/", false),
            ("wss://a.example:8080/", true),
            ("ws://localhost:8080/", true),
            ("ws://127.0.0.1:8080/", true),
            ("ws://192.168.1.1:8080/", true),
        ] {
            assert_eq!(Refusal::of_address(href, from_https), Ok(()), "{href}");
        }
    }

    #[test]
    fn what_every_browser_refuses_is_refused_with_its_reason() {
        assert_eq!(Refusal::of_address("ws://a.example/#", false), Err(Refusal::Fragment));
        assert_eq!(Refusal::of_address("ws://a.example/", true), Err(Refusal::MixedContent));
        for port in [1, 22, 6000, 10080] {
            let href = format!("wss://a.example:{port}/");
            assert_eq!(Refusal::of_address(&href, false), Err(Refusal::Port(port)));
        }
        assert_eq!(Refusal::Port(6000).to_string(), "no browser connects to port 6000");
    }

    #[test]
    fn a_subprotocol_is_a_token_and_stands_once() {
        assert_eq!(protocols(&[]), Ok(()));
        assert_eq!(protocols(&["chat.v1", "chat.v2", "CHAT.v1"]), Ok(()));
        for wrong in [&["a", "b", "a"][..], &["a b"], &[""], &["a,b"], &["é"], &["a/b"]] {
            assert_eq!(protocols(wrong), Err(Refusal::Subprotocol), "{wrong:?}");
        }
    }
}
