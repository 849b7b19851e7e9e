//! Download and upload: what is shown of them, and that what was sent arrived.

use serde_json::json;

use super::super::{Page, Scene};
use super::demo::{Demo, ensure, said, same};
use super::{arrived_whole, cut_off, header, received};
use pagewire_server::Entry;

/// What `/bytes/4000000` and the page's own upload are made of: byte i is i modulo 251.
pub(super) const DOWNLOAD: u64 = 4_000_000;
pub(super) const UPLOAD: u64 = 16_064_000;
pub(super) const UPLOAD_SHA256: &str = "f0a3bbeca8d9f40f9f8ee3affdeeaf51bb5ba9d887e1c75175d857fa2f0b7987";
const DOWNLOAD_SHA256: &str = "35a4b558fb5752ca9838a388a2322e48a60f7506f47cccca55a7763104a5d408";

const UPLOAD_PERCENT: &str = r#"[data-demo="upload"] [data-gauge="percent"]"#;
const SAVE: &str = r#"[data-demo="download"] .save"#;

/// Keeps each blob that gets a URL, and each URL that is given up.
const WATCH_URLS: &str = "
    const { createObjectURL, revokeObjectURL } = URL;
    window.__urls = { given: [], blobs: [], revoked: [] };
    URL.createObjectURL = (blob) => {
        const url = createObjectURL(blob);
        __urls.given.push(url);
        __urls.blobs.push(blob);
        return url;
    };
    URL.revokeObjectURL = (url) => {
        __urls.revoked.push(url);
        revokeObjectURL(url);
    };";

/// The SHA-256 of the first of these blobs, once it is computed.
const HASH_BLOB: &str = "
    window.__hash ??= __urls.blobs[0].arrayBuffer()
        .then((bytes) => crypto.subtle.digest('SHA-256', bytes))
        .then((hash) => [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join(''))
        .then((text) => (window.__hashed = text));
    return window.__hashed;";

pub(super) fn download(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "download").await?;
        demo.watch_bar().await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        let entry = demo.only_entry().await?;
        same("the method", entry.method.as_str(), "GET")?;
        same("the path", entry.path.as_str(), "/bytes/4000000")?;
        arrived_whole(&entry, DOWNLOAD)?;
        demo.bar_moved().await?;
        demo.tells("4,000,000 bytes").await
    })
}

pub(super) fn download_without_length(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "download").await?;
        demo.click("#download-length").await?;
        demo.press("start").await?;
        let percent = r#"[data-demo="download"] [data-gauge="percent"]"#;
        demo.shows(percent, "unknown").await?;
        demo.becomes("done").await?;
        let entry = demo.only_entry().await?;
        ensure(entry.query.contains("length=no"), || format!("the query was {}", entry.query))?;
        arrived_whole(&entry, DOWNLOAD)?;
        demo.tells("4,000,000 bytes").await
    })
}

pub(super) fn cancelled_download(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "download").await?;
        demo.cancel_at(0.1).await?;
        let entry = demo.only_entry().await?;
        cut_off(&entry)?;
        let sent = entry.ended.map_or(0, |ended| ended.sent);
        ensure(sent < DOWNLOAD, || format!("all {sent} bytes were sent"))?;
        demo.tells("aborted").await
    })
}

pub(super) fn upload(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "upload").await?;
        demo.watch_bar().await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        let entry = demo.only_entry().await?;
        same("the method", entry.method.as_str(), "POST")?;
        received(&entry, UPLOAD, UPLOAD_SHA256)?;
        demo.bar_moved().await?;
        demo.tells("16,064,000 bytes").await
    })
}

pub(super) fn chosen_file(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let text = "A file that a person chose.\n";
        let body = upload_of(page, text).await?.body.ok_or("no body was recorded")?;
        same("the body's text", body.text.as_deref(), Some(text))
    })
}

pub(super) fn empty_file(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let entry = upload_of(page, "").await?;
        same("the status", entry.status, Some(200))?;
        same("the length told", header(&entry, "content-length"), Some("0"))?;
        let demo = Demo::ready(page, "upload").await?;
        demo.tells("0 bytes").await?;
        demo.shows(UPLOAD_PERCENT, "100 %").await
    })
}

pub(super) fn cancelled_upload(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "upload").await?;
        demo.cancel_at(0.2).await?;
        let entry = demo.only_entry().await?;
        cut_off(&entry)?;
        let received = entry.body.map_or(0, |body| body.length);
        ensure(received < UPLOAD, || format!("all {received} bytes arrived"))
    })
}

pub(super) fn saved_file(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "download").await?;
        demo.script(WATCH_URLS).await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        arrived_whole(&demo.only_entry().await?, DOWNLOAD)?;
        demo.shows(SAVE, "4.0 MB, application/octet-stream").await?;
        let link = "const link = document.querySelector('.save a');
            return [link.download, link.href === __urls.given[0], __urls.given.length]";
        same("the link", demo.script(link).await?, json!(["pagewire.bin", true, 1]))?;
        let hash = demo.until_script("the file is hashed", HASH_BLOB).await?;
        same("the file's SHA-256", hash.as_str(), Some(DOWNLOAD_SHA256))
    })
}

/// A URL keeps its blob in the browser until it is revoked.
pub(super) fn next_file(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "download").await?;
        demo.script(WATCH_URLS).await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        demo.press("start").await?;
        demo.becomes("running").await?;
        let links = "return document.querySelectorAll('.save a').length";
        same("the links meanwhile", demo.script(links).await?, json!(0))?;
        demo.becomes("done").await?;
        let kept =
            "return [__urls.given.length, __urls.revoked.length, __urls.revoked[0] === __urls.given[0],
            document.querySelector('.save a').href === __urls.given[1]]";
        same("given, revoked", demo.script(kept).await?, json!([2, 1, true, true]))
    })
}

pub(super) fn upload_gauges(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "upload").await?;
        demo.press("start").await?;
        demo.shows(r#"[data-demo="upload"] [data-gauge="speed"]"#, "B/s").await?;
        demo.shows(r#"[data-demo="upload"] [data-gauge="left"]"#, "s").await?;
        let open = demo.entries().pop().ok_or("no request was recorded")?;
        ensure(open.ended.is_none(), || "they were told only when the upload was over".to_owned())?;
        demo.becomes("done").await
    })
}

/// What the server recorded of a file with this content.
async fn upload_of(page: &Page, content: &str) -> Result<Entry, String> {
    let file = tempfile::NamedTempFile::new().map_err(said)?;
    std::fs::write(file.path(), content).map_err(said)?;
    let demo = Demo::ready(page, "upload").await?;
    demo.type_into("#upload-file", &file.path().to_string_lossy()).await?;
    demo.press("start").await?;
    demo.becomes("done").await?;
    demo.only_entry().await
}
