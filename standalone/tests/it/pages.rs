//! The pages name what exists, lead where they say, and their recipes are complete.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const README_LINES: usize = 150;

/// Folders that are not of the repository, wherever they are; those of builds begin with `target`.
const FOREIGN: [&str; 6] = [
    ".git",
    ".services",
    "__pycache__",
    "data",
    "dist",
    "node_modules",
];

/// Whatever is named with one of these endings is a file of ours.
const SOURCES: [&str; 10] = [
    "css", "html", "js", "md", "py", "rs", "sh", "sql", "toml", "ts",
];

#[test]
fn every_path_that_a_page_names_exists() {
    let (root, files) = (root(), files());
    let named_in = |name: &str, text: &str| {
        let paths = spans(text).into_iter().filter(|span| is_path(span));
        let missing = paths.filter(|path| !exists(path, &root, &files));
        missing
            .map(|path| format!("{name}: {path}"))
            .collect::<Vec<_>>()
    };
    let missing: Vec<_> = pages()
        .iter()
        .flat_map(|(name, text)| named_in(name, text))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let (root, pages) = (root(), pages());
    let mut broken = Vec::new();
    for (name, text) in &pages {
        for target in links(text) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let folder = Path::new(name).parent().unwrap();
            let page = if path.is_empty() {
                name.clone()
            } else {
                plain(&folder.join(path))
            };
            let leads = root.join(&page).exists()
                && (anchor.is_empty()
                    || (pages.get(&page)).is_some_and(|text| anchors(text).contains(anchor)));
            if !leads {
                broken.push(format!("{name}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_readme_is_read_in_minutes_and_says_how_to_test() {
    let readme = &pages()["README.md"];
    let lines = readme.lines().count();
    assert!(lines <= README_LINES, "it has {lines} lines");
    assert!(readme.contains("\nmake test "), "the command of .ci/run");
}

#[test]
fn every_make_target_that_is_named_exists() {
    let makefile = read("Makefile");
    let rules: BTreeSet<_> = makefile
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(target, _)| target)
        .collect();
    let ci = (".ci/run".to_owned(), read(".ci/run"));
    let mut unknown = Vec::new();
    let mut count = 0;
    for (name, text) in pages().into_iter().chain([ci]) {
        // What is run stands in a code span or begins a line.
        let commands = text.lines().flat_map(|line| line.split('`'));
        for target in commands.filter_map(|command| command.strip_prefix("make ")) {
            let target = target.split([' ', '`', ';']).next().unwrap();
            count += 1;
            if !rules.contains(target) {
                unknown.push(format!("{name}: make {target}"));
            }
        }
    }
    assert!(count > 20, "only {count} commands were found");
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn no_page_repeats_another() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut repeated = Vec::new();
    for (name, text) in pages() {
        for line in prose(&text).filter(|line| line.len() >= 80) {
            let sentence = line.trim_start_matches(['-', '*', ' ']).to_owned();
            let first = seen.entry(sentence).or_insert_with(|| name.clone());
            if *first != name {
                repeated.push(format!("{first} and {name}: {line}"));
            }
        }
    }
    assert!(repeated.is_empty(), "{}", repeated.join("\n"));
}

#[test]
fn every_alert_has_a_line_that_says_what_to_do() {
    let page = read("docs/operate.md");
    let rules = read("docs/alerts.yml");
    let alerts = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "));
    let alerts: Vec<_> = alerts.collect();
    assert!(!alerts.is_empty());
    for alert in alerts {
        assert!(page.contains(&format!("| `{alert}` (")), "{alert}");
    }
}

/// The recipe's numbered steps name exactly the files that a change of this kind concerns: those in
/// which one that was made before stands.
#[test]
fn the_recipe_for_a_variable_names_the_places_of_one() {
    let found = mentioning("RETENTION_DAYS", |file| {
        // Pages may speak of it, but only the table has to have it; the text of a metric names it.
        let speaks = is_page(file) && file != "docs/configuration.md";
        !speaks && !file.ends_with("metrics/table.rs")
    });
    assert_eq!(steps("Add a configuration variable"), found);
}

#[test]
fn the_recipe_for_a_field_names_the_places_of_one() {
    let found = mentioning("retry_of", |file| !is_page(file));
    assert_eq!(steps("Add a field of a message"), found);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// Every page for people, by its path. The changelog tells of what is no more.
fn pages() -> BTreeMap<String, String> {
    let files = files().into_iter().filter(|file| is_page(file));
    let current = files.filter(|file| file != "CHANGELOG.md");
    current.map(|file| (file.clone(), read(&file))).collect()
}

fn is_page(file: &str) -> bool {
    let folder = Path::new(file).parent().unwrap();
    let is_ours = folder == Path::new("") || folder == Path::new("docs");
    is_ours && has_ending(file, &["md"])
}

fn has_ending(file: &str, endings: &[&str]) -> bool {
    let ending = Path::new(file).extension();
    ending.is_some_and(|ending| endings.iter().any(|known| ending == *known))
}

/// Every file of the repository, by its path from the top.
fn files() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = folder.join(&name);
            let is_folder = entry.file_type().unwrap().is_dir();
            if FOREIGN.contains(&&*name) || (is_folder && name.starts_with("target")) {
                continue;
            }
            if is_folder {
                folders.push(path);
            } else {
                found.insert(plain(&path));
            }
        }
    }
    found
}

/// A path without detours, with slashes.
fn plain(path: &Path) -> String {
    let mut parts = Vec::new();
    for part in path.iter().map(|part| part.to_str().unwrap()) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The lines outside blocks of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

/// What stands between backticks.
fn spans(text: &str) -> Vec<&str> {
    prose(text)
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect()
}

fn is_path(span: &str) -> bool {
    let foreign = ["/", "./", "~", "-", "target/"];
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    if foreign.iter().any(|begin| span.starts_with(begin)) || !span.chars().all(is_plain) {
        return false;
    }
    let folder = span.split_once('/').map(|(folder, _)| folder);
    folder.is_some_and(|folder| root().join(folder).is_dir()) || has_ending(span, &SOURCES)
}

/// From the top, or, as the end of a path, anywhere.
fn exists(path: &str, root: &Path, files: &BTreeSet<String>) -> bool {
    let inner = format!("/{path}");
    root.join(path).exists() || files.iter().any(|file| file.ends_with(&inner))
}

/// Where the links to our own files and headings go.
fn links(text: &str) -> Vec<&str> {
    prose(text)
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://"))
        .collect()
}

/// The names that GitHub gives to headings.
fn anchors(text: &str) -> BTreeSet<String> {
    prose(text)
        .filter_map(|line| line.strip_prefix('#'))
        .map(|heading| {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
            heading.chars().filter(kept).collect::<String>()
        })
        .map(|heading| heading.replace(' ', "-"))
        .collect()
}

/// The files that the numbered steps of a recipe name.
fn steps(recipe: &str) -> BTreeSet<String> {
    let page = read("CONTRIBUTING.md");
    let heading = format!("### {recipe}");
    let lines = page
        .lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| !line.starts_with('#'))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let named: BTreeSet<_> = lines
        .flat_map(spans)
        .filter(|span| root().join(span).is_file())
        .map(str::to_owned)
        .collect();
    assert!(!named.is_empty(), "CONTRIBUTING.md has no {heading}");
    named
}

/// The files that have a word in them, but for what tests are made of.
fn mentioning(word: &str, concerns: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let files = files().into_iter().filter(|file| !is_for_tests(file));
    let files = files.filter(|file| concerns(file));
    files
        .filter(|file| {
            let content = fs::read(root().join(file)).unwrap();
            String::from_utf8_lossy(&content).contains(word)
        })
        .collect()
}

fn is_for_tests(file: &str) -> bool {
    let folders = ["bench", "lab", "rig", "tests", "twilio-sim"];
    let modules = ["testing.rs", "tests.rs"];
    file.split('/')
        .any(|part| folders.contains(&part) || modules.contains(&part))
}
