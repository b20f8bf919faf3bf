//! Ten million members through the real HTTP API, on SQLite and on PostgreSQL: how long, how much memory the server takes, and
//! how fast one is looked up.
//!
//! `cargo bench -p flags --bench big_segments -- 1000000` takes another number. The binary is `STEADFAST_BINARY`, or the one of
//! this profile (`cargo build --release -p server`).
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // a bench reads the clock, the environment, and prints

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use db::testing::Fresh;
use db::{Db, Dialect};
use delivery::Sought;
use flags::model::ContextHash;
use flags::store::members;
use futures_util::stream;
use kernel::{Rng, SystemRng};
use serde_json::{Value, json};
use testkit::Steadfast;

const MEMBERS: u64 = 10_000_000;
/// Keys in one piece of the body.
const PIECE: u64 = 10_000;
const LOOK_UPS: u32 = 20_000;
const SEGMENTS: &str = "/api/projects/default/environments/production/segments";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` runs each once without `--bench`; there is nothing to measure then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let members = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(MEMBERS);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        println!("{dialect:?}");
        runtime.block_on(run(dialect, members));
    }
}

async fn run(dialect: Dialect, members: u64) {
    let directory = tempfile::tempdir().expect("the temporary directory takes a directory");
    let (config, arguments, _kept) = match dialect {
        Dialect::Sqlite => (db::Config::sqlite(directory.path().join("steadfast.db")), vec![], None),
        Dialect::Postgres => {
            let fresh = Fresh::durable(dialect).await;
            (fresh.config(), vec!["--database".to_owned(), fresh.address()], Some(fresh))
        }
    };
    let arguments: Vec<&str> = ["--log", "warn"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
    let mut server = Steadfast::start(&binary(), directory.path(), &arguments).await.expect("the server starts");
    server.set_up().await.expect("it is set up");
    furnish(&server).await;
    let started = Instant::now();
    let view = tokio::select! {
        view = upload(&server, members) => view,
        () = show_progress(&server, started) => unreachable!("progress is shown for ever"),
    };
    let took = started.elapsed();
    assert_eq!((&view["state"], &view["staged"]), (&json!("live"), &json!(members)), "{view}");
    println!("upload of {members} keys: {took:.1?}, {:.0} keys/s", members as f64 / took.as_secs_f64());
    let pid = server.pid().expect("the server runs");
    println!("peak memory of the server: {} MiB (of 2,048)", peak_mib(pid));
    let key = server.sdk_key("production").await.expect("there is an SDK key");
    let evaluations = evaluate(&server, &key, members).await;
    report("evaluation over HTTP, with its look-up", evaluations);
    server.kill().await.expect("the server ends");
    look_up(config, members).await;
}

fn binary() -> PathBuf {
    let beside = || {
        let own = std::env::current_exe().expect("a program knows its path");
        own.ancestors().nth(2).expect("it lies in deps").join("steadfast")
    };
    std::env::var_os("STEADFAST_BINARY").map_or_else(beside, PathBuf::from)
}

async fn furnish(server: &Steadfast) {
    let beta = json!({"key": "beta", "name": "Beta", "unbounded": true});
    server.post(SEGMENTS, &beta).await.expect("the segment is created");
    let flag = json!({"key": "f", "name": "F", "kind": "boolean",
        "variations": [{"name": "on", "value": true}, {"name": "off", "value": false}]});
    server.post("/api/projects/default/flags", &flag).await.expect("the flag is created");
    let clause = json!({"attribute": "", "op": "segmentMatch", "values": ["beta"]});
    let instructions = json!({"instructions": [{"kind": "turnFlagOn"}, {"kind": "setFallthrough", "variation": 1},
        {"kind": "addRule", "rule": {"clauses": [clause], "variation": 0}}]});
    let path = "/api/projects/default/environments/production/flags/f";
    server.patch(path, &instructions).await.expect("the flag asks for the segment");
}

async fn upload(server: &Steadfast, members: u64) -> Value {
    let pieces = (0..members.div_ceil(PIECE)).map(move |piece| {
        let keys = piece * PIECE..members.min((piece + 1) * PIECE);
        let lines = keys.fold(String::new(), |lines, key| lines + &format!("user-{key:012}\n"));
        Ok::<_, std::io::Error>(Bytes::from(lines))
    });
    let length = members * "user-000000000000\n".len() as u64;
    let path = format!("{SEGMENTS}/beta/uploads");
    server.upload(&path, length, stream::iter(pieces)).await.expect("the upload is taken")
}

async fn show_progress(server: &Steadfast, started: Instant) {
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let uploads = server.get(&format!("{SEGMENTS}/beta/uploads")).await.expect("uploads are listed");
        let now = &uploads["items"][0];
        let (state, keys, staged) = (now["state"].as_str().unwrap_or("?"), &now["keys"], &now["staged"]);
        println!("{:5.0} s  {state}: {keys} keys read, {staged} written", started.elapsed().as_secs_f64());
    }
}

/// The most memory that the process ever held.
fn peak_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells it");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("it is a number") / 1_024
}

async fn evaluate(server: &Steadfast, key: &str, members: u64) -> Vec<Duration> {
    let mut took = Vec::new();
    for at in 0..LOOK_UPS {
        let user = format!("user-{:012}", SystemRng.next_u64() % (2 * members));
        let context = json!({"context": {"targetingKey": user}});
        let began = Instant::now();
        let answer = server.ofrep("f", key, &context).await.expect("the flag is evaluated");
        took.push(began.elapsed());
        assert_eq!(answer["value"], json!(user < format!("user-{members:012}")), "{at}: {user}");
    }
    took
}

async fn look_up(config: db::Config, members: u64) {
    let db = Db::open(config).await.expect("it is free");
    let generation = flags::store::generations::served(&db, None).await.expect("it is read")[0].number;
    let mut took = Vec::new();
    for _ in 0..LOOK_UPS {
        let user = SystemRng.next_u64() % (2 * members);
        let hash = ContextHash::of(&format!("user-{user:012}"));
        let began = Instant::now();
        let found = members::look_up(&db, &[Sought { generation, hash }]).await.expect("it is looked up");
        took.push(began.elapsed());
        assert_eq!(found.is_empty(), user >= members);
    }
    report("look-up in the database alone", took);
}

fn report(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    println!("{what}: p50 {:?}, p99 {:?}, max {:?}", at(50), at(99), at(100));
}
