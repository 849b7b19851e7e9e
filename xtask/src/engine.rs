//! The three browser engines: what each needs, how it is had, and the environment it runs in.

use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::process::Group;
use crate::{Workbench, tools};

/// The width and height of WebKit's screen. What of a window is beyond it is black in a picture.
pub(crate) const SCREEN: (u32, u32) = (1600, 12_000);

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
    Webkit,
}

impl Engine {
    pub(crate) const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::Webkit];

    fn driver_variable(self) -> &'static str {
        match self {
            Self::Chromium => "CHROMEDRIVER",
            Self::Firefox => "GECKODRIVER",
            // The test runner takes any driver that speaks like Safari's through this door.
            Self::Webkit => "SAFARIDRIVER",
        }
    }

    /// The vendor's key in `webdriver.json`.
    fn vendor(self) -> &'static str {
        match self {
            Self::Chromium => "goog:chromeOptions",
            Self::Firefox => "moz:firefoxOptions",
            Self::Webkit => "webkitgtk:browserOptions",
        }
    }

    /// What `webdriver.json` leaves to whoever starts the session, as the test runner adds it.
    fn headless(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["headless", "no-sandbox", "disable-dev-shm-usage"],
            Self::Firefox => &["-headless"],
            Self::Webkit => &[],
        }
    }

    /// Debian's names for what is missing here, each with the programs that show that it is there.
    fn missing_packages(self) -> Vec<&'static str> {
        let needs: &[(&str, &[&str])] = match self {
            Self::Chromium => &[
                (
                    "chromium",
                    &["chromium", "google-chrome", "google-chrome-stable", "chrome", "chromium-browser"],
                ),
                ("chromium-driver", &["chromedriver"]),
            ],
            Self::Firefox => &[("firefox-esr", &["firefox-esr", "firefox"])],
            Self::Webkit => &[("webkit2gtk-driver", &["WebKitWebDriver"]), ("xvfb", &["Xvfb"])],
        };
        needs
            .iter()
            .filter(|(_, programs)| tools::find(programs).is_none())
            .map(|(package, _)| *package)
            .collect()
    }

    /// Installs what is missing and starts what stays on during the run.
    pub(crate) fn prepare(self, bench: &Workbench) -> Result<Ready> {
        let missing = self.missing_packages();
        if !missing.is_empty() {
            tools::packages(bench, &missing)?;
        }
        let driver = match self {
            Self::Chromium => {
                tools::find(&["chromedriver"]).context("chromedriver is still not on the PATH")?
            }
            Self::Firefox => tools::geckodriver(bench)?,
            Self::Webkit => {
                tools::find(&["WebKitWebDriver"]).context("WebKitWebDriver is still not on the PATH")?
            }
        };
        let screen = (self == Self::Webkit).then(Screen::start).transpose()?;
        Ok(Ready { engine: self, driver, screen, capabilities: bench.workspace.root.join("webdriver.json") })
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::Webkit => "WebKit",
        })
    }
}

/// An engine that can be run now.
pub(crate) struct Ready {
    pub(crate) engine: Engine,
    pub(crate) driver: PathBuf,
    screen: Option<Screen>,
    capabilities: PathBuf,
}

impl Ready {
    /// Gives a program the environment in which it, or the driver, finds this engine and no other.
    pub(crate) fn equip(&self, command: &mut Command, scratch: &Path) -> Result<()> {
        for engine in Engine::ALL {
            let variable = engine.driver_variable();
            // Whatever the caller has set would silently pick another browser.
            command
                .env_remove(variable)
                .env_remove(format!("{variable}_REMOTE"))
                .env_remove(format!("{variable}_ARGS"));
        }
        command.env(self.engine.driver_variable(), &self.driver);
        command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &self.capabilities);
        command.env(format!("{}_ARGS", self.engine.driver_variable()), self.driver_arguments().join(" "));
        // Browsers leave folders behind; here they go with the scratch folder.
        for (variable, folder) in [
            ("TMPDIR", "t"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
        ] {
            let folder = scratch.join(folder);
            fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            command.env(variable, folder);
        }
        if let Some(screen) = &self.screen {
            command.env("DISPLAY", &screen.name).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
            // Its sandbox refuses root, and needs namespaces that containers do not give. The pages are our own.
            command.env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
            command.env("NO_AT_BRIDGE", "1");
        }
        Ok(())
    }

    /// What the driver is told beside its port.
    pub(crate) fn driver_arguments(&self) -> &'static [&'static str] {
        match self.engine {
            // Its own default is one fixed port, which two runs at once cannot share.
            Engine::Firefox => &["--websocket-port=0", "--allow-system-access"],
            Engine::Chromium | Engine::Webkit => &[],
        }
    }

    /// The capabilities for a session of our own: this engine's part of `webdriver.json`, headless, with these arguments
    /// besides.
    pub(crate) fn capabilities(&self, arguments: &[String]) -> Result<Map<String, Value>> {
        let file = &self.capabilities;
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut all: Value =
            serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
        let vendor = self.engine.vendor();
        // For the server's own certificate.
        let mut capabilities = Map::from_iter([("acceptInsecureCerts".to_owned(), json!(true))]);
        let Some(mut options) = all.get_mut(vendor).map(Value::take) else {
            return Ok(capabilities);
        };
        let mut words = options["args"].as_array().cloned().unwrap_or_default();
        words.extend(self.engine.headless().iter().map(|word| json!(word)));
        words.extend(arguments.iter().map(|word| json!(word)));
        options["args"] = json!(words);
        capabilities.insert(vendor.to_owned(), options);
        Ok(capabilities)
    }
}

/// A screen of no monitor, since WebKitGTK has no headless mode.
struct Screen {
    name: String,
    _server: Group,
}

impl Screen {
    fn start() -> Result<Self> {
        let mut command = Command::new("Xvfb");
        // The server picks a free number itself and tells it, so two runs never meet.
        let (width, height) = SCREEN;
        let size = format!("{width}x{height}x24");
        command.args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = Group::start(&mut command)?;
        let mut number = String::new();
        if let Some(stdout) = server.child.stdout.take() {
            BufReader::new(stdout).read_line(&mut number)?;
        }
        if number.trim().is_empty() {
            bail!("Xvfb did not start; WebKit needs it, having no headless mode");
        }
        Ok(Self { name: format!(":{}", number.trim()), _server: server })
    }
}
