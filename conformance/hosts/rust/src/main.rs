//! The LaunchDarkly Rust server SDK, unmodified, behind JSON lines (`conformance/README.md`).

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use launchdarkly_server_sdk::{
    Client, ConfigBuilder, Context, EventProcessorBuilder, FlagDetailConfig, FlagValue, ServiceEndpointsBuilder,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

/// What the driver asks for.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Ask {
    Start { url: String, sdk_key: String },
    Evaluate { flag: String, context: Context, default: Value },
    Watch { flag: String, context: Context, default: Value },
    Track { event: String, context: Context },
    Flush,
    Stop,
}

/// This SDK has no listener for flag changes, so a watch looks this often.
const LOOK: Duration = Duration::from_millis(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut client = None;
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line)? {
            Ask::Start { url, sdk_key } => {
                let started = start(&url, &sdk_key)?;
                let ok = started.wait_for_initialization(Duration::from_secs(10)).await == Some(true);
                client = Some(Arc::new(started));
                say(&json!({"is": "started", "ok": ok}));
            }
            Ask::Stop => break,
            ask => answer(client.as_ref().context("start comes first")?, ask).await,
        }
    }
    if let Some(client) = client {
        client.close();
    }
    Ok(())
}

fn start(url: &str, sdk_key: &str) -> Result<Client> {
    let transport = launchdarkly_sdk_transport::HyperTransport::new()?;
    let mut events = EventProcessorBuilder::new();
    events.flush_interval(Duration::from_secs(1)).transport(transport.clone());
    let mut stream = launchdarkly_server_sdk::StreamingDataSourceBuilder::new();
    stream.transport(transport);
    let config = ConfigBuilder::new(sdk_key)
        .service_endpoints(ServiceEndpointsBuilder::new().relay_proxy(url))
        .data_source(&stream)
        .event_processor(&events)
        .build()?;
    let client = Client::build(config)?;
    client.start_with_default_executor();
    Ok(client)
}

async fn answer(client: &Arc<Client>, ask: Ask) {
    match ask {
        Ask::Evaluate { flag, context, default } => {
            let detail = client.variation_detail(&context, &flag, FlagValue::Json(default));
            say(&json!({
                "is": "value",
                "value": plain(detail.value),
                "variationIndex": detail.variation_index,
                "reason": detail.reason,
            }));
        }
        Ask::Watch { flag, context, default } => {
            let client = client.clone();
            // Looked at before the driver is told, or a change right after would be the first value seen.
            let first = look(&client, &flag, &context, &default);
            std::thread::spawn(move || watch(&client, &flag, &context, &default, first));
            say(&json!({"is": "watching"}));
        }
        Ask::Track { event, context } => {
            client.track_event(context, event);
            say(&json!({"is": "tracked"}));
        }
        Ask::Flush => {
            client.flush_blocking(Duration::from_secs(10)).await;
            say(&json!({"is": "flushed"}));
        }
        Ask::Start { .. } | Ask::Stop => unreachable!("main handles the two"),
    }
}

fn watch(client: &Client, flag: &str, context: &Context, default: &Value, mut last: Value) {
    loop {
        std::thread::sleep(LOOK);
        let value = look(client, flag, context, default);
        if value != last {
            say(&json!({"is": "changed", "value": value}));
            last = value;
        }
    }
}

/// By the state of all flags, since looking must not count as evaluating.
fn look(client: &Client, flag: &str, context: &Context, default: &Value) -> Value {
    let state = client.all_flags_detail(context, FlagDetailConfig::new());
    let values = serde_json::to_value(state).unwrap_or_default();
    values.get(flag).unwrap_or(default).clone()
}

fn plain(value: Option<FlagValue>) -> Value {
    match value {
        None => Value::Null,
        Some(FlagValue::Bool(value)) => json!(value),
        Some(FlagValue::Str(value)) => json!(value),
        Some(FlagValue::Number(value)) => json!(value),
        Some(FlagValue::Json(value)) => value,
    }
}

#[allow(clippy::print_stdout)] // the wire of this program is its standard output
fn say(message: &Value) {
    println!("{message}");
}
