//! Values to and from PostgreSQL's types, by the type the server inferred.

use std::error::Error;
use std::sync::Arc;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Column, Row as WireRow};

use crate::{Row, Value};

type Fault = Box<dyn Error + Sync + Send>;

pub(super) fn rows(sql: &'static str, columns: &[Column], wire: &[WireRow]) -> Result<Vec<Row>, tokio_postgres::Error> {
    if wire.is_empty() {
        return Ok(Vec::new());
    }
    let names: Arc<[String]> = columns.iter().map(|column| column.name().to_owned()).collect();
    let row = |wire: &WireRow| {
        let values = (0..names.len()).map(|place| wire.try_get(place)).collect::<Result<_, _>>()?;
        Ok(Row { sql, columns: Arc::clone(&names), values })
    };
    wire.iter().map(row).collect()
}

/// Whether every parameter and column has a type that a [`Value`] can hold; if not, what to write instead.
#[cfg(feature = "testing")]
pub(super) fn check(params: &[Type], columns: &[Column]) -> Result<(), String> {
    if let Some(place) = params.iter().position(|ty| !holds(ty)) {
        return Err(format!("parameter ?{} is {} to PostgreSQL: CAST it", place + 1, params[place]));
    }
    match columns.iter().find(|column| !holds(column.type_())) {
        Some(column) => Err(format!("column {} is {} to PostgreSQL: CAST it", column.name(), column.type_())),
        None => Ok(()),
    }
}

fn holds(ty: &Type) -> bool {
    matches!(
        *ty,
        Type::INT8
            | Type::INT4
            | Type::INT2
            | Type::BOOL
            | Type::FLOAT8
            | Type::FLOAT4
            | Type::TEXT
            | Type::VARCHAR
            | Type::BPCHAR
            | Type::NAME
            | Type::UNKNOWN
            | Type::BYTEA
    )
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT8) => number.to_sql(ty, out),
            (Self::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            (Self::Int(number), &Type::INT2) => i16::try_from(*number)?.to_sql(ty, out),
            (Self::Int(number), &Type::FLOAT8) => (*number as f64).to_sql(ty, out),
            (Self::Int(number), &Type::BOOL) => (*number != 0).to_sql(ty, out),
            (Self::Real(number), &Type::FLOAT8) => number.to_sql(ty, out),
            (Self::Text(text), _) if <&str as ToSql>::accepts(ty) => text.as_str().to_sql(ty, out),
            (Self::Blob(bytes), &Type::BYTEA) => bytes.as_slice().to_sql(ty, out),
            (value, ty) => Err(format!("{value:?} was bound where PostgreSQL expects {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        Ok(match *ty {
            Type::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Self::Int(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => Self::Int(bool::from_sql(ty, raw)?.into()),
            Type::FLOAT8 => Self::Real(f64::from_sql(ty, raw)?),
            Type::FLOAT4 => Self::Real(f32::from_sql(ty, raw)?.into()),
            Type::BYTEA => Self::Blob(raw.to_vec()),
            _ => Self::Text(String::from_sql(ty, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Fault> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        holds(ty)
    }
}
