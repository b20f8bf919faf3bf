//! `GET /api/events`: tells the console which things moved, so that it asks again; never what they became.

use std::collections::BTreeMap;
use std::time::Duration;

use access::Rule;
use axum::extract::State;
use axum::response::IntoResponse;
use db::Db;
use futures_util::StreamExt;
use runtime::Tasks;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

/// What the console follows: each is a sequence that is advanced in the batch of what it counts.
const TOPICS: [&str; 6] = ["change", "membership", "release", "incident", "metric", metrics::reporting::TOPIC];
/// Pokes within this time are answered by one look: an SDK's events poke too, and nobody reads faster.
const GAP: Duration = Duration::from_millis(50);

/// Topic → the position of its last change.
pub type Position = BTreeMap<&'static str, i64>;

/// Access: anybody who is known.
pub const RULES: &[Rule] = &[Rule::get("/api/events", access::Need::Reader)];

/// Starts the one task that looks, and gives what all streams share.
pub fn follow(tasks: &Tasks, db: &Db) -> watch::Receiver<Position> {
    let (sender, receiver) = watch::channel(Position::new());
    let (db, stop) = (db.clone(), tasks.stop());
    tasks.spawn("console-events", async move {
        let mut pokes = db.pokes();
        loop {
            match look(&db).await {
                Ok(position) => drop(sender.send_if_modified(|last| {
                    let moved = *last != position;
                    *last = position;
                    moved
                })),
                Err(error) => tracing::warn!(error = %error, "the console is not told of changes for now"),
            }
            tokio::time::sleep(GAP).await;
            tokio::select! {
                () = stop.cancelled() => return,
                moved = pokes.changed() => if moved.is_err() { return },
            }
        }
    });
    receiver
}

async fn look(db: &Db) -> Result<Position, db::ReadError> {
    let mut position = Position::new();
    for topic in TOPICS {
        position.insert(topic, db::sequence::current(db, topic).await?);
    }
    Ok(position)
}

/// What a stream needs.
#[derive(Clone)]
struct Live {
    positions: watch::Receiver<Position>,
    tasks: Tasks,
}

/// The route, ready to be merged. It is no part of the OpenAPI document, which has no word for streams.
pub fn routes(positions: watch::Receiver<Position>, tasks: Tasks) -> axum::Router {
    axum::Router::new().route("/api/events", axum::routing::get(stream)).with_state(Live { positions, tasks })
}

async fn stream(State(live): State<Live>) -> impl IntoResponse {
    let drain = live.tasks.drain();
    let positions = WatchStream::new(live.positions).take_until(async move { drain.cancelled().await });
    rest::sse::events(positions.map(|position| rest::sse::Event { id: None, name: "position", data: position }))
}
