//! Between OFREP and evaluation: contexts in, results out; pure.

use evaluation::{Context, ErrorKind, Evaluation, InvalidContext, ReasonKind};
use serde_json::{Map, Value};

use crate::wire::{Entry, ErrorCode, Failure, Metadata, Success};

/// For whom something is asked.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) context: Context,
    /// What answers name it by: its targeting key, if it says one.
    pub(crate) id: Option<String>,
}

/// What is known of a flag beside its evaluation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) key: &'a str,
    pub(crate) version: u64,
    /// The name of the variation that it came to, if that has one.
    pub(crate) variation_name: Option<&'a str>,
}

/// For whom `body` asks. What OFREP's schema asks for is not insisted on: no body, `{}` and `{"context": null}` are somebody
/// of whom nothing is known, as clients in the field send them (`oss-flags.md` §2.1).
pub(crate) fn subject(body: &[u8]) -> Result<Subject, Failure<'static>> {
    if body.trim_ascii().is_empty() {
        return context(Map::new());
    }
    let body = serde_json::from_slice(body).map_err(|error| refused(ErrorCode::ParseError, error.to_string()))?;
    let mut members = match body {
        Value::Object(members) => members,
        Value::Null => Map::new(),
        _ => return Err(refused(ErrorCode::ParseError, "the body is a JSON object".to_owned())),
    };
    match members.remove("context") {
        Some(Value::Object(attributes)) => context(attributes),
        Some(Value::Null) | None => context(Map::new()),
        Some(_) => Err(refused(ErrorCode::InvalidContext, "context is a JSON object".to_owned())),
    }
}

/// The context that OFREP's flat object means: `targetingKey`, or else `key`, is the key, `kind` the kind (a user when not
/// given). The kind `multi` has a context by the name of each kind, each with a key of its own.
fn context(mut attributes: Map<String, Value>) -> Result<Subject, Failure<'static>> {
    attributes.retain(|_, value| !value.is_null());
    if attributes.get("kind").is_some_and(|kind| kind == "multi") {
        return several(attributes);
    }
    let key = attributes.remove("targetingKey").or_else(|| attributes.remove("key"));
    let id = match key {
        Some(Value::String(key)) => Some(key).filter(|key| !key.is_empty()),
        None => None,
        Some(_) => return Err(refused(ErrorCode::InvalidContext, "targetingKey is text".to_owned())),
    };
    let context = if let Some(id) = &id {
        attributes.insert("key".to_owned(), Value::String(id.clone()));
        attributes.entry("kind").or_insert_with(|| Value::String("user".to_owned()));
        Context::from_value(Value::Object(attributes))
    } else {
        Context::without_key(Value::Object(attributes))
    };
    Ok(Subject { context: context.map_err(|error| invalid(&error))?, id })
}

fn several(mut attributes: Map<String, Value>) -> Result<Subject, Failure<'static>> {
    // What identifies them together says nothing about any of them.
    attributes.remove("targetingKey");
    for part in attributes.values_mut().filter_map(Value::as_object_mut) {
        if let Some(key) = part.remove("targetingKey") {
            part.insert("key".to_owned(), key);
        }
    }
    let context = Context::from_value(Value::Object(attributes)).map_err(|error| invalid(&error))?;
    let id = context.canonical_key();
    Ok(Subject { context, id: Some(id) })
}

/// What one flag came to.
pub(crate) fn entry<'a>(
    set: &'a str,
    context_id: Option<&'a str>,
    flag: Known<'a>,
    evaluation: &Evaluation<'a>,
) -> Entry<'a> {
    let Known { key, version, variation_name } = flag;
    let metadata = Metadata { flag_set_id: set, version: Some(version.to_string()), context_id };
    if let ReasonKind::Error(error) = evaluation.reason.kind {
        let (error_code, details) = words(error);
        let error_details = details.to_owned();
        return Entry::Failure(Failure { key: Some(key), error_code, error_details, metadata: Some(metadata) });
    }
    let index = evaluation.variation_index.map(|index| index.to_string());
    let variant = index.map(|index| variation_name.map_or(index, str::to_owned));
    Entry::Success(Success { key, reason: reason(evaluation), value: evaluation.value, variant, metadata })
}

/// For this caller there is no flag of this key.
pub(crate) fn not_found<'a>(set: &'a str, context_id: Option<&'a str>, key: &'a str) -> Failure<'a> {
    let (error_code, details) = words(ErrorKind::FlagNotFound);
    let metadata = Metadata { flag_set_id: set, version: None, context_id };
    Failure { key: Some(key), error_code, error_details: details.to_owned(), metadata: Some(metadata) }
}

fn words(error: ErrorKind) -> (ErrorCode, &'static str) {
    match error {
        ErrorKind::FlagNotFound => (ErrorCode::FlagNotFound, "there is no flag of this key"),
        ErrorKind::MalformedFlag => (ErrorCode::ParseError, "the flag cannot be evaluated for this context"),
        ErrorKind::UserNotSpecified => {
            (ErrorCode::TargetingKeyMissing, "the result depends on who it is for: context.targetingKey says so")
        }
        ErrorKind::WrongType => (ErrorCode::General, "the value has another type"),
    }
}

/// OpenFeature's word for the reason.
///
/// A flag that is off and has an off variation is STATIC: providers answer DISABLED with the code's default (`oss-flags.md`
/// §2.3), and the value that was chosen for "off" would be lost.
fn reason(evaluation: &Evaluation<'_>) -> &'static str {
    match evaluation.reason.kind {
        _ if evaluation.reason.in_experiment() => "SPLIT",
        ReasonKind::Off if evaluation.value.is_some() => "STATIC",
        ReasonKind::Off => "DISABLED",
        ReasonKind::TargetMatch | ReasonKind::RuleMatch { .. } => "TARGETING_MATCH",
        ReasonKind::Fallthrough { .. } | ReasonKind::PrerequisiteFailed { .. } => "DEFAULT",
        ReasonKind::Error(_) => "ERROR",
    }
}

fn invalid(error: &InvalidContext) -> Failure<'static> {
    refused(ErrorCode::InvalidContext, error.to_string())
}

/// A failure that is not about one flag.
pub(crate) fn refused(error_code: ErrorCode, error_details: String) -> Failure<'static> {
    Failure { key: None, error_code, error_details, metadata: None }
}

#[cfg(test)]
mod tests {
    use evaluation::{Kind, NoBigSegments, Payload, Snapshot};
    use serde_json::json;

    use super::*;

    fn asked(context: &Value) -> Result<Subject, Failure<'static>> {
        subject(json!({ "context": context }).to_string().as_bytes())
    }

    fn snapshot() -> Snapshot {
        let payload = json!({"segments": {}, "flags": {
            "on": {"key": "on", "version": 7, "on": true, "fallthrough": {"variation": 0}, "variations": ["a", "b"],
                "rules": [{"variation": 1, "clauses": [{"contextKind": "user", "attribute": "plan", "op": "in", "values": ["gold"]}]}]},
            "off": {"key": "off", "version": 8, "on": false, "offVariation": 1, "variations": ["a", "b"]},
            "dark": {"key": "dark", "version": 9, "on": false, "variations": ["a"]},
            "split": {"key": "split", "version": 9, "on": true, "variations": ["a"],
                "fallthrough": {"rollout": {"kind": "experiment", "variations": [{"variation": 0, "weight": 100_000}]}}},
            "broken": {"key": "broken", "version": 9, "on": true, "fallthrough": {"variation": 9}, "variations": ["a"]}}});
        Snapshot::compile(&Payload::from_json(&payload.to_string()).unwrap())
    }

    fn answer(key: &str, of: &Value) -> Value {
        let Subject { context, id } = asked(of).unwrap();
        let snapshot = snapshot();
        let evaluation = snapshot.evaluate(key, &context, &NoBigSegments);
        let names = ["red", "blue"];
        let variation_name =
            evaluation.variation_index.and_then(|index| names.get(index as usize)).copied().filter(|_| key == "on");
        let known = Known { key, version: snapshot.flag(key).unwrap().version(), variation_name };
        serde_json::to_value(entry("shop/production", id.as_deref(), known, &evaluation)).unwrap()
    }

    #[test]
    fn results_carry_value_variant_reason_and_the_three_names() {
        assert_eq!(
            answer("on", &json!({"targetingKey": "ada", "plan": "gold"})),
            json!({"key": "on", "value": "b", "variant": "blue", "reason": "TARGETING_MATCH",
                "metadata": {"flagSetId": "shop/production", "version": "7", "contextId": "ada"}})
        );
        assert_eq!(answer("on", &json!({"targetingKey": "ada", "plan": null}))["reason"], "DEFAULT");
        let split = answer("split", &json!({"targetingKey": "ada"}));
        assert_eq!((&split["variant"], &split["reason"]), (&json!("0"), &json!("SPLIT")));
    }

    #[test]
    fn off_keeps_its_value_and_only_without_one_is_disabled() {
        let off = answer("off", &json!({"targetingKey": "ada"}));
        assert_eq!((&off["value"], &off["reason"]), (&json!("b"), &json!("STATIC")));
        let dark = answer("dark", &json!({"targetingKey": "ada"}));
        assert_eq!((dark.get("value"), &dark["reason"]), (None, &json!("DISABLED")));
    }

    #[test]
    fn failures_have_ofreps_codes_and_the_names_that_are_known() {
        let failure = serde_json::to_value(not_found("shop/production", Some("ada"), "none")).unwrap();
        assert_eq!((&failure["key"], &failure["errorCode"]), (&json!("none"), &json!("FLAG_NOT_FOUND")));
        assert_eq!(failure["metadata"], json!({"flagSetId": "shop/production", "contextId": "ada"}));
        let broken = answer("broken", &json!({"targetingKey": "ada"}));
        assert_eq!((&broken["errorCode"], &broken["metadata"]["version"]), (&json!("PARSE_ERROR"), &json!("9")));
    }

    #[test]
    fn a_targeting_key_is_missed_only_where_the_result_depends_on_it() {
        for nobody in [json!({}), json!(null), json!({"targetingKey": ""}), json!({"targetingKey": null})] {
            assert_eq!(answer("on", &nobody)["value"], "a", "{nobody}");
            assert_eq!(answer("off", &nobody)["metadata"], json!({"flagSetId": "shop/production", "version": "8"}));
            assert_eq!(answer("split", &nobody)["errorCode"], "TARGETING_KEY_MISSING", "{nobody}");
        }
        assert_eq!(answer("on", &json!({"plan": "gold"}))["value"], "b");
    }

    #[test]
    fn bodies_are_read_leniently_and_what_cannot_be_meant_is_refused() {
        for empty in ["", " \n", "{}", "null", r#"{"context": null}"#, r#"{"context": {}, "more": 1}"#] {
            assert_eq!(subject(empty.as_bytes()).unwrap().id, None, "{empty}");
        }
        let deep = format!(r#"{{"context": {{"a": {}1{}}}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        for (body, code) in [
            ("{", ErrorCode::ParseError),
            ("[]", ErrorCode::ParseError),
            ("7", ErrorCode::ParseError),
            ("\u{0}", ErrorCode::ParseError),
            (&deep, ErrorCode::ParseError),
            (r#"{"context": []}"#, ErrorCode::InvalidContext),
            (r#"{"context": "ada"}"#, ErrorCode::InvalidContext),
            (r#"{"context": {"targetingKey": 7}}"#, ErrorCode::InvalidContext),
            (r#"{"context": {"targetingKey": "a", "kind": "no spaces"}}"#, ErrorCode::InvalidContext),
            (r#"{"context": {"kind": 7}}"#, ErrorCode::InvalidContext),
            (r#"{"context": {"kind": "multi"}}"#, ErrorCode::InvalidContext),
            (r#"{"context": {"kind": "multi", "user": {"plan": "gold"}}}"#, ErrorCode::InvalidContext),
        ] {
            assert_eq!(subject(body.as_bytes()).unwrap_err().error_code, code, "{}", body.get(..80).unwrap_or(body));
        }
        assert_eq!(subject(b"{\"context\": {\"a\": \"\xff\"}}").unwrap_err().error_code, ErrorCode::ParseError);
    }

    #[test]
    fn a_context_may_have_a_kind_or_several() {
        let device = Kind::new("device").unwrap();
        let phone = asked(&json!({"targetingKey": "phone", "kind": "device", "key": "no"})).unwrap();
        assert_eq!((phone.context.key(&device), phone.id.as_deref()), (Some("phone"), Some("phone")));
        let by_key = asked(&json!({"key": "ada"})).unwrap();
        assert_eq!(by_key.context.key(&Kind::User), Some("ada"));
        let both =
            json!({"kind": "multi", "targetingKey": "x", "user": {"targetingKey": "ada"}, "device": {"key": "phone"}});
        let both = asked(&both).unwrap();
        assert_eq!((both.context.key(&device), both.context.key(&Kind::User)), (Some("phone"), Some("ada")));
        assert_eq!(both.id.as_deref(), Some("device:phone:user:ada"));
    }
}
