//! The routes that change from one request of a key to the next.

use crate::client::{Answer, Served, get, preflight, serve};

#[tokio::test]
async fn a_flaky_route_fails_as_often_as_asked_and_each_key_counts_for_itself() {
    let served = serve().await;
    for key in ["a", "b"] {
        let path = format!("/flaky?fails=2&status=429&retry_after=7&text=at+last&key={key}");
        for _ in 0..2 {
            served.send(preflight(&path, "PUT", "")).await;
            let answer = served.get(&path).await;
            assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("7")));
        }
        let answer = served.get(&path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "at last"));
        assert_eq!(answer.header("retry-after"), None);
    }
}

#[tokio::test]
async fn a_flaky_route_fails_once_with_503_unless_told_otherwise() {
    let served = serve().await;
    let answer = served.get("/flaky?key=k").await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, None));
    assert_eq!(served.get("/flaky?key=k").await.status, 200);
}

async fn asked(served: &Served, path: &str, name: &'static str, value: &str) -> Answer {
    let mut request = get(path);
    request.headers_mut().insert(name, value.parse().unwrap());
    served.send(request).await
}

#[tokio::test]
async fn a_version_lasts_for_as_many_requests_as_asked() {
    let served = serve().await;
    for text in ["version 1", "version 1", "version 2", "version 2", "version 3"] {
        assert_eq!(served.get("/versions?each=2&key=k").await.text(), text);
    }
    for _ in 0..3 {
        let answer = served.get("/versions?text=is+{n}&key=other").await;
        assert_eq!((answer.text(), answer.header("etag")), ("is 1", Some("\"v1\"")));
    }
}

#[tokio::test]
async fn who_knows_the_version_gets_a_304_without_a_body() {
    let served = serve().await;
    for tags in ["\"v1\"", "W/\"v1\"", "\"v0\", \"v1\"", "*"] {
        let answer = asked(&served, "/versions", "if-none-match", tags).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (304, ""), "{tags}");
        assert_eq!(answer.header("etag"), Some("\"v1\""));
        assert_eq!(answer.header("last-modified"), Some("Wed, 01 Jan 2020 00:00:01 GMT"));
    }
    for tags in ["\"v2\"", "v1", "\"V1\"", ""] {
        assert_eq!(asked(&served, "/versions", "if-none-match", tags).await.status, 200, "{tags}");
    }
}

#[tokio::test]
async fn a_date_is_asked_about_where_no_tag_is() {
    let served = serve().await;
    for (date, status) in [
        ("Wed, 01 Jan 2020 00:00:01 GMT", 304),
        ("Thu, 02 Jan 2020 00:00:00 GMT", 304),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 200),
        ("yesterday", 200),
    ] {
        assert_eq!(asked(&served, "/versions", "if-modified-since", date).await.status, status, "{date}");
    }
    let mut both = get("/versions");
    both.headers_mut().insert("if-modified-since", "Thu, 02 Jan 2020 00:00:00 GMT".parse().unwrap());
    both.headers_mut().insert("if-none-match", "\"old\"".parse().unwrap());
    assert_eq!(served.send(both).await.status, 200);
}
