//! Events as they arrive at this node, for people who watch.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use delivery::tail::{Filter, LiveEvents, LiveKind, Watch};
use futures_util::{Stream, StreamExt, stream};
use rest::sse::{self, Event};
use rest::{OpenApiRouter, Path, Problem, Problems, Query, routes};
use runtime::Tasks;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as Unknown, StrDeserializer};
use utoipa::IntoParams;

use super::PlacePath;
use crate::model::Place;
use crate::service::Metrics;

/// No more often than this: what comes meanwhile is shown together.
const PACE: Duration = Duration::from_millis(500);
/// A stream ends after so long, and the browser opens the next: so nobody watches for longer who may not any more.
const LIFE: Duration = Duration::from_mins(10);
/// Longer texts are in no event.
const MOST_CHARACTERS: usize = 200;

/// What handlers work on.
#[derive(Clone)]
struct Live {
    metrics: Metrics,
    tasks: Tasks,
}

/// The route, with its state.
pub(super) fn route(metrics: Metrics, tasks: Tasks) -> OpenApiRouter {
    OpenApiRouter::default().routes(routes!(watch)).with_state(Live { metrics, tasks })
}

/// Which events to show; all when nothing is said.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wish {
    /// Of these kinds, with commas between: `evaluation`, `debug`, `summary`, `custom`, `identify`, `index`, `other`.
    #[serde(default)]
    kind: String,
    /// Whose flag, or own key, has this in it.
    #[serde(default)]
    key: String,
    /// Which tell of a context whose key or kind has this in it.
    #[serde(default)]
    context: String,
}

/// Shows events as they arrive at this node, as server-sent events named `events`, the first at once and empty. Nothing is
/// stored; what has come before is not shown, nor what arrives at other nodes, nor what is private. A stream ends after ten minutes.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/live-events", tag = "metrics",
    params(PlacePath, Wish),
    responses((status = 200, body = LiveEvents, content_type = "text/event-stream"), Problems)
)]
async fn watch(
    State(Live { metrics, tasks }): State<Live>,
    Path(path): Path<PlacePath>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let place = Place { project: path.project, environment: path.environment };
    let watch = metrics.watch(&place, filter(wish)?).await?;
    Ok(sse::events(shown(watch, &tasks)).into_response())
}

fn filter(Wish { kind, key, context }: Wish) -> Result<Filter, Problem> {
    let kinds = kind.split(',').filter(|word| !word.is_empty());
    let kinds = kinds.map(|word| {
        let word: StrDeserializer<'_, Unknown> = word.into_deserializer();
        LiveKind::deserialize(word)
            .map_err(|unknown| Problem::bad_request("unknown-kind", unknown.to_string()).field("kind"))
    });
    for (name, text) in [("key", &key), ("context", &context)] {
        if text.chars().count() > MOST_CHARACTERS {
            let detail = format!("no event has {MOST_CHARACTERS} characters to be found by");
            return Err(Problem::bad_request("too-long", detail).field(name));
        }
    }
    Ok(Filter { kinds: kinds.collect::<Result<_, _>>()?, key, context })
}

fn shown(watch: Watch, tasks: &Tasks) -> impl Stream<Item = Event<LiveEvents>> + Send + use<> {
    let event = |data| Event { id: None, name: "events", data };
    let first = stream::iter([event(LiveEvents::default())]);
    let rest = stream::unfold(watch, move |watch| async move {
        let events = watch.next().await;
        tokio::time::sleep(PACE).await;
        Some((event(events), watch))
    });
    let drain = tasks.drain();
    let over = async move {
        tokio::select! {
            () = drain.cancelled() => {}
            () = tokio::time::sleep(LIFE) => {}
        }
    };
    first.chain(rest).take_until(Box::pin(over))
}
