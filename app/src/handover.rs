//! One window a profile: a second start hands its link over to the first one and is done.

use std::path::Path;
use std::time::Duration;

use kith_node::control::{self, Reply, Request};
use kith_node::limits::{LOCK_POLL_MS, LOCK_WAIT_MS};
use kith_node::lock::node_holds;
use serde_json::Value;

/// How often a node without a window is looked at again, `LOCK_POLL_MS` apart: its window comes a moment after it.
const LOOKS: u32 = 100;

/// Whether a window shows this profile already: it was given the link, or called to the front. Waits for one that is just
/// starting.
pub(crate) fn hand_over(profile: &Path, link: Option<&str>) -> bool {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return false };
    let request = Request::Open { link: link.map(str::to_owned) };
    runtime.block_on(async {
        let asked = async {
            let mut without = 0;
            loop {
                match control::call(profile, &request).await {
                    Ok(Some(Reply::Value(told))) => {
                        let shown = told.get("window").and_then(Value::as_bool).unwrap_or_default();
                        without += 1;
                        if shown || without > LOOKS {
                            return shown;
                        }
                    }
                    Ok(Some(Reply::Error(failure))) => {
                        tracing::warn!(code = failure.code, "the running Kith took no link");
                        return false;
                    }
                    Ok(None) if node_holds(profile) => {}
                    Ok(None) | Err(_) => return false,
                }
                tokio::time::sleep(Duration::from_millis(LOCK_POLL_MS)).await;
            }
        };
        tokio::time::timeout(Duration::from_millis(LOCK_WAIT_MS), asked).await.unwrap_or(false)
    })
}
