//! The story: a good release walks to everyone; a bad one is caught, taken back, paged, acknowledged and healed.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use kernel::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};
use shop::Shop;
use testkit::mailbox::Mail;

use crate::progress::Progress;
use crate::stage::{BAD, GOOD, Stage, habits};
use crate::timeline::Timeline;

/// Whatever has not happened by then does not happen.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long the shop runs before the bad release: what is usual must be known to know when all is well again.
const AS_USUAL: Duration = Duration::from_secs(12);
/// How often the progress display looks.
const LOOK: Duration = Duration::from_millis(200);

/// A release that hurts nobody reaches everyone.
pub(crate) async fn good_release(stage: &Stage, progress: &Progress) -> Result<()> {
    let shop = Shop::open(stage.steadfast.url(), &stage.sdk_key, habits(GOOD, 0.002, 1)).await?;
    let id = stage.release(GOOD, "Search as people type").await?;
    let release = until_ended(stage, &id, &shop, progress).await?;
    ensure!(release["state"] == "completed", "the good release ended as {}", release["state"]);
    progress.say(&format!("{GOOD} reached everyone: {}", tally(&shop)));
    Ok(())
}

/// A release that fails half of the payments is off before most people notice.
pub(crate) async fn bad_release(stage: &Stage, progress: &Progress) -> Result<Timeline> {
    let shop = Shop::open(stage.steadfast.url(), &stage.sdk_key, habits(BAD, 0.5, 2)).await?;
    as_usual(&shop, progress).await;
    let started = SystemClock.now();
    let id = stage.release(BAD, "The new checkout").await?;
    let release = until_ended(stage, &id, &shop, progress).await?;
    ensure!(release["state"] == "rolledBack", "the bad release ended as {}", release["state"]);

    let mails = stage.mailbox.wait_for(1, PATIENCE).await.context("no page came by e-mail")?;
    let mail = mails.first().context("a mailbox that has one mail has a first")?;
    progress.say(&format!("the mailbox has: {}", mail.header("subject").unwrap_or_default()));
    acknowledge(stage, mail).await?;
    let incident = until_recovered(stage, &shop, progress).await?;

    let decisions = stage.steadfast.get(&format!("/api/releases/{id}/decisions")).await?;
    let rolled_back = decision(&decisions, "rollBack").context("no decision took it back")?;
    Ok(Timeline {
        started,
        first_failure: shop.tally().first_failure(),
        verdict: instant(&rolled_back["at"]),
        flag_off: shop.tally().flag_off(),
        paged: instant(&incident["times"]["paged"]),
        acknowledged: instant(&incident["times"]["acknowledged"]),
        recovered: instant(&incident["times"]["recovered"]),
        failed: shop.tally().failed_behind.load(Ordering::Relaxed),
        treated: shop.tally().treated.load(Ordering::Relaxed),
        evaluations: shop.tally().requests.load(Ordering::Relaxed),
        sentence: rolled_back["sentence"].as_str().unwrap_or_default().to_owned(),
    })
}

async fn as_usual(shop: &Shop, progress: &Progress) {
    let end = SystemClock.now().plus(AS_USUAL);
    while SystemClock.now() < end {
        progress.show(&format!("business as usual: {}", tally(shop)));
        tokio::time::sleep(LOOK).await;
    }
}

async fn until_ended(stage: &Stage, id: &str, shop: &Shop, progress: &Progress) -> Result<Value> {
    let end = SystemClock.now().plus(PATIENCE);
    while SystemClock.now() < end {
        let release = stage.steadfast.get(&format!("/api/releases/{id}")).await?;
        let step = release["progress"]["step"].as_u64().unwrap_or_default();
        let name = &release["plan"]["steps"][usize::try_from(step)?]["name"];
        let flag = release["flag"].as_str().unwrap_or_default();
        progress.show(&format!("{flag} at {}: {}", name.as_str().unwrap_or_default(), tally(shop)));
        if !matches!(release["state"].as_str(), Some("walking" | "held")) {
            return Ok(release);
        }
        tokio::time::sleep(LOOK).await;
    }
    let decisions = stage.steadfast.get(&format!("/api/releases/{id}/decisions")).await?;
    let last = decisions["items"].as_array().and_then(|items| items.last()).context("a release has decisions")?;
    let evidence = stage.steadfast.get(&format!("/api/releases/{id}/evidence")).await?;
    let (last, now) = (&last["sentence"], &evidence["sentence"]);
    bail!(
        "the release {id} did not end within {} s; its last decision: {last}; what the judge sees: {now}",
        PATIENCE.as_secs()
    )
}

/// Follows the link of the page, as whoever was woken does. Opening it changes nothing; the button does.
async fn acknowledge(stage: &Stage, mail: &Mail) -> Result<()> {
    let unfolded = mail.text.replace("=\n", "");
    let (_, rest) = unfolded.split_once("/pages/").context("the mail has no link to its page")?;
    let code: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    stage.steadfast.post(&format!("/api/pages/{code}/acknowledge"), &json!({})).await?;
    Ok(())
}

async fn until_recovered(stage: &Stage, shop: &Shop, progress: &Progress) -> Result<Value> {
    let end = SystemClock.now().plus(PATIENCE);
    while SystemClock.now() < end {
        let incidents = stage.steadfast.get("/api/incidents").await?;
        let incident = &incidents["items"][0];
        progress.show(&format!("incident {}: {}", incident["state"], tally(shop)));
        if incident["times"]["recovered"].is_string() {
            return Ok(incident.clone());
        }
        tokio::time::sleep(LOOK).await;
    }
    bail!("the metric did not recover within {} s", PATIENCE.as_secs())
}

fn decision<'d>(decisions: &'d Value, action: &str) -> Option<&'d Value> {
    decisions["items"].as_array()?.iter().find(|decision| decision["action"] == action)
}

fn instant(json: &Value) -> Option<Timestamp> {
    serde_json::from_value(json.clone()).ok()
}

fn tally(shop: &Shop) -> String {
    let tally = shop.tally();
    let [requests, treated, failed] =
        [&tally.requests, &tally.treated, &tally.failed_behind].map(|count| count.load(Ordering::Relaxed));
    format!("{requests} requests, {treated} behind the flag, {failed} of them failed")
}
