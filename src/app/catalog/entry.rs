//! One directory of the catalog as a template.

use serde_json::Value;

use super::{Problems, SyncProblem};
use crate::domain::{
    names::TemplateName,
    template::{
        Format, Manifest,
        archive::{self, File, Packed, Tree},
        check::check,
        document,
    },
};

/// A directory that is a template.
pub(super) struct Entry {
    pub name: TemplateName,
    pub manifest: Manifest,
    /// As it is stored.
    pub json: Value,
    pub readme: Option<String>,
    pub packed: Packed,
}

/// Where a manifest may be, the first found counts.
const MANIFESTS: [(&str, Format); 3] = [
    ("devsanctum.yaml", Format::Yaml),
    ("devsanctum.json", Format::Json),
    ("app-manifest.json", Format::Json),
];
const README: &str = "README.md";
/// Of a read-me, in bytes; the rest is cut.
const MAX_README: usize = 256 * 1024;

/// The name comes first: a template whose manifest broke is not one that vanished.
pub(super) fn read(directory: &str, tree: Tree) -> Result<(TemplateName, Result<Entry, Problems>), Problems> {
    let problem = |path: &str, message: String| SyncProblem { path: path.to_owned(), message };
    let Some((file, format)) = MANIFESTS.into_iter().find(|(file, _)| tree.contains_key(*file)) else {
        let names = MANIFESTS.map(|(file, _)| file).join(", ");
        return Err(vec![problem(directory, format!("is no template: it holds none of {names}"))]);
    };
    let path = format!("{directory}/{file}");
    let text =
        text_of(&tree, file).ok_or_else(|| vec![problem(&path, "is not a file of UTF-8 text".into())])?;
    let name = name_of(directory, &text, format).map_err(|message| vec![problem(&path, message)])?;
    let readme = text_of(&tree, README).map(cut);
    let packed = match archive::pack(&tree) {
        Ok(packed) => packed,
        Err(error) => return Ok((name, Err(vec![problem(directory, error.to_string())]))),
    };
    let manifest = match check(&text, format, &packed.files) {
        Ok(checked) => checked.manifest,
        Err(problems) => {
            let problems = problems.into_iter().map(|found| problem(&path, found.to_string()));
            return Ok((name, Err(problems.collect())));
        }
    };
    let entry = match serde_json::to_value(&manifest) {
        Ok(json) => Ok(Entry { name: name.clone(), manifest, json, readme, packed }),
        Err(error) => Err(vec![problem(&path, format!("cannot be stored: {error}"))]),
    };
    Ok((name, entry))
}

fn text_of(tree: &Tree, file: &str) -> Option<String> {
    match tree.get(file)? {
        File::Regular { bytes, .. } => String::from_utf8(bytes.clone()).ok(),
        File::Link { .. } => None,
    }
}

/// The manifest's slug, or the directory's name.
fn name_of(directory: &str, text: &str, format: Format) -> Result<TemplateName, String> {
    let document = document::parse(text, format).map_err(|problem| problem.to_string())?;
    let written = document.get("slug").and_then(|slug| slug.text()).unwrap_or(directory);
    written.parse().map_err(|error| format!("the template cannot be named {written:?}: it {error}"))
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_README));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "components: [{name: web, type: frontend, path: .}]";

    fn tree(files: &[(&str, &str)]) -> Tree {
        files
            .iter()
            .map(|(path, text)| {
                let file = File::Regular { bytes: text.as_bytes().to_vec(), executable: false };
                ((*path).to_owned(), file)
            })
            .collect()
    }

    #[test]
    fn the_slug_names_it_or_else_the_directory() {
        let slug = format!("slug: shop\n{MANIFEST}");
        for (text, name) in [(MANIFEST, "dir"), (&slug, "shop")] {
            let (found, entry) =
                read("dir", tree(&[("devsanctum.yaml", text), ("README.md", "# Hi")])).unwrap();
            assert_eq!(found.as_str(), name);
            let entry = entry.unwrap();
            assert_eq!(entry.readme.as_deref(), Some("# Hi"));
            assert!(entry.packed.files.paths.contains("README.md"));
        }
    }

    #[test]
    fn the_first_manifest_counts() {
        let yaml = format!("slug: yaml\n{MANIFEST}");
        let files =
            tree(&[("app-manifest.json", "{}"), ("devsanctum.json", "["), ("devsanctum.yaml", &yaml)]);
        assert_eq!(read("dir", files).unwrap().0.as_str(), "yaml");
    }

    #[test]
    fn a_broken_manifest_still_has_its_name_and_all_its_problems() {
        let text = "slug: shop\ncomponents: [{name: web, type: x, port: 0}]";
        let (name, entry) = read("dir", tree(&[("devsanctum.yaml", text)])).unwrap();
        assert_eq!(name.as_str(), "shop");
        let problems = entry.err().unwrap();
        assert_eq!(problems.len(), 2);
        assert!(
            problems.iter().all(|p| p.path == "dir/devsanctum.yaml" && p.message.starts_with("line 2: "))
        );
    }

    #[test]
    fn what_is_no_template_has_no_name() {
        for (directory, files) in [
            ("dir", tree(&[("README.md", "")])),
            ("dir", tree(&[("devsanctum.yaml", "a: [")])),
            ("Not A Name", tree(&[("devsanctum.yaml", MANIFEST)])),
        ] {
            assert_eq!(read(directory, files).err().unwrap().len(), 1);
        }
        let binary = File::Regular { bytes: vec![0xff], executable: false };
        assert!(read("dir", [("devsanctum.yaml".to_owned(), binary)].into()).is_err());
    }
}
