//! How long an edit of one flag among 5,000 takes to be in the snapshot that SDKs receive.
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // a bench reads the clock and prints

use std::sync::Arc;
use std::time::{Duration, Instant};

use db::Dialect;
use db::testing::Fresh;
use flags::instruction::{AddRule, CreateFlag, Instruction};
use flags::model::{Flag, Project, Subject};
use flags::service::NewProject;
use flags::{Change, Flags, Follower};
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
    for start in (0..FLAGS).step_by(250) {
        let created = (start..start + 250).map(|at| {
            let create = Instruction::CreateFlag(CreateFlag { flag: Flag::boolean(format!("Flag {at}")) });
            let flag = Change::new(Actor::system(), Subject::Flag(project.clone(), key(at)), vec![create]);
            let change = Change::new(Actor::system(), place(at), vec![Instruction::ON, rule(), rule(), rule()]);
            let flags = &flags;
            async move {
                flags.change(flag).await.expect("created");
                flags.change(change).await.expect("configured");
            }
        });
        futures_util::future::join_all(created).await;
    }

    let follower = Follower::new(db, clock);
    let shown = delivery::Place { project: project.clone(), environment: production.clone() };
    let begun = Instant::now();
    follower.refresh().await.expect("loaded");
    let loaded = begun.elapsed();
    let (mut told, mut compiled) = (Vec::new(), Vec::new());
    let mut changes = follower.snapshots().subscribe(&shown).expect("there");
    for at in 0..EDITS {
        let on = if at % 2 == 0 { Instruction::OFF } else { Instruction::ON };
        flags.change(Change::new(Actor::system(), place(at), vec![on])).await.expect("edited");
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
    println!("  from the tables  {}", millis(loaded));
    println!("  after one edit   {} until streams are told", spread(told));
    println!("                   {} until evaluators have it", spread(compiled));
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    format!("{} median, {} worst of {EDITS}", millis(times[EDITS / 2]), millis(times[EDITS - 1]))
}

fn rule() -> Instruction {
    let rule = json!({
        "id": format!("{:016x}", kernel::Rng::next_u64(&SystemRng)),
        "clauses": [{"attribute": "email", "op": "endsWith", "values": ["@acme.com", "@acme.org"]},
            {"attribute": "plan", "op": "in", "values": ["gold", "silver"]}],
        "variation": 0,
    });
    Instruction::AddRule(AddRule { rule: serde_json::from_value(rule).expect("a rule"), before: None })
}

fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}
