//! The table, read.

use std::fmt;

use reqwest::Method;

const TABLE: &str = include_str!("table.txt");

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Anonymous,
    Expired,
    Suspended,
    Stranger,
    Gone,
    Viewer,
    Developer,
    Mine,
    Admin,
    Owner,
    Scoped,
    Platform,
}

impl Who {
    const COLUMNS: [(&'static str, Who); 12] = [
        ("anon", Who::Anonymous),
        ("exp", Who::Expired),
        ("susp", Who::Suspended),
        ("strg", Who::Stranger),
        ("gone", Who::Gone),
        ("view", Who::Viewer),
        ("dev", Who::Developer),
        ("mine", Who::Mine),
        ("adm", Who::Admin),
        ("own", Who::Owner),
        ("scop", Who::Scoped),
        ("plat", Who::Platform),
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Allowed,
    Status(u16),
}

impl Expected {
    pub fn fits(self, status: u16) -> bool {
        match self {
            Expected::Allowed => (200..400).contains(&status) || status == 409,
            Expected::Status(expected) => status == expected,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Allowed => f.write_str("ok"),
            Expected::Status(status) => status.fmt(f),
        }
    }
}

pub struct Row {
    pub method: Method,
    pub path: String,
    cells: Vec<Expected>,
}

impl Row {
    pub fn operation(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn cells(&self) -> impl Iterator<Item = (Who, Expected)> {
        Who::COLUMNS.iter().map(|(_, who)| *who).zip(self.cells.iter().copied())
    }
}

pub fn rows() -> Vec<Row> {
    let mut lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let head: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(head, Who::COLUMNS.map(|(name, _)| name), "the columns");
    let row = |line: &str| {
        let mut words = line.split_whitespace();
        let method = words.next().unwrap().parse().unwrap();
        let path = words.next().unwrap().to_owned();
        let cell = |word: &str| match word {
            "ok" => Expected::Allowed,
            status => Expected::Status(status.parse().unwrap_or_else(|_| panic!("{word:?} in {line}"))),
        };
        let cells: Vec<_> = words.map(cell).collect();
        assert_eq!(cells.len(), Who::COLUMNS.len(), "{line}");
        Row { method, path, cells }
    };
    lines.map(row).collect()
}
