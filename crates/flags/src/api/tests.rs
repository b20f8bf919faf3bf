//! The API in process: what is refused, with which code and where, and one story from end to end.

use std::collections::BTreeSet;

use access::{Caller, Need, Role, Table};
use axum::body::Body;
use axum::{Extension, Router};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use kernel::Actor;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::testing::{House, house};

const PRODUCTION: &str = "/api/projects/shop/environments/production";

/// The API as a caller of this role sees it.
struct Api(Router);

impl Api {
    fn new(house: &House, role: Role) -> Self {
        let caller = Caller { actor: Actor::system(), role, person_id: None };
        let (router, _) = routes(Flags::clone(&house.flags), house.follower.clone()).split_for_parts();
        Self(router.layer(Extension(caller)))
    }

    async fn send(&self, method: Method, path: &str, body: Option<String>, if_match: Option<&str>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if let Some(version) = if_match {
            request = request.header("if-match", version);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let response = self.0.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let etag = response.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status, etag, body }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body.to_string()), None).await
    }

    async fn patch(&self, path: &str, instructions: Value) -> Answer {
        let body = json!({"instructions": instructions, "comment": "because"}).to_string();
        self.send(Method::PATCH, path, Some(body), None).await
    }
}

struct Answer {
    status: StatusCode,
    etag: Option<String>,
    body: Value,
}

impl Answer {
    #[track_caller]
    fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {:#}", self.status, self.body);
        self.body
    }

    /// Status, code and field of a refusal, which always has words.
    #[track_caller]
    fn refused(self) -> (u16, String, String) {
        assert!(self.status.is_client_error(), "{} {:#}", self.status, self.body);
        let text = |member: &str| self.body[member].as_str().unwrap_or_default().to_owned();
        assert!(!text("detail").is_empty());
        (self.status.as_u16(), text("code"), text("field"))
    }
}

async fn each(body: impl AsyncFn(House, Api)) {
    db::testing::each_fresh(async |fresh| {
        let house = house(fresh.open().await).await;
        let api = Api::new(&house, Role::Admin);
        body(house, api).await;
    })
    .await;
}

fn refusal(status: u16, code: &str, field: &str) -> (u16, String, String) {
    (status, code.to_owned(), field.to_owned())
}

#[tokio::test]
async fn a_flag_is_created_changed_previewed_undone_restored_and_deleted() {
    each(async |_, api| {
        let flags = "/api/projects/shop/flags";
        let created = api.post(flags, json!({"key": "checkout", "name": "Checkout", "tags": ["web"]})).await;
        assert_eq!(created.etag.as_deref(), Some(format!("\"{}\"", created.body["version"]).as_str()));
        let created = created.ok();
        assert_eq!(created["environments"]["test"]["version"], 0, "never configured");
        assert_eq!(created["environments"]["test"]["sdkVersion"], created["version"]);

        let here = format!("{PRODUCTION}/flags/checkout");
        let clause = json!({"attribute": "email", "op": "endsWith", "values": ["@acme.com"]});
        let rule = json!({"description": "Staff", "clauses": [clause], "variation": 0});
        let instructions = json!([{"kind": "turnFlagOn"}, {"kind": "addRule", "rule": rule}]);
        let preview = api.patch(&format!("{here}?dryRun=true"), instructions.clone()).await.ok();
        let sentences = json!(["Turn the flag on", "Add the rule: if email ends with “@acme.com”, serve “on”"]);
        assert_eq!(preview["sentences"], sentences);
        assert_eq!((&preview["before"]["on"], &preview["after"]["on"]), (&json!(false), &json!(true)));
        assert_eq!(preview["reach"]["moved"], 100_000);

        let made = api.patch(&here, instructions).await.ok();
        assert_eq!((&made["sentences"], &made["comment"]), (&sentences, &json!("because")));
        let undone = api.post(&format!("/api/changes/{}/undo", made["seq"]), json!(null)).await.ok();
        assert_eq!(undone["cause"]["undoOf"], made["seq"]);
        assert_eq!(undone["after"], preview["before"]);
        let again = api.post(&format!("/api/changes/{}/undo", made["seq"]), json!(null)).await;
        assert_eq!(again.refused(), refusal(409, "overtaken", ""));

        let restored = api.post(&format!("{here}/restore"), json!({"seq": made["seq"]})).await.ok();
        assert_eq!(restored["after"]["rules"][0]["description"], "Staff");
        let history = api.get("/api/projects/shop/flags/checkout/changes?environment=production&limit=2").await.ok();
        assert_eq!(history["items"][0]["seq"], restored["seq"]);
        let rest = format!("/api/projects/shop/flags/checkout/changes?after={}", history["next"].as_str().unwrap());
        assert_eq!(api.get(&rest).await.ok()["items"].as_array().unwrap().len(), 2);

        let listed = api.get(&format!("{flags}?search=CHECK&tag=web&environment=production")).await.ok();
        let status = &listed["items"][0]["environments"]["production"];
        assert_eq!((&status["on"], &status["rules"]), (&json!(true), &json!(1)));
        assert_eq!(status["shares"], json!([{"variation": 0, "name": "on", "weight": 100_000}]));
        assert_eq!(api.get(&format!("{flags}?search=che%25ck")).await.ok()["items"], json!([]));

        let deleted = api.send(Method::DELETE, "/api/projects/shop/flags/checkout?comment=done", None, None).await.ok();
        assert_eq!(deleted["comment"], "done");
        assert_eq!(api.get("/api/projects/shop/flags/checkout").await.refused(), refusal(404, "not-found", "flag"));
        api.post(&format!("/api/changes/{}/undo", deleted["seq"]), json!(null)).await.ok();
        let back = api.get("/api/projects/shop/flags/checkout").await.ok();
        assert_eq!(back["environments"]["production"]["configuration"]["on"], true);
    })
    .await;
}

#[tokio::test]
async fn two_edits_at_once_have_one_winner_and_the_other_is_told() {
    each(async |house, api| {
        house.flags.create("a", json!({})).await;
        let seen = house.flags.configure("a", json!([{"kind": "turnFlagOn"}])).await.seq();
        let here = format!("{PRODUCTION}/flags/a");
        let tag = format!("\"{seen}\"");
        let edit = |kind: &str, variation: u8| {
            let body = json!({"instructions": [{"kind": kind, "variation": variation}]}).to_string();
            api.send(Method::PATCH, &here, Some(body), Some(&tag))
        };
        let (one, other) = tokio::join!(edit("setFallthrough", 1), edit("setOffVariation", 0));
        let (winner, loser) = if one.status.is_success() { (one, other) } else { (other, one) };
        let winner = winner.ok();
        assert!(loser.body["hint"].as_str().unwrap().contains(&winner["seq"].to_string()), "{:#}", loser.body);
        assert_eq!(loser.refused(), refusal(412, "stale-version", "If-Match"));
    })
    .await;
}

#[tokio::test]
async fn what_is_so_already_is_not_written_again() {
    each(async |house, api| {
        house.flags.create("a", json!({"tags": ["web"]})).await;
        house.flags.segment("staff", json!({"name": "Staff", "included": {"user": ["ada"]}})).await;
        let here = format!("{PRODUCTION}/flags/a");
        let never = api.patch(&here, json!([{"kind": "turnFlagOff"}])).await.ok();
        assert_eq!((&never["version"], &never["state"]["on"]), (&json!(0), &json!(false)), "{never:#}");
        let made = api.patch(&here, json!([{"kind": "turnFlagOn"}])).await.ok();
        let before = api.get("/api/changes").await.ok();

        let again = api.patch(&here, json!([{"kind": "turnFlagOn"}])).await.ok();
        assert_eq!(again, json!({"version": made["seq"], "state": made["after"]}));
        let back = json!([{"kind": "turnFlagOff"}, {"kind": "turnFlagOn"}]);
        assert_eq!(api.patch(&here, back).await.ok(), again, "to and fro is no change either");
        let restored = api.post(&format!("{here}/restore"), json!({"seq": made["seq"]})).await.ok();
        assert_eq!(restored, again);
        let flag = api.get("/api/projects/shop/flags/a").await;
        for (path, instruction) in [
            ("/api/projects/shop/flags/a", json!({"kind": "updateDetails", "tags": ["web"]})),
            ("/api/projects/shop", json!({"kind": "updateDetails", "name": "Shop"})),
            (
                &*format!("{PRODUCTION}/segments/staff"),
                json!({"kind": "updateMembers", "list": "included", "add": ["ada"]}),
            ),
        ] {
            let present = api.get(path).await;
            let answer = api.patch(path, json!([instruction])).await;
            assert_eq!((&answer.status, &answer.etag), (&StatusCode::OK, &present.etag), "{:#}", answer.body);
            assert_eq!(answer.body["version"], present.body["version"]);
        }
        assert_eq!(api.get("/api/projects/shop/flags/a").await.body, flag.body);
        assert_eq!(api.get("/api/changes").await.ok(), before);
    })
    .await;
}

#[tokio::test]
async fn bad_bodies_are_refused_with_their_place() {
    each(async |house, api| {
        house.flags.create("a", json!({})).await;
        let here = format!("{PRODUCTION}/flags/a");
        let long = format!("{{\"comment\": \"{}\"}}", "x".repeat(1 << 20));
        let table = [
            ("{\"instructions\": [", 400, "malformed-json", "/instructions"),
            ("[]", 400, "invalid-body", ""),
            ("{\"instructions\": [], \"colour\": 1}", 400, "invalid-body", "/colour"),
            ("{\"instructions\": {}}", 400, "invalid-body", "/instructions"),
            ("{\"instructions\": [{\"kind\": \"turnFlagAround\"}]}", 400, "invalid-body", "/instructions/0/kind"),
            ("{\"instructions\": [{\"kind\": \"turnFlagOn\", \"x\": 1}]}", 400, "invalid-body", "/instructions/0"),
            (
                "{\"instructions\": [{\"kind\": \"setFallthrough\", \"variation\": \"a\"}]}",
                400,
                "invalid-body",
                "/instructions/0",
            ),
            ("{\"instructions\": []}", 400, "instruction-count", "/instructions/0"),
            (
                "{\"instructions\": [{\"kind\": \"removeRule\", \"ruleId\": \"no\"}]}",
                400,
                "rule-unknown",
                "/instructions/0/ruleId",
            ),
            (&*long, 413, "body-too-large", ""),
        ];
        for (body, status, code, field) in table {
            let answer = api.send(Method::PATCH, &here, Some(body.to_owned()), None).await;
            let shown = body.get(..80).unwrap_or(body);
            let (found_status, found_code, found_field) = answer.refused();
            assert_eq!((found_status, &*found_code), (status, code), "{shown}");
            assert_eq!(found_field, field, "{shown}");
        }
        let history = api.get("/api/projects/shop/flags/a/changes").await.ok();
        assert_eq!(history["items"].as_array().unwrap().len(), 1, "nothing was written");
    })
    .await;
}

#[tokio::test]
async fn states_that_may_not_be_are_refused_with_code_field_and_hint() {
    each(async |house, api| {
        for key in ["a", "b", "c"] {
            house.flags.create(key, json!({})).await;
        }
        house.flags.configure("b", json!([{"kind": "addPrerequisite", "key": "c", "variation": 0}])).await;
        house.flags.configure("c", json!([{"kind": "addPrerequisite", "key": "a", "variation": 0}])).await;
        let weights = json!([{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 49_000}]);
        let table = [
            (
                json!({"kind": "addPrerequisite", "key": "b", "variation": 0}),
                400,
                "prerequisite-cycle",
                "/prerequisites",
            ),
            (
                json!({"kind": "addPrerequisite", "key": "a", "variation": 0}),
                400,
                "prerequisite-cycle",
                "/prerequisites",
            ),
            (
                json!({"kind": "addPrerequisite", "key": "no", "variation": 0}),
                400,
                "flag-unknown",
                "/prerequisites/0/key",
            ),
            (
                json!({"kind": "setFallthrough", "rollout": {"variations": weights}}),
                400,
                "weight-sum",
                "/fallthrough/rollout/variations",
            ),
            (json!({"kind": "setOffVariation", "variation": 7}), 400, "variation-unknown", "/offVariation"),
        ];
        let here = format!("{PRODUCTION}/flags/a");
        for (instruction, status, code, field) in table {
            let answer = api.patch(&here, json!([instruction])).await;
            assert!(answer.body["hint"].is_string(), "{:#}", answer.body);
            assert_eq!(answer.refused(), refusal(status, code, field), "{instruction}");
        }
        let gone = api.send(Method::DELETE, "/api/projects/shop/flags/c", None, None).await;
        assert_eq!(gone.body.get("field"), None, "no member is wrong: the thing as a whole cannot go");
        assert_eq!(gone.refused(), refusal(409, "still-needed", ""));

        let kinds = api.post("/api/projects/shop/flags", json!({"key": "n", "name": "N", "kind": "number"})).await;
        assert_eq!(kinds.refused(), refusal(400, "value-type", "/variations/0/value"));
        let twice = api.post("/api/projects/shop/flags", json!({"key": "a", "name": "A"})).await;
        assert_eq!(twice.refused(), refusal(409, "already-exists", "/key"));
        let key = api.post("/api/projects/shop/flags", json!({"key": "ä", "name": "A"})).await;
        assert_eq!(key.refused(), refusal(400, "invalid-body", "/key"));
        assert_eq!(api.get("/api/projects/shop/flags/-").await.refused(), refusal(400, "invalid-path", "flag"));
        assert_eq!(api.get("/api/projects/no/flags").await.refused(), refusal(404, "not-found", "project"));
        assert_eq!(
            api.get("/api/projects/shop/flags?environment=no").await.refused(),
            refusal(404, "not-found", "environment")
        );
    })
    .await;
}

#[tokio::test]
async fn segments_are_created_changed_and_kept_out_of_circles() {
    each(async |house, api| {
        let segments = format!("{PRODUCTION}/segments");
        let created = api.post(&segments, json!({"key": "one", "name": "One", "included": {"user": ["ada"]}})).await;
        assert_eq!(created.ok()["included"], json!({"user": ["ada"]}));
        let clause = json!({"op": "segmentMatch", "values": ["one"]});
        api.post(&segments, json!({"key": "two", "name": "Two", "rules": [{"clauses": [clause]}]})).await.ok();
        let back = json!({"op": "segmentMatch", "values": ["two"]});
        let circle = json!([{"kind": "replaceRules", "rules": [{"clauses": [back]}]}]);
        let answer = api.patch(&format!("{segments}/one"), circle).await;
        assert_eq!(answer.refused(), refusal(400, "segment-cycle", "/rules"));
        let gone = api.send(Method::DELETE, &format!("{segments}/one"), None, None).await;
        assert_eq!(gone.refused(), refusal(409, "still-needed", ""));

        let again = api.post(&segments, json!({"key": "one", "name": "One"})).await;
        assert_eq!(again.refused(), refusal(409, "already-exists", "/key"));

        let members = json!([{"kind": "updateMembers", "list": "excluded", "add": ["bob"]}]);
        api.patch(&format!("{segments}/one"), members).await.ok();
        assert_eq!(api.get(&format!("{segments}/one")).await.ok()["excluded"], json!({"user": ["bob"]}));
        api.send(Method::DELETE, &format!("{segments}/two"), None, None).await.ok();
        api.send(Method::DELETE, &format!("{segments}/one"), None, None).await.ok();
        assert_eq!(api.get(&segments).await.ok()["items"], json!([]));
        house.flags.create("a", json!({})).await;
        let rule = json!({"clauses": [{"op": "segmentMatch", "values": ["one"]}], "variation": 0});
        let named = api.patch(&format!("{PRODUCTION}/flags/a"), json!([{"kind": "addRule", "rule": rule}])).await;
        assert_eq!(named.refused(), refusal(400, "segment-unknown", "/rules/0/clauses/0/values/0"));
    })
    .await;
}

#[tokio::test]
async fn the_evaluator_says_who_gets_what_and_why() {
    each(async |house, api| {
        house.flags.create("a", json!({})).await;
        house.flags.create("b", json!({})).await;
        house
            .flags
            .configure("a", json!([{"kind": "turnFlagOn"}, {"kind": "addTargets", "variation": 1, "values": ["ada"]}]))
            .await;
        let evaluate = format!("{PRODUCTION}/evaluate");
        let one = api.post(&evaluate, json!({"context": {"kind": "user", "key": "ada"}, "flag": "a"})).await.ok();
        for (member, expected) in [
            ("flag", json!("a")),
            ("value", json!(false)),
            ("variationIndex", json!(1)),
            ("variationName", json!("off")),
            ("reason", json!({"kind": "TARGET_MATCH"})),
            ("explanation", json!("The context is targeted by name and gets “off”")),
        ] {
            assert_eq!(one[0][member], expected, "{member}");
        }
        let target = json!({"contextKind": "user", "variation": 1, "count": 1, "named": true});
        assert_eq!(one[0]["steps"]["targets"], json!([target]));
        let given: Vec<_> = one[0]["readings"].as_array().unwrap().iter().map(|one| &one["given"]).collect();
        assert_eq!(given, [true, false, false, true, true, false]);
        let all = api.post(&evaluate, json!({"context": {"kind": "user", "key": "bob"}})).await.ok();
        assert!(
            all[0].get("steps").is_none() && all[0].get("readings").is_none(),
            "only of one that is named: {all:#}"
        );
        let said: Vec<_> = all.as_array().unwrap().iter().map(|one| (&one["flag"], &one["value"])).collect();
        assert_eq!(said, [(&json!("a"), &json!(true)), (&json!("b"), &json!(false))]);

        let table = [
            (json!({"kind": "user"}), "context-key", "/context/key"),
            (json!({"kind": "user", "key": ""}), "context-key", "/context/key"),
            (json!({"kind": "multi"}), "context-kind", "/context/kind"),
            (json!({"kind": "a b", "key": "x"}), "context-kind", "/context/kind"),
            (json!("ada"), "context", "/context"),
        ];
        for (context, code, field) in table {
            let answer = api.post(&evaluate, json!({"context": context})).await;
            assert_eq!(answer.refused(), refusal(400, code, field), "{context}");
        }
        let unknown = api.post(&evaluate, json!({"context": {"kind": "user", "key": "ada"}, "flag": "no"})).await;
        assert_eq!(unknown.refused(), refusal(404, "not-found", "flag"));
    })
    .await;
}

#[tokio::test]
async fn an_environment_is_renamed_and_marked_and_its_keys_have_their_own_routes() {
    each(async |_, api| {
        let test = "/api/projects/shop/environments/test";
        let seen = api.get(test).await;
        let tag = seen.etag.clone().unwrap();
        let edit =
            json!({"instructions": [{"kind": "updateDetails", "name": "Preview", "production": true, "secureMode": true}]})
                .to_string();
        let made = api.send(Method::PATCH, test, Some(edit.clone()), Some(&tag)).await;
        assert_eq!(made.etag, Some(format!("\"{}\"", made.body["seq"])));
        assert_eq!(made.ok()["sentences"], json!(["Set the name “Preview”, the mark production and secure mode"]));
        let stale = api.send(Method::PATCH, test, Some(edit), Some(&tag)).await;
        assert_eq!(stale.refused(), refusal(412, "stale-version", "If-Match"));
        let now = api.get(test).await.ok();
        assert_eq!((&now["key"], &now["name"], &now["production"]), (&json!("test"), &json!("Preview"), &json!(true)));
        assert_eq!((&seen.body["secureMode"], &now["secureMode"]), (&json!(false), &json!(true)));

        let table = [
            (json!({"kind": "updateDetails", "name": ""}), "empty", "/name"),
            (json!({"kind": "updateDetails", "tags": []}), "detail-not-applicable", "/instructions/0/tags"),
            (json!({"kind": "revokeKey", "keyId": "key_1"}), "instruction-not-applicable", "/instructions/0"),
        ];
        for (instruction, code, field) in table {
            let answer = api.patch(test, json!([instruction])).await;
            assert_eq!(answer.refused(), refusal(400, code, field), "{instruction}");
        }
        let nowhere = api.patch("/api/projects/shop/environments/no", json!([{"kind": "updateDetails"}])).await;
        assert_eq!(nowhere.refused(), refusal(404, "not-found", "environment"));
    })
    .await;
}

#[tokio::test]
async fn projects_environments_and_keys_are_for_admins_and_flags_for_writers() {
    each(async |house, api| {
        let created = api.post("/api/projects", json!({"key": "bakery", "name": "Bakery"})).await.ok();
        assert_eq!(created["key"], "bakery");
        let again = api.post("/api/projects", json!({"key": "bakery", "name": "Bakery"})).await;
        assert_eq!(again.refused(), refusal(409, "already-exists", "/key"));
        let staging = json!({"key": "staging", "name": "Staging"});
        api.post("/api/projects/bakery/environments", staging.clone()).await.ok();
        let again = api.post("/api/projects/bakery/environments", staging).await;
        assert_eq!(again.body["detail"], "there is already such an environment");
        assert_eq!(again.refused(), refusal(409, "already-exists", "/key"));
        let listed = api.get("/api/projects/bakery/environments").await.ok();
        let keys: BTreeSet<_> =
            listed["items"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect();
        assert_eq!(keys, BTreeSet::from(["production", "staging", "test"]));
        api.patch("/api/projects/bakery", json!([{"kind": "updateDetails", "name": "Bread"}])).await.ok();
        assert_eq!(api.get("/api/projects/bakery").await.ok()["name"], "Bread");

        let keys = format!("{PRODUCTION}/keys");
        house.clock.advance(std::time::Duration::from_secs(1));
        let added = api.post(&keys, json!({"kind": "sdk", "expireOthersAt": "2030-01-01T00:00:00Z"})).await.ok();
        assert!(added["value"].as_str().unwrap().starts_with("sdk-"));
        let all = api.get(&keys).await.ok();
        let ends: Vec<_> = all["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|key| key["kind"] == "sdk")
            .map(|key| &key["expiresAt"])
            .collect();
        assert_eq!(ends, [&Value::Null, &json!("2030-01-01T00:00:00Z")]);
        for past in ["2020-01-01T00:00:00Z", "2027-01-15T08:00:01Z"] {
            let answer = api.post(&keys, json!({"kind": "sdk", "expireOthersAt": past})).await;
            assert!(answer.body["hint"].as_str().unwrap().contains("revoke"), "{:#}", answer.body);
            assert_eq!(answer.refused(), refusal(400, "expires-in-the-past", "/expireOthersAt"), "{past}");
        }
        assert_eq!(api.get(&keys).await.ok(), all, "nothing was written");
        let id = added["id"].as_str().unwrap();
        let revoked = api.send(Method::DELETE, &format!("{keys}/{id}"), None, None).await;
        assert_eq!(revoked.status, StatusCode::NO_CONTENT);
        let unknown = api.send(Method::DELETE, &format!("{keys}/key_no"), None, None).await;
        assert_eq!(unknown.refused(), refusal(404, "not-found", "key"));
        let log = api.get("/api/changes?project=shop&environment=production&limit=1").await.ok();
        assert!(!log.to_string().contains(added["value"].as_str().unwrap()), "the log does not tell keys");

        let writer = Api::new(&house, Role::Writer);
        let forbidden = writer.post("/api/projects", json!({"key": "x", "name": "X"})).await;
        assert_eq!(forbidden.refused(), refusal(403, "role-too-low", ""));
        assert_eq!(writer.get(&keys).await.status, StatusCode::OK);
        let reader = Api::new(&house, Role::Reader);
        assert_eq!(reader.get(&keys).await.refused(), refusal(403, "role-too-low", ""));
        let forbidden = reader.post("/api/projects/shop/flags", json!({"key": "x", "name": "X"})).await;
        assert_eq!(forbidden.refused(), refusal(403, "role-too-low", ""));
    })
    .await;
}

#[tokio::test]
async fn the_document_gives_rules_contexts_and_preconditions_their_shape() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let mut open_api = routes(Flags::clone(&house.flags), house.follower.clone());
        let api = serde_json::to_value(open_api.to_openapi()).unwrap();
        let rule = &api["components"]["schemas"]["Rule"];
        assert_eq!((&rule["type"], &rule["additionalProperties"]), (&json!("object"), &json!(false)), "{rule:#}");
        let members: Vec<_> = rule["properties"].as_object().unwrap().keys().collect();
        assert_eq!(members, ["clauses", "description", "id", "rollout", "trackEvents", "variation"]);
        let context = api["components"]["schemas"]["EvaluateContext"].to_string();
        assert!(context.contains("additionalProperties") && context.contains("anonymous"), "{context}");

        let operations = api["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
            operations.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
        });
        for (path, method, operation) in operations {
            let headers = operation["parameters"].to_string();
            // Keys and uploads have no version.
            let edits = method == "patch" || (method == "delete" && !path.ends_with("/{id}"));
            assert_eq!(headers.contains("If-Match"), edits, "{method} {path}: {headers}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_route_has_a_rule_and_every_rule_a_route() {
    db::testing::each(|db| async move {
        let house = house(db).await;
        let mut open_api = routes(Flags::clone(&house.flags), house.follower.clone());
        let api = serde_json::to_value(open_api.to_openapi()).unwrap();
        let routes: BTreeSet<(String, String)> = api["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, operations)| {
                operations.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
            })
            .collect();
        let table = Table::new(RULES).unwrap();
        let rules: BTreeSet<_> = table.rules().map(|rule| (rule.method.to_string(), rule.path.to_owned())).collect();
        assert_eq!(routes, rules);
        let open = table.rules().filter(|rule| matches!(rule.need, Need::Public | Need::SdkKey)).count();
        assert_eq!(open, 0);
        let instruction = api["components"]["schemas"]["Instruction"].to_string();
        for word in ["turnFlagOn", "setFallthrough", "updateMembers"] {
            assert!(instruction.contains(word), "{word}");
        }
    })
    .await;
}

#[tokio::test]
async fn members_of_a_big_segment_are_moved_counted_looked_for_and_uploaded() {
    each(async |_, api| {
        let segments = format!("{PRODUCTION}/segments");
        let created = api.post(&segments, json!({"key": "beta", "name": "Beta", "unbounded": true})).await.ok();
        assert_eq!((&created["unbounded"], created["generation"].is_i64()), (&json!(true), true));
        let (members, uploads) = (format!("{segments}/beta/members"), format!("{segments}/beta/uploads"));
        let moved = api.post(&members, json!({"included": {"add": ["ada"]}, "excluded": {"add": ["bob"]}})).await.ok();
        assert_eq!((&moved["included"], &moved["excluded"]), (&json!(1), &json!(1)));
        assert_eq!(api.get(&format!("{members}?key=bob")).await.ok()["list"], "excluded");
        assert!(api.get(&format!("{members}?key=cem")).await.ok().get("list").is_none());

        let send = |csv: &str| api.send(Method::POST, &uploads, Some(csv.to_owned()), None);
        let uploaded = send("cem\ndan\n").await;
        assert_eq!(uploaded.status, StatusCode::CREATED);
        let id = uploaded.ok()["id"].as_str().unwrap().to_owned();
        let shown = api.get(&format!("{uploads}/{id}")).await.ok();
        assert_eq!((&shown["state"], &shown["staged"]), (&json!("live"), &json!(2)));
        assert_eq!(api.get(&uploads).await.ok()["items"][0]["id"], id);
        let cancelled = api.send(Method::DELETE, &format!("{uploads}/{id}"), None, None).await.ok();
        assert_eq!(cancelled["state"], "live", "what has ended stays as it is");

        assert_eq!(send("a,b\n").await.refused(), refusal(400, "invalid-line", ""));
        let twice = json!({"included": {"add": ["ada"]}, "excluded": {"add": ["ada"]}});
        assert_eq!(api.post(&members, twice).await.refused(), refusal(400, "duplicate", "/excluded/add/0"));
        let ours = json!([{"kind": "replaceMembers", "generation": 1, "included": 0, "excluded": 0}]);
        let refused = api.patch(&format!("{segments}/beta"), ours).await.refused();
        assert_eq!(refused, refusal(400, "members-elsewhere", "/instructions/0"));
        api.post(&segments, json!({"key": "staff", "name": "Staff"})).await.ok();
        assert_eq!(api.get(&format!("{segments}/staff/members")).await.refused(), refusal(409, "not-big", ""));
        assert_eq!(api.get(&format!("{uploads}/upl_none")).await.refused(), refusal(404, "not-found", "upload"));
    })
    .await;
}
