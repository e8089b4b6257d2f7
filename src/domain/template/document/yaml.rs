use std::collections::HashMap;

use saphyr::Scalar;
use saphyr_parser::{Event, Parser};

use super::{Entry, MAX_DEPTH, Node, Problem, Scale, Tree, check_text, depth, duplicate_key, too_deep};

/// Key that merges other maps into its own (YAML 1.1, still written in compose files).
const MERGE: &str = "<<";

pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    let mut builder = Builder::default();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            Problem::at("", "syntax", format!("this is not YAML: {}", error.info()))
                .on_line(line_number(error.marker().line()))
        })?;
        let line = line_number(span.start.line());
        if let Event::DocumentStart(_) = event {
            documents += 1;
            if documents > 1 {
                return Err(
                    Problem::at("", "several_documents", "only one YAML document is read").on_line(line)
                );
            }
        }
        builder.take(event, line)?;
    }
    builder.root.ok_or_else(|| Problem::at("", "empty", "the document is empty").on_line(1))
}

fn line_number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX).max(1)
}

/// A list or map whose end has not come yet.
struct Open {
    line: u32,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// Index of each key's entry.
        keys: HashMap<String, usize>,
        /// Read, and waiting for its value.
        key: Option<(String, u32)>,
        /// What merge keys brought: it counts only where the map itself says nothing.
        merged: Vec<Entry>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    scale: Scale,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: u32) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                check_text(&text, line)?;
                self.scale.add(line, &text)?;
                let scalar =
                    Scalar::parse_from_cow_and_metadata(text, style, tag.as_ref()).ok_or_else(|| {
                        Problem::at("", "wrong_tag", "the value does not fit its tag").on_line(line)
                    })?;
                self.close(Node { line, tree: scalar_tree(scalar, line)? }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(line, anchor, Content::List(Vec::new())),
            Event::MappingStart(anchor, _) => {
                let content =
                    Content::Map { entries: Vec::new(), keys: HashMap::new(), key: None, merged: Vec::new() };
                self.begin(line, anchor, content)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open { line, anchor, content }) => {
                    self.close(Node { line, tree: content.finish() }, anchor)
                }
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                // An alias inside the very value it names has no anchor yet.
                let node = self.anchors.get(&anchor).cloned().ok_or_else(|| {
                    Problem::at("", "unknown_alias", "the alias names a value that is not complete here")
                        .on_line(line)
                })?;
                if self.open.len() + depth(&node) > MAX_DEPTH {
                    return Err(too_deep(line));
                }
                self.scale.add_copy(line, &node)?;
                self.close(node, 0)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, line: u32, anchor: usize, content: Content) -> Result<(), Problem> {
        self.scale.add(line, "")?;
        self.open.push(Open { line, anchor, content });
        if self.open.len() > MAX_DEPTH { Err(too_deep(line)) } else { Ok(()) }
    }

    /// Puts a complete value where it belongs.
    fn close(&mut self, node: Node, anchor: usize) -> Result<(), Problem> {
        // The parser counts anchors from 1; 0 is none.
        if anchor != 0 {
            self.scale.add_copy(node.line, &node)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { content: Content::List(items), .. }) => items.push(node),
            Some(Open { content: Content::Map { entries, keys, key, merged }, .. }) => match key.take() {
                None => *key = Some((key_text(&node)?, node.line)),
                Some((name, line)) if name == MERGE => {
                    merged.extend(mergeable(node).ok_or_else(|| {
                        Problem::at("", "wrong_merge", "`<<` takes a map or a list of maps").on_line(line)
                    })?);
                }
                Some((name, line)) => {
                    if let Some(first) = keys.insert(name.clone(), entries.len()) {
                        return Err(duplicate_key(&name, line, entries[first].line));
                    }
                    entries.push(Entry { key: name, line, value: node });
                }
            },
        }
        Ok(())
    }
}

impl Content {
    fn finish(self) -> Tree {
        match self {
            Content::List(items) => Tree::List(items),
            Content::Map { mut entries, mut keys, merged, .. } => {
                for entry in merged {
                    if !keys.contains_key(&entry.key) {
                        keys.insert(entry.key.clone(), entries.len());
                        entries.push(entry);
                    }
                }
                Tree::Map(entries)
            }
        }
    }
}

/// Entries to merge, those that win first.
fn mergeable(node: Node) -> Option<Vec<Entry>> {
    match node.tree {
        Tree::Map(entries) => Some(entries),
        Tree::List(items) => items
            .into_iter()
            .map(|item| match item.tree {
                Tree::Map(entries) => Some(entries),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .map(|maps| maps.into_iter().flatten().collect()),
        _ => None,
    }
}

fn scalar_tree(scalar: Scalar<'_>, line: u32) -> Result<Tree, Problem> {
    Ok(match scalar {
        Scalar::Null => Tree::Null,
        Scalar::Boolean(value) => Tree::Bool(value),
        Scalar::Integer(value) => Tree::Number(value.into()),
        Scalar::FloatingPoint(value) => {
            Tree::Number(serde_json::Number::from_f64(value.into_inner()).ok_or_else(|| {
                Problem::at("", "not_finite", "numbers must be finite; quote it to mean a text").on_line(line)
            })?)
        }
        Scalar::String(text) => Tree::Text(text.into_owned()),
    })
}

fn key_text(node: &Node) -> Result<String, Problem> {
    Ok(match &node.tree {
        Tree::Text(text) => text.clone(),
        Tree::Number(number) => number.to_string(),
        Tree::Bool(value) => value.to_string(),
        Tree::Null => "null".to_owned(),
        Tree::List(_) | Tree::Map(_) => {
            return Err(Problem::at("", "wrong_key", "a key must be a text").on_line(node.line));
        }
    })
}
