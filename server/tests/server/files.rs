//! The folder that is served.

use std::fs;

use pagewire_server::Options;
use tempfile::TempDir;

use crate::client::{Served, get, request, serve_with};

async fn serve_folder() -> (Served, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("pkg")).unwrap();
    for (name, content) in [
        ("index.html", "<p>page"),
        ("pkg/module.js", "export {}"),
        ("pkg/module_bg.wasm", "\0asm"),
        ("style.css", "p {}"),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let served = serve_with(Options { www: Some(folder.path().to_owned()), ..Options::default() }).await;
    (served, folder)
}

#[tokio::test]
async fn files_come_with_their_type_and_are_asked_for_each_time() {
    let (served, _folder) = serve_folder().await;
    for (path, kind, content) in [
        ("/", "text/html", "<p>page"),
        ("/index.html?key=k", "text/html", "<p>page"),
        ("/pkg/module.js", "text/javascript", "export {}"),
        ("/pkg/module_bg.wasm", "application/wasm", "\0asm"),
        ("/style.css", "text/css", "p {}"),
    ] {
        let answer = served.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, content), "{path}");
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"), "{path}");
    }
    assert_eq!(served.entries("k").len(), 1);
}

#[tokio::test]
async fn a_file_that_did_not_change_is_not_sent_again() {
    let (served, _folder) = serve_folder().await;
    let etag = served.get("/style.css").await.headers["etag"].clone();
    let mut again = get("/style.css");
    again.headers_mut().insert("if-none-match", etag);
    assert_eq!(served.send(again).await.status, 304);
}

#[tokio::test]
async fn routes_go_before_files_and_what_is_neither_is_named() {
    let (served, _folder) = serve_folder().await;
    assert_eq!(served.get("/echo").await.json()["path"], "/echo");
    for (method, path) in [("GET", "/none.js"), ("POST", "/index.html"), ("GET", "/../Cargo.toml")] {
        let answer = served.send(request(method, path, "")).await;
        assert_eq!(answer.status, 404, "{method} {path}");
        assert_eq!(answer.json()["path"], path);
    }
}
