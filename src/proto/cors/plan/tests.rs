//! Claims about plans.

use super::*;

fn asked(method: &str, headers: &[(&str, &str)]) -> Asked {
    let mut list = Headers::new();
    for (name, value) in headers {
        list.push(name, value);
    }
    Asked {
        method: Method::new(method).expect("a method"),
        headers: list,
        body_type: None,
        text_body: false,
        with_credentials: false,
        upload_events: false,
        upload_limits: false,
        by_fetch: false,
    }
}

fn cross(asked: &Asked) -> Plan {
    asked.clone().plan("https://app.example", false)
}

#[test]
fn at_the_own_origin_nothing_is_asked() {
    let plan = asked("PUT", &[("x-any", "1")]).plan("https://app.example", true);
    assert_eq!((plan.kind(), plan.reasons().len(), plan.request_headers()), (Kind::SameOrigin, 0, None));
}

#[test]
fn the_three_methods_are_simple_and_others_are_not() {
    for method in ["get", "HEAD", "Post"] {
        assert_eq!(cross(&asked(method, &[])).kind(), Kind::Simple, "{method}");
    }
    for method in ["PUT", "DELETE", "PATCH", "patch", "OPTIONS", "PURGE"] {
        let plan = cross(&asked(method, &[]));
        assert_eq!(plan.request_method(), Some(method));
        assert_eq!(plan.reasons(), [Reason::Method(Method::new(method).expect("a method"))]);
    }
}

#[test]
fn unsafe_names_are_asked_for_in_lower_case_sorted_and_once() {
    let plan = cross(&asked("GET", &[("X-b", "1"), ("Accept", "a"), ("x-A", "1"), ("X-B", "2")]));
    assert_eq!(plan.request_headers().as_deref(), Some("x-a,x-b"));
    assert_eq!(plan.request_method(), Some("GET"));
}

#[test]
fn repeated_values_count_as_one_where_they_are_joined() {
    let half = "a".repeat(63);
    let mut asked = asked("GET", &[("accept", half.as_str()), ("accept", half.as_str())]);
    assert_eq!(cross(&asked).kind(), Kind::Simple);
    asked.headers.push("Accept", "a");
    let rule = Rule::TooLong { bytes: 131 };
    assert_eq!(cross(&asked).reasons(), [Reason::Header { name: "accept".to_owned(), rule }]);
    asked.by_fetch = true;
    assert_eq!(cross(&asked).kind(), Kind::Simple);
}

#[test]
fn all_safelisted_headers_together_have_1024_bytes() {
    let long = "a".repeat(128);
    let mut asked = asked("GET", &[("accept", long.as_str()); 8]);
    asked.by_fetch = true;
    assert_eq!(cross(&asked).kind(), Kind::Simple);
    asked.headers.push("accept-language", "a");
    let plan = cross(&asked);
    assert_eq!(plan.reasons(), [Reason::TotalSize { bytes: 1025 }]);
    assert_eq!(plan.request_headers().as_deref(), Some("accept,accept-language"));
}

#[test]
fn the_bodys_own_type_counts_where_none_is_named() {
    let mut asked = asked("POST", &[]);
    asked.body_type = Some("application/json".to_owned());
    assert_eq!(cross(&asked).request_headers().as_deref(), Some("content-type"));
    asked.headers.push("Content-Type", "text/plain");
    assert_eq!(cross(&asked).kind(), Kind::Simple);
}

#[test]
fn the_charset_of_text_is_put_right_before_it_is_judged() {
    let mut asked = asked("POST", &[("content-type", "text/plain;charset=\"latin1\"")]);
    asked.text_body = true;
    assert_eq!(cross(&asked).kind(), Kind::Simple);
    asked.text_body = false;
    assert_eq!(cross(&asked).kind(), Kind::Preflighted);
}

#[test]
fn listening_to_the_upload_is_a_reason_of_its_own() {
    let mut asked = asked("POST", &[]);
    asked.upload_events = true;
    assert_eq!(cross(&asked).reasons(), [Reason::UploadEvents]);
    asked.upload_limits = true;
    assert_eq!(cross(&asked).reasons(), [Reason::UploadEvents, Reason::UploadLimits]);
}

#[test]
fn a_plan_reads_as_an_explanation() {
    let text = cross(&asked("PUT", &[("X-Token", "1\"")])).to_string();
    for part in [
        "the method PUT is not GET, HEAD or POST",
        "the header x-token is not on the safelist",
        "Access-Control-Allow-Methods: PUT",
        "Access-Control-Allow-Headers: x-token",
        "Access-Control-Allow-Origin: https://app.example",
    ] {
        assert!(text.contains(part), "{text}");
    }
}
