//! One file of TypeScript or JavaScript in, plain JavaScript out, with the way back to the lines
//! that the user wrote.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only imports and exports matter here"
)]

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    ImportDeclarationSpecifier, ImportOrExportKind, Program, Statement, StringLiteral,
};
use oxc_codegen::{Codegen, CodegenOptions, CodegenReturn};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::{GetSpan, SourceType, Span};
use oxc_syntax::module_record::ModuleRecord;
use oxc_transformer::{TransformOptions, Transformer};

use crate::config::places::Places;
use crate::config::problem::Problem;
use crate::config::project::Language;
use crate::config::source::Source;

/// An empty line before the code: `QuickJS` says "line 1, column 1" when it does not know better,
/// which must not be taken for the user's first line.
const BEFORE: &str = "\n";

/// A module that `QuickJS` can run.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) code: String,
    pub(super) imports: Vec<Import>,
    /// Of the default export; `None` where there is none.
    pub(super) places: Option<Places>,
    /// Whether the file looks like `CommonJS`, which has no default export.
    pub(super) exports_by_assignment: Option<Range<usize>>,
    mappings: Vec<Mapping>,
}

/// An `import … from` or `export … from` that is left when the types are gone.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) specifier: String,
    /// The names that are taken from there.
    pub(super) names: Vec<(String, Range<usize>)>,
    /// The specifier's place.
    pub(super) range: Range<usize>,
}

/// A position of the output and that of the input, both from zero, columns in UTF-16 code units.
#[derive(Debug)]
struct Mapping {
    output: (u32, u32),
    input: (u32, u32),
}

impl Compiled {
    /// A module whose default export is what a JSON text says.
    pub(super) fn json(text: &str) -> Self {
        Self {
            code: format!(
                "export default JSON.parse({});",
                serde_json::Value::from(text)
            ),
            imports: Vec::new(),
            places: None,
            exports_by_assignment: None,
            mappings: Vec::new(),
        }
    }

    /// The byte offset in the user's file of a position of the output: line and column from one,
    /// the column in characters.
    pub(super) fn offset(&self, source: &Source, line: u32, column: u32) -> Option<usize> {
        // The first line is `BEFORE`: a position that `QuickJS` does not know.
        let line = line.checked_sub(2)?;
        let text = self.code.split('\n').nth(line as usize + 1)?;
        let before = text.chars().take(column.saturating_sub(1) as usize);
        let units: usize = before.map(char::len_utf16).sum();
        let mapping = self
            .mappings
            .iter()
            .rev()
            .find(|mapping| mapping.output.0 == line && mapping.output.1 as usize <= units)?;
        let (line, column) = mapping.input;
        Some(source.offset_of_utf16(line as usize, column as usize))
    }
}

/// Takes the types out of a file.
pub(super) fn compile(source: &Arc<Source>, language: Language) -> Result<Compiled, Problem> {
    let source_type = match language {
        Language::TypeScript => SourceType::ts().with_module(true),
        Language::JavaScript | Language::Json => SourceType::mjs(),
    };
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &source.text, source_type).parse();
    first_error(source, parsed.diagnostics.errors())?;
    let dynamic = dynamic_imports(source, &parsed.module_record)?;
    let mut program = parsed.program;
    let places = Places::of_default_export(&program);
    let exports_by_assignment = export_by_assignment(&program);

    // Without the evaluation of enums, the transformer panics on the first.
    let semantic = SemanticBuilder::new()
        .with_check_syntax_error(true)
        .with_enum_eval(true)
        .build(&program);
    first_error(source, semantic.diagnostics.errors())?;
    let scoping = semantic.semantic.into_scoping();
    let options = TransformOptions::default();
    let transformed = Transformer::new(&allocator, Path::new(&source.name), &options)
        .build_with_scoping(scoping, &mut program);
    first_error(source, transformed.diagnostics.errors())?;

    let mut imports: Vec<_> = program.body.iter().filter_map(import_of).collect();
    imports.extend(dynamic);
    let (code, mappings) = print(&program);
    Ok(Compiled {
        code,
        imports,
        places,
        exports_by_assignment,
        mappings,
    })
}

fn print(program: &Program<'_>) -> (String, Vec<Mapping>) {
    let options = CodegenOptions {
        source_map_path: Some("config".into()),
        // Indentation grows with the square of the nesting.
        indent_width: 0,
        ..CodegenOptions::default()
    };
    let CodegenReturn { code, map, .. } = Codegen::new().with_options(options).build(program);
    let mappings = map.map_or_else(Vec::new, |map| {
        map.get_tokens()
            .map(|token| Mapping {
                output: (token.get_dst_line(), token.get_dst_col()),
                input: (token.get_src_line(), token.get_src_col()),
            })
            .collect()
    });
    (format!("{BEFORE}{code}"), mappings)
}

fn first_error<'a>(
    source: &Arc<Source>,
    mut errors: impl Iterator<Item = &'a oxc_diagnostics::OxcDiagnostic>,
) -> Result<(), Problem> {
    let Some(error) = errors.next() else {
        return Ok(());
    };
    let mut problem = Problem::new(format!("syntax error: {}", fragment(&error.message)));
    if let Some(label) = error.labels.first() {
        problem = problem.at(source.place(range(label.span())));
    }
    if let Some(help) = &error.help {
        problem = problem.hint(help.to_string());
    }
    Err(problem)
}

/// A message as the rest of a sentence.
fn fragment(message: &str) -> String {
    let mut characters = message.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first
            .to_lowercase()
            .chain([second])
            .chain(characters)
            .collect(),
        _ => message.to_owned(),
    }
}

fn import_of(statement: &Statement<'_>) -> Option<Import> {
    match statement {
        Statement::ImportDeclaration(import) if import.import_kind == ImportOrExportKind::Value => {
            let specifiers = import.specifiers.iter().flatten();
            let names = specifiers.filter_map(|specifier| match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(specifier) => {
                    Some((specifier.imported.name().to_string(), range(specifier.span)))
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(specifier) => {
                    Some(("default".to_owned(), range(specifier.span)))
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => None,
            });
            Some(import_from(&import.source, names.collect()))
        }
        Statement::ExportFromDeclaration(export) => {
            let names = export
                .specifiers
                .iter()
                .map(|specifier| (specifier.local.name().to_string(), range(specifier.span)));
            Some(import_from(&export.source, names.collect()))
        }
        Statement::ExportAllDeclaration(export) => Some(import_from(&export.source, Vec::new())),
        _ => None,
    }
}

fn import_from(source: &StringLiteral<'_>, names: Vec<(String, Range<usize>)>) -> Import {
    Import {
        specifier: source.value.to_string(),
        names,
        range: range(source.span),
    }
}

/// Every `import("…")`. What it loads has to be known before anything runs.
fn dynamic_imports(
    source: &Arc<Source>,
    record: &ModuleRecord<'_>,
) -> Result<Vec<Import>, Problem> {
    let imports = record.dynamic_imports.iter().map(|import| {
        let place = source.place(range(import.module_request));
        let text = &source.text[place.range.clone()];
        let specifier = ['"', '\'', '`']
            .iter()
            .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
            .filter(|specifier| !specifier.contains(['\\', '$']));
        let Some(specifier) = specifier else {
            return Err(Problem::new("an import must name its file in plain text")
                .at(place)
                .hint("write `import … from \"./file\"` at the top"));
        };
        Ok(Import {
            specifier: specifier.to_owned(),
            names: Vec::new(),
            range: place.range,
        })
    });
    imports.collect()
}

/// `module.exports = …` at the top of a file.
fn export_by_assignment(program: &Program<'_>) -> Option<Range<usize>> {
    program.body.iter().find_map(|statement| {
        let Statement::ExpressionStatement(statement) = statement else {
            return None;
        };
        let oxc_ast::ast::Expression::AssignmentExpression(assignment) = &statement.expression
        else {
            return None;
        };
        let target = assignment.left.as_member_expression()?;
        let name = target.object().get_identifier_reference()?.name.as_str();
        matches!(name, "module" | "exports").then(|| range(assignment.left.span()))
    })
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
