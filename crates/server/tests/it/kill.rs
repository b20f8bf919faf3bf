//! kill -9, again and again, on both databases: nothing that was acknowledged is lost. The long form is `benches/kill`.

use db::Dialect;
use db::testing::{Fresh, dialects};

use crate::database::BINARY;
use crate::ordeal::{self, Plan};

const ROUNDS: u32 = 15;

async fn run(dialect: Dialect) {
    if !dialects().contains(&dialect) {
        return;
    }
    let fresh = Fresh::new(dialect).await;
    let database = (dialect == Dialect::Postgres).then(|| fresh.address());
    let plan = Plan { binary: BINARY.into(), database, rounds: ROUNDS, seed: 1 };
    let figures = ordeal::run(&plan).await.unwrap();
    eprintln!("{figures}");
    assert!(figures.faults.is_empty(), "{:#?}", figures.faults);
    assert!(figures.acknowledged.edits > 0 && figures.acknowledged.batches > 0, "the writers wrote nothing");
    assert!(figures.acknowledged.alerts > 0 && figures.acknowledged.acknowledgements > 0, "nobody was called");
}

#[tokio::test]
async fn kill_9_loses_nothing_acknowledged_on_sqlite() {
    run(Dialect::Sqlite).await;
}

#[tokio::test]
async fn kill_9_loses_nothing_acknowledged_on_postgres() {
    run(Dialect::Postgres).await;
}
