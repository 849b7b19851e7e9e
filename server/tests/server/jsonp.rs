//! Scripts that call a function of the page.

use crate::client::serve;

#[tokio::test]
async fn the_function_that_was_named_is_called_with_the_data() {
    let served = serve().await;
    let answer = served.get("/jsonp?callback=ns.done_1&data=%7B%22a%22:1%7D").await;
    assert_eq!(answer.text(), "/**/ns.done_1({\"a\":1});");
    assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(served.get("/jsonp").await.text(), "/**/callback(null);");
    assert_eq!(served.get("/jsonp?parameter=cb&cb=f&size=3").await.text(), "/**/f(\"xxx\");");
}

#[tokio::test]
async fn a_script_of_the_test_takes_the_place_of_the_call() {
    let served = serve().await;
    let path = "/jsonp?callback=f&script=%7Bcallback%7D(1);%7Bcallback%7D(2)&status=500&type=text/plain";
    let answer = served.get(path).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (500, "f(1);f(2)"));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
}

#[tokio::test]
async fn a_name_that_is_a_program_is_refused() {
    let served = serve().await;
    for name in ["alert(1)//", "a-b", "", "a%20b", "%3Cscript%3E"] {
        assert_eq!(served.get(&format!("/jsonp?callback={name}")).await.status, 400, "{name}");
    }
    assert_eq!(served.get("/jsonp?size=999999999").await.status, 400);
}
