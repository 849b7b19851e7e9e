//! nginx with Nchan, which publishes messages to subscribers: <https://nchan.io/>.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Recipe;
use crate::{Workbench, tools};

pub(super) const RECIPE: Recipe = Recipe { name: "nchan", install, command };

/// Where Debian's package has it.
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

fn install(bench: &Workbench) -> Result<()> {
    if program().is_none() || !Path::new(MODULE).is_file() {
        tools::packages(bench, &["nginx-light", "libnginx-mod-nchan"])?;
    }
    program().context("there is no nginx, though its package is installed").map(drop)
}

/// It lies in a folder that is not on everybody's PATH.
fn program() -> Option<std::path::PathBuf> {
    let usual = std::path::PathBuf::from("/usr/sbin/nginx");
    tools::find(&["nginx"]).or_else(|| usual.is_file().then_some(usual))
}

fn command(_bench: &Workbench, port: u16, folder: &Path) -> Command {
    let configuration =
        include_str!("nchan.conf").replace("PORT", &port.to_string()).replace("MODULE", MODULE);
    let file = folder.join("nginx.conf");
    let mut command = Command::new(program().unwrap_or_else(|| "nginx".into()));
    // What cannot be written is told by nginx itself, which then has nothing to read.
    let _ = fs::write(&file, configuration);
    command.arg("-p").arg(folder).arg("-c").arg(&file).arg("-e").arg("stderr");
    command
}
