//! How a WebSocket ends: the code and the reason to send, checked before the browser would throw, and what came of it.

use std::fmt;

use crate::proto::decimal::decimal;

/// How to close a [`WebSocket`](https://websockets.spec.whatwg.org/#dom-websocket-close): with nothing said, or with a
/// code and a reason.
///
/// ```
/// use pagewire::websocket::Close;
///
/// let bye = Close::new(4001, "signed out")?;
/// assert_eq!((bye.code(), bye.reason()), (Some(4001), "signed out"));
/// assert_eq!(Close::default().code(), None);
/// assert!(Close::new(1005, "").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Close {
    code: Option<u16>,
    reason: String,
}

impl Close {
    /// The code of a connection that has done its work.
    pub const NORMAL: u16 = 1000;

    /// Closes with `code` and `reason`.
    ///
    /// ```
    /// use pagewire::websocket::{Close, InvalidClose};
    ///
    /// assert!(Close::new(Close::NORMAL, "done").is_ok());
    /// // 1001 is for browsers alone.
    /// assert_eq!(Close::new(1001, ""), Err(InvalidClose::Code(1001)));
    /// ```
    ///
    /// # Errors
    /// [`InvalidClose::Code`] unless `code` is 1000 or 3000 to 4999; [`InvalidClose::Reason`] if `reason` is longer
    /// than 123 bytes of UTF-8.
    pub fn new(code: u16, reason: impl Into<String>) -> Result<Close, InvalidClose> {
        let reason = reason.into();
        if !matches!(code, Close::NORMAL | 3000..=4999) {
            return Err(InvalidClose::Code(code));
        }
        if reason.len() > LONGEST_REASON {
            return Err(InvalidClose::Reason(reason.len()));
        }
        Ok(Close { code: Some(code), reason })
    }

    /// The code, if any; without one the peer sees 1005, "no status".
    ///
    /// ```
    /// use pagewire::websocket::Close;
    ///
    /// assert_eq!(Close::new(4000, "")?.code(), Some(4000));
    /// # Ok::<(), pagewire::websocket::InvalidClose>(())
    /// ```
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        self.code
    }

    /// The reason, at most 123 bytes; empty without a code.
    ///
    /// ```
    /// use pagewire::websocket::Close;
    ///
    /// assert_eq!(Close::new(4000, "idle for an hour")?.reason(), "idle for an hour");
    /// # Ok::<(), pagewire::websocket::InvalidClose>(())
    /// ```
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// How a connection [ended](https://websockets.spec.whatwg.org/#closeevent).
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::websocket;
///
/// let end = websocket::connect("/chat").await?.closed().await;
/// match end.code {
///     1000 | 1001 => println!("the server has said good-bye"),
///     1006 => println!("the connection broke; {} bytes were not sent", end.unsent),
///     code => println!("{code}: {}", end.reason),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseEvent {
    /// The close code: any number that the server sent; 1005 if it sent none, 1006 if the connection broke.
    pub code: u16,
    /// The reason that the server sent; of a connection that this side gave up, why.
    pub reason: String,
    /// Whether the closing handshake was completed.
    pub was_clean: bool,
    /// Bytes of messages that the browser had taken and not sent when the connection ended
    /// ([`bufferedAmount`](https://websockets.spec.whatwg.org/#dom-websocket-bufferedamount)); at the last end of a
    /// connection that is kept up, those in its queue too. How many of the others arrived, nobody knows but the server;
    /// where this side gave the closing handshake up, the browser may still send some of these.
    pub unsent: u64,
}

impl CloseEvent {
    /// Whether another connection may fare better: neither did the server say that it is done (1000), nor that the two
    /// do not understand each other (1002, 1003, 1007, 1008, 1010). What [`Reconnect`](crate::websocket::Reconnect) goes
    /// by unless told otherwise.
    ///
    /// ```
    /// use pagewire::websocket::Reconnect;
    ///
    /// // This server says 1000 when it starts anew.
    /// let policy = Reconnect::new().again_if(|end| end.code == 1000 || end.may_recover());
    /// ```
    #[must_use]
    pub fn may_recover(&self) -> bool {
        // https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
        !matches!(self.code, 1000 | 1002 | 1003 | 1007 | 1008 | 1010)
    }

    /// The code, and the reason if there is one.
    pub(crate) fn as_text(&self) -> String {
        let code = decimal(self.code);
        if self.reason.is_empty() { code } else { code + ": " + &self.reason }
    }

    /// Whether all that was written is known to have gone out.
    pub(crate) fn is_whole(&self) -> bool {
        self.was_clean && self.unsent == 0
    }
}

/// Why a socket cannot be closed like this.
///
/// ```
/// use pagewire::websocket::{Close, InvalidClose};
///
/// let too_long = Close::new(1000, "x".repeat(124));
/// assert_eq!(too_long, Err(InvalidClose::Reason(124)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidClose {
    /// A code that no page may send.
    Code(u16),
    /// A reason of this many bytes, which is too long.
    Reason(usize),
}

impl fmt::Display for InvalidClose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidClose::Code(code) => {
                write!(
                    f,
                    "close code {code} may not be sent: use 1000, or 3000 to 4999 for your own meanings"
                )
            }
            InvalidClose::Reason(bytes) => {
                write!(f, "a close reason of {bytes} bytes is too long: use at most 123 bytes of UTF-8")
            }
        }
    }
}

impl std::error::Error for InvalidClose {}

/// "If reasonBytes is longer than 123 bytes, then throw a SyntaxError": a control frame holds 125, two are the code.
const LONGEST_REASON: usize = 123;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_that_a_page_may_send_are_taken() {
        for code in [1000, 3000, 3999, 4000, 4999] {
            assert_eq!(Close::new(code, "").map(|close| close.code()), Ok(Some(code)));
        }
        for code in [0, 999, 1001, 1005, 1006, 1015, 2999, 5000, u16::MAX] {
            assert_eq!(Close::new(code, ""), Err(InvalidClose::Code(code)));
        }
    }

    #[test]
    fn a_reason_is_measured_in_bytes_not_in_characters() {
        assert!(Close::new(1000, "r".repeat(123)).is_ok());
        assert_eq!(Close::new(1000, "r".repeat(124)), Err(InvalidClose::Reason(124)));
        assert!(Close::new(1000, "€".repeat(41)).is_ok());
        assert_eq!(Close::new(1000, "€".repeat(42)), Err(InvalidClose::Reason(126)));
    }

    #[test]
    fn a_close_says_what_it_was_told_or_nothing() {
        assert_eq!(Close::new(4000, "bye").map(|close| close.reason().to_owned()), Ok("bye".to_owned()));
        assert_eq!((Close::default().code(), Close::default().reason()), (None, ""));
    }

    #[test]
    fn an_end_is_told_with_its_reason_if_there_is_one() {
        let end =
            |reason: &str| CloseEvent { code: 4000, reason: reason.to_owned(), was_clean: true, unsent: 0 };
        assert_eq!((end("bye").as_text().as_str(), end("").as_text().as_str()), ("4000: bye", "4000"));
    }

    #[test]
    fn an_error_says_what_to_do() {
        assert!(InvalidClose::Code(1005).to_string().contains("close code 1005"));
        assert!(InvalidClose::Code(1005).to_string().contains("use 1000, or 3000 to 4999"));
        assert!(InvalidClose::Reason(200).to_string().contains("of 200 bytes is too long: use at most 123"));
    }
}
