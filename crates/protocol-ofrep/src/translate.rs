//! Between OFREP and evaluation: contexts in, results out; pure.

use evaluation::{Context, ErrorKind, Evaluation, FlagState, InvalidContext, ReasonKind, Snapshot};
use serde_json::{Map, Value};

use crate::wire::{Entry, ErrorCode, Failure, Metadata, Request, Success};

/// The context that OFREP's flat object means: `targetingKey` is the key, `kind` the kind (a user when not given).
///
/// The targeting key is also returned: answers name it.
pub(crate) fn context(request: Request) -> Result<(Context, String), Failure<'static>> {
    let mut attributes = request.context.unwrap_or_default();
    let key = match attributes.remove("targetingKey") {
        Some(Value::String(key)) if !key.is_empty() => key,
        Some(Value::String(_)) | None => return Err(missing_key()),
        Some(_) => return Err(refused(ErrorCode::InvalidContext, "targetingKey must be text".to_owned())),
    };
    attributes.insert("key".to_owned(), Value::String(key.clone()));
    attributes.entry("kind").or_insert_with(|| Value::String("user".to_owned()));
    let context = Context::from_value(Value::Object(without_nulls(attributes))).map_err(|error| invalid(&error))?;
    Ok((context, key))
}

/// What one flag came to.
pub(crate) fn entry<'a>(set: &'a str, context_id: &'a str, state: &FlagState<'a>) -> Entry<'a> {
    outcome(set, context_id, state.flag.key(), state.flag.version(), &state.evaluation)
}

/// What the flag of this key came to, also when there is none.
pub(crate) fn single<'a>(
    set: &'a str,
    context_id: &'a str,
    snapshot: &'a Snapshot,
    key: &'a str,
    evaluation: &Evaluation<'a>,
) -> Entry<'a> {
    let version = snapshot.flag(key).map_or(0, evaluation::Flag::version);
    outcome(set, context_id, key, version, evaluation)
}

fn outcome<'a>(
    set: &'a str,
    context_id: &'a str,
    key: &'a str,
    version: u64,
    evaluation: &Evaluation<'a>,
) -> Entry<'a> {
    if let ReasonKind::Error(error) = evaluation.reason.kind {
        let (error_code, details) = match error {
            ErrorKind::FlagNotFound => (ErrorCode::FlagNotFound, "there is no flag of this key"),
            ErrorKind::MalformedFlag => (ErrorCode::ParseError, "the flag cannot be evaluated for this context"),
            ErrorKind::UserNotSpecified => (ErrorCode::InvalidContext, "the context is not valid"),
            ErrorKind::WrongType => (ErrorCode::General, "the value has another type"),
        };
        return Entry::Failure(Failure { key: Some(key), error_code, error_details: details.to_owned() });
    }
    Entry::Success(Success {
        key,
        reason: reason(evaluation),
        value: evaluation.value,
        variant: evaluation.variation_index.map(|index| index.to_string()),
        metadata: Metadata { flag_set_id: set, version: version.to_string(), context_id },
    })
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

fn without_nulls(attributes: Map<String, Value>) -> Map<String, Value> {
    attributes.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn invalid(error: &InvalidContext) -> Failure<'static> {
    refused(ErrorCode::InvalidContext, error.to_string())
}

fn missing_key() -> Failure<'static> {
    refused(ErrorCode::TargetingKeyMissing, "context.targetingKey must name whom the flag is for".to_owned())
}

pub(crate) fn refused(error_code: ErrorCode, error_details: String) -> Failure<'static> {
    Failure { key: None, error_code, error_details }
}

#[cfg(test)]
mod tests {
    use evaluation::{NoBigSegments, Payload};
    use serde_json::json;

    use super::*;

    fn request(context: &Value) -> Request {
        serde_json::from_value(json!({ "context": context })).unwrap()
    }

    fn snapshot() -> Snapshot {
        let payload = json!({"segments": {}, "flags": {
            "on": {"key": "on", "version": 7, "on": true, "fallthrough": {"variation": 0}, "variations": ["a", "b"],
                "rules": [{"variation": 1, "clauses": [{"contextKind": "user", "attribute": "plan", "op": "in", "values": ["gold"]}]}]},
            "off": {"key": "off", "version": 8, "on": false, "offVariation": 1, "variations": ["a", "b"]},
            "dark": {"key": "dark", "version": 9, "on": false, "variations": ["a"]},
            "broken": {"key": "broken", "version": 9, "on": true, "fallthrough": {"variation": 9}, "variations": ["a"]}}});
        Snapshot::compile(&Payload::from_json(&payload.to_string()).unwrap())
    }

    fn answer(key: &str, of: &Value) -> Value {
        let (context, id) = context(request(of)).unwrap();
        let snapshot = snapshot();
        let evaluation = snapshot.evaluate(key, &context, &NoBigSegments);
        serde_json::to_value(single("shop/production", &id, &snapshot, key, &evaluation)).unwrap()
    }

    #[test]
    fn results_carry_value_variant_reason_and_the_three_names() {
        assert_eq!(
            answer("on", &json!({"targetingKey": "ada", "plan": "gold"})),
            json!({"key": "on", "value": "b", "variant": "1", "reason": "TARGETING_MATCH",
                "metadata": {"flagSetId": "shop/production", "version": "7", "contextId": "ada"}})
        );
        assert_eq!(answer("on", &json!({"targetingKey": "ada", "plan": null}))["reason"], "DEFAULT");
    }

    #[test]
    fn off_keeps_its_value_and_only_without_one_is_disabled() {
        let off = answer("off", &json!({"targetingKey": "ada"}));
        assert_eq!((&off["value"], &off["reason"]), (&json!("b"), &json!("STATIC")));
        let dark = answer("dark", &json!({"targetingKey": "ada"}));
        assert_eq!((dark.get("value"), &dark["reason"]), (None, &json!("DISABLED")));
    }

    #[test]
    fn failures_have_ofreps_codes() {
        assert_eq!(answer("none", &json!({"targetingKey": "ada"}))["errorCode"], "FLAG_NOT_FOUND");
        assert_eq!(answer("broken", &json!({"targetingKey": "ada"}))["errorCode"], "PARSE_ERROR");
        for (context_in, code) in [
            (json!({}), ErrorCode::TargetingKeyMissing),
            (json!({"targetingKey": ""}), ErrorCode::TargetingKeyMissing),
            (json!({"targetingKey": 7}), ErrorCode::InvalidContext),
            (json!({"targetingKey": "a", "kind": "no spaces"}), ErrorCode::InvalidContext),
        ] {
            assert_eq!(context(request(&context_in)).unwrap_err().error_code, code, "{context_in}");
        }
    }
}
