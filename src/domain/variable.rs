//! Variables: names and values that workspaces get into their environment.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};

use super::{
    ids::{OrgId, TemplateId, UserId, VariableId, WorkspaceId},
    names::VariableName,
    secret::{Sealed, Secret},
    workspace::Workspace,
};

/// Of one value, in bytes.
pub const MAX_VALUE: usize = 32 * 1024;
/// In one scope.
pub const MOST: usize = 100;
/// Bytes of all names and sealed values of one scope. Four scopes fill a quarter of what Linux passes to a program.
pub const MAX_TOGETHER: usize = 128 * 1024;

/// Whose a variable is; a greater one is nearer to the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VariableScope {
    Org(OrgId),
    Template(TemplateId),
    /// The owner of the workspace.
    User(UserId),
    Workspace(WorkspaceId),
}

impl VariableScope {
    /// Those a workspace gets its variables from.
    pub fn around(workspace: &Workspace) -> [Self; 4] {
        [
            Self::Org(workspace.org_id),
            Self::Template(workspace.template_id),
            Self::User(workspace.owner_id),
            Self::Workspace(workspace.id),
        ]
    }
}

impl fmt::Display for VariableScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Org(id) => write!(f, "org:{id}"),
            Self::Template(id) => write!(f, "template:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Workspace(id) => write!(f, "workspace:{id}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub id: VariableId,
    pub scope: VariableScope,
    /// Unique in its scope.
    pub name: VariableName,
    /// Nobody is shown its value.
    pub secret: bool,
    /// The value, of those that are not secret too.
    pub sealed: Sealed,
    pub updated_at: DateTime<Utc>,
}

impl Variable {
    /// What its value is sealed for: moved to another scope or name, or no longer called secret, it does not open.
    pub fn context(scope: VariableScope, name: &VariableName, secret: bool) -> String {
        let kind = if secret { "secret" } else { "plain" };
        format!("variables.sealed:{scope}:{name}:{kind}")
    }
}

/// Why a text cannot be a value; the message says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error("has {0} bytes; at most {MAX_VALUE} are allowed")]
    TooLong(usize),
    #[error("must not contain the character U+0000, which ends a value for programs")]
    Zero,
}

impl ValueError {
    pub const fn code(&self) -> &'static str {
        match self {
            ValueError::TooLong(_) => "too_long",
            ValueError::Zero => "invalid",
        }
    }
}

/// What somebody writes into a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    value: Secret,
    secret: bool,
}

impl Content {
    pub fn new(value: Secret, secret: bool) -> Result<Self, ValueError> {
        let text = value.expose();
        if text.len() > MAX_VALUE {
            return Err(ValueError::TooLong(text.len()));
        }
        if text.contains('\0') {
            return Err(ValueError::Zero);
        }
        Ok(Self { value, secret })
    }

    pub fn value(&self) -> &Secret {
        &self.value
    }

    pub fn is_secret(&self) -> bool {
        self.secret
    }
}

/// Why a scope that holds these, names with the bytes of their values, holds too much.
pub fn excess<'a>(held: impl IntoIterator<Item = (&'a VariableName, usize)>) -> Option<String> {
    let (mut count, mut bytes) = (0, 0);
    for (name, value) in held {
        count += 1;
        bytes += name.as_str().len() + value;
    }
    if count > MOST {
        return Some(format!("at most {MOST} variables fit in one place; delete some first"));
    }
    (bytes > MAX_TOGETHER).then(|| {
        format!("the variables of one place have at most {MAX_TOGETHER} bytes together; shorten or delete some first")
    })
}

/// Of each name what the nearest scope says.
pub fn nearest<T>(
    found: impl IntoIterator<Item = (VariableScope, VariableName, T)>,
) -> BTreeMap<VariableName, T> {
    let mut won: BTreeMap<VariableName, (VariableScope, T)> = BTreeMap::new();
    for (scope, name, value) in found {
        if won.get(&name).is_none_or(|(other, _)| *other <= scope) {
            won.insert(name, (scope, value));
        }
    }
    won.into_iter().map(|(name, (_, value))| (name, value)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn scope(rank: usize) -> VariableScope {
        let id = Uuid::from_u128(9 - rank as u128);
        [
            VariableScope::Org(id.into()),
            VariableScope::Template(id.into()),
            VariableScope::User(id.into()),
            VariableScope::Workspace(id.into()),
        ][rank]
    }

    fn name(text: &str) -> VariableName {
        text.parse().unwrap()
    }

    proptest! {
        #[test]
        fn the_nearest_wins_in_whatever_order_they_come(
            set in proptest::collection::btree_map(("[A-C]", 0usize..4), 0u32..9, 0..12), seed: u64
        ) {
            let mut found: Vec<_> =
                set.iter().map(|((text, rank), value)| (scope(*rank), name(text), *value)).collect();
            // Any order: sorted by a number that the seed mixes.
            found.sort_by_key(|(scope, name, _)| {
                use std::hash::{DefaultHasher, Hash, Hasher};
                let mut hasher = DefaultHasher::new();
                (seed, scope, name).hash(&mut hasher);
                hasher.finish()
            });
            let won = nearest(found);
            for text in ["A", "B", "C"] {
                let expected = (0..4).rev().find_map(|rank| set.get(&(text.to_owned(), rank)));
                prop_assert_eq!(won.get(&name(text)), expected);
            }
        }
    }

    #[test]
    fn a_context_names_scope_name_and_secrecy() {
        let mut contexts: Vec<_> = (0..4)
            .flat_map(|rank| ["A", "B"].map(|text| (rank, text)))
            .flat_map(|(rank, text)| {
                [true, false].map(|secret| Variable::context(scope(rank), &name(text), secret))
            })
            .collect();
        contexts.sort_unstable();
        contexts.dedup();
        assert_eq!(contexts.len(), 16);
    }

    #[test]
    fn values_have_an_end() {
        let content = |text: String| Content::new(Secret::new(text), true);
        assert!(content("x".repeat(MAX_VALUE)).is_ok());
        assert!(content("-----BEGIN KEY-----\nMII\n".into()).is_ok());
        assert!(content(String::new()).is_ok());
        let long = content("x".repeat(MAX_VALUE + 1)).unwrap_err().to_string();
        assert!(long.contains("32769") && long.contains("32768"), "{long}");
        assert!(content("a\0b".into()).is_err());
    }

    #[test]
    fn a_scope_has_an_end() {
        let names: Vec<_> = (0..=MOST).map(|number| name(&format!("N{number}"))).collect();
        let held = |count: usize, bytes| names[..count].iter().map(move |name| (name, bytes));
        assert_eq!(excess(held(MOST, 100)), None);
        assert!(excess(held(MOST + 1, 1)).unwrap().contains("100 variables"));
        assert_eq!(excess(held(3, MAX_VALUE)), None);
        assert!(excess(held(5, MAX_VALUE)).unwrap().contains("bytes"));
    }
}
