//! Chromium without a window, told what to do over its pipe (the DevTools protocol): opens pages from disk, evaluates
//! scripts, presses keys, takes pictures. `tests/all` installs it.

// Whatever goes wrong here is a test's failure.
#![allow(clippy::missing_panics_doc)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long an answer may take.
const LIMIT: Duration = Duration::from_mins(2);

/// A browser with one page, which ends with this.
pub struct Browser {
    child: Child,
    to: ChildStdin,
    answers: Receiver<Value>,
    session: String,
    calls: u64,
    _profile: TempDir,
}

impl Browser {
    /// Starts it, with a microphone that hears beeps.
    #[must_use]
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        // It reads what it is told at descriptor 3, and answers at 4.
        let mut child = Command::new("sh")
            .args(["-c", r#"exec chromium "$@" 3<&0 4>&1 </dev/null >/dev/null"#, "chromium"])
            // Containers have neither what its sandbox needs nor room in /dev/shm.
            .args(["--headless", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"])
            .args(["--remote-debugging-pipe", "--hide-scrollbars", "--no-first-run"])
            .args(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"])
            .arg("--autoplay-policy=no-user-gesture-required")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, answers) = channel();
        thread::spawn(move || {
            for message in BufReader::new(from).split(0).map_while(Result::ok) {
                let message: Value = serde_json::from_slice(&message).unwrap();
                // Events are of no interest, only answers.
                if message.get("id").is_some() && sender.send(message).is_err() {
                    break;
                }
            }
        });
        let session = String::new();
        let mut browser = Self { child, to, answers, session, calls: 0, _profile: profile };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", &attach);
        attached["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        browser
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.as_str().into();
        }
        let told = write!(self.to, "{message}\0").and_then(|()| self.to.flush());
        let answer = told.ok().and_then(|()| self.answers.recv_timeout(LIMIT).ok());
        let answer = answer.unwrap_or_else(|| {
            panic!("chromium does not answer {method}: if there is none, run tests/all")
        });
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Loads a file again, with the fragment after `#`.
    pub fn open(&mut self, file: &Path, fragment: &str) {
        // A page does not load again if only the fragment differs.
        self.call("Page.navigate", &json!({ "url": "about:blank" }));
        let url = format!("file://{}#{fragment}", file.canonicalize().unwrap().display());
        let opened = self.call("Page.navigate", &json!({ "url": url }));
        assert!(opened.get("errorText").is_none(), "{opened}");
    }

    /// The value of a script's expression, awaited if it is a promise.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let script =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let evaluated = self.call("Runtime.evaluate", &script);
        assert!(evaluated.get("exceptionDetails").is_none(), "{expression}: {evaluated}");
        evaluated["result"]["value"].clone()
    }

    /// The text that a script's expression has.
    pub fn text(&mut self, expression: &str) -> String {
        let value = self.evaluate(expression);
        value.as_str().unwrap_or_else(|| panic!("{expression} is {value}")).to_owned()
    }

    /// Waits until a script's expression is true; it may be wrong until then.
    pub fn wait_for(&mut self, expression: &str) {
        let looking = format!(
            "(async () => {{
                for (const end = Date.now() + 60000; Date.now() < end; ) {{
                    try {{ if ({expression}) return 'so it is'; }} catch {{}}
                    await new Promise((after) => setTimeout(after, 20));
                }}
                return document.body.innerText;
            }})()"
        );
        assert_eq!(self.text(&looking), "so it is", "{expression}");
    }

    /// Presses a key: `Tab`, `Enter`.
    pub fn press(&mut self, key: &str) {
        let [code, text] = match key {
            "Tab" => [json!(9), json!("")],
            "Enter" => [json!(13), json!("\r")],
            _ => panic!("which code has {key}?"),
        };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "text": text,
                "windowsVirtualKeyCode": code });
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Makes the window so wide, and dark or light.
    pub fn look(&mut self, width: u32, dark: bool) {
        let metrics =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", &features);
    }

    /// A picture of the whole page, as the bytes of a PNG file.
    pub fn picture(&mut self) -> Vec<u8> {
        let all = json!({ "format": "png", "captureBeyondViewport": true, "clip": {
            "x": 0, "y": 0, "scale": 1,
            "width": self.evaluate("document.documentElement.clientWidth"),
            "height": self.evaluate("document.documentElement.scrollHeight"),
        } });
        let picture = self.call("Page.captureScreenshot", &all);
        BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
