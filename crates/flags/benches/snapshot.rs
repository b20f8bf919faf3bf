//! How long 5,000 flags take to be imported, and an edit of one of them to be in the snapshot that SDKs receive.
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // a bench reads the clock and prints

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use db::Dialect;
use db::testing::Fresh;
use evaluation::Payload;
use flags::instruction::Instruction;
use flags::model::{Project, Subject};
use flags::service::NewProject;
use flags::{Change, Flags, Follower, Import};
use kernel::{Actor, EnvironmentKey, FlagKey, ProjectKey, SystemClock, SystemRng};
use serde_json::json;

const FLAGS: usize = 5_000;
const EDITS: usize = 41;

fn main() {
    // `cargo test --benches` runs each once without `--bench`; there is nothing to measure then.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(run());
}

async fn run() {
    let fresh = Fresh::new(Dialect::Sqlite).await;
    let db = fresh.open().await;
    db::migrate(&db, &[flags::MIGRATIONS]).await.expect("a fresh database takes the schema");
    let clock = Arc::new(SystemClock);
    let flags = Flags::new(db.clone(), clock.clone(), Arc::new(SystemRng));
    let project = ProjectKey::new("shop").expect("a key");
    let production = EnvironmentKey::new("production").expect("a key");
    let words = Project { name: "Shop".to_owned(), description: String::new() };
    flags.create_project(Actor::system(), NewProject::usual(project.clone(), words)).await.expect("created");
    let key = |at: usize| FlagKey::new(format!("flag-{at}")).expect("a key");
    let place = |at: usize| Subject::Configuration(project.clone(), production.clone(), key(at));
    let shown = delivery::Place { project: project.clone(), environment: production.clone() };
    let begun = Instant::now();
    let report = flags.import(Actor::system(), &shown, import()).await.expect("imported");
    let imported = begun.elapsed();
    assert_eq!(report.counts.created, FLAGS, "{}", report.sentence);

    let follower = Follower::new(db, clock);
    let begun = Instant::now();
    follower.refresh().await.expect("loaded");
    let loaded = begun.elapsed();
    let (mut told, mut compiled) = (Vec::new(), Vec::new());
    let mut changes = follower.snapshots().subscribe(&shown).expect("there");
    for at in 0..EDITS {
        flags.change(Change::new(Actor::system(), place(at), vec![Instruction::OFF])).await.expect("edited");
        changes.mark_unchanged();
        let begun = Instant::now();
        let stream = async {
            changes.changed().await.expect("a change");
            begun.elapsed()
        };
        let (refreshed, stream) = tokio::join!(follower.refresh(), stream);
        refreshed.expect("followed");
        told.push(stream);
        compiled.push(begun.elapsed());
    }
    let bytes = follower.snapshots().get(&shown).expect("there").payload().len();
    println!("snapshot of {FLAGS} flags with 3 rules each, {} KiB as JSON", bytes / 1_024);
    println!("  imported in      {}", millis(imported));
    println!("  from the tables  {}", millis(loaded));
    println!("  after one edit   {} until streams are told", spread(told));
    println!("                   {} until evaluators have it", spread(compiled));
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    format!("{} median, {} worst of {EDITS}", millis(times[EDITS / 2]), millis(times[EDITS - 1]))
}

/// What another server's SDKs receive: flags that are on, with three rules each.
fn import() -> Import {
    let rule = |id: usize| {
        json!({"id": format!("rule-{id}"), "variation": 0, "clauses": [
            {"contextKind": "user", "attribute": "email", "op": "endsWith", "values": ["@acme.com", "@acme.org"]},
            {"contextKind": "user", "attribute": "plan", "op": "in", "values": ["gold", "silver"]}]})
    };
    let flag = json!({"version": 1, "on": true, "variations": [true, false], "fallthrough": {"variation": 1},
        "offVariation": 1, "salt": "s", "rules": [rule(0), rule(1), rule(2)]});
    let flags: BTreeMap<_, _> = (0..FLAGS).map(|at| (format!("flag-{at}"), &flag)).collect();
    let payload = Payload::from_json(&json!({"flags": flags, "segments": {}}).to_string()).expect("a payload");
    Import { payload, ..Import::default() }
}

fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}
