//! A stream into rows. Nothing of it is believed before its last line has proven the rest; whoever acts on rows before
//! must be able to take everything back.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, ErrorKind, Read},
};

use flate2::bufread::GzDecoder;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{
    BackupError, Summary,
    cell::Cell,
    format::{FORMAT, Header, Mark, Trailer, VERSION},
    key::BackupKey,
    tables::{Column, Fate, TABLES, Table},
};

/// The longest line is that of a template's files: 20 MiB of them at most, in base64.
const MAX_LINE: u64 = 64 * 1024 * 1024;

pub(super) struct Reader<'k, R: BufRead> {
    input: BufReader<GzDecoder<R>>,
    key: &'k BackupKey,
    header: Header,
    digest: Sha256,
    rows: BTreeMap<String, u64>,
    /// Which table rows are of at the moment.
    current: Option<Current>,
    ended: bool,
}

#[derive(Debug, Clone)]
struct Current {
    /// In the list of all tables.
    position: usize,
    columns: Vec<&'static Column>,
}

pub(super) struct BackedRow<'r> {
    pub table: &'static Table,
    pub columns: &'r [&'static Column],
    pub cells: Vec<Cell>,
}

fn damaged(reason: impl Into<String>) -> BackupError {
    BackupError::Damaged(reason.into())
}

impl<'k, R: BufRead> Reader<'k, R> {
    /// Reads the first line.
    pub(super) fn open(input: R, key: &'k BackupKey, known: i64) -> Result<Self, BackupError> {
        let mut input = BufReader::new(GzDecoder::new(input));
        let line = match line(&mut input) {
            Ok(line) => line,
            Err(error) => return Err(BackupError::NotABackup(error.to_string())),
        };
        let header = serde_json::from_slice::<Header>(&line)
            .ok()
            .filter(|header| header.format == FORMAT)
            .ok_or_else(|| BackupError::NotABackup("its first line is not that of a backup".into()))?;
        for (what, found, known) in
            [("format version", header.version, VERSION), ("migration", header.migration, known)]
        {
            if found > known {
                return Err(BackupError::Newer { what, found, known });
            }
        }
        if !key.is_of(&header.key_check) {
            return Err(BackupError::WrongKey);
        }
        let digest = Sha256::new().chain_update(&line);
        Ok(Self { input, key, header, digest, rows: BTreeMap::new(), current: None, ended: false })
    }

    /// `None` after the last row, when everything has been found right.
    pub(super) fn next(&mut self) -> Result<Option<BackedRow<'_>>, BackupError> {
        while !self.ended {
            let line = line(&mut self.input).map_err(broken)?;
            if line.first() == Some(&b'[') {
                self.digest.update(&line);
                let cells = self.row(&line)?;
                let Some(current) = &self.current else { return Err(damaged("a row is of no table")) };
                let table = &TABLES[current.position];
                return Ok(Some(BackedRow { table, columns: &current.columns, cells }));
            }
            match serde_json::from_slice::<Mark>(&line) {
                Ok(Mark::Table(name)) => {
                    self.digest.update(&line);
                    self.begin(&name)?;
                }
                Ok(Mark::End(trailer)) => self.end(&trailer)?,
                Err(_) => return Err(damaged("a line is neither a row nor a table")),
            }
        }
        Ok(None)
    }

    fn begin(&mut self, name: &str) -> Result<(), BackupError> {
        let after = self.current.as_ref().map_or(0, |current| current.position + 1);
        let found = TABLES
            .iter()
            .enumerate()
            .skip(after)
            .find(|(_, table)| table.name == name && table.fate == Fate::Carried);
        let (position, table) =
            found.ok_or_else(|| damaged(format!("table {name} is not expected there")))?;
        let listed = self.header.tables.iter().find(|table| table.name == name);
        let listed = listed.ok_or_else(|| damaged(format!("its first line does not name table {name}")))?;
        let expected: Vec<_> = table.columns_at(self.header.migration).collect();
        if !listed.columns.iter().map(String::as_str).eq(expected.iter().map(|column| column.name)) {
            return Err(damaged(format!(
                "table {name} has other columns than migration {}",
                self.header.migration
            )));
        }
        self.rows.insert(name.to_owned(), 0);
        self.current = Some(Current { position, columns: expected });
        Ok(())
    }

    fn row(&mut self, line: &[u8]) -> Result<Vec<Cell>, BackupError> {
        let Some(current) = &self.current else { return Err(damaged("a row is of no table")) };
        let name = TABLES[current.position].name;
        let count = self.rows.entry(name.to_owned()).or_default();
        *count += 1;
        let wrong = |reason: String| damaged(format!("row {count} of table {name}: {reason}"));
        let values: Vec<&RawValue> =
            serde_json::from_slice(line).map_err(|_| wrong("it cannot be read".into()))?;
        if values.len() != current.columns.len() {
            return Err(wrong(format!("it has {} values of {}", values.len(), current.columns.len())));
        }
        values
            .into_iter()
            .zip(&current.columns)
            .map(|(raw, column)| Cell::parse(raw, column).map_err(&wrong))
            .collect()
    }

    fn end(&mut self, trailer: &Trailer) -> Result<(), BackupError> {
        let digest = self.digest.clone().finalize();
        if trailer.sha256 != hex::encode(digest) {
            return Err(damaged("its content does not have the digest it should have"));
        }
        if !self.key.has_sealed(&digest, &trailer.mac) {
            return Err(damaged("it was not sealed with the master key it names"));
        }
        let named: Vec<_> = self.header.tables.iter().map(|table| &table.name).collect();
        if trailer.rows != self.rows || !named.iter().all(|name| self.rows.contains_key(*name)) {
            return Err(damaged("rows are missing"));
        }
        // To the end of the stream, where gzip has its own checksum; and no further.
        if self.input.read(&mut [0]).map_err(broken)? > 0 {
            return Err(damaged("something follows its last line"));
        }
        let rest = self.input.get_mut().get_mut();
        if !rest.fill_buf().map_err(broken)?.is_empty() {
            return Err(damaged("something follows its end"));
        }
        self.ended = true;
        Ok(())
    }

    /// # Errors
    /// Before the end: nothing is known then.
    pub(super) fn summary(&self) -> Result<Summary, BackupError> {
        if !self.ended {
            return Err(damaged("it was not read to its end"));
        }
        Ok(Summary {
            installation: self.header.installation,
            created_at: self.header.created_at,
            rows: self.rows.clone(),
        })
    }
}

/// With its line break.
fn line(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    input.take(MAX_LINE).read_until(b'\n', &mut line)?;
    match line.last() {
        Some(b'\n') => Ok(line),
        Some(_) if line.len() as u64 == MAX_LINE => {
            Err(io::Error::new(ErrorKind::InvalidData, "a line is too long"))
        }
        _ => Err(io::Error::new(ErrorKind::UnexpectedEof, "it ends too early")),
    }
}

fn broken(error: io::Error) -> BackupError {
    match error.kind() {
        ErrorKind::UnexpectedEof => damaged("it ends too early"),
        _ => damaged(error.to_string()),
    }
}
