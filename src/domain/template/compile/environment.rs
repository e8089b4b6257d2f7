//! References replaced, credentials made, environments put together.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Recipe;
use crate::domain::{
    secret::Secret,
    template::{
        manifest::Component,
        problem::{Problem, join, quoted},
        reference::{self, ComponentFact, Piece, Reference, WorkspaceFact},
    },
    workspace::spec::ComponentKind,
};

/// Linux passes a program no more than 2 MiB of arguments and environment together.
const MAX_BYTES: usize = 1024 * 1024;

const DATABASE_URL: &str = "DATABASE_URL";
/// User and database of the default database.
const DATABASE_NAME: &str = "app";
/// Where PostgreSQL listens, when it is not its usual port.
const DATABASE_PORT: &str = "PGPORT";
/// Where the placeholder listens.
const PLACEHOLDER_PORT: &str = "PORT";

/// What references stand for, what has been made on the way, and what went wrong.
pub(super) struct Scope<'a> {
    recipe: &'a Recipe<'a>,
    generated: BTreeMap<String, Secret>,
    databases: Vec<Database<'a>>,
    /// Bytes that references grew to, against [`MAX_BYTES`].
    expanded: usize,
    problems: Vec<Problem>,
}

/// A default database, which others reach by its URL.
struct Database<'a> {
    component: &'a Component,
    credentials: [(&'static str, Secret); 3],
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        recipe: &'a Recipe<'a>,
        generated: BTreeMap<String, Secret>,
        new_secret: &mut dyn FnMut() -> Secret,
    ) -> Self {
        let mut scope = Self { recipe, generated, databases: Vec::new(), expanded: 0, problems: Vec::new() };
        for (index, component) in recipe.manifest.components.iter().enumerate() {
            if component.is_default_database() {
                let credentials = scope.credentials(&format!("/components/{index}"), component, new_secret);
                scope.databases.push(Database { component, credentials });
            }
        }
        scope
    }

    pub(super) fn finish(self) -> (BTreeMap<String, Secret>, Vec<Problem>) {
        (self.generated, self.problems)
    }

    pub(super) fn refuse(&mut self, pointer: &str, code: &'static str, message: impl Into<String>) {
        self.problems.push(Problem::at(pointer, code, message));
    }

    fn credentials(
        &mut self,
        at: &str,
        component: &Component,
        new_secret: &mut dyn FnMut() -> Secret,
    ) -> [(&'static str, Secret); 3] {
        Component::CREDENTIALS.map(|key| {
            let given = component.env.get(key).and_then(|text| {
                self.expand(&join(&format!("{at}/env"), key), text.as_str()).map(Secret::new)
            });
            let value = given.unwrap_or_else(|| {
                if key == "POSTGRES_PASSWORD" {
                    let purpose = format!("{}.password", component.name);
                    self.generated.entry(purpose).or_insert_with(&mut *new_secret).clone()
                } else {
                    Secret::new(DATABASE_NAME)
                }
            });
            (key, value)
        })
    }

    /// From weak to strong: variables, what the platform adds, what the manifest says.
    pub(super) fn environment(
        &mut self,
        at: &str,
        component: &Component,
        placeholder: bool,
    ) -> BTreeMap<String, Secret> {
        let mut env = self.recipe.variables.clone();
        if let Some(url) = self.database_url_for(component) {
            env.insert(DATABASE_URL.to_owned(), url);
        }
        if placeholder && let Some(port) = component.main_port() {
            env.insert(PLACEHOLDER_PORT.to_owned(), Secret::new(port.to_string()));
        }
        let database = self.databases.iter().find(|database| database.component.name == component.name);
        let credentials = database.map(|database| database.credentials.clone());
        if credentials.is_some()
            && let Some(port) = component.port.filter(|port| *port != Component::DATABASE_PORT)
        {
            env.insert(DATABASE_PORT.to_owned(), Secret::new(port.to_string()));
        }
        for (name, text) in &component.env {
            if let Some(value) = self.expand(&join(&format!("{at}/env"), name), text.as_str()) {
                env.insert(name.clone(), Secret::new(value));
            }
        }
        env.extend(credentials.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)));
        env
    }

    /// That of the default database it waits for, else of the first there is.
    fn database_url_for(&self, component: &Component) -> Option<Secret> {
        if component.is_default_database() {
            return None;
        }
        let awaited = component.depends_on.iter().find_map(|dependency| {
            self.databases.iter().find(|database| database.component.name == dependency.name)
        });
        awaited.or(self.databases.first()).map(|database| Secret::new(database.url()))
    }

    /// `None` when something is wrong, which has been noted.
    pub(super) fn expand(&mut self, pointer: &str, text: &str) -> Option<String> {
        let pieces = match reference::parse(text) {
            Ok(pieces) => pieces,
            Err(wrong) => {
                wrong.into_iter().for_each(|message| self.refuse(pointer, "unknown_reference", message));
                return None;
            }
        };
        let mut expanded = String::new();
        for piece in pieces {
            let value = match piece {
                Piece::Text(text) => text,
                Piece::Reference(reference) => match self.value(&reference) {
                    Ok(value) => value,
                    Err((code, message)) => {
                        self.refuse(pointer, code, message);
                        return None;
                    }
                },
            };
            self.expanded += value.len();
            if self.expanded > MAX_BYTES {
                self.refuse(
                    pointer,
                    "too_long",
                    format!("all values together grow beyond {MAX_BYTES} bytes"),
                );
                return None;
            }
            expanded.push_str(&value);
        }
        Some(expanded)
    }

    fn value(&self, reference: &Reference) -> Result<String, (&'static str, String)> {
        let workspace = self.recipe.workspace;
        Ok(match reference {
            Reference::Param(name) => match self.recipe.parameters.get(name) {
                Some(value) => value.to_string(),
                // An optional parameter that nobody answered.
                None if self.recipe.manifest.parameters.iter().any(|parameter| &parameter.name == name) => {
                    String::new()
                }
                None => return Err(unknown("parameter", name)),
            },
            Reference::Var(name) => match self.recipe.variables.get(name) {
                Some(value) => value.expose().to_owned(),
                None => {
                    let message = format!(
                        "the variable {} is not set; set it for the workspace, its owner, the template or the organization",
                        quoted(name)
                    );
                    return Err(("unknown_variable", message));
                }
            },
            Reference::Workspace(WorkspaceFact::Name) => workspace.name.to_string(),
            Reference::Workspace(WorkspaceFact::Id) => workspace.id.to_string(),
            Reference::Workspace(WorkspaceFact::Owner) => workspace.owner.to_string(),
            Reference::Workspace(WorkspaceFact::Url) => workspace.url.clone(),
            Reference::Component(name, fact) => self.component_fact(name, *fact)?,
        })
    }

    fn component_fact(&self, name: &str, fact: ComponentFact) -> Result<String, (&'static str, String)> {
        let component =
            self.recipe.manifest.components.iter().find(|component| component.name.as_str() == name);
        let component = component.ok_or_else(|| unknown("component", name))?;
        if fact == ComponentFact::Host {
            return Ok(component.name.to_string());
        }
        let port = component
            .main_port()
            .ok_or_else(|| ("no_port", format!("the component {} has no port", quoted(name))))?;
        if fact == ComponentFact::Port {
            return Ok(port.to_string());
        }
        let database = self.databases.iter().find(|database| database.component.name == component.name);
        Ok(match database {
            Some(database) => database.url(),
            None if component.kind == ComponentKind::Database => format!("tcp://{name}:{port}"),
            None => format!("http://{name}:{port}"),
        })
    }
}

impl Database<'_> {
    fn url(&self) -> String {
        let [user, password, database] = self
            .credentials
            .each_ref()
            .map(|(_, value)| utf8_percent_encode(value.expose(), NON_ALPHANUMERIC));
        let port = self.component.port.unwrap_or(Component::DATABASE_PORT);
        format!("postgres://{user}:{password}@{}:{port}/{database}", self.component.name)
    }
}

fn unknown(noun: &str, name: &str) -> (&'static str, String) {
    ("unknown_reference", format!("there is no {noun} {}", quoted(name)))
}
