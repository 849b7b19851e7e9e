//! Where engines are known to differ from the standard, as data: `tests/web/cors` holds each row to what they do.

use super::Plan;
use super::plan::Preflight;

/// A family of browsers.
///
/// ```
/// use pagewire::cors::{Engine, plan_across};
/// use pagewire::http;
///
/// let plan = plan_across("https://app.example", &http::get("/").header("range", "Bytes=0-9"))?;
/// assert_eq!(plan.preflight_in(Engine::WebKit), None);
/// # Ok::<(), pagewire::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// Chromium: Chrome, Edge, Opera.
    Chromium,
    /// Gecko: Firefox.
    Gecko,
    /// WebKit: Safari, and every browser on iOS.
    WebKit,
}

/// One known difference. See [`Plan::deviations`].
///
/// ```
/// use pagewire::cors::plan_across;
/// use pagewire::http;
///
/// let plan = plan_across("https://app.example", &http::get("/").header("dpr", "2"))?;
/// for known in plan.deviations() {
///     println!("{:?} {}: {}", known.engine, known.what, known.link);
/// }
/// # Ok::<(), pagewire::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deviation {
    /// The engine that differs.
    pub engine: Engine,
    /// What it does.
    pub what: &'static str,
    /// The rule of the standard that it differs from, or where the difference is written down.
    pub link: &'static str,
    pub(super) quirk: Quirk,
}

/// What an engine does in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quirk {
    JoinsRepeated,
    NoTotal,
    TypeAsWritten,
    AsciiAccept,
    PlainContentType,
    RangeInAnyCase,
    RangeBelow(u128),
    ClientHints,
    OwnUserAgent,
    StarNamesAuthorization,
}

const SAFELIST: &str = "https://fetch.spec.whatwg.org/#cors-safelisted-request-header";
const UNSAFE_NAMES: &str = "https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names";
const RANGE: &str = "https://fetch.spec.whatwg.org/#simple-range-header-value";
const NON_WILDCARD: &str = "https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name";
const SEND: &str = "https://xhr.spec.whatwg.org/#the-send()-method";

#[rustfmt::skip]
static KNOWN: [Deviation; 16] = [
    known(Engine::Chromium, Quirk::JoinsRepeated, UNSAFE_NAMES, "judges the joined values of a repeated header, and so never meets the total of 1024 bytes"),
    known(Engine::Chromium, Quirk::TypeAsWritten, SEND, "judges the content type of text as written, before its charset is put right"),
    known(Engine::Chromium, Quirk::RangeBelow(i64::MAX as u128), RANGE, "takes no range from 2^63 - 1 on for a simple one"),
    known(Engine::Chromium, Quirk::ClientHints, "https://developer.mozilla.org/docs/Web/HTTP/Guides/Client_hints", "lets well-formed client hints of the first generation pass: Device-Memory, DPR, Width, Viewport-Width, RTT, Downlink, ECT, Save-Data"),
    known(Engine::Chromium, Quirk::OwnUserAgent, "https://crbug.com/571722", "sends its own User-Agent in place of the one that is set"),
    known(Engine::Chromium, Quirk::StarNamesAuthorization, NON_WILDCARD, "lets * in Access-Control-Allow-Headers stand for Authorization too"),
    known(Engine::Gecko, Quirk::StarNamesAuthorization, NON_WILDCARD, "lets * in Access-Control-Allow-Headers stand for Authorization too"),
    known(Engine::WebKit, Quirk::StarNamesAuthorization, NON_WILDCARD, "lets * in Access-Control-Allow-Headers stand for Authorization too"),
    known(Engine::Gecko, Quirk::NoTotal, UNSAFE_NAMES, "has no bound on the values of all safelisted headers together"),
    known(Engine::Gecko, Quirk::TypeAsWritten, SEND, "judges the content type of text as written, before its charset is put right"),
    known(Engine::Gecko, Quirk::AsciiAccept, SAFELIST, "takes bytes from 0x80 on in Accept for unsafe"),
    known(Engine::Gecko, Quirk::PlainContentType, SAFELIST, "takes a comma and bytes from 0x80 on in Content-Type for unsafe"),
    known(Engine::Gecko, Quirk::RangeBelow(1 << 64), RANGE, "takes no range from 2^64 on for a simple one"),
    known(Engine::WebKit, Quirk::JoinsRepeated, UNSAFE_NAMES, "judges the joined values of a repeated header, and so never meets the total of 1024 bytes"),
    known(Engine::WebKit, Quirk::RangeBelow(1 << 64), RANGE, "takes no range from 2^64 on for a simple one"),
    known(Engine::WebKit, Quirk::RangeInAnyCase, RANGE, "takes Bytes= for bytes="),
];

const fn known(engine: Engine, quirk: Quirk, link: &'static str, what: &'static str) -> Deviation {
    Deviation { engine, what, link, quirk }
}

/// All known differences, in every engine.
///
/// ```
/// use pagewire::cors::{Engine, deviations};
///
/// assert!(deviations().iter().any(|known| known.engine == Engine::WebKit));
/// ```
#[must_use]
pub fn deviations() -> &'static [Deviation] {
    &KNOWN
}

impl Engine {
    /// A stable word: what the ES module calls it.
    ///
    /// ```
    /// assert_eq!(pagewire::cors::Engine::Gecko.as_str(), "gecko");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Engine::Chromium => "chromium",
            Engine::Gecko => "gecko",
            Engine::WebKit => "webkit",
        }
    }

    /// All that it does in another way.
    fn quirks(self) -> Vec<Quirk> {
        KNOWN.iter().filter(|known| known.engine == self).map(|known| known.quirk).collect()
    }
}

impl Plan {
    /// The known differences that this request meets: in such an engine its preflight, or what must be answered to it, is
    /// another than the standard's.
    ///
    /// ```
    /// use pagewire::cors::{Engine, plan_across};
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::get("/").header("dpr", "2"))?;
    /// assert_eq!(plan.deviations()[0].engine, Engine::Chromium);
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn deviations(&self) -> Vec<Deviation> {
        let lines = |quirks: &[Quirk]| self.preflight_by(quirks).map(Preflight::lines);
        let standard = lines(&[]);
        let meets = |known: &Deviation| match known.quirk {
            Quirk::StarNamesAuthorization => {
                !self.asked.with_credentials && self.unsafe_names().iter().any(|name| name == "authorization")
            }
            quirk => lines(&[quirk]) != standard,
        };
        KNOWN.into_iter().filter(meets).collect()
    }

    /// The lines of the preflight that this engine sends, its differences counted in: `Access-Control-Request-Method`,
    /// and `Access-Control-Request-Headers` where there are any. `None`: it sends no preflight.
    ///
    /// ```
    /// use pagewire::cors::{Engine, plan_across};
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::get("/").header("dpr", "2"))?;
    /// assert_eq!(plan.preflight_in(Engine::Gecko), Some(("GET".to_owned(), Some("dpr".to_owned()))));
    /// assert_eq!(plan.preflight_in(Engine::Chromium), None);
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn preflight_in(&self, engine: Engine) -> Option<(String, Option<String>)> {
        self.preflight_by(&engine.quirks()).map(Preflight::lines)
    }
}
