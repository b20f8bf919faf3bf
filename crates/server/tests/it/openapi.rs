//! The description of the API that is served, and the one that is kept in the repository.

use crate::house::once;

#[tokio::test]
async fn the_document_that_is_served_is_the_one_that_is_kept() {
    once(async |house| {
        let served = house.get("/api/openapi.json").await;
        assert_eq!(served["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let kept: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let differing: Vec<String> = ["/paths", "/components/schemas"]
            .into_iter()
            .flat_map(|part| differing(part, served.pointer(part).unwrap(), kept.pointer(part).unwrap()))
            .collect();
        assert!(
            served == kept,
            "docs/openapi.json is not what the server says (run `cargo xtask codegen`, and look at what changed): {differing:#?}"
        );
    })
    .await;
}

/// The members of two objects that are not the same in both.
fn differing(part: &str, served: &serde_json::Value, kept: &serde_json::Value) -> Vec<String> {
    let (served, kept) = (served.as_object().unwrap(), kept.as_object().unwrap());
    let keys = served.keys().chain(kept.keys().filter(|key| !served.contains_key(*key)));
    keys.filter(|key| served.get(*key) != kept.get(*key)).map(|key| format!("{part}: {key}")).collect()
}
