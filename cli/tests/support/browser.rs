//! A headless Chromium through WebDriver, for the tests of the web page.
#![allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long anything on a page may take before the test fails: generous, other tests use the same machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// One browser with a profile of its own. Close it with [`Browser::close`]; a test that fails drops the driver, which
/// takes the browser along.
pub struct Browser {
    pub client: Client,
    driver: Driver,
    port: u16,
    _profile: tempfile::TempDir,
}

struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _ended = self.0.wait();
    }
}

impl Browser {
    pub async fn start(width: u32, height: u32) -> Self {
        Self::start_in(width, height, "en").await
    }

    /// `languages`: what its user prefers, as in `Accept-Language`.
    pub async fn start_in(width: u32, height: u32, languages: &str) -> Self {
        Self::start_with(width, height, languages, &[]).await
    }

    /// With a camera that plays `film` over and over (`.y4m`), and that no user needs to allow.
    pub async fn start_filming(width: u32, height: u32, film: &Path) -> Self {
        let film = format!("--use-file-for-fake-video-capture={}", film.display());
        let camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", film.as_str()];
        Self::start_with(width, height, "en", &camera).await
    }

    async fn start_with(width: u32, height: u32, languages: &str, more: &[&str]) -> Self {
        let (driver, port) = driver();
        let profile = tempfile::tempdir().expect("a folder for the browser");
        let mut args: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            // Whatever cameras the machine has.
            "--use-fake-device-for-media-stream=device-count=0",
        ]
        .map(str::to_owned)
        .into();
        args.push(format!("--user-data-dir={}", profile.path().display()));
        args.push(format!("--window-size={width},{height}"));
        args.extend(more.iter().map(|&arg| arg.to_owned()));
        let mut options = json!({ "args": args });
        if let Some(binary) = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].iter().find(|p| Path::new(p).exists())
        {
            options["binary"] = json!(binary);
        }
        options["prefs"] = json!({ "intl.accept_languages": languages });
        // The size of the page, not of a window with its frame: headless windows have a smallest width.
        options["mobileEmulation"] = json!({ "deviceMetrics": {
            "width": width, "height": height, "pixelRatio": 1.0, "touch": false, "mobile": false,
        } });
        let Value::Object(capabilities) = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
        }) else {
            panic!("capabilities are an object");
        };
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(PATIENCE));
        let client = ClientBuilder::new(connector)
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a WebDriver session");
        let timeouts = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), Some(Duration::ZERO));
        client.update_timeouts(timeouts).await.expect("timeouts");
        Self { client, driver, port, _profile: profile }
    }

    /// The first element with this `data-testid`, once there is one.
    pub async fn find(&self, testid: &str) -> Element {
        let css = format!("[data-testid='{testid}']");
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(&css)).await {
            Ok(element) => element,
            Err(error) => {
                let source = self.client.source().await.unwrap_or_default();
                panic!("no {testid}: {error}\n{source}\n{}", self.console().await)
            }
        }
    }

    /// Types into a field, or gives a file input its file.
    pub async fn type_in(&self, testid: &str, text: &str) {
        self.find(testid).await.send_keys(text).await.unwrap_or_else(|e| panic!("typing into {testid}: {e}"));
    }

    /// Clicks once it is enabled; as a script does, so that nothing that covers the element for a moment matters.
    pub async fn click(&self, testid: &str) {
        self.until(&format!("document.querySelector(\"[data-testid='{testid}']:not(:disabled)\")")).await;
        self.run(&format!("document.querySelector(\"[data-testid='{testid}']\").click()")).await;
    }

    pub async fn text(&self, testid: &str) -> String {
        self.find(testid).await.text().await.expect("the text of an element")
    }

    /// Waits until an expression of the page's own script is true.
    pub async fn until(&self, condition: &str) {
        let script = format!(
            "const done = arguments[arguments.length - 1]; const end = Date.now() + {};
             (function look() {{
                 let holds = false;
                 try {{ holds = Boolean({condition}); }} catch {{}}
                 if (holds || Date.now() > end) done(holds); else setTimeout(look, 20);
             }})();",
            PATIENCE.as_millis() - 5_000
        );
        let holds = self.client.execute_async(&script, Vec::new()).await;
        if !matches!(holds, Ok(Value::Bool(true))) {
            let source = self.client.source().await.unwrap_or_default();
            panic!("waited in vain ({holds:?}) for {condition}\n{source}\n{}", self.console().await);
        }
    }

    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    pub async fn screenshot(&self, file: &Path) {
        std::fs::write(file, self.client.screenshot().await.expect("a screenshot")).expect("a file for the screenshot");
    }

    /// What the browser's console says, for a failure's message: a path of chromedriver's own.
    pub async fn console(&self) -> String {
        let session = self.client.session_id().await.ok().flatten().unwrap_or_default();
        let body = r#"{"type":"browser"}"#;
        let request = format!(
            "POST /session/{session}/se/log HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        self.told(&request).await
    }

    /// Asks the browser itself, in the words of its debugging protocol.
    pub async fn ask(&self, command: &str, params: Value) -> Value {
        let session = self.client.session_id().await.ok().flatten().unwrap_or_default();
        let body = json!({ "cmd": command, "params": params }).to_string();
        let request = format!(
            "POST /session/{session}/goog/cdp/execute HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        let answer = self.told(&request).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{command}: {answer}"));
        let body: Value = serde_json::from_str(body).unwrap_or_else(|e| panic!("{command}: {e}: {answer}"));
        body["value"].clone()
    }

    /// What the page holds once all garbage is collected: elements and texts, also those that are in no document, and
    /// bytes of its scripts' heap.
    pub async fn weight(&self) -> (u64, u64) {
        // What only waits for an idle moment goes with the second.
        for _ in 0..2 {
            self.ask("HeapProfiler.collectGarbage", json!({})).await;
        }
        let nodes = self.ask("Memory.getDOMCounters", json!({})).await["nodes"].as_u64().expect("a count of nodes");
        let heap = self.ask("Runtime.getHeapUsage", json!({})).await["usedSize"].as_f64().expect("a size of the heap");
        (nodes, heap as u64)
    }

    /// What chromedriver answers to a request that WebDriver does not know. It leaves the connection open for seconds after
    /// its answer: the answer's length says where it ends.
    async fn told(&self, request: &str) -> String {
        let mut answer = Vec::new();
        let read = async {
            let mut socket = TcpStream::connect(("127.0.0.1", self.port)).await?;
            socket.write_all(request.as_bytes()).await?;
            while !is_whole(&answer) && socket.read_buf(&mut answer).await? > 0 {}
            Ok::<_, std::io::Error>(())
        };
        let _as_far_as_it_goes = timeout(PATIENCE, read).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub async fn close(self) {
        let _closed = self.client.close().await;
        drop(self.driver);
    }
}

/// Whether an answer has all that its head promises.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| answer.len() >= head.len() + 4 + length)
}

/// How many ports are drawn.
const PORTS: usize = 8;

/// A chromedriver on a port of its own choice. It draws one for IPv6 and ends where somebody else has the same for IPv4:
/// then another is drawn.
fn driver() -> (Driver, u16) {
    (0..PORTS).find_map(|_| driver_with_port()).expect("chromedriver finds a port that is free")
}

/// It tells its port on its standard output.
fn driver_with_port() -> Option<(Driver, u16)> {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver (Debian: apt install chromium chromium-driver)");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let driver = Driver(child);
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok())?;
    // Its later output must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Some((driver, port))
}
