//! The modules of a config: its file and everything that it imports, read before any of it runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compile::{Compiled, compile};
use crate::config::json;
use crate::config::places::Places;
use crate::config::problem::Problem;
use crate::config::project::{File, Language, Project, outside};
use crate::config::source::{Place, Source};

/// The most modules of one config, itself included.
const MOST_MODULES: usize = 100;

/// The most bytes of all modules together.
const MOST_BYTES: usize = 512 * 1024;

/// The name of the module that stands for the package.
pub(super) const PACKAGE: &str = "semtest";

/// What configs import from the package. It is there without being installed.
const PACKAGE_CODE: &str = "export const defineConfig = (config) => config;
defineConfig.defineConfig = defineConfig;
export default defineConfig;
";

/// What an import may leave out, in the order in which it is tried.
const ENDINGS: [&str; 5] = ["ts", "mts", "js", "mjs", "json"];

/// All modules, by their names.
#[derive(Debug)]
pub(super) struct Graph {
    /// The name of the config file.
    pub(super) entry: String,
    /// Of the config's default export.
    pub(super) places: Places,
    modules: BTreeMap<String, Module>,
    /// Module and specifier, and the module that this means.
    links: BTreeMap<(String, String), String>,
}

/// A module and the file that it was made from.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) source: Arc<Source>,
    pub(super) compiled: Compiled,
}

impl Graph {
    pub(super) fn module(&self, name: &str) -> Option<&Module> {
        self.modules.get(name)
    }

    /// The code of a module, the package's included.
    pub(super) fn code(&self, name: &str) -> Option<&str> {
        if name == PACKAGE {
            return Some(PACKAGE_CODE);
        }
        Some(self.module(name)?.compiled.code.as_str())
    }

    /// The module that `specifier` means in the module `from`.
    pub(super) fn link(&self, from: &str, specifier: &str) -> Option<&str> {
        let key = (from.to_owned(), specifier.to_owned());
        self.links.get(&key).map(String::as_str)
    }

    /// Where a module imports `name` from the module `target`.
    pub(super) fn import_of(&self, name: &str, target: &str) -> Option<Place> {
        self.modules.iter().find_map(|(from, module)| {
            let mut imports = module.compiled.imports.iter();
            let range = imports.find_map(|import| {
                let (_, range) = import.names.iter().find(|(taken, _)| taken == name)?;
                (self.link(from, &import.specifier)? == target).then_some(range)
            })?;
            Some(module.source.place(range.clone()))
        })
    }
}

/// Reads a config file and what it imports.
pub(super) fn load(project: &Project, file: File) -> Result<Graph, Problem> {
    let entry = file.source.name.clone();
    let mut graph = Graph {
        entry: entry.clone(),
        places: Places::default(),
        modules: BTreeMap::new(),
        links: BTreeMap::new(),
    };
    let mut bytes = 0;
    let mut waiting = vec![file];
    while let Some(file) = waiting.pop() {
        let name = file.source.name.clone();
        if graph.modules.contains_key(&name) {
            continue;
        }
        bytes += file.source.text.len();
        if graph.modules.len() == MOST_MODULES || bytes > MOST_BYTES {
            return Err(
                Problem::new(format!("`{entry}` imports too much")).hint(format!(
                    "a config may have {MOST_MODULES} files with {} KiB in all",
                    MOST_BYTES / 1024
                )),
            );
        }
        let compiled = match file.language {
            Language::Json => {
                json::check(&file.source)?;
                Compiled::json(&file.source.text)
            }
            Language::TypeScript | Language::JavaScript => compile(&file.source, file.language)?,
        };
        if name == entry {
            graph.places = default_export(&file.source, &compiled)?;
        }
        for import in &compiled.imports {
            let place = || file.source.place(import.range.clone());
            let target = resolve(project, &name, &import.specifier)
                .map_err(|problem| problem.at(place()))?;
            let target_name = match target {
                Target::Package => PACKAGE.to_owned(),
                Target::File(path) => {
                    let target = project
                        .read(&path, &import.specifier)
                        .map_err(|problem| problem.at(place()))?;
                    let target_name = target.source.name.clone();
                    waiting.push(target);
                    target_name
                }
            };
            graph
                .links
                .insert((name.clone(), import.specifier.clone()), target_name);
        }
        let source = file.source;
        graph.modules.insert(name, Module { source, compiled });
    }
    Ok(graph)
}

/// The places of the default export, which a config must have.
fn default_export(source: &Arc<Source>, compiled: &Compiled) -> Result<Places, Problem> {
    if let Some(places) = &compiled.places {
        return Ok(places.clone());
    }
    let name = &source.name;
    let problem = Problem::new(format!("`{name}` has no default export"))
        .hint("write `export default { … };`");
    Err(match &compiled.exports_by_assignment {
        Some(range) => problem.at(source.place(range.clone())),
        None => problem,
    })
}

/// What an import means.
enum Target {
    Package,
    File(PathBuf),
}

fn resolve(project: &Project, from: &str, specifier: &str) -> Result<Target, Problem> {
    if matches!(specifier, "semtest" | "@westopp/semtest") {
        return Ok(Target::Package);
    }
    if specifier.starts_with('/') || specifier.starts_with("file:") {
        return Err(outside(specifier));
    }
    let is_relative = matches!(specifier, "." | "..")
        || specifier.starts_with("./")
        || specifier.starts_with("../");
    if !is_relative {
        return Err(Problem::new(format!(
            "config files can't use `{specifier}`: they run without file, network or process access"
        ))
        .hint("import `semtest`, or files of the project by a relative path"));
    }
    let importer = project.path_of(from);
    let directory = importer.parent().unwrap_or(&importer);
    let Some(name) = project.name_of(&directory.join(specifier)) else {
        return Err(outside(specifier));
    };
    let path = project.path_of(&name);
    candidates(&path)
        .into_iter()
        .find(|candidate| candidate.is_file())
        .map(Target::File)
        .ok_or_else(|| Problem::new(format!("there is no file `{specifier}`")))
}

/// The files that a path can mean: itself; the TypeScript behind a `.js`, as TypeScript users
/// write it; with an ending added; the index of a directory.
fn candidates(path: &Path) -> Vec<PathBuf> {
    let mut candidates = vec![path.to_owned()];
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("js") => candidates.push(path.with_extension("ts")),
        Some("mjs") => candidates.push(path.with_extension("mts")),
        _ => {}
    }
    let name = path.file_name().unwrap_or_default();
    for ending in ENDINGS {
        let mut name = name.to_owned();
        name.push(".");
        name.push(ending);
        candidates.push(path.with_file_name(name));
    }
    let index = ENDINGS.map(|ending| path.join("index").with_extension(ending));
    candidates.extend(index);
    candidates
}
