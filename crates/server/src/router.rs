//! The one list of what can be asked of us, behind the one table of who may ask.

use std::sync::Arc;

use access::{Gate, Need, Rule, SESSION_COOKIE, Table};
use anyhow::Result;
use axum::Router;
use db::Migration;
use delivery::sdks::Register;
use delivery::tail::Tail;
use delivery::{Admission, Intake, MemberFeed, Snapshots};
use edge::Edge;
use http::Request;
use kernel::SystemClock;
use rest::OpenApiRouter;
use runtime::{Board, Tasks};
use tower::util::MapRequest;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;

use crate::app::App;
use crate::health::Health;
use crate::{events, health, import};

/// Every rule of access; a route that is not in it is refused.
pub const RULES: &[&[Rule]] = &[
    health::RULES,
    events::RULES,
    OPENAPI_RULES,
    access::RULES,
    flags::RULES,
    metrics::RULES,
    releases::RULES,
    oncall::RULES,
    protocol_launchdarkly::RULES,
    protocol_launchdarkly::CLIENT_RULES,
    protocol_launchdarkly::PHP_RULES,
    protocol_launchdarkly::SECOND_RULES,
    protocol_ofrep::RULES,
    import::api::RULES,
    protocol_unleash::RULES[0],
    protocol_unleash::RULES[1],
];

/// The description of the API is for everybody.
const OPENAPI_RULES: &[Rule] = &[Rule::get("/api/openapi.json", access::Need::Public)];

/// The schema of every capability, in the order in which they may know each other.
pub fn migrations() -> Vec<&'static [Migration]> {
    vec![access::MIGRATIONS, flags::MIGRATIONS, metrics::schema::MIGRATIONS, releases::MIGRATIONS, oncall::MIGRATIONS]
}

/// Every route behind the gate, and the document that describes the REST API.
pub fn router(app: &App, board: Board, admission: &Admission, tasks: &Tasks) -> (Router, OpenApi) {
    let (api, document) = api(app, board).split_for_parts();
    let described = document.clone();
    let members: Arc<dyn MemberFeed> = Arc::new(flags::feed::StoredFeed(app.db.clone()));
    let routes = api
        .route("/api/openapi.json", axum::routing::get(async move || axum::Json(described)))
        .merge(events::routes(events::follow(tasks, &app.db), tasks.clone()))
        .merge(sdks(
            app.follower.snapshots(),
            (Arc::new(app.metrics.clone()), Some(members)),
            (&app.sdks, app.metrics.tail()),
            admission,
        ));
    let gate = Gate::new(app.access.clone(), table());
    // After the gate, or it would say that no rule is there for a method that no route takes.
    let guarded = gate.protect(routes).method_not_allowed_fallback(rest::fallback::no_method);
    let guarded = guarded.fallback_service(console::routes());
    (guarded.layer(CatchPanicLayer::new()), document)
}

/// Every protocol of SDKs: a node and an edge serve the same.
fn sdks(
    snapshots: &Snapshots,
    (intake, members): (Arc<dyn Intake>, Option<Arc<dyn MemberFeed>>),
    (register, tail): (&Register, &Tail),
    admission: &Admission,
) -> Router {
    let (snapshots, register, admission) = (snapshots.clone(), register.clone(), admission.clone());
    let ofrep = protocol_ofrep::Ofrep {
        snapshots: snapshots.clone(),
        register: register.clone(),
        admission: admission.clone(),
    };
    let unleash = protocol_unleash::Sdks::new(&snapshots, &intake, (&register, tail), &admission);
    let sdks = protocol_launchdarkly::Sdks { snapshots, intake, members, register, tail: tail.clone(), admission };
    protocol_launchdarkly::routes(sdks).merge(protocol_ofrep::routes(ofrep)).merge(protocol_unleash::routes(unleash))
}

/// What an edge serves: SDKs, and whoever asks how it is; no console, and no API that people use.
pub fn edge_router(edge: &Edge, admission: &Admission) -> Router {
    let routes = edge::routes(edge.entries.clone());
    // Nobody looks at them here: upstream learns of SDKs by the events that they send.
    let seen = (&Register::new(Arc::new(SystemClock)), &Tail::new(Arc::new(SystemClock)));
    let routes = routes.merge(sdks(&edge.snapshots, (Arc::clone(&edge.intake), None), seen, admission));
    let guarded = Gate::without_people(edge_table()).protect(routes);
    guarded
        .method_not_allowed_fallback(rest::fallback::no_method)
        .fallback(rest::fallback::no_route)
        .layer(CatchPanicLayer::new())
}

fn edge_table() -> Table {
    let open = |rule: &&Rule| matches!(rule.need, Need::Public | Need::SdkKey);
    let own = |rule: &&Rule| edge::RULES.iter().any(|own| (&own.method, own.path) == (&rule.method, rule.path));
    let shared = RULES.iter().copied().flatten().filter(open).filter(|rule| !own(rule));
    Table::new(edge::RULES.iter().chain(shared)).expect("a test finds no route with two rules")
}

/// The REST API: what is in the OpenAPI document.
fn api(app: &App, board: Board) -> OpenApiRouter {
    OpenApiRouter::with_openapi(rest::openapi::document("Steadfast", env!("CARGO_PKG_VERSION"), SESSION_COOKIE))
        .merge(health::routes(Health { db: app.db.clone(), board }))
        .merge(access::routes(app.access.clone()))
        .merge(flags::routes(app.flags.clone(), app.follower.clone()))
        .merge(metrics::routes(app.metrics.clone(), app.tasks.clone()))
        .merge(releases::routes(app.releases.clone()))
        .merge(oncall::routes(app.oncall.clone()))
        .merge(import::api::routes(app.flags.clone(), app.http.clone()))
}

/// The router, after what it would not understand was put into its words.
pub type Service<B> = MapRequest<Router, fn(Request<B>) -> Request<B>>;

/// What answers a request as it arrives.
pub fn service<B>(router: Router) -> Service<B> {
    MapRequest::new(router, protocol_launchdarkly::report_as_post)
}

fn table() -> Table {
    Table::new(RULES.iter().copied().flatten()).expect("a test finds no route with two rules")
}

/// `steadfast openapi`: the document, without a server.
#[allow(clippy::print_stdout)] // the document is what the command says
pub fn print_openapi() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let document = runtime.block_on(async {
        let directory = tempfile::tempdir()?;
        let app = App::described(directory.path()).await?;
        Ok::<_, anyhow::Error>(api(&app, Board::default()).split_for_parts().1)
    })?;
    println!("{}", serde_json::to_string_pretty(&document)?);
    Ok(())
}
