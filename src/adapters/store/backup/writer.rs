//! Rows into a stream.

use std::{
    collections::BTreeMap,
    io::{self, BufWriter, Write},
};

use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    cell::Cell,
    format::{Header, Mark, Trailer},
    key::BackupKey,
};

pub(super) struct Writer<W: Write> {
    gzip: GzEncoder<BufWriter<W>>,
    digest: Sha256,
    rows: BTreeMap<String, u64>,
    table: String,
    line: String,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self {
            gzip: GzEncoder::new(BufWriter::new(out), Compression::default()),
            digest: Sha256::new(),
            rows: BTreeMap::new(),
            table: String::new(),
            line: String::new(),
        };
        writer.value(header)?;
        Ok(writer)
    }

    pub(super) fn table(&mut self, name: &str) -> io::Result<()> {
        name.clone_into(&mut self.table);
        self.rows.insert(name.to_owned(), 0);
        self.value(&Mark::Table(name.to_owned()))
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) -> io::Result<()> {
        self.line.clear();
        self.line.push('[');
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                self.line.push(',');
            }
            cell.write(&mut self.line);
        }
        self.line.push(']');
        *self.rows.entry(self.table.clone()).or_default() += 1;
        self.end_line()
    }

    /// Returns how many rows of each table were written.
    pub(super) fn finish(mut self, key: &BackupKey) -> io::Result<BTreeMap<String, u64>> {
        let digest = self.digest.clone().finalize();
        let trailer =
            Trailer { rows: self.rows.clone(), sha256: hex::encode(digest), mac: key.seal(&digest) };
        self.value(&Mark::End(trailer))?;
        self.gzip.finish()?.flush()?;
        Ok(self.rows)
    }

    fn value(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.line = serde_json::to_string(value)?;
        self.end_line()
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.line.push('\n');
        self.digest.update(self.line.as_bytes());
        self.gzip.write_all(self.line.as_bytes())
    }
}
