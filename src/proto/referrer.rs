//! How much of the page's address a request names: <https://w3c.github.io/webappsec-referrer-policy/#referrer-policies>.

/// A [referrer policy](https://w3c.github.io/webappsec-referrer-policy/#referrer-policies).
///
/// ```no_run
/// use pagewire::ping::{self, ReferrerPolicy};
///
/// let quiet = ping::image("https://elsewhere.example/p.gif").referrer_policy(ReferrerPolicy::NoReferrer);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReferrerPolicy {
    /// Nothing.
    NoReferrer,
    /// The whole address, but nothing from https to http.
    NoReferrerWhenDowngrade,
    /// The origin.
    Origin,
    /// The whole address within the origin, the origin across origins.
    OriginWhenCrossOrigin,
    /// The whole address within the origin, nothing across origins.
    SameOrigin,
    /// The origin, but nothing from https to http.
    StrictOrigin,
    /// The whole address within the origin, the origin across origins, nothing from https to http.
    StrictOriginWhenCrossOrigin,
    /// The whole address, to everyone.
    UnsafeUrl,
}

impl ReferrerPolicy {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::NoReferrer,
        Self::NoReferrerWhenDowngrade,
        Self::Origin,
        Self::OriginWhenCrossOrigin,
        Self::SameOrigin,
        Self::StrictOrigin,
        Self::StrictOriginWhenCrossOrigin,
        Self::UnsafeUrl,
    ];

    /// The name that the specification gives it.
    ///
    /// ```
    /// use pagewire::ping::ReferrerPolicy;
    ///
    /// assert_eq!(ReferrerPolicy::NoReferrer.as_str(), "no-referrer");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoReferrer => "no-referrer",
            Self::NoReferrerWhenDowngrade => "no-referrer-when-downgrade",
            Self::Origin => "origin",
            Self::OriginWhenCrossOrigin => "origin-when-cross-origin",
            Self::SameOrigin => "same-origin",
            Self::StrictOrigin => "strict-origin",
            Self::StrictOriginWhenCrossOrigin => "strict-origin-when-cross-origin",
            Self::UnsafeUrl => "unsafe-url",
        }
    }
}
