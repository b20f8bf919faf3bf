//! LaunchDarkly's relay, as far as it keeps members of big segments: polled until there are no more, then streamed.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::house::{House, each, request};
use crate::wire::{Frame, Frames};

const SEGMENTS: &str = "/api/projects/default/environments/production/segments";

/// What a relay keeps: its position, and who is included where; a set, as in its Redis, since members may be told twice.
#[derive(Default)]
struct Relay {
    cursor: String,
    included: BTreeSet<(String, String)>,
}

impl Relay {
    /// Takes patches as a relay does: each must begin where it stands.
    fn take(&mut self, patches: &Value) -> usize {
        let patches = patches.as_array().unwrap();
        for patch in patches {
            assert_eq!(patch["previousVersion"], self.cursor, "{patch}");
            patch["version"].as_str().unwrap().clone_into(&mut self.cursor);
            let segment = patch["segmentId"].as_str().unwrap();
            let changes = &patch["changes"]["included"];
            let named = |member: &str| changes[member].as_array().unwrap().clone();
            let pair = |hash: &Value| (segment.to_owned(), hash.as_str().unwrap().to_owned());
            for gone in named("remove").iter().map(pair) {
                self.included.remove(&gone);
            }
            self.included.extend(named("add").iter().map(pair));
        }
        patches.len()
    }

    async fn poll(&mut self, house: &House) {
        loop {
            let path = format!("/sdk/big-segments/revisions?after={}", self.cursor);
            let answer = house.sdk(Method::GET, &path, None).await;
            assert_eq!(answer.status, 200);
            if self.take(&answer.body) == 0 {
                return;
            }
        }
    }
}

async fn update(house: &House, body: Value) -> Value {
    let path = format!("{SEGMENTS}/beta/members");
    house.post(&path, &body).await.ok()
}

#[tokio::test]
async fn a_relay_polls_all_members_and_then_hears_of_each_change() {
    each(async |house| {
        let beta = json!({"key": "beta", "name": "Beta", "unbounded": true});
        house.post(SEGMENTS, &beta).await.ok();
        let now = update(house, json!({"included": {"add": ["user-key"]}})).await;
        let segment = format!("beta.g{}", now["generation"]);
        let member = (segment, "CEXjZY7cHJG/ydFy7q4+YEFwVrG3/pkJwA4FAjrbfx0=".to_owned());

        let mut relay = Relay::default();
        relay.poll(house).await;
        assert_eq!(relay.included, BTreeSet::from([member]));

        let stream = house.send(request(Method::GET, "/big-segments", Some(&house.sdk_key), None)).await;
        assert_eq!(stream.status(), 200);
        let mut frames = Frames::of(stream.into_body().into_data_stream());
        relay.poll(house).await;
        update(house, json!({"included": {"remove": ["user-key"]}})).await;
        let Some(Frame::Message(_, patches)) = frames.next().await else { panic!("a message was expected") };
        relay.take(&patches);
        assert_eq!(relay.included, BTreeSet::new());

        // A position that is not ours means that everything is told again.
        let mut stranger = Relay { cursor: "of another server".to_owned(), included: BTreeSet::new() };
        let path = "/sdk/big-segments/revisions?after=of%20another%20server";
        stranger.take(&house.sdk(Method::GET, path, None).await.body);
        stranger.poll(house).await;
        assert_eq!((stranger.included, stranger.cursor), (BTreeSet::new(), relay.cursor));

        let refused = house.send(request(Method::GET, "/big-segments", Some("sdk-none"), None)).await;
        assert_eq!(refused.status(), 401);
    })
    .await;
}
