//! The whole server in process: every service over a fresh database, its reconcilers, the real router behind its gate.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use clap::Parser;
use db::testing::{Fresh, each_fresh};
use db::{Db, Dialect};
use delivery::Admission;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use runtime::Tasks;
use serde_json::{Value, json};
use server::app::{App, Links};
use server::config::Serve;
use server::{reconcilers, router};
use tower::ServiceExt;

use crate::wire::eventually;

const ADDRESS: &str = "127.0.0.1:4000";
/// SDK streams that may be open at once.
pub(crate) const STREAMS: usize = 64;
pub(crate) const PRODUCTION: &str = "/api/projects/default/environments/production";

/// A server without a listener, with an admin's, a writer's and a reader's token.
pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) router: Router,
    pub(crate) admin: String,
    pub(crate) writer: String,
    pub(crate) reader: String,
    /// The server SDK key of `production` in the project `default`.
    pub(crate) sdk_key: String,
    pub(crate) tasks: Tasks,
}

/// The keys by which clients name production.
pub(crate) struct Keys {
    pub(crate) client_side: String,
    pub(crate) mobile: String,
}

impl Keys {
    pub(crate) async fn of(house: &House) -> Self {
        let keys = house.get(&format!("{PRODUCTION}/keys")).await;
        let key = |kind: &str| {
            let found = keys["items"].as_array().unwrap().iter().find(|key| key["kind"] == kind);
            found.unwrap()["value"].as_str().unwrap().to_owned()
        };
        Self { client_side: key("clientSide"), mobile: key("mobile") }
    }
}

/// An answer that has ended.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Null when it is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {:#}", self.status, self.body);
        self.body
    }

    /// Status, code and field of a problem, which always has words.
    #[track_caller]
    pub(crate) fn refused(&self) -> (u16, &str, &str) {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{} {:#}", self.status, self.body);
        let text = |member: &str| self.body[member].as_str().unwrap_or_default();
        assert!(!text("detail").is_empty());
        (self.status.as_u16(), text("code"), text("field"))
    }
}

/// Runs `body` in a house on each database, and takes the house down in good order.
pub(crate) async fn each(body: impl AsyncFn(&House)) {
    each_fresh(async |fresh| live(fresh, &body).await).await;
}

/// The same on SQLite alone, for what does not touch the database.
pub(crate) async fn once(body: impl AsyncFn(&House)) {
    live(&Fresh::new(Dialect::Sqlite).await, &body).await;
}

async fn live(fresh: &Fresh, body: &impl AsyncFn(&House)) {
    let house = House::open(fresh.open().await).await;
    body(&house).await;
    house.tasks.shutdown(Duration::from_secs(5)).await;
}

impl House {
    /// Migrates and composes as `steadfast serve` does, and sets up the first admin as a person would.
    pub(crate) async fn open(db: Db) -> Self {
        db::migrate(&db, &router::migrations()).await.unwrap();
        let (mut house, app) = Self::compose(db).await;
        let link = app.access.setup_link().await.unwrap().unwrap();
        house.move_in(link.split_once("token=").unwrap().1).await;
        house
    }

    /// Another process on the same database, as after a restart or on another node; it is ready when an SDK is served.
    pub(crate) async fn again(&self) -> Self {
        let (house, _) = Self::compose(self.db.clone()).await;
        let [admin, writer, reader, sdk_key] =
            [&self.admin, &self.writer, &self.reader, &self.sdk_key].map(String::clone);
        let house = Self { admin, writer, reader, sdk_key, ..house };
        house.is_ready().await;
        house
    }

    async fn compose(db: Db) -> (Self, App) {
        let serve = Serve::try_parse_from(["serve"]).unwrap();
        let links = Links::new(None, ADDRESS.parse().unwrap());
        let tasks = Tasks::new();
        let app = App::compose(db.clone(), &serve, &links, &tasks).await.unwrap();
        let board = runtime::drive(&tasks, &app.db, &app.clock, reconcilers::list(&app));
        let (router, _) = router::router(&app, board, &Admission::new(STREAMS, tasks.drain()), &tasks);
        let house = Self {
            db,
            router,
            admin: String::new(),
            writer: String::new(),
            reader: String::new(),
            sdk_key: String::new(),
            tasks,
        };
        (house, app)
    }

    async fn move_in(&mut self, setup_token: &str) {
        let ada = json!({"token": setup_token, "name": "Ada", "email": "ada@example.com", "password": "correct horse battery staple"});
        let set_up = self.send(request(Method::POST, "/api/setup", None, Some(ada.to_string()))).await;
        let cookie = set_up.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        self.admin = self.token(&cookie, "admin").await;
        self.writer = self.token(&cookie, "writer").await;
        self.reader = self.token(&cookie, "reader").await;
        let keys = self.get(&format!("{PRODUCTION}/keys")).await;
        let sdk = keys["items"].as_array().unwrap().iter().find(|key| key["kind"] == "sdk").unwrap();
        sdk["value"].as_str().unwrap().clone_into(&mut self.sdk_key);
        self.is_ready().await;
    }

    /// SDKs are served from the first look at the log on.
    async fn is_ready(&self) {
        let ready = async || self.sdk(Method::GET, "/sdk/latest-all", None).await.status.is_success();
        eventually("the first snapshot", ready).await;
    }

    async fn token(&self, cookie: &str, role: &str) -> String {
        let body = json!({"name": role, "kind": "service", "role": role}).to_string();
        let mut request = request(Method::POST, "/api/tokens", None, Some(body));
        let headers = request.headers_mut();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers.insert(header::HOST, ADDRESS.parse().unwrap());
        headers.insert(header::ORIGIN, format!("http://{ADDRESS}").parse().unwrap());
        let made = collect(self.send(request).await).await.ok();
        made["secret"].as_str().unwrap().to_owned()
    }

    /// Sends it, and leaves the answer's body to the caller.
    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        router::service(self.router.clone()).oneshot(request).await.unwrap()
    }

    /// A call with a token.
    pub(crate) async fn call(&self, token: &str, method: Method, path: &str, body: Option<String>) -> Answer {
        collect(self.send(request(method, path, Some(&format!("Bearer {token}")), body)).await).await
    }

    /// As the admin.
    pub(crate) async fn try_get(&self, path: &str) -> Answer {
        self.call(&self.admin, Method::GET, path, None).await
    }

    /// As the admin; a refusal fails the test.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.try_get(path).await.ok()
    }

    /// As the admin.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(&self.admin, Method::POST, path, Some(body.to_string())).await
    }

    /// Changes a flag in production.
    pub(crate) async fn instruct(&self, flag: &str, instructions: &Value) -> Answer {
        let body = json!({"instructions": instructions}).to_string();
        self.call(&self.writer, Method::PATCH, &format!("{PRODUCTION}/flags/{flag}"), Some(body)).await
    }

    /// A boolean flag.
    pub(crate) async fn create_flag(&self, key: &str) {
        self.post("/api/projects/default/flags", &json!({"key": key, "name": key})).await.ok();
    }

    /// A call by an SDK of production.
    pub(crate) async fn sdk(&self, method: Method, path: &str, body: Option<String>) -> Answer {
        collect(self.send(request(method, path, Some(&self.sdk_key), body)).await).await
    }
}

/// A request as it arrives.
pub(crate) fn request(method: Method, path: &str, authorization: Option<&str>, body: Option<String>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request.body(body.map_or_else(Body::empty, Body::from)).unwrap()
}

/// Reads an answer to its end.
pub(crate) async fn collect(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status: parts.status, headers: parts.headers, body }
}
