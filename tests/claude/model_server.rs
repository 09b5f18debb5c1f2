//! A loopback server that speaks as much of the Anthropic Messages API as Claude Code asks for, and
//! answers with what a test scripted. Strict where the real one is: a wrong path or no key is
//! refused.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// Makes the model's words from the prompt.
type Script = Arc<dyn Fn(&str) -> String + Send + Sync>;

pub(crate) struct ModelServer {
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl ModelServer {
    /// Listens on a free port of the loopback interface.
    pub(crate) fn start(script: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (script, seen): (Script, _) = (Arc::new(script), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream.unwrap(), &script, &seen));
            }
        });
        Self { address, requests }
    }

    /// Everything that was received, a head and body each.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Answers the requests of one connection until the client closes it.
fn serve(stream: TcpStream, script: &Script, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some((head, body)) = read_request(&mut reader) {
        seen.lock().unwrap().push(format!("{head}\n{body}"));
        let response = respond(&head, &body, script);
        if writer.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8_lossy(&body).into_owned()))
}

fn respond(head: &str, body: &str, script: &Script) -> String {
    let lower = head.to_ascii_lowercase();
    if !head.starts_with("POST /v1/messages") {
        return plain("404 Not Found", "application/json", "{}");
    }
    if !lower.contains("x-api-key:") && !lower.contains("authorization:") {
        return plain("401 Unauthorized", "application/json", "{}");
    }
    if head.starts_with("POST /v1/messages/count_tokens") {
        return plain("200 OK", "application/json", r#"{"input_tokens":1}"#);
    }
    let request: Value = serde_json::from_str(body).unwrap();
    let words = script(&prompt_of(&request));
    if request["stream"] == true {
        plain("200 OK", "text/event-stream", &events(&words))
    } else {
        plain("200 OK", "application/json", &message(&words).to_string())
    }
}

fn plain(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// All text of the user's messages.
fn prompt_of(request: &Value) -> String {
    let mut text = String::new();
    for message in request["messages"].as_array().into_iter().flatten() {
        let content = &message["content"];
        text.push_str(content.as_str().unwrap_or_default());
        for block in content.as_array().into_iter().flatten() {
            text.push_str(block["text"].as_str().unwrap_or_default());
            text.push('\n');
        }
    }
    text
}

fn message(words: &str) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "loopback",
        "content": [{"type": "text", "text": words}], "stop_reason": "end_turn",
        "stop_sequence": null, "usage": {"input_tokens": 10, "output_tokens": 5}
    })
}

fn events(words: &str) -> String {
    let mut start = message("");
    start["content"] = json!([]);
    start["stop_reason"] = Value::Null;
    let events = [
        json!({"type": "message_start", "message": start}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": words}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 5}}),
        json!({"type": "message_stop"}),
    ];
    let line = |event: &Value| {
        format!(
            "event: {}\ndata: {event}\n\n",
            event["type"].as_str().unwrap()
        )
    };
    events.iter().map(line).collect()
}
