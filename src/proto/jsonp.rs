//! JSONP without a browser: names of callbacks, the document of the frame that runs a foreign script, and what it says.

use super::hex::hex;
use super::url::{append_query, encode_component};

/// The program of the frame: it loads the script and hands on what that calls back with, and nothing else, as text.
///
/// It never changes, so a page's policy can name it by [`FRAME_SCRIPT_HASH`]. That lets it run in the page too, should
/// somebody write it there: it does nothing but in a `data:` document, and `location` is [LegacyUnforgeable]
/// (<https://html.spec.whatwg.org/multipage/nav-history-apis.html#the-location-interface>). What it needs is in the
/// fragment of the frame's URL; each message is a letter (see [`Said`]), after `j` comes the JSON. The foreign script may take over all of
/// it: it then speaks for itself, and for no other call.
const FRAME_SCRIPT: &str = concat!(
    "location.protocol=='data:'&&(()=>{let p=parent,d=document,b,[u,n,m,c,r]=location.hash.slice(1).split('&').map(decodeURIComponent),",
    "s=d.createElement('script'),t=x=>p.postMessage(x,'*');t('r');if(n in self)return t('n');",
    "d.addEventListener('securitypolicyviolation',()=>b=1);",
    "self[n]=v=>{try{let j=JSON.stringify(v);t(j===void 0?'v':j.length>m?'t':'j'+j)}catch(e){t('v')}};",
    "s.onload=()=>t('l');s.onerror=()=>t(b?'b':'e');",
    "if(c)s.charset=c;if(r)s.referrerPolicy=r;",
    "try{s.src=self.trustedTypes?trustedTypes.createPolicy('pagewire',{createScriptURL:x=>x}).createScriptURL(u):u;",
    "d.head.append(s)}catch(e){t('b')}})()"
);

/// What a Content Security Policy calls [`FRAME_SCRIPT`].
const FRAME_SCRIPT_HASH: &str = "sha256-Rnq+2t420Y2VSB3LRpkN2y92pbyCD3/a6Wh5Ab7Wewc=";

/// A call as the frame needs it.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The absolute URL of the script, with its callback.
    pub(crate) url: &'a str,
    /// The origins that it may come from.
    pub(crate) origins: &'a [String],
    pub(crate) callback: &'a str,
    /// The longest answer in bytes.
    pub(crate) max_size: usize,
    pub(crate) charset: &'a str,
    pub(crate) referrer_policy: &'a str,
    /// Never the same: a page with a Cross-Origin-Embedder-Policy gets an empty frame of WebKit for a URL that it had.
    pub(crate) unique: &'a str,
}

impl Call<'_> {
    /// The URL of a document that makes this call.
    ///
    /// It is a `data:` URL because a `srcdoc` would tell the foreign script the page's own URL, as its `baseURI`. The
    /// document's policy allows the script and nothing else that uses the network.
    pub(crate) fn frame_url(&self) -> String {
        let document = [
            "<!doctype html><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';script-src '",
            FRAME_SCRIPT_HASH,
            "' ",
            &self.origins.join(" "),
            ";form-action 'none';base-uri 'none'\"><script>",
            FRAME_SCRIPT,
            "</script>",
        ]
        .concat();
        let max_size = self.max_size.to_string();
        let fragment = [self.url, self.callback, &max_size, self.charset, self.referrer_policy, self.unique];
        let fragment = fragment.map(encode_component).join("&");
        ["data:text/html;charset=utf-8,", &encode_component(&document), "#", &fragment].concat()
    }
}

/// What the frame says. It may be the foreign script that speaks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    /// The frame's program runs: the page's policy has let it.
    Ready,
    /// The callback was called with this.
    Json(&'a str),
    /// The callback was called with nothing that JSON can say.
    NotJson,
    /// The callback was called with more than may be.
    TooLarge,
    /// The script has run, or could not be parsed, and has not called back.
    NotCalled,
    /// The script did not come.
    NotLoaded,
    /// The script was not asked for: a policy forbids it.
    Blocked,
    /// Every window has something of the callback's name.
    NameTaken,
    /// Nothing that the frame's program says.
    Nonsense,
}

impl<'a> Said<'a> {
    pub(crate) fn parse(message: &'a str) -> Self {
        if let Some(json) = message.strip_prefix('j') {
            return Said::Json(json);
        }
        match message {
            "r" => Said::Ready,
            "v" => Said::NotJson,
            "t" => Said::TooLarge,
            "l" => Said::NotCalled,
            "e" => Said::NotLoaded,
            "b" => Said::Blocked,
            "n" => Said::NameTaken,
            _ => Said::Nonsense,
        }
    }
}

/// A name that nobody can guess, from bytes that nobody can guess.
pub(crate) fn generated_name(unguessable: [u8; 16]) -> String {
    format!("_{}", hex(&unguessable))
}

/// Why a name is no callback's.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    let is_name = name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$');
    match is_name {
        false => {
            Err("a callback's name has letters, digits, `_` and `$`, no digit first, and at most 128 of them")
        }
        true if RESERVED.contains(&name) => Err("the callback's name is a word of JavaScript's own"),
        true => Ok(()),
    }
}

/// <https://tc39.es/ecma262/#prod-ReservedWord>: a call of these is another statement, or none.
const RESERVED: [&str; 38] = [
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "null",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// <https://w3c.github.io/webappsec-csp/#grammardef-base64-value>
pub(crate) fn is_nonce(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte))
}

/// Why the frame's policy cannot name an origin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoSource {
    /// The grammar has no place for the address of version 6.
    Ipv6,
    /// A host may have characters, such as `;` and `'`, that mean something in a policy.
    Character,
}

/// Checks an origin, as the URL parser writes it: <https://w3c.github.io/webappsec-csp/#grammardef-host-source>.
pub(crate) fn check_source(origin: &str) -> Result<(), NoSource> {
    let host = origin.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//")).unwrap_or(origin);
    if host.starts_with('[') {
        return Err(NoSource::Ipv6);
    }
    let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte));
    is_plain.then_some(()).ok_or(NoSource::Character)
}

/// `url` with the callback in its query.
pub(crate) fn script_url(mut url: String, parameter: &str, callback: &str) -> String {
    append_query(&mut url, [(parameter, callback)]);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_identifier_and_no_word_of_the_language() {
        for name in ["callback", "_a1", "$", "A_$9", "undefined1", &"a".repeat(128)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        let longer = "a".repeat(129);
        for name in ["", "1a", "a.b", "a-b", "a b", "alert(1)", "ä", "a\n", "class", "this", "null", &longer]
        {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_generated_name_is_a_name() {
        let name = generated_name([0xff; 16]);
        assert_eq!((check_name(&name), name.len()), (Ok(()), 33));
    }

    #[test]
    fn the_callback_goes_into_the_query_and_not_into_the_fragment() {
        for (url, joined) in [
            ("https://a/b", "https://a/b?cb=f"),
            ("https://a/b?c=1", "https://a/b?c=1&cb=f"),
            ("https://a/b?", "https://a/b?cb=f"),
            ("https://a/b#frag", "https://a/b?cb=f#frag"),
            ("https://a/b?c=1#frag?d", "https://a/b?c=1&cb=f#frag?d"),
        ] {
            assert_eq!(script_url(url.to_owned(), "cb", "f"), joined);
        }
        assert_eq!(script_url("https://a/".to_owned(), "c&b", "f"), "https://a/?c%26b=f");
    }

    #[test]
    fn an_origin_cannot_add_to_the_frame_s_policy() {
        for origin in ["https://a", "http://127.0.0.1:80", "https://xn--a_b.example-c:8443"] {
            assert_eq!(check_source(origin), Ok(()), "{origin}");
        }
        for host in ["a;script-src", "a,b", "'self'", "*", "*.a", "a\"b", "a b", "a$", "a/b", "ä"] {
            assert_eq!(check_source(&format!("https://{host}")), Err(NoSource::Character), "{host}");
        }
        assert_eq!(check_source("http://[::1]:80"), Err(NoSource::Ipv6));
    }

    #[test]
    fn a_nonce_is_written_in_base64() {
        assert!(is_nonce("r4nd0m+/-_=="));
        for nonce in ["", "a\"", "a b", "a>", "é", "'a'"] {
            assert!(!is_nonce(nonce), "{nonce}");
        }
    }

    #[test]
    fn what_the_frame_says_is_a_letter_or_an_answer() {
        assert_eq!(Said::parse("j{}"), Said::Json("{}"));
        assert_eq!(Said::parse("r"), Said::Ready);
        assert_eq!(Said::parse("l"), Said::NotCalled);
        for message in ["", "x", "rr", "J1", "{\"j\":1}"] {
            assert_eq!(Said::parse(message), Said::Nonsense, "{message}");
        }
    }

    #[test]
    fn nothing_of_a_call_gets_into_the_markup_but_as_itself() {
        let url = Call {
            url: "https://a/b?c='\"><script>&callback=f#\u{2028}",
            origins: &["https://a".to_owned(), "https://b".to_owned()],
            callback: "f",
            max_size: 10,
            charset: "utf-8&x",
            referrer_policy: "",
            unique: "1a",
        }
        .frame_url();
        assert!(!url.contains(['<', '>', '"', ' ']), "{url}");
        let (document, fragment) = url.split_once('#').unwrap_or_default();
        assert_eq!(
            decoded(document),
            format!(
                "data:text/html;charset=utf-8,<!doctype html><meta http-equiv=\"Content-Security-Policy\" \
                 content=\"default-src 'none';script-src '{FRAME_SCRIPT_HASH}' https://a https://b;\
                 form-action 'none';base-uri 'none'\"><script>{FRAME_SCRIPT}</script>"
            )
        );
        let parts: Vec<_> = fragment.split('&').collect();
        assert_eq!(parts[1..], ["f", "10", "utf-8%26x", "", "1a"]);
    }

    fn decoded(text: &str) -> String {
        let mut parts = text.split('%');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |decoded, part| {
            let (code, rest) = part.split_at(2);
            let byte = u8::from_str_radix(code, 16).expect("two digits");
            assert!(byte.is_ascii(), "{part}");
            decoded + &char::from(byte).to_string() + rest
        })
    }
}
