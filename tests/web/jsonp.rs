//! JSONP both ways, in a frame and in the page: each outcome is typed, and nothing is left behind.

use std::time::Duration;

use futures_util::future::{join, join_all};
use pagewire::jsonp::{self, Call, ReferrerPolicy};
use pagewire::{AbortedBy, ErrorKind, Phase};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, encoded, engine};
use crate::leaks::{CALLS, census};
use crate::shared::{Wire, claim, evaluate, outstanding, sleep, within};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Both ways, for claims that hold for both.
const WAYS: [fn(String) -> Call; 2] = [in_frame, in_page];

fn in_frame(url: String) -> Call {
    jsonp::get(url)
}

fn in_page(url: String) -> Call {
    jsonp::get_and_trust_the_server_with_this_page(url)
}

/// The test server with a script of the test's.
pub(crate) fn script(wire: &Wire, text: &str) -> String {
    wire.url(&format!("/jsonp?script={}", encoded(text)))
}

async fn arrived(wire: &Wire, count: usize) {
    wire.when("the requests", |entries| entries.len() >= count).await;
}

/// The kinds of outcome of this script, first in a frame and then in the page.
async fn outcomes(text: &str) -> [ErrorKind; 2] {
    let wire = Wire::new().await;
    let kind = async |way: fn(String) -> Call| {
        let call = way(script(&wire, text)).timeout(ms(10_000));
        call.await.map_or_else(|error| error.kind(), |answer| panic!("{text}: {}", answer.text()))
    };
    [kind(in_frame).await, kind(in_page).await]
}

#[wasm_bindgen_test]
async fn an_answer_is_typed() {
    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Weather {
        city: String,
        celsius: f64,
    }
    for way in WAYS {
        let wire = Wire::new().await;
        let data = encoded(r#"{"city":"Köln","celsius":-1.5}"#);
        let call = way(wire.url(&format!("/jsonp?data={data}"))).query("q", "a&b");
        let answer = call.await.unwrap();
        assert_eq!(answer.json::<Weather>().unwrap(), Weather { city: "Köln".into(), celsius: -1.5 });
        assert!(answer.json::<u32>().unwrap_err().is_decode());
        let entries = wire.entries().await;
        assert_eq!((entries.len(), entries[0].method.as_str()), (1, "GET"));
        assert!(entries[0].query.contains("&q=a%26b&callback="), "{}", entries[0].query);
    }
}

#[wasm_bindgen_test]
async fn every_json_value_comes_through() {
    for way in WAYS {
        for data in [
            "null",
            "true",
            "0",
            "-1.5e300",
            "\"\\u2028\\\"\"",
            "[]",
            "{\"__proto__\":{\"a\":1}}",
            "[[[{}]]]",
        ] {
            let wire = Wire::new().await;
            let answer = way(wire.url(&format!("/jsonp?data={}", encoded(data)))).await.unwrap();
            let sent: serde_json::Value = serde_json::from_str(data).unwrap();
            // In a program `__proto__` is no property but the prototype, which is no data.
            let expected = if data.contains("__proto__") { serde_json::json!({}) } else { sent };
            assert_eq!(answer.json::<serde_json::Value>().unwrap(), expected, "{data}");
        }
    }
}

#[wasm_bindgen_test]
async fn a_query_and_a_fragment_of_the_url_are_kept_where_they_belong() {
    for way in WAYS {
        for (tail, expected) in
            [("#top", "&callback="), ("&a=1#top?x", "&a=1&callback="), ("&", "&callback=")]
        {
            let wire = Wire::new().await;
            let answer = way(wire.url("/jsonp?data=1") + tail).await.unwrap();
            assert_eq!(answer.text(), "1");
            let query = &wire.entries().await[0].query;
            assert!(query.contains(expected) && !query.contains("top"), "{query}");
        }
    }
}

#[wasm_bindgen_test]
async fn the_parameter_and_the_name_of_the_callback_can_be_chosen() {
    for way in WAYS {
        let wire = Wire::new().await;
        let call = way(wire.url("/jsonp?data=1&parameter=jsoncallback"));
        call.callback_parameter("jsoncallback").callback_name("$mine_1").await.unwrap();
        assert!(wire.entries().await[0].query.ends_with("&jsoncallback=%24mine_1"));
    }
}

#[wasm_bindgen_test]
async fn a_name_in_the_page_is_never_the_same_and_cannot_be_guessed() {
    let wire = Wire::new().await;
    for _ in 0..3 {
        in_page(wire.url("/jsonp")).await.unwrap();
    }
    let mut names: Vec<String> = wire
        .entries()
        .await
        .iter()
        .map(|entry| entry.query.rsplit_once("callback=").unwrap().1.to_owned())
        .collect();
    assert!(names.iter().all(|name| name.len() == 33), "{names:?}");
    names.dedup();
    assert_eq!(names.len(), 3);
}

#[wasm_bindgen_test]
async fn a_name_that_is_none_or_taken_is_refused_before_anything_is_sent() {
    let wire = Wire::new().await;
    for way in WAYS {
        for name in ["alert(1);x", "a.b", "1a", "", "class", "a b", "location"] {
            let error = way(wire.url("/jsonp")).callback_name(name).await.unwrap_err();
            assert!(error.is_invalid_request(), "{name}: {error}");
        }
    }
    evaluate("window.taken = 7").await.unwrap();
    assert!(in_page(wire.url("/jsonp")).callback_name("taken").await.unwrap_err().is_invalid_request());
    assert_eq!(evaluate("return window.taken").await.unwrap().as_f64(), Some(7.0));
    evaluate("delete window.taken").await.unwrap();
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn a_url_that_no_server_has_is_refused() {
    for way in WAYS {
        for url in [
            "javascript:callback(1)",
            " java\nscript:1",
            "data:text/javascript,callback(1)",
            "blob:x",
            "ftp://a/",
            "http://[",
        ] {
            let error = way(url.to_owned()).await.unwrap_err();
            assert!(error.is_invalid_request(), "{url}: {error}");
        }
        assert!(way("/x".to_owned()).nonce("a\"><b").await.unwrap_err().is_invalid_request());
        assert!(way("/x".to_owned()).query_from(&[("a", [1])]).await.unwrap_err().is_invalid_request());
    }
    assert!(in_page("/x".to_owned()).allow_redirects_to("http://a").await.unwrap_err().is_invalid_request());
    assert!(in_frame("/x".to_owned()).allow_redirects_to("data:,x").await.unwrap_err().is_invalid_request());
}

#[wasm_bindgen_test]
async fn a_script_that_does_not_call_back_is_no_answer() {
    for text in ["", "void 0", "/* {callback} */"] {
        assert_eq!(outcomes(text).await, [ErrorKind::Decode; 2], "{text}");
    }
    let wire = Wire::new().await;
    for way in WAYS {
        assert!(way(wire.url("/status/204")).timeout(ms(5000)).await.unwrap_err().is_decode());
    }
}

#[wasm_bindgen_test]
async fn a_script_that_throws_or_cannot_be_parsed_is_no_answer() {
    for text in ["throw new Error('mine')", "}{", "nobody()"] {
        // In the page its error is the page's too; in the frame the page hears nothing of it.
        claim(1);
        assert_eq!(outcomes(text).await, [ErrorKind::Decode; 2], "{text}");
        assert_eq!(outstanding(), 0, "{text}");
    }
}

#[wasm_bindgen_test]
async fn plain_json_is_no_answer() {
    for way in WAYS {
        let wire = Wire::new().await;
        // Some engines keep it from the page, as no script's business (https://fetch.spec.whatwg.org/#orb); in the others
        // it is a syntax error, which is the page's if it runs there.
        claim(1);
        let error = way(script(&wire, "{\"plain\":\"json\"}")).await.unwrap_err();
        assert!(error.is_network() || error.is_decode(), "{error}");
        if outstanding() == 1 {
            evaluate("setTimeout(() => { throw new Error('in its place'); }, 0)").await.unwrap();
            sleep(50).await;
        }
    }
}

#[wasm_bindgen_test]
async fn a_callback_without_an_argument_or_with_what_json_cannot_say_is_no_answer() {
    for argument in [
        "",
        "undefined",
        "function () {}",
        "Symbol()",
        "1n",
        "(() => { let a = []; a.push(a); return a })()",
        "{ get a() { throw 1 } }",
        "{ toJSON() { throw 1 } }",
    ] {
        let text = format!("{{callback}}({argument})");
        assert_eq!(outcomes(&text).await, [ErrorKind::Decode; 2], "{text}");
    }
}

#[wasm_bindgen_test]
async fn an_error_status_is_no_answer_even_with_a_valid_script() {
    let wire = Wire::new().await;
    for way in WAYS {
        for status in [404, 500] {
            let error =
                way(wire.url(&format!("/jsonp?data=1&status={status}&token=s3cret"))).await.unwrap_err();
            assert!(error.is_network(), "{error}");
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }
}

#[wasm_bindgen_test]
async fn a_type_that_is_no_script_is_no_answer_where_the_server_forbids_to_guess() {
    let wire = Wire::new().await;
    for way in WAYS {
        let url = wire.url("/jsonp?data=1&type=application/json&header=X-Content-Type-Options:nosniff");
        assert!(way(url).await.unwrap_err().is_network());
    }
}

#[wasm_bindgen_test]
async fn a_port_where_nobody_listens_is_a_network_error() {
    for way in WAYS {
        let outcome = within(10_000, way("http://127.0.0.1:47/".to_owned())).await.expect("it must end");
        assert!(outcome.unwrap_err().is_network());
    }
}

#[wasm_bindgen_test]
async fn the_first_of_several_answers_stands() {
    for way in WAYS {
        let wire = Wire::new().await;
        let answer = way(script(&wire, "{callback}(1); {callback}(2); {callback}()")).await.unwrap();
        assert_eq!(answer.text(), "1");
        sleep(100).await;
    }
}

#[wasm_bindgen_test]
async fn concurrent_calls_that_answer_out_of_order_each_get_their_own() {
    for way in WAYS {
        let wire = Wire::new().await;
        let calls = (0..6).map(|number: u32| {
            let url = wire.url(&format!("/jsonp?data={number}&delay={}", (5 - number) * 60));
            async move { way(url).await.unwrap().json::<u32>().unwrap() }
        });
        assert_eq!(join_all(calls).await, [0, 1, 2, 3, 4, 5]);
    }
}

#[wasm_bindgen_test]
async fn a_late_answer_is_no_error_of_the_page_and_no_answer_of_the_next_call() {
    for way in WAYS {
        let wire = Wire::new().await;
        let error = way(wire.url("/jsonp?data=\"first\"&delay=400")).timeout(ms(100)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Total));
        // The next call loads well and never calls back: what is then reported must not be the first call's data.
        let error = way(script(&wire, "void 0")).await.unwrap_err();
        assert!(error.is_decode(), "{error}");
        let late = way(wire.url("/jsonp?data=\"third\"&delay=500")).await.unwrap();
        assert_eq!(late.text(), "\"third\"");
    }
}

#[wasm_bindgen_test]
async fn the_script_of_a_call_that_was_given_up_does_not_run() {
    for way in WAYS {
        let wire = Wire::new().await;
        let url = wire.url(&format!(
            "/jsonp?delay=1000&script={}",
            encoded("window.ran = (window.ran ?? 0) + 1; {callback}(1)")
        ));
        let controller = web_sys::AbortController::new().unwrap();
        let signal = controller.signal();
        let (aborted, ()) = join(async { way(url.clone()).abort_signal(&signal).await }, async {
            arrived(&wire, 1).await;
            controller.abort();
        })
        .await;
        assert_eq!(aborted.unwrap_err().kind(), ErrorKind::Aborted(AbortedBy::Caller));
        let late = way(url.clone()).query("call", 2).timeout(ms(400));
        assert!(late.await.unwrap_err().is_timeout());
        assert!(within(400, way(url.clone()).query("call", 3)).await.is_none());
        arrived(&wire, 3).await;
        sleep(1200).await;
        assert!(evaluate("return window.ran").await.unwrap().is_undefined());
        assert!(way(url).abort_signal(&signal).await.unwrap_err().is_aborted());
        assert_eq!(wire.entries().await.len(), 3);
    }
}

#[wasm_bindgen_test]
async fn an_answer_larger_than_was_allowed_is_not_read() {
    for way in WAYS {
        let wire = Wire::new().await;
        let sized = |size: u32| way(wire.url(&format!("/jsonp?size={size}"))).max_size(1002);
        assert_eq!(sized(1000).await.unwrap().text().len(), 1002);
        assert!(sized(1001).await.unwrap_err().is_too_large());
        // Fewer characters than bytes are allowed, but more bytes.
        let text = encoded("{callback}('ü'.repeat(600))");
        let error = way(wire.url(&format!("/jsonp?script={text}"))).max_size(1002).await.unwrap_err();
        assert!(error.is_too_large(), "{error}");
    }
}

#[wasm_bindgen_test]
async fn a_charset_and_a_referrer_policy_reach_the_script() {
    for way in WAYS {
        let wire = Wire::new().await;
        let text = encoded("{callback}('ü')");
        let url = wire.url(&format!("/jsonp?script={text}&type=text/javascript"));
        assert_eq!(way(url.clone()).charset("iso-8859-1").await.unwrap().text(), "\"Ã¼\"");
        assert_eq!(
            way(url).charset("utf-8").referrer_policy(ReferrerPolicy::NoReferrer).await.unwrap().text(),
            "\"ü\""
        );
        assert_eq!(wire.entries().await[1].header("referer"), None);
    }
}

#[wasm_bindgen_test]
async fn a_redirect_to_another_origin_needs_leave_in_a_frame() {
    let wire = Wire::new().await;
    let to = encoded(&wire.second_url("/jsonp?data=7&callback=callback"));
    let url = wire.url(&format!("/redirect?to={to}"));
    let error = in_frame(url.clone()).await.unwrap_err();
    assert!(error.is_blocked(), "{error}");
    assert_eq!(wire.entries().await.len(), 1);
    let second = wire.second_url("/").split("/?").next().unwrap().to_owned();
    assert_eq!(in_frame(url.clone()).allow_redirects_to(&second).await.unwrap().text(), "7");
    assert_eq!(in_page(url).callback_name("callback").await.unwrap().text(), "7");
}

#[wasm_bindgen_test]
async fn cookies_of_the_page_s_site_go_with_a_call_in_the_page_alone() {
    let wire = Wire::new().await;
    let lax = encoded("jsonp-seen=yes; SameSite=Lax");
    in_page(wire.url(&format!("/jsonp?set_cookie={lax}"))).await.unwrap();
    for way in WAYS {
        way(wire.url("/jsonp")).await.unwrap();
    }
    let seen: Vec<bool> = wire
        .entries()
        .await
        .iter()
        .map(|entry| entry.header("cookie").is_some_and(|cookie| cookie.contains("jsonp-seen=yes")))
        .collect();
    // WebKit counts the frame as a part of the page's site all the same.
    assert_eq!(seen, [false, engine().await == Engine::WebKit, true]);
    evaluate("document.cookie = 'jsonp-seen=; max-age=0; path=/'").await.unwrap();
}

#[wasm_bindgen_test]
async fn many_calls_leave_nothing_behind() {
    for way in WAYS {
        let wire = Wire::new().await;
        for _ in 0..5 {
            way(wire.url("/jsonp?data=[1]")).await.unwrap();
        }
        let before = census().await;
        for number in 0..CALLS {
            match number % 4 {
                0 => drop(way(script(&wire, "")).await.unwrap_err()),
                1 => drop(way(wire.url("/jsonp?status=500")).await.unwrap_err()),
                2 => drop(within(1, way(wire.url("/jsonp?delay=20"))).await),
                _ => assert_eq!(way(wire.url("/jsonp?data=[1]")).await.unwrap().text(), "[1]"),
            }
        }
        // The last messages of frames that are gone.
        sleep(200).await;
        assert_eq!(census().await, before);
    }
}
