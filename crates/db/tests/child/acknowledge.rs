//! Commits from many writers and says each key once it is durable, until it is killed: `acknowledge ADDRESS ROUND`.
//!
//! The test that kills it checks that everything it said is still there.

use std::io::Write;

use db::{Config, Db, Migration, Statement, params, sequence, sql};
use tokio::task::JoinSet;

const MIGRATIONS: &[Migration] = &[Migration {
    name: "acknowledge-0001",
    sql: "CREATE TABLE acknowledged (key TEXT PRIMARY KEY, seq BIGINT NOT NULL UNIQUE)",
}];
const WRITERS: usize = 24;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (address, round) = arguments.next().zip(arguments.next()).ok_or("acknowledge ADDRESS ROUND")?;
    let config = if address.starts_with("postgres://") { Config::postgres(address) } else { Config::sqlite(address) };
    let db = Db::open(config).await?;
    db::migrate(&db, &[MIGRATIONS]).await?;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(db.clone(), format!("{round}-{writer}")));
    }
    // Each writes for ever: the first that ends has failed.
    writers.join_next().await.ok_or("no writer")??.map_err(Into::into)
}

async fn write(db: Db, name: String) -> Result<(), String> {
    for n in 0_u64.. {
        let key = format!("{name}-{n}");
        db.commit([sequence::advance("acknowledged"), add(&key)].into_iter().collect())
            .await
            .map_err(|error| format!("{error:?}"))?;
        let mut output = std::io::stdout().lock();
        writeln!(output, "{key}").and_then(|()| output.flush()).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn add(key: &str) -> Statement {
    sql!("INSERT INTO acknowledged (key, seq) VALUES (?1, (SELECT value FROM sequence WHERE name = 'acknowledged'))")
        .bind(params![key])
        .exactly_one("key")
}
