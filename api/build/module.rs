//! One module of the web client, as a function that the others can call.

use std::fmt::Write as _;
use std::io;
use std::ops::Range;

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Declaration, ImportDeclaration, ImportDeclarationSpecifier, ModuleDeclaration,
    VariableDeclarationKind,
};
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_mangler::Mangler;
use oxc_parser::{Parser, ParserReturn};
use oxc_span::{GetSpan, SourceType, Span};
use oxc_syntax::module_record::{
    ExportExportName, ExportImportName, ExportLocalName, ModuleRecord,
};

pub(crate) struct Module {
    /// A function without arguments that runs the module and returns what it exports. In it `$` gives what another
    /// module exports, and `$later` does so once the file of that one has been loaded.
    pub(crate) function: String,
    /// The modules that it imports, which have to run before.
    pub(crate) needs: Vec<String>,
    /// The modules that it imports when it wants to.
    pub(crate) later: Vec<String>,
    /// Whether it waits for something before others may use it, so that its function is an `async` one.
    pub(crate) waits: bool,
}

/// What stands in a text instead of a part of it.
type Edit = (Range<usize>, String);

impl Module {
    /// Refuses what the client does not use and this cannot do: exports that change, or have no name.
    pub(crate) fn read(name: &str, text: &str) -> io::Result<Self> {
        let fault = |what: &str| io::Error::other(format!("web/{name}: {what}"));
        let allocator = Allocator::default();
        let parsed = parse(&allocator, text).ok_or_else(|| fault("is no module"))?;
        let record = &parsed.module_record;
        let mut needs = Vec::new();
        let mut before = String::new();
        let mut edits = Vec::new();
        for declaration in parsed
            .program
            .body
            .iter()
            .filter_map(|one| one.as_module_declaration())
        {
            if let Some(source) = declaration.source() {
                needs.push(resolve(name, &source.value));
            }
            match declaration {
                ModuleDeclaration::ImportDeclaration(import) => {
                    before +=
                        &imported(name, import).ok_or_else(|| fault("imports without names"))?;
                    edits.push((range(import.span), String::new()));
                }
                ModuleDeclaration::ExportDeclaration(export) => {
                    if is_changeable(&export.declaration) {
                        return Err(fault("exports what may change"));
                    }
                    let word = export.span.start..export.declaration.span().start;
                    edits.push((word.start as usize..word.end as usize, String::new()));
                }
                ModuleDeclaration::ExportNamedDeclaration(_)
                | ModuleDeclaration::ExportFromDeclaration(_) => {
                    edits.push((range(declaration.span()), String::new()));
                }
                _ => return Err(fault("exports without names")),
            }
        }
        let mut later = Vec::new();
        for import in &record.dynamic_imports {
            let path = text[range(import.module_request)].trim_matches(['\'', '"']);
            let module = resolve(name, path);
            edits.push((range(import.span), format!("$later({module:?})")));
            later.push(module);
        }
        for meta in &record.import_metas {
            edits.push((
                range(*meta),
                format!("({{url:new URL({name:?},$root).href}})"),
            ));
        }
        let exports = exported(name, record).ok_or_else(|| fault("exports without names"))?;
        let body = format!("{before}{};return{{{exports}}}", edited(text, edits));
        let (function, waits) =
            function(&body).ok_or_else(|| fault("cannot be made a function"))?;
        Ok(Self {
            function,
            needs,
            later,
            waits,
        })
    }
}

/// The same script without comments and blanks, with short names, or `None` if it is none.
pub(crate) fn compact(text: &str) -> Option<String> {
    let allocator = Allocator::default();
    let parsed = parse(&allocator, text)?;
    let names = Mangler::new().build(&parsed.program);
    let code = Codegen::new()
        .with_options(CodegenOptions::minify())
        .with_scoping(Some(names.scoping))
        .with_private_member_mappings(Some(names.class_private_mappings));
    Some(code.build(&parsed.program).code)
}

fn parse<'a>(allocator: &'a Allocator, text: &'a str) -> Option<ParserReturn<'a>> {
    let parsed = Parser::new(allocator, text, SourceType::mjs()).parse();
    (!parsed.panicked && !parsed.diagnostics.has_errors()).then_some(parsed)
}

/// A function of a body, and whether it has to be one that waits.
fn function(body: &str) -> Option<(String, bool)> {
    let is_good = |text: &str| parse(&Allocator::default(), &format!("({text})")).is_some();
    let plain = format!("()=>{{{body}\n}}");
    if is_good(&plain) {
        return Some((plain, false));
    }
    let waiting = format!("async{plain}");
    is_good(&waiting).then_some((waiting, true))
}

/// A statement that gets what is imported. Every import has names or none at all.
fn imported(name: &str, import: &ImportDeclaration<'_>) -> Option<String> {
    let module = resolve(name, &import.source.value);
    let mut names = String::new();
    for specifier in import.specifiers.iter().flatten() {
        let ImportDeclarationSpecifier::ImportSpecifier(one) = specifier else {
            return None;
        };
        names += &property(&one.imported.name(), &one.local.name);
    }
    Some(format!("const{{{names}}}=$({module:?});"))
}

/// What is exported, as the properties of an object.
fn exported(name: &str, record: &ModuleRecord<'_>) -> Option<String> {
    let mut names = String::new();
    for entry in &record.local_export_entries {
        let (ExportExportName::Name(outside), ExportLocalName::Name(inside)) =
            (&entry.export_name, &entry.local_name)
        else {
            return None;
        };
        names += &property(&outside.name, &inside.name);
    }
    for entry in &record.indirect_export_entries {
        let (ExportExportName::Name(outside), ExportImportName::Name(there), Some(from)) = (
            &entry.export_name,
            &entry.import_name,
            &entry.module_request,
        ) else {
            return None;
        };
        let module = resolve(name, &from.name);
        write!(names, "{}:$({module:?}).{},", outside.name, there.name).ok()?;
    }
    Some(names)
}

fn property(outside: &str, inside: &str) -> String {
    if outside == inside {
        format!("{outside},")
    } else {
        format!("{outside}:{inside},")
    }
}

fn is_changeable(declaration: &Declaration<'_>) -> bool {
    matches!(declaration, Declaration::VariableDeclaration(variables)
        if variables.kind != VariableDeclarationKind::Const)
}

fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut new = String::new();
    let mut at = 0;
    for (range, instead) in edits {
        new += &text[at..range.start];
        new += &instead;
        at = range.end;
    }
    new + &text[at..]
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// Where a relative path leads from a file.
fn resolve(from: &str, path: &str) -> String {
    let mut steps: Vec<&str> = from.split('/').collect();
    steps.pop();
    for step in path.split('/') {
        match step {
            "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}
