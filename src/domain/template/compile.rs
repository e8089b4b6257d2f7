//! From a manifest and answers to the specification of one workspace: every default filled, every reference replaced.

mod defaults;
mod environment;
mod routes;

use std::collections::BTreeMap;

pub use self::defaults::DATABASE_IMAGE;
use self::environment::Scope;
use super::{
    check::warnings,
    files::Files,
    image,
    manifest::{Component, Manifest, Source},
    parameter::ParameterValue,
    problem::{Problem, quoted},
};
use crate::domain::{
    ids::WorkspaceId,
    names::{Username, WorkspaceName},
    secret::Secret,
    workspace::spec::{BuildSource, ComponentSpec, Dependency, ImageSource, SealedSpec, WorkspaceSpec},
};

/// What a specification is made from.
#[derive(Debug, Clone)]
pub struct Recipe<'a> {
    /// As [`super::check()`] let it pass.
    pub manifest: &'a Manifest,
    pub files: &'a Files,
    /// As [`super::parameter::resolve`] gave them.
    pub parameters: &'a BTreeMap<String, ParameterValue>,
    /// Of all scopes, the nearest has won.
    pub variables: &'a BTreeMap<String, Secret>,
    pub workspace: &'a WorkspaceContext,
}

/// What references may know of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceContext {
    pub id: WorkspaceId,
    pub name: WorkspaceName,
    pub owner: Username,
    /// Of the main route.
    pub url: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    pub spec: WorkspaceSpec,
    /// Secrets the specification is made with: those that were there, and new ones. They go into [`SealedSpec`].
    pub generated: BTreeMap<String, Secret>,
    pub warnings: Vec<Problem>,
}

impl Compiled {
    pub fn into_stored(self) -> SealedSpec {
        SealedSpec { spec: self.spec, generated: self.generated, variables: BTreeMap::new() }
    }
}

/// `generated` holds the secrets of the workspace so far; `new_secret` makes those that are missing, from characters
/// that need no escaping anywhere. The same input and secrets give the same specification.
pub fn compile(
    recipe: &Recipe<'_>,
    generated: BTreeMap<String, Secret>,
    new_secret: &mut dyn FnMut() -> Secret,
) -> Result<Compiled, Vec<Problem>> {
    let mut scope = Scope::new(recipe, generated, new_secret);
    let components = recipe
        .manifest
        .components
        .iter()
        .enumerate()
        .map(|(index, component)| component_spec(index, component, recipe, &mut scope))
        .collect();
    let (generated, problems) = scope.finish();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Compiled {
        spec: WorkspaceSpec { components, routes: routes::routes(recipe.manifest) },
        generated,
        warnings: warnings(recipe.manifest, recipe.files),
    })
}

fn component_spec(
    index: usize,
    component: &Component,
    recipe: &Recipe<'_>,
    scope: &mut Scope<'_>,
) -> ComponentSpec {
    let at = format!("/components/{index}");
    let image = image_source(&at, component, recipe.files, scope);
    let placeholder = image == ImageSource::Placeholder;
    // What was meant for the image that is missing means nothing to the placeholder.
    let own = |words: &Option<super::manifest::CommandLine>| {
        words.as_ref().filter(|_| !placeholder).map(|words| words.0.clone())
    };
    let text = |text: Option<&str>| text.filter(|_| !placeholder).map(str::to_owned);
    ComponentSpec {
        name: component.name.clone(),
        kind: component.kind,
        entrypoint: own(&component.entrypoint),
        command: own(&component.command),
        workdir: text(component.workdir.as_deref()),
        user: text(component.user.as_ref().map(|user| user.as_str())),
        env: scope.environment(&at, component, placeholder),
        mounts: defaults::mounts(component, recipe.manifest),
        port: component.main_port(),
        readiness: defaults::readiness(component, placeholder),
        limits: defaults::limits(&component.resources),
        depends_on: component
            .depends_on
            .iter()
            .map(|dependency| Dependency { name: dependency.name.clone(), condition: dependency.condition })
            .collect(),
        restart: component.restart,
        image,
    }
}

fn image_source(at: &str, component: &Component, files: &Files, scope: &mut Scope<'_>) -> ImageSource {
    match component.source(files) {
        Source::Image(written) => {
            let pointer = format!("{at}/image");
            let reference = scope.expand(&pointer, written).unwrap_or_default();
            if !reference.is_empty() && !image::is_reference(&reference) {
                scope.refuse(&pointer, "invalid_image", format!("{} is not an image", quoted(&reference)));
            }
            ImageSource::Registry { reference }
        }
        Source::Build { context, dockerfile } => ImageSource::Build(BuildSource {
            archive: files.digest.clone(),
            context,
            dockerfile,
            target: component.target.clone(),
            args: component
                .args
                .iter()
                .filter_map(|(name, value)| {
                    let value =
                        scope.expand(&super::problem::join(&format!("{at}/args"), name), value.as_str())?;
                    Some((name.clone(), value))
                })
                .collect(),
        }),
        Source::DefaultDatabase => ImageSource::Registry { reference: defaults::DATABASE_IMAGE.to_owned() },
        Source::NoDockerfile { .. } | Source::Nothing => ImageSource::Placeholder,
    }
}

#[cfg(test)]
mod tests;
