//! Everything else: a file of the folder that is served, or a 404 that names the path.

use std::path::Path;

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::any;
use axum::{Json, Router};
use serde_json::{Value, json};
use tower_http::services::ServeDir;

/// The files below `www`. A browser may keep them, but asks each time whether they are still the same, so a rebuilt
/// module is seen at once.
pub(super) fn files(www: &Path) -> Router {
    let files = ServeDir::new(www).call_fallback_on_method_not_allowed(true).fallback(any(no_such_path));
    Router::new().fallback_service(files).layer(map_response(ask_each_time))
}

pub(super) async fn no_such_path(uri: Uri) -> (StatusCode, Json<Value>) {
    let answer = json!({ "error": "no such path", "path": uri.path() });
    (StatusCode::NOT_FOUND, Json(answer))
}

async fn ask_each_time(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}
