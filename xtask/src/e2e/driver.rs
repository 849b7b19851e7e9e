//! What only some browsers' drivers can do.

use std::time::Duration;

use fantoccini::Client;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::engine::Engine;

/// Switches the browser's network, where the driver can; says whether it could.
pub(super) async fn network(client: &Client, engine: Engine, on: bool) -> bool {
    let result = match engine {
        Engine::Chromium => {
            let conditions =
                json!({ "offline": !on, "latency": 0, "download_throughput": -1, "upload_throughput": -1 });
            let body = json!({ "network_conditions": conditions });
            client.issue_cmd(Vendor { path: "chromium/network_conditions", body }).await
        }
        Engine::Firefox => {
            let context = |name: &str| Vendor { path: "moz/context", body: json!({ "context": name }) };
            if client.issue_cmd(context("chrome")).await.is_err() {
                return false;
            }
            let switched = client
                .execute(
                    &format!("Services.io.manageOfflineStatus = {on}; Services.io.offline = {}", !on),
                    Vec::new(),
                )
                .await;
            let back = client.issue_cmd(context("content")).await;
            switched.and(back)
        }
        Engine::Webkit => return false,
    };
    // The page hears of it in a task of its own.
    tokio::time::sleep(Duration::from_millis(200)).await;
    result.is_ok()
}

/// Sends Chromium a command of its developer tools: <https://chromedevtools.github.io/devtools-protocol/>.
pub(crate) async fn devtools(client: &Client, command: &str, parameters: Value) -> Result<Value, CmdError> {
    let body = json!({ "cmd": command, "params": parameters });
    client.issue_cmd(Vendor { path: "goog/cdp/execute", body }).await
}

/// A command that only one vendor's driver knows.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
