//! References in values: `${param.NAME}`, `${var.NAME}`, `${workspace.name|id|owner|url}` and
//! `${component.NAME.host|port|url}`. `$$` is a dollar sign; any other `$` is just itself. What a reference stands for
//! is put in once and never looked at again, so an answer that holds `${…}` reaches nothing.

use super::problem::{did_you_mean, quoted};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Reference(Reference),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    Param(String),
    Var(String),
    Workspace(WorkspaceFact),
    Component(String, ComponentFact),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkspaceFact {
    Name,
    Id,
    /// User name.
    Owner,
    /// Of the main route.
    Url,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComponentFact {
    Host,
    Port,
    /// As other components reach it.
    Url,
}

const WORKSPACE_FACTS: [(&str, WorkspaceFact); 4] = [
    ("name", WorkspaceFact::Name),
    ("id", WorkspaceFact::Id),
    ("owner", WorkspaceFact::Owner),
    ("url", WorkspaceFact::Url),
];

const COMPONENT_FACTS: [(&str, ComponentFact); 3] =
    [("host", ComponentFact::Host), ("port", ComponentFact::Port), ("url", ComponentFact::Url)];

const SCOPES: [&str; 4] = ["param", "var", "workspace", "component"];

/// The pieces of a text; or everything wrong with its references.
pub fn parse(text: &str) -> Result<Vec<Piece>, Vec<String>> {
    let mut pieces = Vec::new();
    let mut wrong = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            plain.push('$');
            rest = after;
        } else if let Some(inside) = rest.strip_prefix('{') {
            let Some((name, after)) = inside.split_once('}') else {
                wrong.push("`${` is not closed with `}`; write `$$` for a dollar sign".to_owned());
                rest = "";
                break;
            };
            rest = after;
            match parse_reference(name) {
                Ok(reference) => {
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(Piece::Reference(reference));
                }
                Err(message) => wrong.push(message),
            }
        } else {
            plain.push('$');
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    if wrong.is_empty() { Ok(pieces) } else { Err(wrong) }
}

fn parse_reference(name: &str) -> Result<Reference, String> {
    let written = quoted(&format!("${{{name}}}"));
    let unknown = |hint: String| format!("there is no {written}{hint}");
    let (scope, rest) = name.split_once('.').unwrap_or((name, ""));
    match scope {
        "param" | "var" if rest.is_empty() => Err(format!("{written} lacks a name: write ${{{scope}.NAME}}")),
        "param" => Ok(Reference::Param(rest.to_owned())),
        "var" => Ok(Reference::Var(rest.to_owned())),
        "workspace" => WORKSPACE_FACTS
            .into_iter()
            .find_map(|(key, fact)| (key == rest).then_some(Reference::Workspace(fact)))
            .ok_or_else(|| unknown("; of a workspace there are name, id, owner and url".to_owned())),
        "component" => rest
            .rsplit_once('.')
            .and_then(|(component, key)| {
                let (_, fact) = COMPONENT_FACTS.into_iter().find(|(known, _)| *known == key)?;
                Some(Reference::Component(component.to_owned(), fact))
            })
            .ok_or_else(|| {
                unknown(
                    "; of a component there are host, port and url, as in ${component.NAME.host}".to_owned(),
                )
            }),
        _ => {
            let hint = did_you_mean(scope, SCOPES);
            Err(unknown(format!(
                "{hint}; references begin with param, var, workspace or component, and `$$` is a dollar sign"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_are_found_between_texts() {
        let pieces = parse("a${param.x}b$${no}$c ${component.api.url}${workspace.id}$").unwrap();
        assert_eq!(
            pieces,
            [
                Piece::Text("a".into()),
                Piece::Reference(Reference::Param("x".into())),
                Piece::Text("b${no}$c ".into()),
                Piece::Reference(Reference::Component("api".into(), ComponentFact::Url)),
                Piece::Reference(Reference::Workspace(WorkspaceFact::Id)),
                Piece::Text("$".into()),
            ]
        );
    }

    #[test]
    fn every_wrong_reference_is_named() {
        let wrong =
            parse("${HOME} ${parm.x} ${param} ${workspace.nme} ${component.api} ${component.api.ip} ${open")
                .unwrap_err();
        assert_eq!(wrong.len(), 7);
        assert!(wrong[1].contains("did you mean \"param\"?"), "{}", wrong[1]);
        assert!(wrong[6].contains("not closed"), "{}", wrong[6]);
    }

    proptest! {
        #[test]
        fn texts_without_dollars_stay_as_they_are(text in "[^$]{1,50}") {
            prop_assert_eq!(parse(&text), Ok(vec![Piece::Text(text)]));
        }

        #[test]
        fn escaping_keeps_any_text(text in "[${}a.]{1,30}") {
            prop_assert_eq!(parse(&text.replace('$', "$$")), Ok(vec![Piece::Text(text)]));
        }

        #[test]
        fn parsing_never_panics(text in "\\PC{0,60}") {
            let _ = parse(&text);
        }
    }
}
