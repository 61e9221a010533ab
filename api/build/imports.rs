//! Which modules a module needs before it runs.

use std::collections::BTreeSet;
use std::io;

/// The modules that one imports statically, those that these import, and so on; without itself.
pub(crate) fn needed_by(
    main: &str,
    read: &dyn Fn(&str) -> io::Result<String>,
) -> io::Result<BTreeSet<String>> {
    let mut needed = BTreeSet::new();
    let mut new = vec![main.to_owned()];
    while let Some(name) = new.pop() {
        for path in imported(&read(&name)?) {
            let module = resolve(&name, path);
            if module != main && needed.insert(module.clone()) {
                new.push(module);
            }
        }
    }
    Ok(needed)
}

/// The paths in `import … from '…'`, `import '…'` and `export … from '…'`. Such statements begin at the start
/// of a line, as the client is written, and nothing else in it looks like them.
fn imported(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices('\n').map(|(at, _)| at + 1);
    let statements = std::iter::once(0)
        .chain(starts)
        .filter_map(|start| text.get(start..))
        .filter(|rest| {
            ["import ", "export {", "export *"]
                .iter()
                .any(|word| rest.starts_with(word))
        });
    statements.filter_map(|rest| {
        let (statement, _) = rest.split_once(';')?;
        let (before, path) = statement.strip_suffix('\'')?.rsplit_once('\'')?;
        let before = before.trim_end();
        (before == "import" || before.ends_with(" from")).then_some(path)
    })
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
