//! One row of a read: values by column name, in the type the caller expects.

use std::sync::Arc;

use kernel::{Revision, Timestamp};
use serde::de::DeserializeOwned;

use crate::{ReadError, Value};

/// One row. Each getter names a column of the result; a NULL is an error but for the `opt_` getters.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub(crate) sql: &'static str,
    pub(crate) columns: Arc<[String]>,
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// The value as it is stored.
    pub fn value(&self, column: &str) -> Result<&Value, ReadError> {
        let place = self.columns.iter().position(|name| name == column);
        let place = place.ok_or_else(|| self.inconsistent(column, "is not there"))?;
        Ok(&self.values[place])
    }

    /// A TEXT.
    pub fn text(&self, column: &str) -> Result<String, ReadError> {
        self.opt_text(column)?.ok_or_else(|| self.inconsistent(column, "is NULL"))
    }

    /// A TEXT, or `None` for NULL.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, ReadError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text.clone())),
            other => Err(self.mistyped(column, "TEXT", other)),
        }
    }

    /// A BIGINT.
    pub fn int(&self, column: &str) -> Result<i64, ReadError> {
        self.opt_int(column)?.ok_or_else(|| self.inconsistent(column, "is NULL"))
    }

    /// A BIGINT, or `None` for NULL.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, ReadError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(*number)),
            other => Err(self.mistyped(column, "BIGINT", other)),
        }
    }

    /// A boolean, stored as BIGINT 0 or 1.
    pub fn bool(&self, column: &str) -> Result<bool, ReadError> {
        Ok(self.int(column)? != 0)
    }

    /// A DOUBLE PRECISION; a BIGINT is taken too.
    pub fn real(&self, column: &str) -> Result<f64, ReadError> {
        self.opt_real(column)?.ok_or_else(|| self.inconsistent(column, "is NULL"))
    }

    /// A DOUBLE PRECISION, or `None` for NULL.
    pub fn opt_real(&self, column: &str) -> Result<Option<f64>, ReadError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Real(number) => Ok(Some(*number)),
            Value::Int(number) => Ok(Some(*number as f64)),
            other => Err(self.mistyped(column, "DOUBLE PRECISION", other)),
        }
    }

    /// Bytes.
    pub fn blob(&self, column: &str) -> Result<Vec<u8>, ReadError> {
        self.opt_blob(column)?.ok_or_else(|| self.inconsistent(column, "is NULL"))
    }

    /// Bytes, or `None` for NULL.
    pub fn opt_blob(&self, column: &str) -> Result<Option<Vec<u8>>, ReadError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Blob(bytes) => Ok(Some(bytes.clone())),
            other => Err(self.mistyped(column, "bytes", other)),
        }
    }

    /// An instant, stored as BIGINT microseconds.
    pub fn timestamp(&self, column: &str) -> Result<Timestamp, ReadError> {
        self.int(column).map(Timestamp::from_micros)
    }

    /// An instant, or `None` for NULL.
    pub fn opt_timestamp(&self, column: &str) -> Result<Option<Timestamp>, ReadError> {
        Ok(self.opt_int(column)?.map(Timestamp::from_micros))
    }

    /// A position in the change log.
    pub fn revision(&self, column: &str) -> Result<Revision, ReadError> {
        self.int(column).map(Revision)
    }

    /// A TEXT that parses: a key, a word of an enum with `FromStr`.
    pub fn parse<T: std::str::FromStr>(&self, column: &str) -> Result<T, ReadError>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.text(column)?;
        text.parse().map_err(|error| self.inconsistent(column, &format!("holds {text:?}: {error}")))
    }

    /// A TEXT that holds JSON.
    pub fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, ReadError> {
        self.opt_json(column)?.ok_or_else(|| self.inconsistent(column, "is NULL"))
    }

    /// A TEXT that holds JSON, or `None` for NULL.
    pub fn opt_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, ReadError> {
        let Some(text) = self.opt_text(column)? else { return Ok(None) };
        let parsed = serde_json::from_str(&text);
        parsed.map(Some).map_err(|error| self.inconsistent(column, &format!("holds other JSON: {error}")))
    }

    /// An error that says what is wrong with a column, for checks that a store makes itself.
    pub fn inconsistent(&self, column: &str, reason: &str) -> ReadError {
        ReadError::Inconsistent { column: column.to_owned(), reason: reason.to_owned(), sql: self.sql }
    }

    fn mistyped(&self, column: &str, expected: &str, found: &Value) -> ReadError {
        let found = match found {
            Value::Null => "NULL",
            Value::Int(_) => "BIGINT",
            Value::Real(_) => "DOUBLE PRECISION",
            Value::Text(_) => "TEXT",
            Value::Blob(_) => "bytes",
        };
        self.inconsistent(column, &format!("is {found}, not {expected}"))
    }
}
