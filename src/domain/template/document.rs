//! A YAML or JSON text as a tree that knows the line of every value. It is bounded in bytes, depth and size after
//! aliases are expanded, so that no text, however made, costs more than a few megabytes.

mod json;
mod yaml;

use serde_json::Value;

use super::problem::{Problem, join};

/// Longest text that is read.
pub const MAX_BYTES: usize = 256 * 1024;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 32;
/// Most that a text may grow to when its aliases are expanded: bytes of text plus [`NODE_WEIGHT`] for each value.
const MAX_WEIGHT: usize = 1024 * 1024;
const NODE_WEIGHT: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Yaml,
    Json,
    /// JSON with comments and trailing commas, as editors write it.
    Jsonc,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From 1.
    pub line: u32,
    pub tree: Tree,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    /// In the order of the text; keys are unique.
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    pub line: u32,
    pub value: Node,
}

pub fn parse(text: &str, format: Format) -> Result<Node, Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::at(
            "",
            "too_large",
            format!("the text has {} bytes; at most {MAX_BYTES} are read", text.len()),
        ));
    }
    let text = text.trim_start_matches('\u{feff}');
    match format {
        Format::Yaml => yaml::parse(text),
        Format::Json => json::parse(text, false),
        Format::Jsonc => json::parse(text, true),
    }
}

impl Node {
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub fn text(&self) -> Option<&str> {
        match &self.tree {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Of a list; empty for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.tree {
            Tree::List(items) => items,
            _ => &[],
        }
    }

    /// Of a map; empty for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.tree {
            Tree::Map(entries) => entries,
            _ => &[],
        }
    }

    /// A key without a value means the same as no key: it is left out.
    pub fn to_json(&self) -> Value {
        match &self.tree {
            Tree::Null => Value::Null,
            Tree::Bool(value) => Value::Bool(*value),
            Tree::Number(number) => Value::Number(number.clone()),
            Tree::Text(text) => Value::String(text.clone()),
            Tree::List(items) => items.iter().map(Node::to_json).collect(),
            Tree::Map(entries) => entries
                .iter()
                .filter(|entry| entry.value.tree != Tree::Null)
                .map(|entry| (entry.key.clone(), entry.value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    /// The line of the key or item a JSON pointer names, or of the nearest one above it.
    pub fn line_of(&self, pointer: &str) -> u32 {
        let mut line = self.line;
        let mut node = self;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let found = match &node.tree {
                Tree::Map(entries) => {
                    entries.iter().find(|entry| entry.key == step).map(|entry| (entry.line, &entry.value))
                }
                Tree::List(items) => {
                    step.parse().ok().and_then(|index: usize| items.get(index)).map(|item| (item.line, item))
                }
                _ => None,
            };
            let Some(next) = found else { break };
            (line, node) = next;
        }
        line
    }
}

/// A node together with the pointer that leads to it.
#[derive(Clone)]
pub struct Place<'a> {
    pub node: &'a Node,
    pub pointer: String,
    /// Of the key, where there is one.
    pub line: u32,
}

impl<'a> Place<'a> {
    pub fn root(node: &'a Node) -> Self {
        Self { node, pointer: String::new(), line: node.line }
    }

    pub fn get(&self, key: &str) -> Option<Place<'a>> {
        let entry = self.node.entries().iter().find(|entry| entry.key == key)?;
        Some(self.below(&entry.key, entry.line, &entry.value))
    }

    pub fn items(&self) -> impl Iterator<Item = Place<'a>> + use<'a, '_> {
        self.node
            .items()
            .iter()
            .enumerate()
            .map(|(index, item)| self.below(&index.to_string(), item.line, item))
    }

    /// The values of a map with their keys.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Place<'a>)> + use<'a, '_> {
        self.node
            .entries()
            .iter()
            .map(|entry| (entry.key.as_str(), self.below(&entry.key, entry.line, &entry.value)))
    }

    pub fn problem(&self, code: &'static str, message: impl Into<String>) -> Problem {
        Problem::at(self.pointer.clone(), code, message).on_line(self.line)
    }

    fn below(&self, step: &str, line: u32, node: &'a Node) -> Place<'a> {
        Place { node, pointer: join(&self.pointer, step), line }
    }
}

/// Counts what is built against [`MAX_WEIGHT`].
#[derive(Default)]
struct Scale(usize);

impl Scale {
    fn add(&mut self, line: u32, text: &str) -> Result<(), Problem> {
        self.add_bytes(line, text.len() + NODE_WEIGHT)
    }

    /// A copy of a whole node.
    fn add_copy(&mut self, line: u32, node: &Node) -> Result<(), Problem> {
        self.add_bytes(line, weight(node))
    }

    fn add_bytes(&mut self, line: u32, bytes: usize) -> Result<(), Problem> {
        self.0 += bytes;
        if self.0 > MAX_WEIGHT {
            return Err(Problem::at(
                "",
                "too_large",
                "the document is too large: it has too many values, or its aliases repeat too much",
            )
            .on_line(line));
        }
        Ok(())
    }
}

fn weight(node: &Node) -> usize {
    NODE_WEIGHT
        + match &node.tree {
            Tree::Text(text) => text.len(),
            Tree::List(items) => items.iter().map(weight).sum(),
            Tree::Map(entries) => entries.iter().map(|entry| entry.key.len() + weight(&entry.value)).sum(),
            Tree::Null | Tree::Bool(_) | Tree::Number(_) => 0,
        }
}

fn depth(node: &Node) -> usize {
    1 + match &node.tree {
        Tree::List(items) => items.iter().map(depth).max().unwrap_or(0),
        Tree::Map(entries) => entries.iter().map(|entry| depth(&entry.value)).max().unwrap_or(0),
        _ => 0,
    }
}

fn too_deep(line: u32) -> Problem {
    Problem::at("", "too_deep", format!("values are nested more than {MAX_DEPTH} deep")).on_line(line)
}

fn duplicate_key(key: &str, line: u32, first: u32) -> Problem {
    let key = super::problem::quoted(key);
    Problem::at("", "duplicate_key", format!("the key {key} is written twice, first on line {first}"))
        .on_line(line)
}

/// No setting of ours has a use for NUL, and what it ends in the kernel is not what was checked here.
fn check_text(text: &str, line: u32) -> Result<(), Problem> {
    if text.contains('\0') {
        return Err(Problem::at("", "nul_character", "the text holds a NUL character").on_line(line));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
