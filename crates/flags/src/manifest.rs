//! The flag manifest: what the OpenFeature CLI writes typed code from (open-feature/cli, `api/v0/sync.yaml`).

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::model::{Flag, FlagKind};

/// The flags of a project as typed code sees them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Manifest {
    /// By key.
    pub flags: Vec<ManifestFlag>,
}

/// One flag of a manifest.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManifestFlag {
    /// Its key.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub value_type: ManifestType,
    /// What it is for; absent when nobody said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What generated code falls back to: the value of the variation that is served while the flag is off.
    pub default_value: Value,
}

/// The types that generated code tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ManifestType {
    /// `true` and `false`.
    Boolean,
    /// Text.
    String,
    /// A number without a fraction.
    Integer,
    /// A number.
    Float,
    /// A JSON object.
    Object,
}

/// The flag as typed code sees it; `None` when no type of the manifest holds all its values, as with JSON arrays.
pub fn flag(key: &str, flag: &Flag) -> Option<ManifestFlag> {
    let default_value = flag.variations.get(flag.defaults.off_variation)?.value.clone();
    Some(ManifestFlag {
        key: key.to_owned(),
        name: flag.name.clone(),
        value_type: value_type(flag)?,
        description: flag.description.clone(),
        default_value,
    })
}

fn value_type(flag: &Flag) -> Option<ManifestType> {
    let all = |is: fn(&Value) -> bool| flag.variations.iter().all(|variation| is(&variation.value));
    let number = || if all(is_integer) { ManifestType::Integer } else { ManifestType::Float };
    match flag.kind {
        FlagKind::Boolean => Some(ManifestType::Boolean),
        FlagKind::String => Some(ManifestType::String),
        FlagKind::Number => Some(number()),
        FlagKind::Json if all(Value::is_object) => Some(ManifestType::Object),
        FlagKind::Json if all(Value::is_boolean) => Some(ManifestType::Boolean),
        FlagKind::Json if all(Value::is_string) => Some(ManifestType::String),
        FlagKind::Json if all(Value::is_number) => Some(number()),
        FlagKind::Json => None,
    }
}

/// As it is written: providers in typed languages take `1.0` for no integer.
fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Defaults, Variation};

    fn of(kind: FlagKind, values: &[Value]) -> Option<Value> {
        let variation = |value: &Value| Variation {
            id: String::new(),
            name: String::new(),
            description: String::new(),
            value: value.clone(),
        };
        let flag = Flag {
            kind,
            variations: values.iter().map(variation).collect(),
            defaults: Defaults { on_variation: 0, off_variation: values.len() - 1 },
            description: "Why".to_owned(),
            ..Flag::boolean("A flag")
        };
        super::flag("a", &flag).map(|flag| serde_json::to_value(flag).unwrap())
    }

    #[test]
    fn a_type_holds_every_variation_and_the_default_is_what_is_served_while_off() {
        let table = [
            (FlagKind::Boolean, vec![json!(true), json!(false)], Some("boolean")),
            (FlagKind::String, vec![json!("a"), json!("b")], Some("string")),
            (FlagKind::Number, vec![json!(10), json!(-2)], Some("integer")),
            (FlagKind::Number, vec![json!(0.5), json!(2)], Some("float")),
            (FlagKind::Number, vec![json!(1.0), json!(2)], Some("float")),
            (FlagKind::Json, vec![json!({"a": 1}), json!({})], Some("object")),
            (FlagKind::Json, vec![json!("a"), json!("b")], Some("string")),
            (FlagKind::Json, vec![json!(1), json!(2.5)], Some("float")),
            (FlagKind::Json, vec![json!([1]), json!([])], None),
            (FlagKind::Json, vec![json!({}), json!(null)], None),
        ];
        for (kind, values, expected) in table {
            let flag = of(kind, &values);
            let told = flag.as_ref().map(|flag| (flag["type"].as_str().unwrap(), &flag["defaultValue"]));
            assert_eq!(told, expected.map(|word| (word, values.last().unwrap())), "{values:?}");
        }
    }

    #[test]
    fn a_description_is_told_when_there_is_one() {
        let flag = of(FlagKind::Boolean, &[json!(true), json!(false)]).unwrap();
        let expected =
            json!({"key": "a", "name": "A flag", "type": "boolean", "description": "Why", "defaultValue": false});
        assert_eq!(flag, expected);
        let bare = super::flag("b", &Flag::boolean("B")).unwrap();
        assert_eq!(serde_json::to_value(bare).unwrap().get("description"), None);
    }
}
