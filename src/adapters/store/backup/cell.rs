//! One value, between a database and a line of a backup.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, value::RawValue};
use sqlx::{Database, Row, query_builder::Separated, types::Json};
use uuid::Uuid;

use super::tables::{Column, Kind};
use crate::ports::repository::text::storable;

#[derive(Debug, Clone)]
pub(super) enum Cell {
    Null,
    Uuid(Uuid),
    Bytes(Vec<u8>),
    Text(String),
    /// Of either width.
    Int(i64),
    Bool(bool),
    Time(DateTime<Utc>),
    Json(Box<RawValue>),
}

impl Cell {
    /// As JSON, without a line break.
    pub(super) fn write(&self, line: &mut String) {
        match self {
            Cell::Null => line.push_str("null"),
            Cell::Uuid(id) => line.push_str(&format!("\"{id}\"")),
            Cell::Bytes(bytes) => {
                line.push('"');
                BASE64_STANDARD.encode_string(bytes, line);
                line.push('"');
            }
            Cell::Text(text) => line.push_str(&Value::from(text.as_str()).to_string()),
            Cell::Int(number) => line.push_str(&number.to_string()),
            Cell::Bool(value) => line.push_str(if *value { "true" } else { "false" }),
            Cell::Time(time) => {
                line.push_str(&format!("\"{}\"", time.to_rfc3339_opts(SecondsFormat::Micros, true)));
            }
            Cell::Json(document) => match document.get().contains(['\n', '\r']) {
                false => line.push_str(document.get()),
                // Line breaks between its values mean nothing; in texts they are escaped.
                true => line.extend(document.get().chars().filter(|c| !matches!(c, '\n' | '\r'))),
            },
        }
    }

    /// The value of this column, or what is wrong with it.
    pub(super) fn parse(raw: &RawValue, column: &Column) -> Result<Self, String> {
        let wrong = |expected: &str| format!("column {} is not {expected}", column.name);
        if raw.get() == "null" && !matches!((column.kind, column.nullable), (Kind::Json, false)) {
            return if column.nullable { Ok(Cell::Null) } else { Err(wrong("there")) };
        }
        let text = || serde_json::from_str::<String>(raw.get()).map_err(|_| wrong("a text"));
        Ok(match column.kind {
            Kind::Uuid => Cell::Uuid(text()?.parse().map_err(|_| wrong("an id"))?),
            Kind::Bytes => Cell::Bytes(BASE64_STANDARD.decode(text()?).map_err(|_| wrong("base64"))?),
            Kind::Text => Cell::Text(text()?),
            Kind::Int => Cell::Int(parse::<i32>(raw).ok_or_else(|| wrong("a number of 32 bits"))?.into()),
            Kind::Big => Cell::Int(parse(raw).ok_or_else(|| wrong("a number of 64 bits"))?),
            Kind::Bool => Cell::Bool(parse(raw).ok_or_else(|| wrong("true or false"))?),
            Kind::Time => {
                let time = DateTime::parse_from_rfc3339(&text()?).map_err(|_| wrong("a time"))?;
                Cell::Time(time.with_timezone(&Utc))
            }
            Kind::Json => Cell::Json(raw.to_owned()),
        })
    }

    /// Bytes it takes, roughly.
    pub(super) fn size(&self) -> usize {
        match self {
            Cell::Bytes(bytes) => bytes.len(),
            Cell::Text(text) => text.len(),
            Cell::Json(document) => document.get().len(),
            _ => 16,
        }
    }
}

fn parse<'a, T: serde::Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// How an engine hands out values and takes them.
pub(super) trait Cells: Database {
    fn read(row: &Self::Row, index: usize, kind: Kind) -> Result<Cell, sqlx::Error>;

    fn bind(values: &mut Separated<'_, Self, &'static str>, cell: Cell, kind: Kind);
}

macro_rules! implement {
    ($Db:ty) => {
        impl Cells for $Db {
            fn read(row: &Self::Row, index: usize, kind: Kind) -> Result<Cell, sqlx::Error> {
                let cell = match kind {
                    Kind::Uuid => row.try_get::<Option<Uuid>, _>(index)?.map(Cell::Uuid),
                    Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(index)?.map(Cell::Bytes),
                    Kind::Text => row.try_get::<Option<String>, _>(index)?.map(Cell::Text),
                    Kind::Int => row.try_get::<Option<i32>, _>(index)?.map(|number| Cell::Int(number.into())),
                    Kind::Big => row.try_get::<Option<i64>, _>(index)?.map(Cell::Int),
                    Kind::Bool => row.try_get::<Option<bool>, _>(index)?.map(Cell::Bool),
                    Kind::Time => row.try_get::<Option<DateTime<Utc>>, _>(index)?.map(Cell::Time),
                    Kind::Json => {
                        let document = row.try_get::<Option<Json<Box<RawValue>>>, _>(index)?;
                        document.map(|document| Cell::Json(document.0))
                    }
                };
                Ok(cell.unwrap_or(Cell::Null))
            }

            fn bind(values: &mut Separated<'_, Self, &'static str>, cell: Cell, kind: Kind) {
                match (cell, kind) {
                    (Cell::Uuid(id), _) => values.push_bind(id),
                    (Cell::Bytes(bytes), _) => values.push_bind(bytes),
                    (Cell::Text(text), _) => values.push_bind(storable(&text).into_owned()),
                    // It was parsed as one of 32 bits.
                    (Cell::Int(number), Kind::Int) => values.push_bind(number as i32),
                    (Cell::Int(number), _) => values.push_bind(number),
                    (Cell::Bool(value), _) => values.push_bind(value),
                    (Cell::Time(time), _) => values.push_bind(time),
                    (Cell::Json(document), _) => values.push_bind(Json(document)),
                    // A NULL has the type of its column too.
                    (Cell::Null, Kind::Uuid) => values.push_bind(None::<Uuid>),
                    (Cell::Null, Kind::Bytes) => values.push_bind(None::<Vec<u8>>),
                    (Cell::Null, Kind::Text) => values.push_bind(None::<String>),
                    (Cell::Null, Kind::Int) => values.push_bind(None::<i32>),
                    (Cell::Null, Kind::Big) => values.push_bind(None::<i64>),
                    (Cell::Null, Kind::Bool) => values.push_bind(None::<bool>),
                    (Cell::Null, Kind::Time) => values.push_bind(None::<DateTime<Utc>>),
                    (Cell::Null, Kind::Json) => values.push_bind(None::<Json<Box<RawValue>>>),
                };
            }
        }
    };
}

for_each_engine!(implement);
