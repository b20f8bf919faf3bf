//! Every statement is prepared on both databases.
#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    db::testing::each(|db| async move {
        db::migrate(&db, &[oncall::MIGRATIONS]).await.unwrap();
        db::testing::prepare_all(&db, oncall::STATEMENTS).await;
    })
    .await;
}
