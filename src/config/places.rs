//! Where in a file each field was written.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a config object uses few of the many kinds of syntax"
)]

use std::collections::BTreeMap;
use std::ops::Range;

use oxc_ast::ast::{
    Argument, BindingPattern, Declaration, ExportDefaultDeclarationKind, ExportSpecifier,
    Expression, ObjectPropertyKind, Program, PropertyKey, Statement, VariableDeclaration,
};
use oxc_span::{GetSpan, Span};

/// How deep objects are followed: `agents.name.args[0]` and some room. A hostile file nests deeper.
const DEEPEST: usize = 8;

/// How many values are followed: constants that hold each other multiply.
const MOST: usize = 20_000;

/// The places of the fields of a config object, by their paths such as `agents.mine.args[0]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    fields: BTreeMap<String, FieldPlace>,
    whole: Range<usize>,
    visited: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldPlace {
    key: Range<usize>,
    value: Range<usize>,
}

impl Places {
    /// The places of an object literal.
    pub(super) fn of_expression(expression: &Expression<'_>) -> Self {
        let mut places = Self {
            whole: range(expression.span()),
            ..Self::default()
        };
        places.collect(None, "", expression, DEEPEST);
        places
    }

    /// The places of a module's default export. `None` if it has none.
    pub(super) fn of_default_export(program: &Program<'_>) -> Option<Self> {
        let (whole, expression) = program.body.iter().find_map(|statement| match statement {
            Statement::ExportDefaultDeclaration(export) => {
                let expression = match &export.declaration {
                    ExportDefaultDeclarationKind::FunctionDeclaration(_)
                    | ExportDefaultDeclarationKind::ClassDeclaration(_)
                    | ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => None,
                    declaration => declaration.as_expression(),
                };
                Some((export.span, expression))
            }
            Statement::ExportNamedDeclaration(export) => {
                let specifier = default_of(&export.specifiers)?;
                let name = specifier.local.name();
                Some((export.span, constant(program, name.as_str())))
            }
            Statement::ExportFromDeclaration(export) => {
                default_of(&export.specifiers).map(|_| (export.span, None))
            }
            _ => None,
        })?;
        let mut places = Self {
            whole: range(whole),
            ..Self::default()
        };
        if let Some(expression) = expression {
            places.collect(Some(program), "", expression, DEEPEST);
        }
        Some(places)
    }

    /// Where a field's value is, or that of the nearest field around it, or the whole object.
    pub(super) fn value(&self, path: &str) -> Range<usize> {
        self.nearest(path, |place| &place.value)
    }

    /// Where a field's name is, or else as [`Self::value`].
    pub(super) fn key(&self, path: &str) -> Range<usize> {
        self.nearest(path, |place| &place.key)
    }

    fn nearest(&self, path: &str, part: fn(&FieldPlace) -> &Range<usize>) -> Range<usize> {
        if let Some(place) = self.fields.get(path) {
            return part(place).clone();
        }
        let mut path = path;
        while let Some(end) = path.rfind(['.', '[']) {
            path = &path[..end];
            if let Some(place) = self.fields.get(path) {
                return place.value.clone();
            }
        }
        self.whole.clone()
    }

    fn collect(
        &mut self,
        program: Option<&Program<'_>>,
        path: &str,
        expression: &Expression<'_>,
        depth: usize,
    ) {
        self.visited += 1;
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        if self.visited > MOST {
            return;
        }
        let expression = expression.get_inner_expression();
        match expression {
            Expression::ObjectExpression(object) => {
                for property in &object.properties {
                    self.collect_property(program, path, property, depth);
                }
            }
            Expression::ArrayExpression(array) => {
                for (index, element) in array.elements.iter().enumerate() {
                    let Some(element) = element.as_expression() else {
                        // After `...` nobody knows the index.
                        break;
                    };
                    let path = format!("{path}[{index}]");
                    let span = range(element.span());
                    self.insert(&path, span.clone(), span);
                    self.collect(program, &path, element, depth);
                }
            }
            Expression::CallExpression(call) if is_define_config(&call.callee) => {
                if let Some(argument) = call.arguments.first().and_then(Argument::as_expression) {
                    self.collect(program, path, argument, depth);
                }
            }
            Expression::Identifier(name) => {
                let value = program.and_then(|program| constant(program, name.name.as_str()));
                if let Some(value) = value {
                    self.collect(program, path, value, depth);
                }
            }
            _ => {}
        }
    }

    fn collect_property(
        &mut self,
        program: Option<&Program<'_>>,
        path: &str,
        property: &ObjectPropertyKind<'_>,
        depth: usize,
    ) {
        match property {
            ObjectPropertyKind::ObjectProperty(property) => {
                let Some(name) = name_of(&property.key) else {
                    return;
                };
                let path = join(path, &name);
                self.insert(
                    &path,
                    range(property.key.span()),
                    range(property.value.span()),
                );
                self.collect(program, &path, &property.value, depth);
            }
            ObjectPropertyKind::SpreadProperty(spread) => {
                // What comes later wins, and what is spread may be anything.
                self.forget(path);
                self.collect(program, path, &spread.argument, depth);
            }
        }
    }

    /// A field that is written twice has the place of the last, and nothing of the first.
    fn insert(&mut self, path: &str, key: Range<usize>, value: Range<usize>) {
        let place = FieldPlace { key, value };
        if self.fields.insert(path.to_owned(), place).is_some() {
            self.forget(path);
        }
    }

    /// Forgets the fields of the object at `path`.
    fn forget(&mut self, path: &str) {
        let is_inside = |field: &str| {
            path.is_empty()
                || field
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        self.fields.retain(|field, _| !is_inside(field));
    }
}

/// The path of a field of the object at `path`.
pub(super) fn join(path: &str, name: &str) -> String {
    let plain = name
        .chars()
        .all(|character| character.is_alphanumeric() || matches!(character, '_' | '$' | '-'));
    match (path, plain && !name.is_empty()) {
        ("", true) => name.to_owned(),
        (_, true) => format!("{path}.{name}"),
        (_, false) => format!("{path}[{name:?}]"),
    }
}

/// The specifier of `export { … as default }`.
fn default_of<'a, 'b>(specifiers: &'b [ExportSpecifier<'a>]) -> Option<&'b ExportSpecifier<'a>> {
    specifiers
        .iter()
        .find(|specifier| specifier.exported.name() == "default")
}

fn name_of(key: &PropertyKey<'_>) -> Option<String> {
    key.static_name().map(std::borrow::Cow::into_owned)
}

/// The callee of `defineConfig(…)` and `semtest.defineConfig(…)`.
fn is_define_config(callee: &Expression<'_>) -> bool {
    match callee.get_inner_expression() {
        Expression::Identifier(name) => name.name == "defineConfig",
        Expression::StaticMemberExpression(member) => member.property.name == "defineConfig",
        _ => false,
    }
}

/// The value of a constant at the top of a module.
fn constant<'a, 'b>(program: &'b Program<'a>, name: &str) -> Option<&'b Expression<'a>> {
    program.body.iter().find_map(|statement| {
        let declaration: &VariableDeclaration<'_> = match statement {
            Statement::VariableDeclaration(declaration) => declaration,
            Statement::ExportDeclaration(export) => match &export.declaration {
                Declaration::VariableDeclaration(declaration) => declaration,
                _ => return None,
            },
            _ => return None,
        };
        declaration.declarations.iter().find_map(|declarator| {
            let BindingPattern::BindingIdentifier(identifier) = &declarator.id else {
                return None;
            };
            (identifier.name == name)
                .then_some(declarator.init.as_ref())
                .flatten()
        })
    })
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
