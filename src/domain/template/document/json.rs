use std::collections::HashMap;

use jsonc_parser::{
    CollectOptions, ParseOptions, ast,
    common::Ranged,
    errors::{ParseError, ParseErrorKind},
    parse_to_ast,
};

use super::{Entry, MAX_DEPTH, Node, Problem, Scale, Tree, check_text, duplicate_key, too_deep};

pub(super) fn parse(text: &str, comments: bool) -> Result<Node, Problem> {
    let options = ParseOptions {
        allow_comments: comments,
        allow_trailing_commas: comments,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let lines = Lines::new(text);
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| syntax_error(&error, lines.at(error.range().start)))?;
    let value = parsed.value.ok_or_else(|| Problem::at("", "empty", "the document is empty").on_line(1))?;
    Builder { lines, scale: Scale::default() }.node(value, 1)
}

fn syntax_error(error: &ParseError, line: u32) -> Problem {
    match error.kind() {
        ParseErrorKind::NestingDepthExceeded => too_deep(line),
        kind => Problem::at("", "syntax", format!("this is not JSON: {kind}")).on_line(line),
    }
}

/// Byte offsets at which lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(offset, _)| offset + 1)).collect())
    }

    fn at(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }
}

struct Builder {
    lines: Lines,
    scale: Scale,
}

impl Builder {
    fn node(&mut self, value: ast::Value<'_>, depth: usize) -> Result<Node, Problem> {
        let line = self.lines.at(value.start());
        if depth > MAX_DEPTH {
            return Err(too_deep(line));
        }
        let tree = match value {
            ast::Value::NullKeyword(_) => Tree::Null,
            ast::Value::BooleanLit(literal) => Tree::Bool(literal.value),
            ast::Value::NumberLit(literal) => Tree::Number(literal.value.parse().map_err(|_| {
                Problem::at("", "syntax", format!("{} is not a number we can keep", literal.value))
                    .on_line(line)
            })?),
            ast::Value::StringLit(literal) => {
                check_text(&literal.value, line)?;
                self.scale.add(line, &literal.value)?;
                Tree::Text(literal.value.into_owned())
            }
            ast::Value::Array(array) => Tree::List(
                array
                    .elements
                    .into_iter()
                    .map(|element| self.node(element, depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            ast::Value::Object(object) => Tree::Map(self.entries(object, depth)?),
        };
        self.scale.add(line, "")?;
        Ok(Node { line, tree })
    }

    fn entries(&mut self, object: ast::Object<'_>, depth: usize) -> Result<Vec<Entry>, Problem> {
        let mut entries: Vec<Entry> = Vec::with_capacity(object.properties.len());
        let mut keys = HashMap::new();
        for property in object.properties {
            let line = self.lines.at(property.range.start);
            let key = property.name.into_string();
            check_text(&key, line)?;
            self.scale.add(line, &key)?;
            if let Some(first) = keys.insert(key.clone(), line) {
                return Err(duplicate_key(&key, line, first));
            }
            entries.push(Entry { key, line, value: self.node(property.value, depth + 1)? });
        }
        Ok(entries)
    }
}
