//! What is bound to a statement and read from a row.

use kernel::{Revision, Timestamp};

/// One value, in the four types that both databases share.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// BIGINT: numbers, instants in microseconds, booleans as 0 and 1.
    Int(i64),
    /// DOUBLE PRECISION.
    Real(f64),
    /// TEXT: ids, keys, words, JSON.
    Text(String),
    /// `{blob}`: bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// `value` as JSON text.
    ///
    /// For models of ours, whose serialisation cannot fail (maps have string keys).
    pub fn json<T: serde::Serialize + ?Sized>(value: &T) -> Self {
        Self::Text(serde_json::to_string(value).expect("our own models always serialise"))
    }
}

/// The parameters of a statement, in the order of its `?1`, `?2`, …: `params![key, version, now]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { ::std::vec![$($crate::Value::from($value)),*] };
}

macro_rules! from {
    ($($type:ty => |$it:ident| $value:expr),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from($it: $type) -> Self {
                $value
            }
        }
    )+};
}

from! {
    i64 => |it| Self::Int(it),
    i32 => |it| Self::Int(it.into()),
    u32 => |it| Self::Int(it.into()),
    u16 => |it| Self::Int(it.into()),
    u8 => |it| Self::Int(it.into()),
    bool => |it| Self::Int(it.into()),
    f64 => |it| Self::Real(it),
    &str => |it| Self::Text(it.to_owned()),
    String => |it| Self::Text(it),
    &String => |it| Self::Text(it.clone()),
    Vec<u8> => |it| Self::Blob(it),
    &[u8] => |it| Self::Blob(it.to_vec()),
    Timestamp => |it| Self::Int(it.as_micros()),
    Revision => |it| Self::Int(it.0),
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(it: Option<T>) -> Self {
        it.map_or(Self::Null, Into::into)
    }
}

/// Ids and keys of the kernel bind as their text; those of other crates by `as_str()`.
macro_rules! from_words {
    ($($word:ident),+ $(,)?) => {$(
        impl From<&kernel::$word> for Value {
            fn from(it: &kernel::$word) -> Self {
                Self::Text(it.as_str().to_owned())
            }
        }
    )+};
}

from_words!(
    ProjectKey,
    EnvironmentKey,
    FlagKey,
    SegmentKey,
    MetricKey,
    PipelineKey,
    ServiceKey,
    ScheduleKey,
    PolicyKey,
    ContextKind,
    PersonId,
    TokenId,
    SessionId,
    ReleaseId,
    AlertId,
    IncidentId,
    PageId,
);
