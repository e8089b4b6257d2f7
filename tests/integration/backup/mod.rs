//! Backups: what goes in comes back, from either engine into either; what is wrong changes nothing.

mod columns;
mod content;
mod live;
mod refusals;
mod restoring;
mod round_trip;

use std::{collections::BTreeMap, io::Read, path::Path};

use chrono::{DateTime, Utc};
use devsanctum::{
    adapters::{
        master_key::MasterKey,
        store::backup::{self, BackupError, BackupKey, Place, Restore, Summary},
    },
    domain::secret::Secret,
};
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::contract::store::fixture::{at, id};

fn key() -> BackupKey {
    key_of("2a")
}

fn key_of(byte: &str) -> BackupKey {
    BackupKey::of(&MasterKey::parse(&Secret::new(byte.repeat(32))).unwrap())
}

fn file(directory: &Path, name: &str) -> Place {
    Place::File(directory.join(name))
}

fn url(url: &str) -> Place {
    Place::Url(Secret::new(url))
}

async fn dump(place: &Place) -> Vec<u8> {
    let mut bytes = Vec::new();
    backup::dump(place, &key(), at(5_000), &mut bytes).await.unwrap();
    bytes
}

fn request(replace: bool) -> Restore {
    Restore { replace, now: restored_at(), id: id(), audit: id() }
}

fn restored_at() -> DateTime<Utc> {
    at(9_000)
}

async fn restore(place: &Place, backup: &[u8], replace: bool) -> Result<Summary, BackupError> {
    backup::restore(place, &key(), backup, request(replace)).await
}

fn text(backup: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(backup).read_to_string(&mut text).unwrap();
    text
}

/// Rows by table, each by the names of its columns.
type Rows = BTreeMap<String, Vec<BTreeMap<String, Value>>>;

fn rows(backup: &[u8]) -> Rows {
    let text = text(backup);
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let header = lines.next().unwrap();
    let tables = header["tables"].as_array().unwrap();
    let columns: BTreeMap<&str, Vec<String>> = tables
        .iter()
        .map(|table| {
            (table["name"].as_str().unwrap(), serde_json::from_value(table["columns"].clone()).unwrap())
        })
        .collect();
    let mut rows = Rows::new();
    let mut current = String::new();
    for line in lines {
        match line {
            Value::Array(values) => {
                let row = columns[current.as_str()].iter().cloned().zip(values).collect();
                rows.get_mut(&current).unwrap().push(row);
            }
            line => {
                if let Some(name) = line["table"].as_str() {
                    current = name.to_owned();
                    rows.insert(current.clone(), vec![]);
                }
            }
        }
    }
    rows
}
