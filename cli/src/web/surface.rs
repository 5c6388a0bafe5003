//! One browser window: a WebSocket on one side, a virtual DOM on the other, bounded queues between them.
//!
//! A page sends `{"method":"user_event"|"query","params":…}` and `__ping__`; the virtual DOM answers with frames whose
//! first byte is 1 for edits (`dioxus-interpreter-js`) and 0 for text. A pong comes after the edits of everything that
//! was sent before its ping: the script relies on that order to know which of its inputs were seen.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use dioxus_liveview::LiveViewError;
use futures_util::{Sink, Stream};
use kith_ui::Preferred;
use serde_json::Value;
use tokio::sync::mpsc;

use super::{MESSAGE_BYTES, MESSAGE_QUEUE, SILENCE, STALL, Shared, Stage};

/// Keep-alive of the page's script.
const PING: &str = "__ping__";
/// How long a virtual DOM may take to end after its window is gone.
const GRACE: Duration = Duration::from_secs(5);

/// `GET /ws`. Host, origin and session were checked by the gate.
pub(super) async fn open(State(shared): State<Arc<Shared>>, headers: HeaderMap, ws: WebSocketUpgrade) -> Response {
    let chosen = shared.site.chosen_language().await;
    let preferred = Preferred { language: super::preferred(&headers), chosen };
    let Ok(place) = shared.surfaces.clone().try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "Too many windows are open.").into_response();
    };
    ws.max_message_size(MESSAGE_BYTES).max_frame_size(MESSAGE_BYTES).on_upgrade(async move |socket| {
        run(&shared, preferred, socket).await;
        drop(place);
    })
}

async fn run(shared: &Shared, preferred: Preferred, mut socket: WebSocket) {
    let (to_dom, from_page) = mpsc::channel(MESSAGE_QUEUE);
    let (to_page, mut from_dom) = mpsc::channel(MESSAGE_QUEUE);
    let site = shared.site.clone();
    let ends = Ends { from_page, to_page: PollSender::new(to_page) };
    let mut dom = std::pin::pin!(shared.pool.launch_virtualdom(ends, move || site.dom(preferred)));
    let close = tokio::select! {
        ended = &mut dom => {
            if ended.is_err() {
                tracing::error!("a window's virtual DOM ended early");
            }
            Some((1011, "the page failed"))
        }
        close = pump(shared, &mut socket, to_dom, &mut from_dom) => {
            // It sees what the page still said, the last letters of a draft too, then the end of its queue. Nobody
            // looks at what it answers.
            let ended = async {
                tokio::select! {
                    _ = &mut dom => {}
                    () = async { while from_dom.recv().await.is_some() {} } => drop((&mut dom).await),
                }
            };
            if tokio::time::timeout(GRACE, ended).await.is_err() {
                tracing::warn!("a window's virtual DOM did not end");
            }
            close
        }
    };
    if let Some((code, reason)) = close {
        let frame = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        let _page_is_gone = tokio::time::timeout(GRACE, socket.send(frame)).await;
    }
}

/// Carries messages until one side ends; returns how to close the socket, `None` if it is closed. It never waits for
/// one direction alone, so that two full queues can't stop each other.
async fn pump(
    shared: &Shared,
    socket: &mut WebSocket,
    to_dom: mpsc::Sender<Vec<u8>>,
    from_dom: &mut mpsc::Receiver<Vec<u8>>,
) -> Option<(u16, &'static str)> {
    let mut stage = shared.stage.subscribe();
    if *stage.borrow_and_update() == Stage::Closed {
        return Some((1001, "the node is closing"));
    }
    let mut held = None;
    // A page that hears no more may have said something before.
    let mut deaf = false;
    let mut silence = std::pin::pin!(tokio::time::sleep(SILENCE));
    loop {
        tokio::select! {
            frame = from_dom.recv() => {
                let Some(frame) = frame else { return Some((1011, "the page failed")) };
                if !deaf {
                    match tokio::time::timeout(STALL, socket.send(Message::Binary(frame.into()))).await {
                        Ok(sent) => deaf = sent.is_err(),
                        Err(_) => return None,
                    }
                }
            }
            place = to_dom.reserve(), if held.is_some() => {
                match (place, held.take()) {
                    (Ok(place), Some(message)) => place.send(message),
                    _ => return Some((1011, "the page failed")),
                }
            }
            message = socket.recv(), if held.is_none() => {
                silence.as_mut().reset(tokio::time::Instant::now() + SILENCE);
                match message {
                    Some(Ok(Message::Text(text))) if is_allowed(&text) => held = Some(text.as_bytes().to_vec()),
                    Some(Ok(Message::Text(_) | Message::Binary(_))) => return Some((1008, "refused")),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                }
            }
            _ = stage.changed() => return Some((1001, "the node is closing")),
            () = &mut silence => return None,
        }
    }
}

/// Whether a message may reach the virtual DOM. An event that brings files may not: Dioxus would take the name that
/// the browser gives for a path on this machine and open it.
fn is_allowed(message: &str) -> bool {
    if message == PING {
        return true;
    }
    match serde_json::from_str::<Value>(message) {
        Ok(Value::Object(fields)) => {
            let method = fields.get("method").and_then(Value::as_str);
            matches!(method, Some("user_event" | "query")) && !fields.values().any(brings_files)
        }
        _ => false,
    }
}

fn brings_files(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| match name.as_str() {
            "file" | "path" => !value.is_null(),
            "files" => !(value.is_null() || value.as_array().is_some_and(Vec::is_empty)),
            _ => brings_files(value),
        }),
        Value::Array(values) => values.iter().any(brings_files),
        _ => false,
    }
}

/// The virtual DOM's side of the queues, in the shape that `dioxus-liveview` asks for.
struct Ends {
    from_page: mpsc::Receiver<Vec<u8>>,
    to_page: PollSender,
}

impl Stream for Ends {
    type Item = Result<Vec<u8>, LiveViewError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.from_page.poll_recv(cx).map(|message| message.map(Ok))
    }
}

impl Sink<Vec<u8>> for Ends {
    type Error = LiveViewError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), LiveViewError>> {
        self.to_page.poll_ready(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Vec<u8>) -> Result<(), LiveViewError> {
        self.to_page.start_send(frame)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), LiveViewError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), LiveViewError>> {
        Poll::Ready(Ok(()))
    }
}

type Place = Result<mpsc::OwnedPermit<Vec<u8>>, mpsc::error::SendError<()>>;

/// A bounded sender that can be polled.
struct PollSender {
    sender: mpsc::Sender<Vec<u8>>,
    waiting: Option<Pin<Box<dyn Future<Output = Place> + Send>>>,
    place: Option<mpsc::OwnedPermit<Vec<u8>>>,
}

impl PollSender {
    fn new(sender: mpsc::Sender<Vec<u8>>) -> Self {
        Self { sender, waiting: None, place: None }
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LiveViewError>> {
        if self.place.is_none() {
            let sender = &self.sender;
            let waiting = self.waiting.get_or_insert_with(|| Box::pin(sender.clone().reserve_owned()));
            let place = ready!(waiting.as_mut().poll(cx));
            self.waiting = None;
            self.place = Some(place.map_err(|_| LiveViewError::SendingFailed)?);
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(&mut self, frame: Vec<u8>) -> Result<(), LiveViewError> {
        self.place.take().ok_or(LiveViewError::SendingFailed)?.send(frame);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_pass_and_files_do_not() {
        let event = |data: &str| {
            format!(r#"{{"method":"user_event","params":{{"name":"input","element":4,"bubbles":true,"data":{data}}}}}"#)
        };
        let text = r#"{"value":"path file files","values":[{"key":"file","text":"a"}]}"#;
        assert!(is_allowed(&event(text)));
        assert!(is_allowed(&event(r#"{"value":"","values":[{"key":"a","text":"b","file":null}]}"#)));
        assert!(is_allowed(PING));
        assert!(is_allowed(r#"{"method":"query","params":{"id":0,"data":true,"returned_value":true}}"#));

        assert!(!is_allowed(&event(r#"{"value":"","values":[{"key":"a","file":{"path":"/etc/passwd"}}]}"#)));
        assert!(!is_allowed(&event(r#"{"mouse":{},"data_transfer":{"items":[],"files":[{"path":"x"}]}}"#)));
        assert!(!is_allowed(&event(r#"{"files":{"files":{"a":[1]}}}"#)));
        assert!(!is_allowed(r#"{"method":"browser_open","params":{}}"#));
        assert!(!is_allowed("[]"));
        assert!(!is_allowed("not json"));
    }
}
