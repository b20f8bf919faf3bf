//! Durable transactions a second with 1, 16 and 64 writers on both databases, alternating in one run.
//!
//! A transaction is a flag edit as in `feasibility.md` §2.1: compare-and-set of a version, an audit row, an outbox row, each with a
//! 900-byte body. "in one order" adds what a change does: it takes its number from the one sequence.
#![allow(clippy::disallowed_methods, reason = "a bench measures wall time")]
#![allow(clippy::print_stdout, reason = "a bench prints figures")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use db::outbox::{Message, enqueue};
use db::testing::{Fresh, dialects};
use db::{Batch, Db, Migration, Sql, params, sequence, sql};
use kernel::Timestamp;
use tokio::task::JoinSet;

const MIGRATIONS: &[Migration] = &[Migration {
    name: "bench-0001",
    sql: "CREATE TABLE flag (key TEXT PRIMARY KEY, version BIGINT NOT NULL, body TEXT NOT NULL);
          CREATE TABLE audit (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
}];
const CREATE: Sql =
    sql!("INSERT INTO flag (key, version, body) VALUES (?1, 0, ?2) ON CONFLICT (key) DO UPDATE SET version = 0");
const EDIT: Sql = sql!("UPDATE flag SET version = version + 1, body = ?3 WHERE key = ?1 AND version = ?2");
const AUDIT: Sql = sql!("INSERT INTO audit (id, body) VALUES (?1, ?2)");
const READ: Sql = sql!("SELECT version, body FROM flag WHERE key = ?1");

const WRITERS: [usize; 3] = [1, 16, 64];
const LASTS: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    println!(
        "{:<10} {:>8}  {:<14} {:>14} {:>10} {:>10}",
        "database", "tasks", "what", "per second", "p50 ms", "p99 ms"
    );
    let mut open = Vec::new();
    for dialect in dialects() {
        let fresh = Fresh::durable(dialect).await;
        let db = fresh.open().await;
        db::migrate(&db, &[MIGRATIONS]).await?;
        open.push((fresh, db));
    }
    let mut run = 0;
    for tasks in WRITERS {
        for ordered in [false, true] {
            for (_, db) in &open {
                run += 1;
                let what = if ordered { "in one order" } else { "committed" };
                print(db, tasks, what, &measure(db, tasks, move |writer| Work::Write { run, writer, ordered }).await?);
            }
        }
    }
    for (_, db) in &open {
        print(db, 16, "point read", &measure(db, 16, |_| Work::Read).await?);
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Work {
    Write { run: usize, writer: usize, ordered: bool },
    Read,
}

/// How long each took.
type Latencies = Vec<Duration>;

async fn measure(
    db: &Db,
    tasks: usize,
    work: impl Fn(usize) -> Work,
) -> Result<Latencies, Box<dyn Error + Send + Sync>> {
    let body: Arc<str> = "x".repeat(900).into();
    let mut running = JoinSet::new();
    for task in 0..tasks {
        running.spawn(repeat(db.clone(), work(task), Arc::clone(&body)));
    }
    let mut all = Latencies::new();
    while let Some(latencies) = running.join_next().await {
        all.extend(latencies??);
    }
    all.sort_unstable();
    Ok(all)
}

async fn repeat(db: Db, work: Work, body: Arc<str>) -> Result<Latencies, Box<dyn Error + Send + Sync>> {
    let key = match work {
        Work::Write { writer, .. } => format!("flag {writer}"),
        Work::Read => "flag 0".to_owned(),
    };
    if let Work::Write { .. } = work {
        db.commit(CREATE.bind(params![&key, &*body]).into()).await?;
    }
    let begun = Instant::now();
    let mut latencies = Latencies::new();
    while begun.elapsed() < LASTS {
        let started = Instant::now();
        match work {
            Work::Write { run, writer, ordered } => {
                let id = format!("{run}-{writer}-{}", latencies.len());
                db.commit(edit(&key, &id, i64::try_from(latencies.len())?, &body, ordered)).await?;
            }
            Work::Read => drop(db.one(READ.bind(params![&key])).await?),
        }
        latencies.push(started.elapsed());
    }
    Ok(latencies)
}

fn edit(key: &str, id: &str, version: i64, body: &str, ordered: bool) -> Batch {
    let now = Timestamp::EPOCH;
    let message = Message { id: id.to_owned(), topic: "bench", key: id.to_owned(), body: body.to_owned(), due_at: now };
    let mut batch = Batch::new();
    batch.push(EDIT.bind(params![key, version, body]).exactly_one("flag version"));
    batch.push(enqueue(&message, now));
    batch.push(AUDIT.bind(params![id, body]));
    if ordered {
        batch.push(sequence::advance("change"));
    }
    batch
}

fn print(db: &Db, tasks: usize, what: &str, latencies: &[Duration]) {
    let rate = latencies.len() as f64 / LASTS.as_secs_f64();
    let percentile = |percent: usize| latencies[latencies.len() * percent / 100].as_secs_f64() * 1_000.0;
    let (p50, p99) = (percentile(50), percentile(99));
    println!("{:<10} {tasks:>8}  {what:<14} {rate:>14.0} {p50:>10.3} {p99:>10.3}", format!("{:?}", db.dialect()));
}
